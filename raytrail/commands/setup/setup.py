"""`raytrail setup`: plans the Logpush jobs, tests our own address, and applies the plan.

Nothing is created before our own service has accepted the test upload that Logpush sends first.
"""

import hashlib
import secrets
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from raytrail.commands.setup import words
from raytrail.errors import BadConfiguration, CannotDo
from store.catalog import ledger
from store.files import durable
from store.files.layout import Layout
from store.registers import tokens
from store.store import Store
from upstream.connection import Connection
from upstream.logpush import comparison, desired_state, endpoint
from upstream.logpush.apply import ConfirmedChange, apply
from upstream.logpush.destination import Destination, public_address
from upstream.logpush.plan import Plan, Withheld
from upstream.options import ApiOptions
from upstream.place import Account, Zone, find_account, find_zone

# Gives 43 characters, all of which are allowed in a URL.
TOKEN_BYTES = 32
FINGERPRINT_CHARACTERS = 16

MakeToken = Callable[[], str]


def fresh_token() -> str:
    return secrets.token_urlsafe(TOKEN_BYTES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What was asked for by options and settings."""

    zones: tuple[str, ...]
    account: str
    public_url: str
    datasets: tuple[str, ...] = desired_state.DATASETS

    def demand_complete(self) -> None:
        """BadConfiguration names everything that is missing."""
        missing = []
        if not self.public_url:
            missing.append(
                "RAYTRAIL_PUBLIC_URL: set the URL at which Cloudflare reaches this service,"
                " or use --public-url"
            )
        if not self.zones and not self.account:
            missing.append("RAYTRAIL_CLOUDFLARE_ZONES: name a zone, or use --zone or --account")
        if missing:
            raise BadConfiguration("\n".join(missing))


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens that the service accepts. `chosen` is for jobs that have none of them."""

    known: frozenset[str] = field(repr=False)
    chosen: str = field(repr=False)
    is_fresh: bool

    @classmethod
    def of(cls, settings_tokens: Iterable[str], path: Path, make: MakeToken) -> "Tokens":
        """Use the newest token of the file, so that a second run makes no second token."""
        made = tokens.read(path)
        known = frozenset((*settings_tokens, *made))
        return cls(known, made[-1] if made else make(), not made)

    def knows(self, token: str) -> bool:
        return token in self.known


def look(connection: Connection, wish: Wish, known: Tokens) -> Plan:
    """Compare the current with the wanted state. Reads only."""
    wish.demand_complete()
    public_url = public_address(wish.public_url)
    zones = tuple(find_zone(connection, name) for name in wish.zones)
    return comparison.plan_for(
        connection,
        comparison.Targets(
            zones=zones,
            accounts=_accounts(connection, wish, zones),
            datasets=wish.datasets,
            destination=lambda dataset: Destination.of(public_url, dataset, known.chosen),
            knows=known.knows,
        ),
    )


def _accounts(connection: Connection, wish: Wish, zones: tuple[Zone, ...]) -> tuple[Account, ...]:
    """The named account, else those of the zones; none when no dataset belongs to an account."""
    if all(desired_state.scope(dataset) == "zone" for dataset in wish.datasets):
        return ()
    if wish.account:
        return (find_account(connection, wish.account),)
    return tuple(dict.fromkeys(zone.account for zone in zones))


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingUp:
    """One run; `tell` is called with each line of output."""

    options: ApiOptions
    wish: Wish
    make_token: MakeToken
    settings_tokens: tuple[str, ...] = field(repr=False)
    tell: Callable[[str], None]

    def trial(self, folder: Path) -> Plan:
        """Only the plan; no token is made, nothing is changed."""
        with Connection(self.options) as connection:
            return look(connection, self.wish, self._tokens(folder))

    def keep_token(self, store: Store) -> None:
        """Make the token for Terraform to give to Cloudflare, unless there is one."""
        with _alone(store):
            keep(store, self._tokens(store.layout.root))

    def run(self, store: Store) -> "Done":
        """Plan, test our own address, apply; every change becomes a ledger entry."""
        with _alone(store), Connection(self.options) as connection:
            return self._run(store, connection)

    def _tokens(self, folder: Path) -> Tokens:
        return Tokens.of(self.settings_tokens, Layout(folder).tokens, self.make_token)

    def _run(self, store: Store, connection: Connection) -> "Done":
        known = self._tokens(store.layout.root)
        found = look(connection, self.wish, known)
        for line in words.lines(found):
            self.tell(line)
        if not found.changes:
            return Done(found, (), found.withheld)
        self._try(store, connection, found, known)
        applied, withheld = list[ConfirmedChange](), list(found.withheld)
        for outcome in apply(found, connection):
            self.tell(words.outcome(outcome))
            if isinstance(outcome, Withheld):
                withheld.append(outcome)
                continue
            with store.catalog.write() as transaction:
                ledger.append(transaction, "upstream", store.clock(), outcome.as_object())
            applied.append(outcome)
        return Done(found, tuple(applied), tuple(withheld))

    def _try(self, store: Store, connection: Connection, found: Plan, known: Tokens) -> None:
        jobs = found.destinations()
        if any(known.chosen in job.destination.tokens() for job in jobs):
            keep(store, known)
        endpoint.demand(public_address(self.wish.public_url), jobs)
        endpoint.demand_of_cloudflare(connection, jobs)


@contextmanager
def _alone(store: Store) -> Iterator[None]:
    """Two runs at once could create two jobs for one dataset, or lose a token."""
    with durable.lock(store.layout.setup_lock) as alone:
        if not alone:
            raise CannotDo("another setup is running on this store; wait until it ends")
        yield


def keep(store: Store, known: Tokens) -> None:
    """Store a new token before it is given to Cloudflare; the ledger gets its hash."""
    if not known.is_fresh:
        return
    tokens.add(store.layout, known.chosen)
    fingerprint = hashlib.sha256(known.chosen.encode()).hexdigest()[:FINGERPRINT_CHARACTERS]
    with store.catalog.write() as transaction:
        ledger.append(transaction, "token", store.clock(), {"sha256": fingerprint})


@dataclass(frozen=True, slots=True)
class Done:
    """The plan, the changes that were made, and what could not be changed."""

    plan: Plan
    applied: tuple[ConfirmedChange, ...]
    withheld: tuple[Withheld, ...]

    @property
    def is_wrong(self) -> bool:
        """Whether something that every trail needs is missing."""
        return any(each.is_needed for each in self.withheld)


def chosen(datasets: list[str] | None) -> tuple[str, ...]:
    """The named datasets, or all that can be set up."""
    if unknown := set(datasets or ()) - set(desired_state.DATASETS):
        known = ", ".join(desired_state.DATASETS)
        raise CannotDo(f"cannot set up {', '.join(sorted(unknown))}; known datasets: {known}")
    return tuple(each for each in desired_state.DATASETS if not datasets or each in datasets)
