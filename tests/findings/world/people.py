"""The people of the company: where they live and work, when, and with what."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from tests.findings.world.browsers import LAPTOPS, PHONES, Device
from tests.findings.world.places import (
    PLACES,
    RELAYS,
    TRIPS,
    VPNS,
    WARP,
    Network,
    Place,
    address,
    home_network,
    mobile_network,
    office_network,
)
from tests.findings.world.shapes import DAYS, Shape
from tests.findings.world.sites import DOMAIN, TEAM_WEIGHTS, TEAMS, Site

HOUR = 3600.0
ONE_DAY = timedelta(days=1)
SHIFT_STARTS = (6 * HOUR, 14 * HOUR, 22 * HOUR)
FIRST_NAMES = (
    "ada",
    "ben",
    "cleo",
    "dan",
    "eva",
    "finn",
    "gus",
    "hana",
    "ivo",
    "jana",
    "kim",
    "lea",
    "max",
    "nora",
    "otto",
    "pia",
    "rosa",
    "sam",
    "tess",
    "vera",
)


@dataclass(frozen=True, slots=True)
class Trip:
    """Flights are on the days before the first and after the last, on which nobody works."""

    place: Place
    first: date
    last: date


@dataclass(slots=True)
class Person:
    number: int
    name: str
    mail: str
    team: str
    sites: tuple[Site, ...]
    home: Place
    home_network: Network
    home_address: str
    office: str
    laptop: Device
    phone: Device | None
    mobile: Network
    pattern: str
    arrival: float
    weekdays: frozenset[int]
    first_day: date
    leave: tuple[date, date] | None = None
    trips: list[Trip] = field(default_factory=list)
    usual_tunnel: Network | None = None
    relay: Network | None = None
    tool: str = ""
    # Taken by an incident or a near miss, so that no other one confuses it.
    is_taken: bool = False

    def is_working(self, day: date, chance: Random) -> bool:
        if day < self.first_day or chance.random() < 0.03:
            return False
        if self.leave and self.leave[0] <= day <= self.leave[1]:
            return False
        if any(day in {trip.first - ONE_DAY, trip.last + ONE_DAY} for trip in self.trips):
            return False
        if self.pattern == "shift":
            return (day.toordinal() + self.number) % 7 < 5
        return day.weekday() in self.weekdays

    def trip_on(self, day: date) -> Trip | None:
        return next((trip for trip in self.trips if trip.first <= day <= trip.last), None)

    def start(self, day: date) -> float:
        """Local seconds after midnight; a shift is another one each week, in turn."""
        if self.pattern == "shift":
            return SHIFT_STARTS[(day.toordinal() // 7 + self.number) % 3]
        return self.arrival

    def traits(self) -> str:
        told = [self.team, self.pattern, self.home.city, self.office or "no office"]
        told += [f"tunnel AS{self.usual_tunnel.asn}"] if self.usual_tunnel else []
        told += [f"relay AS{self.relay.asn}"] if self.relay else []
        told += [f"tool {self.tool}"] if self.tool else []
        told += [f"leave {self.leave[0]}..{self.leave[1]}"] if self.leave else []
        told += [f"trip {trip.place.city} {trip.first}..{trip.last}" for trip in self.trips]
        return ", ".join(told)


@dataclass(frozen=True, slots=True)
class Office:
    place: Place
    network: Network
    address: str


def offices(shape: Shape) -> Mapping[str, Office]:
    return {
        city: Office(PLACES[city], office_network(number), f"203.0.113.{number + 1}")
        for number, city in enumerate(shape.offices)
    }


def cast(shape: Shape, seed: int) -> list[Person]:
    return [
        _person(shape, number, Random(f"{seed} person {number}")) for number in range(shape.people)
    ]


def _person(shape: Shape, number: int, chance: Random) -> Person:
    is_remote = not shape.offices or chance.random() < shape.remote
    office = "" if is_remote else chance.choice(shape.offices)
    home = PLACES[chance.choice(shape.remote_cities) if is_remote else office]
    team = chance.choices(list(TEAM_WEIGHTS), list(TEAM_WEIGHTS.values()))[0]
    short = f"{chance.choice(FIRST_NAMES)}.{chance.choice(FIRST_NAMES)}{number}"
    mail = f"{short}@{DOMAIN}"
    luck = chance.random()
    pattern, weekdays = "days", frozenset(range(5))
    if luck < shape.shifts:
        pattern = "shift"
    elif luck < shape.shifts + shape.part_time:
        pattern, weekdays = "part time", frozenset(chance.sample(range(5), 2))
    person = Person(
        number=number,
        name=mail if chance.random() < shape.mail_names else short.replace(".", ""),
        mail=mail,
        team=team,
        sites=TEAMS[team],
        home=home,
        home_network=home_network(home.country, chance.randrange(3)),
        home_address=_home_address(shape, number, chance),
        office=office,
        laptop=Device(*chance.choice(LAPTOPS), delay=chance.randrange(5)),
        phone=Device(*chance.choice(PHONES), delay=chance.randrange(5))
        if chance.random() < shape.phones
        else None,
        mobile=mobile_network(home.country, chance.randrange(2)),
        pattern=pattern,
        arrival=chance.gauss(9, 0.6) * HOUR,
        weekdays=weekdays,
        first_day=shape.first_day,
    )
    _unusual(person, shape, chance)
    return person


def _home_address(shape: Shape, number: int, chance: Random) -> str:
    if chance.random() < shape.ipv6_homes:
        return f"2001:db8:{number:x}::"
    return address(1_000 + number)


def _unusual(person: Person, shape: Shape, chance: Random) -> None:
    """What holds for some people alone."""
    if chance.random() < shape.newcomers:
        person.first_day = shape.last_day - timedelta(days=chance.randint(3, 30))
    elif chance.random() < shape.on_leave:
        begin = shape.first_day + timedelta(days=chance.randrange(DAYS - 10))
        person.leave = (begin, begin + timedelta(days=chance.randint(7, 21)))
    elif chance.random() < shape.travellers and person.pattern == "days":
        place = PLACES[
            chance.choice([city for city in TRIPS if PLACES[city].country != person.home.country])
        ]
        for back in (50, 29, 9):
            first = shape.last_day - timedelta(days=back + chance.randrange(4))
            person.trips.append(Trip(place, first, first + timedelta(days=chance.randint(2, 3))))
    if chance.random() < shape.warp:
        person.usual_tunnel = WARP
    elif chance.random() < shape.vpn:
        person.usual_tunnel = chance.choice(VPNS)
    if person.phone and person.phone.system == "iPhone" and chance.random() < shape.relay:
        person.relay = chance.choice(RELAYS)
    if person.team == "engineering" and chance.random() < shape.automation * 3:
        person.tool = "acme-ci/2.4 python-requests/2.32.5"
