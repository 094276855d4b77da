"""Turns Access applications into rules that tell which requests Access protected.

`*` in a host matches anything but a dot; in a path it matches anything. A path covers all paths
below it. Where applications overlap, the more specific one decides: an exact host before one with
`*`, a longer path before a shorter one. Where neither is more specific, an opening decides.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from store.registers.application_version import ApplicationVersion

ANY_PATH = "%"


@dataclass(frozen=True, slots=True)
class Rule:
    """`path` and `openings` are LIKE patterns with a backslash as the escape character."""

    host: str
    path: str
    openings: tuple[str, ...]
    since: datetime
    until: datetime | None

    @property
    def is_whole(self) -> bool:
        return self.path == ANY_PATH and not self.openings

    def holds_throughout(self, first: datetime, last: datetime) -> bool:
        return self.since <= first and (self.until is None or last < self.until)

    def as_bound(self) -> dict[str, Any]:
        return {
            "host": self.host,
            "path": self.path,
            "openings": list(self.openings),
            "since": self.since,
            "until": self.until,
        }


@dataclass(frozen=True, slots=True)
class _Place:
    """A host and a path that an application names, and when it did."""

    host: str
    path: str
    held: ApplicationVersion

    @classmethod
    def of(cls, text: str, held: ApplicationVersion) -> "_Place":
        return cls(*place_of(text), held)

    def fits(self, host: str) -> bool:
        return fits_host(self.host, host)

    def is_broader_than(self, other: "_Place") -> bool:
        """Whether `other` is more specific and decides where both match."""
        if ("*" in self.host) != ("*" in other.host):
            return "*" in self.host
        return other.path.startswith(self.path) and other.path != self.path

    def overlaps(self, other: "_Place") -> bool:
        mine, theirs = self.held, other.held
        return (mine.until is None or theirs.since < mine.until) and (
            theirs.until is None or mine.since < theirs.until
        )

    def patterns(self) -> Iterator[str]:
        """LIKE patterns for the path and everything below it."""
        if self.path in {"", "*"}:
            yield ANY_PATH
            return
        exact = f"/{_escaped(self.path)}"
        if self.path.endswith("/*"):
            # The folder itself, with a slash at its end, is not covered.
            yield f"{exact.removesuffix('%')}_%"
            return
        yield exact
        yield f"{exact}/%"


def place_of(text: str) -> tuple[str, str]:
    """The host and the path of a domain as applications have it; equal for the same place."""
    plain = re.sub(r"^https?://", "", text.strip(), flags=re.IGNORECASE)
    host, _, path = plain.partition("/")
    return re.sub(r":[0-9]+$", "", host.lower()), path.rstrip("/")


def fits_host(pattern: str, host: str) -> bool:
    """Whether the host of a place_of() covers a host."""
    expression = "[^.]*".join(re.escape(part) for part in pattern.split("*"))
    return bool(re.fullmatch(expression, host))


def rules_of(held: Iterable[ApplicationVersion], hosts: Sequence[str]) -> tuple[Rule, ...]:
    """The rules for these hosts."""
    versions = list(held)
    covers = [_Place.of(text, each) for each in versions for text in each.application.covers]
    opens = [_Place.of(text, each) for each in versions for text in each.application.opens]
    return tuple(rule for host in hosts for rule in _rules(host, covers, opens))


def _rules(host: str, covers: Iterable[_Place], opens: Sequence[_Place]) -> Iterator[Rule]:
    open_here = [place for place in opens if place.fits(host)]
    for cover in covers:
        if cover.fits(host):
            deciding = (
                place
                for place in open_here
                if place.overlaps(cover) and not place.is_broader_than(cover)
            )
            openings = tuple(pattern for place in deciding for pattern in place.patterns())
            for path in cover.patterns():
                yield Rule(host, path, openings, cover.held.since, cover.held.until)


def _escaped(path: str) -> str:
    literal = re.sub(r"([\\%_])", r"\\\1", path)
    return literal.replace("*", "%")
