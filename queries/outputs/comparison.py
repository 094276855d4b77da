"""A comparison of two periods as lines for a person, and as JSON."""

from collections.abc import Iterator
from typing import Any

from queries.comparison.comparison import Comparison, Difference, Side
from queries.escape import shown
from queries.identity.person_words import grade_note, other_names, quoted
from queries.outputs.json_values import json_value
from queries.outputs.known_period import known_lines
from queries.report.wording import (
    URL_CHARACTERS_SHOWN,
    counted,
    moment_text,
    number,
)

_KINDS = {
    "page": "pages",
    "download": "downloads",
    "change": "changes",
    "api": "API calls",
    "program": "program calls",
    "asset": "assets",
    "prefetch": "prefetches",
}

_PLURALS = {
    "host": "hosts",
    "page": "pages",
    "download": "downloads",
    "change": "changes",
    "API call": "API calls",
    "country": "countries",
    "network": "networks",
    "address": "addresses",
    "user agent": "user agents",
}


def document(found: Comparison) -> dict[str, Any]:
    told: dict[str, Any] = json_value(found)
    return told


def lines(found: Comparison) -> Iterator[str]:
    """Every line is safe for a terminal."""
    yield quoted(found.person.asked)
    yield from other_names(found.person)
    note = grade_note(found.person)
    if note:
        yield note
    yield f"  now     {_side(found.now)}"
    yield f"  before  {_side(found.before)}"
    yield ""
    yield f"  {'':16} {'now':>12} {'before':>12}"
    yield _row("requests", found.now.requests, found.before.requests)
    for now, before in zip(found.now.kinds, found.before.kinds, strict=True):
        yield _row(_KINDS[now.kind], now.requests, before.requests)
    for name, field in (
        ("refused", "refused"),
        ("by Access", "confirmed"),
        ("bytes down", "bytes_down"),
        ("bytes up", "bytes_up"),
    ):
        yield _row(name, _sum(found.now, field), _sum(found.before, field))
    yield ""
    yield from _hours(found)
    for difference in found.differences:
        yield ""
        yield from _difference(difference)
    if not found.differences and found.now.requests and found.before.requests:
        yield ""
        yield "Nothing is new and nothing is gone."


def _side(side: Side) -> str:
    return f"{moment_text(side.since)} until {moment_text(side.until)}"


def _row(name: str, now: int, before: int) -> str:
    return f"  {name:16} {number(now):>12} {number(before):>12}"


def _sum(side: Side, field: str) -> int:
    return sum(int(getattr(each, field)) for each in side.kinds)


def _hours(found: Comparison) -> Iterator[str]:
    for name, side in (("now", found.now), ("before", found.before)):
        for line in known_lines(side.known):
            yield f"{name}: {line}"
    if found.before.known.is_empty and found.differences:
        yield "So what is listed as new may have been there before."
    if found.now.known.is_empty and found.differences:
        yield "So what is listed as gone may still be there."


def _difference(difference: Difference) -> Iterator[str]:
    side = "new" if difference.is_new else "gone"
    of = f"{number(len(difference.shown))} of {number(difference.total)}"
    yield f"{side} {_PLURALS[difference.dimension]}  {of}"
    for each in difference.shown:
        yield (
            f"  {counted(each.requests, 'request'):>16}  {shown(each.value, URL_CHARACTERS_SHOWN)}"
            f"  {moment_text(each.first_seen)} to {moment_text(each.last_seen)}"
        )
