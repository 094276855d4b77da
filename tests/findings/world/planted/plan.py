"""Chooses whom something happens to and when, and keeps the truth about it."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from random import Random

from tests.findings.world.browsers import STRANGE, Device
from tests.findings.world.days import MINUTE, Days, midnight, moment
from tests.findings.world.logs import HOUR, Log
from tests.findings.world.people import Person, Trip
from tests.findings.world.places import (
    CONTINENTS,
    FAR_AWAY,
    PLACES,
    Network,
    Place,
    address,
    strange_network,
)
from tests.findings.world.records import Asked, Client
from tests.findings.world.shapes import JUDGED_DAYS, Shape
from tests.findings.world.sites import EVERY, Site
from tests.findings.world.truth import Incident, NearMiss, Truth

# Days between two things that are planted on one person, so that neither explains the other.
APART = 2
# With fewer people who work by day, things are planted on those with shifts too.
FEW = 12
ANYTHING = frozenset({"*"})


class Nobody(Exception):
    """Nobody of the company fits."""


def by_day(person: Person) -> bool:
    return person.pattern == "days"


class Plan:
    def __init__(
        self, shape: Shape, seed: int, log: Log, days: Days, people: Sequence[Person]
    ) -> None:
        self.shape = shape
        self.log = log
        self.days = days
        self.people = people
        self.chance = Random(f"{seed} plan")
        self.incidents: list[Incident] = []
        self.near_misses: list[NearMiss] = []
        self._taken: dict[int, list[date]] = defaultdict(list)
        self._seen: dict[int, list[Place]] = defaultdict(list)
        self._devices: dict[int, set[tuple[str, str]]] = defaultdict(set)
        self._strange = 0
        # Prepared before the days are made: people with one early trip, and people with a job.
        self.atypical: list[tuple[Person, Trip]] = []
        self.automated: list[Person] = []
        self.dormant: list[tuple[Person, date]] = []
        self.heavy: list[Person] = []
        # Who switched logging off and when; hours without any record; hosts that were not logged.
        self.switched_off: list[tuple[Person, float]] = []
        self.silent_hours: list[tuple[float, float]] = []
        self.silent_hosts: list[tuple[float, float, str]] = []

    @property
    def hosts(self) -> Sequence[str]:
        return tuple(site.host for site in EVERY)

    @property
    def judged(self) -> Sequence[date]:
        first = self.shape.judged_from
        return [first + timedelta(days=number) for number in range(JUDGED_DAYS)]

    def take(
        self, *, is_weekend: bool = False, fits: Callable[[Person], bool] = lambda _person: True
    ) -> tuple[Person, date]:
        """Somebody with a usual life, and a day on which nothing else is planted."""
        days = [
            day
            for day in self.judged[1:-2]
            if (day.weekday() >= 5) == is_weekend and not self._is_silent(day)
        ]
        usual = [person for person in self.people if self.is_usual(person) and fits(person)]
        if len(usual) < FEW:
            shifts = (each for each in self.people if self.is_usual(each, "shift"))
            usual += filter(fits, shifts)
        tries = (self._free(usual, days, apart) for apart in (APART, 1, 0))
        pairs = next((found for found in tries if found), None)
        if pairs is None:
            raise Nobody
        # Those with the fewest planted things first.
        fewest = min(len(self._taken[person.number]) for person, _ in pairs)
        person, day = self.chance.choice(
            [pair for pair in pairs if len(self._taken[pair[0].number]) == fewest]
        )
        self._taken[person.number].append(day)
        return person, day

    def _is_silent(self, day: date) -> bool:
        begin = midnight("UTC", day)
        return any(
            since < begin + 24 * HOUR and begin < until for since, until, _ in self.log.silent
        )

    def _free(
        self, people: Sequence[Person], days: Sequence[date], apart: int
    ) -> list[tuple[Person, date]]:
        return [
            (person, day)
            for person in people
            for day in days
            if all(abs((day - other).days) > apart for other in self._taken[person.number])
            and (day.weekday() >= 5 or (person.number, day) in self.days.spans)
        ]

    def reserve(self, person: Person, days: Iterable[date]) -> None:
        """Nothing else is planted on this person around these days."""
        self._taken[person.number].extend(days)

    def is_usual(self, person: Person, pattern: str = "days") -> bool:
        first = self.shape.judged_from
        has_leave = bool(person.leave) and person.leave[1] >= first - timedelta(days=14)  # type: ignore[index]
        return (
            not person.is_taken
            and person.pattern == pattern
            and not (has_leave or person.trips or person.tool or person.usual_tunnel)
            and person.first_day == self.shape.first_day
        )

    def laptop(self, person: Person, day: date) -> Client:
        """The person's usual client of this day."""
        return self.days.client(person, day, at_home=day.weekday() >= 5 or not person.office)

    def strange_network(self) -> Network:
        self._strange += 1
        return strange_network(self._strange)

    def elsewhere(
        self,
        person: Person,
        day: date,
        place: Place,
        *,
        network: Network | None = None,
        device: Device | None = None,
        ip_class: str = "noRecord",
    ) -> Client:
        """A client on a network that nobody used before, by default with the usual device."""
        chosen = network or self.strange_network()
        sent_from = address(127_000 + self.chance.randrange(3_000))
        return Client(person.name, sent_from, chosen, place, device or person.laptop, day, ip_class)

    def strange_device(self, person: Person) -> Device:
        """A browser that the person never used, and another one each time."""
        used = self._devices[person.number]
        used.add((person.laptop.family, person.laptop.system))
        chosen = next(
            each for each in (*STRANGE, *STRANGE) if each not in used or len(used) > len(STRANGE)
        )
        used.add(chosen)
        return Device(*chosen)

    def far_away(self, person: Person) -> Place:
        """On another continent than the person's home, and another place each time."""
        here = CONTINENTS[person.home.country]
        far = [PLACES[city] for city in FAR_AWAY if CONTINENTS[PLACES[city].country] != here]
        place = self.chance.choice(
            [each for each in far if each not in self._seen[person.number]] or far
        )
        self._seen[person.number].append(place)
        return place

    def local(self, person: Person, day: date, hour: float) -> float:
        return midnight(person.home.zone, day) + hour * HOUR + self.chance.uniform(0, 5) * MINUTE

    def after_work(self, person: Person, day: date, minutes: float) -> float:
        """So long after the last request of the person's day."""
        return self.days.spans[person.number, day][1] + minutes * MINUTE

    def reads(
        self, client: Client, site: Site, at: float, *, pages: int = 6, step: float = 40
    ) -> list[tuple[float, str]]:
        """Page after page; the time and the Ray ID of each."""
        asks = [
            Asked(host=site.host, uri=self.chance.choice(site.pages)(self.chance))
            for _ in range(pages)
        ]
        return self.asks(client, at, asks, step=step)

    def asks(
        self, client: Client, at: float, asks: Iterable[Asked], *, step: float = 20
    ) -> list[tuple[float, str]]:
        done = []
        for each in asks:
            done.append((at, self.log.ask(client, at, each)))
            at += step * self.chance.uniform(0.7, 1.3)
        return done

    def log_in(
        self, person: Person, client: Client, host: str, at: float, **changes: object
    ) -> str:
        return self.log.log_in(client, person.mail, host, at, **changes)

    def hit(
        self,
        rule: str,
        user: str | None,
        done: Sequence[tuple[float, str]],
        what: str,
        also: Iterable[str] = (),
    ) -> None:
        self.incidents.append(
            Incident(
                rule=rule,
                user=user,
                since=moment(done[0][0]),
                until=moment(done[-1][0]),
                rays=frozenset(ray for _, ray in done),
                what=what,
                also=frozenset(also),
            )
        )

    def miss(  # noqa: PLR0917 (the facts of one sentence)
        self, kind: str, rules: str, user: str | None, since: float, until: float, what: str
    ) -> None:
        """`rules` are the names of the rules that must stay silent."""
        for rule in rules.split():
            self.near_misses.append(
                NearMiss(
                    rule=rule,
                    user=user,
                    since=moment(since),
                    until=moment(until),
                    kind=kind,
                    what=what,
                )
            )

    def note(self, person: Person, day: date, text: str) -> None:
        self.days.notes[person.name, str(day)].append(text)

    def judged_span(self) -> tuple[float, float]:
        first = datetime.combine(self.judged[0], datetime.min.time(), UTC).timestamp()
        return first, first + JUDGED_DAYS * 24 * HOUR

    def truth(self) -> Truth:
        traits = {person.name: person.traits() for person in self.people}
        return Truth(self.incidents, self.near_misses, traits, self.days.notes)
