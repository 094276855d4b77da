"""What `raytrail report` and `raytrail trail` were asked: whose requests, and of which period."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import TypeVar

from queries.engine import QUESTIONED, Engine, open_engine
from queries.errors import PartUnreadable, QueryFailed
from queries.identity.people import Misdirected, UnknownUser, look_up
from queries.identity.person import Person
from queries.identity.person_search import Identities, person_of, with_logins
from queries.limits import DEFAULT_LIMITS, Limits
from queries.path_templates import Rules
from queries.period import ALWAYS, Period
from queries.shell_content import NOTHING, Told
from queries.time_zone import IN_UTC, TimeZone
from queries.trail import TrailRow
from queries.trail import trail as make_trail
from raytrail import inference
from raytrail.commands.questions.signals import clearing_up
from raytrail.setting_files.people import Pairs
from store import names
from store.catalog.scope import Scope
from store.files import spills
from store.files.layout import Layout
from store.reading import known_inference, known_names, known_pairs, live_files
from store.reading.known_names import NameRows
from store.reading.silences import NO_SILENCES, Silences, silences
from store.reading.snapshot import Snapshot
from store.registers.identity.inferred_name import Inference
from store.timestamps import system_clock

DATASET = "http_requests"

# Each round finds one more damaged file that nothing listed yet.
DAMAGE_FOUND_MAX = 20

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Asked:
    """Days of `period` are those of `zone`. With `is_exact` other names of the person are left out."""

    layout: Layout
    user: str
    period: Period
    access_hosts: frozenset[str]
    # Whether damaged files may be left out of an answer, which then says so.
    is_without_damaged: bool = False
    is_exact: bool = False
    # The pairs of RAYTRAIL_PEOPLE.
    linked_names: Pairs = ()
    # The lines of RAYTRAIL_PATH_TEMPLATES.
    rules: Rules = ()
    zone: TimeZone = IN_UTC

    def person(self) -> Person:
        """Found before the snapshot of the answer, which opens only the files of these names."""
        if self.is_exact:
            return Person.only(self.user)
        inferred = inference.current(self.layout, self.access_hosts)
        return find_person(self.layout, self.user, self.linked_names, inferred)

    def snapshot(self, person: Person, period: Period = ALWAYS) -> Snapshot:
        """The live files that may hold rows of this person in a period."""
        users = tuple(person.users)
        scope = Scope(dataset=DATASET, users=users, since=period.since, until=period.until)
        return take(self.layout, scope)

    def silences(self) -> Silences:
        """When nothing was received in the period; of a period without a beginning nothing is said."""
        period = self.period
        if period.since is None:
            return NO_SILENCES
        until = min(period.until or datetime.max, system_clock())  # noqa: DTZ901
        return silences(self.layout, DATASET, period.since, until)

    def rows(self, engine: Engine, person: Person, host: str = "") -> Iterator[TrailRow]:
        return make_trail(
            engine,
            person,
            self.period,
            host=host,
            configured_access_hosts=self.access_hosts,
        )

    def elsewhere(self, person: Person) -> Iterator[tuple[str, NameRows]]:
        """The rows under each name of the person in datasets that a trail does not show."""
        for folded in dict.fromkeys(map(names.folded, person.users)):
            for known in known_names.known_names(self.layout, folded).names:
                for each in known.datasets if known.name in person.users else ():
                    if each.dataset not in QUESTIONED:
                        yield known.name, each

    def unknown(self, person: Person) -> UnknownUser:
        """Suggest similar names; that reads the names of all users in files that can be read."""
        found = answered(
            take(self.layout).without_damaged(),
            lambda engine: look_up(engine, person),
            is_without_damaged=True,
        )
        nearest = found.nearest if isinstance(found, UnknownUser) else ()
        misdirected = (Misdirected(*each) for each in live_files.misdirected(self.layout))
        return UnknownUser(self.user, nearest, tuple(misdirected))


def find_person(
    place: Path | Layout, user: str, linked: Pairs, inferred: Inference | None = None
) -> Person:
    """The person whom a name belongs to. The catalog knows the names; only logins are counted in files.

    Without `inferred` the register counts, however old it is.
    """
    layout = Layout.of(place)
    if inferred is None:
        inferred = known_inference.inference(layout)
    known = Identities(known_pairs.name_pairs(layout), linked, inferred)
    person = person_of(user, lambda name: known_names.known_names(layout, name).names, known)
    logins = [each.logins for each in person.names] + [each.logins for each in person.not_covered]
    if not any(logins):
        return person
    return answered(
        take(place, Scope(dataset=DATASET, users=())).without_damaged(),
        lambda engine: with_logins(engine, person),
        is_without_damaged=True,
    )


def answered(
    snapshot: Snapshot,
    ask: Callable[[Engine], T],
    *,
    datasets: Collection[str] | None = QUESTIONED,
    is_without_damaged: bool,
    limits: Limits = DEFAULT_LIMITS,
    rules: Rules = (),
    told: Told = NOTHING,
) -> T:
    """What `ask` returns. It is asked again where another snapshot may have the answer: one that
    knows of a file that was just found damaged, or, if wanted, one without damaged files.
    """
    for _ in range(DAMAGE_FOUND_MAX):
        try:
            with (
                clearing_up(),
                open_engine(snapshot, limits, datasets, rules=rules, told=told) as engine,
            ):
                return ask(engine)
        except PartUnreadable as error:
            if error.snapshot is not snapshot:
                snapshot = error.snapshot.glanced()
            elif not is_without_damaged:
                raise
            else:
                snapshot = snapshot.without_damaged()
    raise QueryFailed("more and more files cannot be read; run `raytrail fsck --deep`")


def streamed(rows: Iterator[T]) -> Iterator[T]:
    """The same rows, of which the first is read at once: later rows cannot be asked for again."""
    first = list(islice(rows, 1))
    return _rest(first, rows)


def _rest(first: Sequence[T], rows: Iterator[T]) -> Iterator[T]:
    yield from first
    try:
        yield from rows
    except PartUnreadable as error:
        raise QueryFailed(f"the answer breaks off: {error}") from error


def incomplete(snapshot: Snapshot) -> list[str]:
    """A sentence for each file that an answer over this snapshot leaves out."""
    return [f"incomplete: {each.omission()}" for each in snapshot.left_out]


def take(place: Path | Layout, scope: Scope | None = None) -> Snapshot:
    layout = Layout.of(place)
    spills.sweep(layout)
    return live_files.snapshot(layout, system_clock(), scope)
