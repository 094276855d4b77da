"""The logins and requests of a made-up company, and who is who in truth."""

import random
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from tests.queries.identity.company.world import HOUR, MINUTE, World

START = 1_793_577_600.0  # a Monday, in seconds
DAY = 24 * HOUR
VPN = "203.0.113.250"
OPEN_HOST = "www.company.example"


@dataclass(frozen=True, slots=True)
class Login:
    name: str
    address: str
    host: str
    at: float


@dataclass(frozen=True, slots=True)
class Request:
    name: str
    address: str
    host: str
    at: float
    path: str


@dataclass(slots=True)
class Person:
    number: int
    request_name: str
    mails: tuple[str, ...]
    office: str | None
    home: str
    arrival: float
    hosts: tuple[str, ...]
    partner: "Person | None" = None
    expires: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Company:
    """`truth` has every right pair; `findable` those of people who are in both logs."""

    logins: list[Login]
    requests: list[Request]
    truth: frozenset[tuple[str, str]]
    findable: frozenset[tuple[str, str]]


def company(world: World) -> Company:
    return _Making(world).run()


class _Making:
    def __init__(self, world: World) -> None:
        self.world = world
        self.chance = random.Random(world.seed)
        self.hosts = [f"app{number}.company.example" for number in range(world.hosts)]
        self.session = {host: self.chance.choice(world.sessions) for host in self.hosts}
        self.logins: list[Login] = []
        self.requests: list[Request] = []
        self.people = [self._person(number) for number in range(world.people)]
        self.silent: set[int] = set()
        self.unlogged: set[int] = set()
        self.kiosk_users: set[int] = set()

    def run(self) -> Company:
        world, chance = self.world, self.chance
        self._pair_up()
        self._share_accounts()
        self.silent = {p.number for p in self.people if chance.random() < world.never_appears}
        self.unlogged = {
            p.number
            for p in self.people
            if chance.random() < world.never_logs_in and not self._stands_in(p)
        }
        for day in range(world.days):
            if day % 7 < 5:
                self._day(START + day * DAY)
        self._kiosks()
        self._attackers()
        self._tools()
        return self._told()

    def _person(self, number: int) -> Person:
        world, chance = self.world, self.chance
        mail = f"p{number}.person@company.example"
        name = mail if chance.random() < world.mail_names else f"pperson{number}"
        if name == mail and chance.random() < 0.5:
            name = name.upper()
        mails = (mail, f"other{number}@partner.example")
        is_homely = chance.random() < world.only_at_home
        is_ipv6 = chance.random() < world.ipv6_homes
        house = number // 2 * 2 if chance.random() < 0.05 else number
        return Person(
            number=number,
            request_name=name,
            mails=mails if chance.random() < world.two_mails else mails[:1],
            office=None if is_homely else f"203.0.113.{number % world.offices}",
            home=f"2001:db8:{house:x}::" if is_ipv6 else f"198.51.{house // 250}.{house % 250}",
            arrival=9 * HOUR + chance.gauss(0, world.arrival_people),
            hosts=tuple(chance.sample(self.hosts, chance.randint(1, len(self.hosts)))),
        )

    def _pair_up(self) -> None:
        """The second of a pair does what the first does, from the same office."""
        step = 2 * self.world.offices
        for person in self.people:
            other = person.number + self.world.offices
            is_first = person.number % step < self.world.offices and other < len(self.people)
            if is_first and self.chance.random() < self.world.lockstep:
                second = self.people[other]
                second.partner, second.office, second.hosts = person, person.office, person.hosts

    def _stands_in(self, person: Person) -> bool:
        """Whether the other of a pair never appears: the logs would then be those of one person."""
        silent = {p.number for p in self.people if p.partner is person} & self.silent
        return bool(silent) or (person.partner is not None and person.partner.number in self.silent)

    def _share_accounts(self) -> None:
        for first, second in pairwise(self.people):
            if self.chance.random() < self.world.shared_accounts / 2:
                second.request_name = first.request_name

    def _day(self, midnight: float) -> None:
        world, chance = self.world, self.chance
        plans: dict[int, tuple[float, bool, list[tuple[str, float]]]] = {}
        for person in self.people:
            if person.partner and person.partner.number in plans:
                arrival, at_home, visits = plans[person.partner.number]
                apart = chance.uniform(-world.lockstep_apart, world.lockstep_apart)
                visits = [(host, at + apart) for host, at in visits]
            elif chance.random() < 0.07:
                continue
            else:
                arrival = midnight + person.arrival + chance.gauss(0, world.arrival_days)
                at_home = person.office is None or chance.random() < world.day_at_home
                visits = list(self._visits(person, arrival))
            plans[person.number] = (arrival, at_home, visits)
            address = self._address(person, at_home=at_home)
            times: dict[str, list[float]] = {}
            for host, at in visits:
                times.setdefault(host, []).extend(self._visit(at))
            for host, moments in times.items():
                self._work(person, address, host, sorted(moments))

    def _visits(self, person: Person, arrival: float) -> Iterator[tuple[str, float]]:
        """The first host at once, then each host of the day some times."""
        chance = self.chance
        for place, host in enumerate(person.hosts):
            count = max(1 if place == 0 else 0, round(chance.expovariate(1 / self.world.visits)))
            for number in range(count):
                is_first = number == 0 and (place == 0 or chance.random() < 0.5)
                later = place * chance.uniform(0, 2 * MINUTE) if is_first else None
                yield host, arrival + (chance.uniform(0, 8 * HOUR) if later is None else later)

    def _visit(self, at: float) -> Iterator[float]:
        for _ in range(1 + round(self.chance.expovariate(1 / self.world.requests))):
            yield at
            at += self.chance.expovariate(1 / self.world.pause)

    def _address(self, person: Person, *, at_home: bool) -> str:
        if self.chance.random() < self.world.vpn:
            return VPN
        if not at_home and person.office:
            return person.office
        tail = f"{self.chance.randrange(1, 65535):x}" if ":" in person.home else ""
        return person.home + tail

    def _work(self, person: Person, address: str, host: str, moments: list[float]) -> None:
        """Log in where the session has ended, then go on; what comes later waits for the login."""
        chance = self.chance
        while moments:
            ends = person.expires.get(host, 0.0)
            count = bisect_left(moments, ends)
            for at in moments[:count]:
                self._request(person, address, host, at)
            moments = moments[count:]
            if moments:
                is_late = chance.random() < self.world.late
                wait = chance.uniform(11, 50) * MINUTE if is_late else self._lag()
                login_at = moments[0]
                person.expires[host] = login_at + self.session[host]
                mail = chance.choice(person.mails)
                if person.number not in self.unlogged and chance.random() >= self.world.lost_logins:
                    self.logins.append(Login(mail, address, host, login_at + self.world.skew))
                moments = [at + wait for at in moments]

    def _lag(self) -> float:
        return min(1 + self.chance.expovariate(1 / self.world.lag), 9 * MINUTE)

    def _request(self, person: Person, address: str, host: str, at: float) -> None:
        if person.number in self.silent or self.chance.random() < self.world.lost_requests:
            return
        self.requests.append(Request(person.request_name, address, host, at, "/dashboard"))

    def _kiosks(self) -> None:
        """A place where many people log in one after the other, and every request has one name."""
        for number in range(self.world.kiosks):
            users = self.chance.sample(self.people, min(len(self.people), 8))
            for day in range(self.world.days):
                at = START + day * DAY + 8 * HOUR
                for person in self.chance.sample(users, len(users)):
                    at += self.chance.uniform(20, 70) * MINUTE
                    host, address = self.hosts[0], f"192.0.2.{number}"
                    self.logins.append(Login(person.mails[0], address, host, at))
                    for moment in self._visit(at + self._lag()):
                        self.requests.append(
                            Request(f"kiosk{number}", address, host, moment, "/dashboard")
                        )

    def _attackers(self) -> None:
        """Right after a login of his own or his victim's, a client sends the victim's name to a
        host that no application covers, and to one on which he is logged in under his own name.
        """
        for _ in range(self.world.attackers):
            attacker, victim = self.chance.sample(self.people, 2)
            for login in [x for x in self.logins if x.name in (attacker.mails[0], victim.mails[0])]:
                made_up = victim.request_name
                for host, path in ((OPEN_HOST, "/dashboard"), (login.host, "/public/page")):
                    self.requests.append(Request(made_up, login.address, host, login.at + 2, path))

    def _tools(self) -> None:
        """A service token asks at every hour and from an office, and never logs in."""
        for quarter in range(self.world.days * 24 * 4):
            at = START + quarter * 15 * MINUTE
            host = self.hosts[quarter % len(self.hosts)]
            self.requests.append(Request("backup.access", "203.0.113.0", host, at, "/dashboard"))

    def _told(self) -> Company:
        owners: dict[str, set[str]] = {}
        for person in self.people:
            owners.setdefault(person.request_name, set()).update(person.mails)
        truth = {(mail, p.request_name) for p in self.people for mail in p.mails}
        findable = {
            (p.mails[0], p.request_name)
            for p in self.people
            if p.number not in self.silent | self.unlogged
            and "@" not in p.request_name
            and owners[p.request_name] == {p.mails[0]}
        }
        return Company(self.logins, self.requests, frozenset(truth), frozenset(findable))
