"""Made-up traffic as Logpush writes it: the same seed gives the same bytes, on any machine.

People come (a few of them often), open pages, pages pull in assets and calls, and each request
is one line of `http_requests`, its fields in alphabetical order, as a job lists them.
"""

import gzip
import heapq
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from random import Random

from bench.cast import Cast, Crowd, Host, Thing, Visitor, cast, hexes
from bench.odd import spoiled
from bench.record import Request, full_line, short_line

START = datetime(2026, 11, 20, 9, tzinfo=UTC)
REQUESTS_PER_SECOND = 1000
NANOSECONDS = 1_000_000_000
GZIP_LEVEL = 6
QUERY_SHARE = 0.4

Stamp = Callable[[int], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Traffic:
    """What to make. Shares are between 0 and 1."""

    seed: int = 3
    # `full` has 74 fields and some 2.4 kB a record, `short` 24 fields and less than 1 kB.
    fields: str = "full"
    stamps: str = "rfc3339"
    crowd: Crowd = field(default_factory=Crowd)
    # So many people are there at any time, and their requests come mixed.
    sessions: int = 400
    extra_headers_share: float = 0.25
    unknown_share: float = 0.05
    security_share: float = 0.03
    odd_share: float = 0.0


def body(traffic: Traffic, number: int, records: int, level: int = GZIP_LEVEL) -> bytes:
    """Batch `number` as it is sent."""
    return gzip.compress(plain(traffic, number, records), level, mtime=0)


def plain(traffic: Traffic, number: int, records: int) -> bytes:
    """The lines of batch `number`; batches of one size follow each other in time."""
    return b"".join(lines(traffic, number, records))


def lines(traffic: Traffic, number: int, records: int) -> Iterator[bytes]:
    chance = Random(f"{traffic.seed} {number} {records}")  # noqa: S311 (made-up traffic)
    # Spoiling draws from a stream of its own: a spoilt batch is the clean one but for its odd lines.
    misfortune = Random(f"odd {traffic.seed} {number} {records}")  # noqa: S311 (made-up traffic)
    written = full_line if traffic.fields == "full" else short_line
    stamp = STAMPS[traffic.stamps]
    for request in requests(traffic, number, records, chance):
        line = written(request, stamp).encode()
        if traffic.odd_share and misfortune.random() < traffic.odd_share:
            line = spoiled(line, misfortune)
        yield line + b"\n"


def requests(traffic: Traffic, number: int, records: int, chance: Random) -> Iterator[Request]:
    """Who asked for what, in order of time."""
    everybody = _cast(traffic.seed, traffic.crowd)
    step = NANOSECONDS // REQUESTS_PER_SECOND
    now = int(START.timestamp()) * NANOSECONDS + number * records * step
    due = [
        (now + int(chance.random() * 20 * NANOSECONDS), place, _Session(traffic, everybody, chance))
        for place in range(traffic.sessions)
    ]
    heapq.heapify(due)
    for count in range(records):
        at, place, session = due[0]
        yield session.request(now + count * step + int(chance.random() * step))
        pause = session.pause()
        if pause is None:
            session, pause = _Session(traffic, everybody, chance), 0
        heapq.heapreplace(due, (at + pause, place, session))


class _Session:
    """One person on one host: a page, what it pulls in, the next page."""

    def __init__(self, traffic: Traffic, everybody: Cast, chance: Random) -> None:
        self._traffic = traffic
        self._chance = chance
        self._visitor: Visitor = everybody.visitors.draw(chance.random())
        self._host: Host = everybody.hosts[int(chance.random() * len(everybody.hosts))]
        self._token = hexes(chance, 24)
        self._port = 1024 + int(chance.random() * 60_000)
        self._score = 60 + int(chance.random() * 39)
        self._pages_left = 1 + int(chance.random() * 12)
        self._things_left = 0
        self._page: Thing | None = None
        self._referer = ""

    def request(self, at: int) -> Request:
        thing, referer = self._next()
        chance, traffic = self._chance, self._traffic
        return Request(
            visitor=self._visitor,
            thing=thing,
            at=at,
            referer=referer,
            token=self._token,
            port=self._port,
            score=self._score,
            ray=hexes(chance, 16),
            bytes=thing.size + int(chance.random() * 900),
            milliseconds=2 + int(chance.random() * chance.random() * 400),
            query=hexes(chance, 8) if chance.random() < QUERY_SHARE else "",
            has_extra_headers=chance.random() < traffic.extra_headers_share,
            has_security=chance.random() < traffic.security_share,
            has_unknown=chance.random() < traffic.unknown_share,
            luck=chance.random(),
        )

    def pause(self) -> int | None:
        """Nanoseconds to the next request; None when the person leaves."""
        if self._things_left:
            return int(self._chance.random() * 0.2 * NANOSECONDS)
        if self._pages_left:
            return int((1 + self._chance.random() * 40) * NANOSECONDS)
        return None

    def _next(self) -> tuple[Thing, str]:
        if self._things_left:
            self._things_left -= 1
            assets = self._host.assets
            return assets[int(self._chance.random() * len(assets))], self._referer
        before = self._referer
        self._pages_left -= 1
        page = self._host.pages.draw(self._chance.random())
        self._referer = f"https://{page.host}{page.path}"
        self._things_left = int(self._chance.random() * 14)
        return page, before


@cache
def _cast(seed: int, crowd: Crowd) -> Cast:
    return cast(seed, crowd)


def _rfc3339(at: int) -> str:
    return f'"{_clock(at // NANOSECONDS)}Z"'


def _rfc3339ms(at: int) -> str:
    return f'"{_clock(at // NANOSECONDS)}.{at // 1_000_000 % 1000:03d}Z"'


def _rfc3339ns(at: int) -> str:
    return f'"{_clock(at // NANOSECONDS)}.{at % NANOSECONDS:09d}Z"'


@cache
def _clock(second: int) -> str:
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=second)
    return moment.strftime("%Y-%m-%dT%H:%M:%S")


STAMPS: dict[str, Stamp] = {
    "rfc3339": _rfc3339,
    "rfc3339ms": _rfc3339ms,
    "rfc3339ns": _rfc3339ns,
    "unixnano": str,
}
