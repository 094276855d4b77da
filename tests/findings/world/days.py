"""Ordinary days: people log in, open pages, pages load what they need, and people go home."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from random import Random
from zoneinfo import ZoneInfo

from tests.findings.world.browsers import tool
from tests.findings.world.logs import DAY, HOUR, Log
from tests.findings.world.people import Office, Person
from tests.findings.world.places import RUNNERS, Network, Place, address, home_network
from tests.findings.world.records import ENDINGS, Asked, Client
from tests.findings.world.shapes import DAYS, Shape
from tests.findings.world.sites import ASSETS, GIT, Site

MINUTE = 60.0
# Requests of a usual visit: the first page with its assets, more pages, calls.
VISIT_REQUESTS = 9.0
# Sessions of Access; that of the repositories is long, because programs use it.
SESSION = 23 * HOUR
LONG_SESSION = 29 * DAY
PHONE = "phone"
# Uses of a phone in somebody's first days, so that no phone is seen for the first time months later.
SETTLED = 4


class Days:
    """Lets people work. What is made ahead of it by incidents is not known here."""

    def __init__(self, shape: Shape, seed: int, log: Log, offices: Mapping[str, Office]) -> None:
        self.shape = shape
        self.seed = seed
        self.log = log
        self.offices = offices
        # First and last request of each person's day.
        self.spans: dict[tuple[int, date], tuple[float, float]] = {}
        self.in_office: set[tuple[int, date]] = set()
        self.notes: dict[tuple[str, str], list[str]] = defaultdict(list)
        self._phone_uses: dict[int, int] = defaultdict(int)
        # The logins, by person, device and host: what is planted may come before later days.
        self._signed_in: dict[tuple[int, str, str], list[float]] = defaultdict(list)
        # Networks that people of a country have at home.
        self.known_homes: dict[str, set[Network]] = defaultdict(set)
        # From a day on: another network of an office, another place of a network, one more site.
        self.office_moves: list[tuple[date, str, Office]] = []
        self.geo_moves: list[tuple[date, date, Network, Place]] = []
        self.added_site: tuple[date, Site] | None = None

    def run(self, person: Person) -> None:
        chance = Random(f"{self.seed} days {person.number}")
        for number in range(DAYS):
            day = self.shape.first_day + timedelta(days=number)
            if person.is_working(day, chance):
                self._day(person, day, chance)
            if person.tool and day >= person.first_day:
                self._jobs(person, day, chance)

    def client(self, person: Person, day: date, *, at_home: bool) -> Client:
        """Where the person is on this day, with the laptop."""
        trip = person.trip_on(day)
        place, network, sent_from = person.home, person.home_network, person.home_address
        if trip:
            place, network = trip.place, home_network(trip.place.country, 1)
            sent_from = address(60_000 + person.number)
        elif person.office and not at_home:
            office = self.office_on(person.office, day)
            place, network, sent_from = office.place, office.network, office.address
        if person.usual_tunnel and (at_home or trip or not person.office):
            network = person.usual_tunnel
            sent_from = address(90_000 + person.number % 40)
        place = self._geolocated(network, place, day)
        return Client(person.name, _host_part(sent_from, day), network, place, person.laptop, day)

    def _geolocated(self, network: Network, place: Place, day: date) -> Place:
        """A database moves a network elsewhere; the data centre stays the nearest one."""
        for first, last, of, there in self.geo_moves:
            if of == network and first <= day <= last:
                return replace(there, colo=place.colo, zone=place.zone)
        return place

    def office_on(self, city: str, day: date) -> Office:
        moves = [office for since, of, office in self.office_moves if of == city and since <= day]
        return moves[-1] if moves else self.offices[city]

    def visit(self, person: Person, client: Client, site: Site, at: float, chance: Random) -> float:
        """The end of the visit; a login comes first where the session has ended."""
        log, host = self.log, site.host
        device = PHONE if client.device.is_phone else "laptop"
        at = self.sign_in(person, client, host, at, device)
        referer, fetched = "", False
        for _ in range(1 + int(chance.random() * 3)):
            uri = chance.choice(site.pages)(chance)
            log.ask(client, at, Asked(host=host, uri=uri, referer=referer))
            referer = f"https://{host}{uri}"
            at += chance.uniform(0.2, 1.0)
            for asset in ASSETS if not fetched else ():
                if chance.random() < 0.5:
                    kind = ENDINGS[asset.rpartition(".")[2]]
                    log.ask(client, at, Asked(host=host, uri=asset, kind=kind, referer=referer))
                    at += 0.05
            fetched = True
            for _ in range(int(chance.random() * 4)):
                call = Asked(
                    host=host, uri=chance.choice(site.calls)(chance), kind="call", referer=referer
                )
                log.ask(client, at, call)
                at += chance.uniform(0.1, 2)
            at += self._something(client, site, at, referer, chance)
            at += chance.expovariate(1 / 45)
        return at

    def _something(
        self, client: Client, site: Site, at: float, referer: str, chance: Random
    ) -> float:
        """Now and then a file, a change, a prefetch, a missing or a refused page."""
        luck = chance.random()
        host = site.host
        if luck < 0.05:
            size = int(chance.lognormvariate(13, 1.2))
            uri = chance.choice(site.files)(chance)
            self.log.ask(
                client, at, Asked(host=host, uri=uri, kind="file", referer=referer, size=size)
            )
        elif luck < 0.12:
            uri = chance.choice(site.calls)(chance)
            self.log.ask(
                client, at, Asked(host=host, uri=uri, kind="call", method="POST", referer=referer)
            )
        elif luck < 0.16:
            uri = chance.choice(site.pages)(chance)
            self.log.ask(client, at, Asked(host=host, uri=uri, purpose="prefetch", referer=referer))
        elif luck < 0.18:
            self.log.ask(client, at, Asked(host=host, uri="/old/page", status=404, referer=referer))
        elif luck < 0.185:
            uri = chance.choice(site.calls)(chance)
            self.log.ask(
                client, at, Asked(host=host, uri=uri, kind="call", status=403, referer=referer)
            )
        elif luck < 0.187:
            self.log.resend(at + chance.uniform(1, 30) * HOUR)
        return 1.0

    def sign_in(self, person: Person, client: Client, host: str, at: float, device: str) -> float:
        key = (person.number, device, host)
        length = LONG_SESSION if host == GIT.host else SESSION
        if any(0 <= at - login < length for login in self._signed_in[key]):
            return at
        self._signed_in[key].append(at)
        self.log.log_in(client, person.mail, host, at)
        return at + 3

    def _day(self, person: Person, day: date, chance: Random) -> None:
        at_home = not person.office or chance.random() < self.shape.days_at_home
        client = self.client(person, day, at_home=at_home)
        begin = midnight(client.place.zone, day) + person.start(day) + chance.gauss(0, 12) * MINUTE
        count = max(1, round(chance.gauss(1, 0.25) * self.shape.requests_a_day / VISIT_REQUESTS))
        last = begin
        for at in sorted(begin + place * 8.3 * HOUR for place in _places(count, chance)):
            where = self._elsewhere(person, client, day, chance)
            last = self.visit(
                person, where, chance.choice(self._sites(person, day)), max(at, last + 20), chance
            )
        if chance.random() < 0.08 and person.pattern == "days":
            home = self.client(person, day, at_home=True)
            late = midnight(home.place.zone, day) + chance.uniform(20, 22) * HOUR
            last = self.visit(
                person,
                home,
                chance.choice(self._sites(person, day)),
                max(late, last + HOUR),
                chance,
            )
        self.spans[person.number, day] = (begin, last)
        if not at_home and not person.trip_on(day):
            self.in_office.add((person.number, day))

    def _sites(self, person: Person, day: date) -> tuple[Site, ...]:
        if self.added_site and day >= self.added_site[0]:
            return (*person.sites, self.added_site[1])
        return person.sites

    def _elsewhere(self, person: Person, client: Client, day: date, chance: Random) -> Client:
        """Now and then the phone, or a café, for one visit."""
        uses = self._phone_uses[person.number]
        if person.phone and chance.random() < (
            self.shape.phone_days / 3 if uses > SETTLED else 0.5
        ):
            self._phone_uses[person.number] += 1
            sent_from = address(
                100_000 + (person.mobile.asn * 8 + int(chance.random() * 8)) % 1_000
            )
            network = person.mobile
            if person.relay and chance.random() < 0.7:
                network, sent_from = person.relay, address(110_000 + int(chance.random() * 400))
            return Client(person.name, sent_from, network, client.place, person.phone, day)
        if chance.random() < self.shape.cafes / 4 and not person.trip_on(day):
            others = sorted(self.known_homes[person.home.country], key=lambda each: each.asn)
            if len(others) > 1 and day > self.shape.first_day + timedelta(days=20):
                network = chance.choice(others)
                self.notes[person.name, str(day)].append(f"café on AS{network.asn}")
                sent_from = address(50_000 + int(chance.random() * 900))
                return Client(person.name, sent_from, network, person.home, person.laptop, day)
        return client

    def _jobs(self, person: Person, day: date, chance: Random) -> None:
        """A job under the person's own token, day and night, from runners in a cloud."""
        runner = Client(
            person.name,
            address(120_000 + int(chance.random() * 3_000)),
            RUNNERS,
            RUNNER_PLACE,
            tool(person.tool),
            day,
        )
        base = midnight("UTC", day)
        for hour in range(0, 24, 4):
            at = base + hour * HOUR + chance.uniform(0, 3 * HOUR)
            for place in range(chance.randint(2, 5)):
                uri = GIT.calls[0](chance)
                self.log.ask(runner, at + place, Asked(host=GIT.host, uri=uri, kind="call"))


RUNNER_PLACE = Place("Dublin", "ie", 53.35, -6.26, "DUB", "Europe/Dublin")


@cache
def midnight(zone: str, day: date) -> float:
    """The beginning of the day there, in seconds since the epoch."""
    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)).timestamp()


def moment(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)


def _places(count: int, chance: Random) -> Iterator[float]:
    """Shares of the working time at which visits begin; the first is at its beginning."""
    yield 0.0
    for _ in range(count - 1):
        yield chance.random()


def _host_part(sent_from: str, day: date) -> str:
    """The second half of an IPv6 address is another one each day."""
    return f"{sent_from}{day.toordinal() % 60_000 + 1:x}" if sent_from.endswith("::") else sent_from
