"""Who is on the made-up site and what there is to see. No name or address here is anybody's."""

from bisect import bisect
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from random import Random
from typing import Generic, TypeVar

T = TypeVar("T")

ZONES = 8
PAGES_PER_HOST = 400
ASSETS_PER_HOST = 120
# A few people make most of the requests, but not one of them all: Zipf-Mandelbrot.
USER_FLATTENING, USER_EXPONENT = 20.0, 1.1
# Pages that are calls of a program, which run through a Worker.
CALLS_SHARE = 0.3
PAGE_FLATTENING, PAGE_EXPONENT = 2.0, 1.0

_SYLLABLES = ("ba", "den", "fo", "gri", "hal", "ka", "li", "mor", "ne", "os", "pra", "rui", "san")
_BROWSERS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{}.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.{} Safari/605.1.15",
    "Mozilla/5.0 (X11; Linux x86_64; rv:{}.0) Gecko/20100101 Firefox/{}.0",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_{} like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1",
)
_PLACES = (
    ("de", "Berlin", "BE", 3320, "FRA"),
    ("pt", "Lisboa", "11", 3243, "LIS"),
    ("us", "Austin", "TX", 7018, "DFW"),
    ("in", "Bengaluru", "KA", 24560, "BLR"),
    ("gb", "Leeds", "ENG", 2856, "MAN"),
    ("jp", "Sendai", "04", 2516, "NRT"),
)
_CACHED = ("hit", "hit", "hit", "miss", "expired", "revalidated")
# What a page pulls in: extension, content type, usual size.
ASSET_KINDS = (
    ("js", "application/javascript", 48_000),
    ("css", "text/css", 12_000),
    ("png", "image/png", 30_000),
    ("woff2", "font/woff2", 22_000),
    ("svg", "image/svg+xml", 3_000),
)


class Weighted(Generic[T]):
    """Draws items of a sequence, the first ones most often."""

    def __init__(self, items: Sequence[T], flattening: float, exponent: float) -> None:
        self._items = items
        weights = (1.0 / (rank + flattening) ** exponent for rank in range(1, len(items) + 1))
        self._sums = list(accumulate(weights))

    def draw(self, chance: float) -> T:
        """`chance` is at least 0 and below 1."""
        return self._items[bisect(self._sums, chance * self._sums[-1])]


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """What stays the same in everything one person sends."""

    user: str
    has_header: bool
    address: str
    agent: str
    place: tuple[str, str, str, int, str]
    is_mobile: bool
    ja3: str
    ja4: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """A page, a call or an asset of one host."""

    host: str
    zone: str
    path: str
    content_type: str
    size: int
    cache: str
    script: str


@dataclass(frozen=True, slots=True)
class Host:
    name: str
    pages: Weighted[Thing]
    assets: Sequence[Thing]


@dataclass(frozen=True, slots=True, kw_only=True)
class Crowd:
    """How many people there are, and behind how many addresses: None where each has one's own."""

    visitors: int = 20_000
    addresses: int | None = None
    header_share: float = 0.7


@dataclass(frozen=True, slots=True)
class Cast:
    """Everybody and everything; the same seed gives the same cast."""

    visitors: Weighted[Visitor]
    hosts: Sequence[Host]


def cast(seed: int, crowd: Crowd) -> Cast:
    chance = Random(f"cast {seed}")  # noqa: S311 (made-up traffic, no secrets)
    visitors = [_visitor(chance, number, crowd) for number in range(crowd.visitors)]
    hosts = [
        _host(chance, f"{name}.zone{zone}.example", f"zone{zone}.example")
        for zone in range(ZONES)
        for name in ("www", "wiki", "build")
    ]
    return Cast(Weighted(visitors, USER_FLATTENING, USER_EXPONENT), hosts)


def hexes(chance: Random, digits: int) -> str:
    return f"{chance.getrandbits(4 * digits):0{digits}x}"


def _word(chance: Random, syllables: int) -> str:
    return "".join(_SYLLABLES[int(chance.random() * 13)] for _ in range(syllables))


def _visitor(chance: Random, number: int, crowd: Crowd) -> Visitor:
    browser = int(chance.random() * len(_BROWSERS))
    version = 2 + int(chance.random() * 12)
    user = f"{_word(chance, 2)}.{_word(chance, 3)}{number}@widgetcorp.example"
    has_header = chance.random() < crowd.header_share
    where, place = chance.random(), int(chance.random() * len(_PLACES))
    address = f"198.51.{100 + number % 100}.{int(where * 250)}"
    if crowd.addresses is not None:
        office = int(where * crowd.addresses)
        # An address is in one place, whoever is behind it.
        address, place = f"203.0.{office // 250}.{office % 250}", office % len(_PLACES)
    return Visitor(
        user=user,
        has_header=has_header,
        address=address,
        agent=_BROWSERS[browser].format(version, version),
        place=_PLACES[place],
        is_mobile="Mobile" in _BROWSERS[browser],
        # A fingerprint belongs to a browser, not to a person.
        ja3=hexes(Random(browser * 100 + version), 32),  # noqa: S311 (as above)
        ja4=f"t13d15{version:02d}h2_{hexes(Random(browser), 12)}_{hexes(Random(version), 12)}",  # noqa: S311
    )


def _host(chance: Random, name: str, zone: str) -> Host:
    pages = [_page(chance, name, zone, number) for number in range(PAGES_PER_HOST)]
    assets = [_asset(chance, name, zone) for _ in range(ASSETS_PER_HOST)]
    return Host(name, Weighted(pages, PAGE_FLATTENING, PAGE_EXPONENT), assets)


def _page(chance: Random, host: str, zone: str, number: int) -> Thing:
    is_call = chance.random() < CALLS_SHARE
    path = f"/api/v2/{_word(chance, 3)}" if is_call else f"/{_word(chance, 2)}/{_word(chance, 4)}"
    return Thing(
        host=host,
        zone=zone,
        path=f"{path}-{number}",
        content_type="application/json" if is_call else "text/html; charset=utf-8",
        size=600 + int(chance.random() * 40_000),
        cache="dynamic",
        script="router" if is_call else "",
    )


def _asset(chance: Random, host: str, zone: str) -> Thing:
    extension, content_type, size = ASSET_KINDS[int(chance.random() * len(ASSET_KINDS))]
    return Thing(
        host=host,
        zone=zone,
        path=f"/static/{hexes(chance, 8)}/{_word(chance, 3)}.{extension}",
        content_type=content_type,
        size=size // 2 + int(chance.random() * size),
        cache=_CACHED[int(chance.random() * len(_CACHED))],
        script="",
    )
