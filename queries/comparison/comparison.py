"""One period of a person compared with another: counts by kind, and what is new and gone."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from queries.completeness.known_period import KnownPeriod, known_period
from queries.engine import Engine
from queries.errors import QueryRefused
from queries.identity.access import access
from queries.identity.person import Person
from queries.period import Period
from store.reading.snapshot import Snapshot

# In this order in every output; a comparison names those that have a difference.
DIMENSIONS = (
    "host",
    "page",
    "download",
    "change",
    "API call",
    "country",
    "network",
    "address",
    "user agent",
)

KINDS = ("page", "download", "change", "api", "program", "asset", "prefetch")

# A person reads no more of one dimension; `total` says how many there are.
VALUES_SHOWN = 50


@dataclass(frozen=True, slots=True)
class KindTotal:
    """`confirmed` counts requests that an Access application covered."""

    kind: str
    requests: int = 0
    confirmed: int = 0
    refused: int = 0
    bytes_down: int = 0
    bytes_up: int = 0
    first_seen: datetime | None = None
    last_seen: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """What a person did in one period. The kinds add up to `requests`.

    `known` says of which hours the store has nothing at all.
    """

    since: datetime
    until: datetime
    requests: int
    kinds: tuple[KindTotal, ...]
    known: KnownPeriod


@dataclass(frozen=True, slots=True)
class Value:
    value: str
    requests: int
    first_seen: datetime
    last_seen: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Values of one dimension that only one period has: the first of `total`."""

    dimension: str
    is_new: bool
    total: int
    shown: tuple[Value, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """`differences` lists what is only in `now` (new) or only in `before` (gone)."""

    person: Person
    now: Side
    before: Side
    differences: tuple[Difference, ...]


@dataclass(frozen=True, slots=True)
class Periods:
    """Two periods with both ends. They may not overlap: what is in both is neither new nor gone."""

    now: Period
    before: Period


def periods(asked: Period, other: Period, taken_at: datetime) -> Periods:
    """The periods to compare. An open end of the first one is now; the second one is as long as the
    first, and right before it unless it says otherwise. Raises QueryRefused without a beginning.
    """
    if asked.since is None:
        raise QueryRefused("--since is missing: say when the period begins")
    until = asked.until or taken_at
    if until <= asked.since:
        raise QueryRefused("since is in the future: there is nothing to compare")
    length = until - asked.since
    begin, end = _other(asked.since, length, other)
    if begin < until and asked.since < end:
        raise QueryRefused("the two periods overlap: choose --with-since and --with-until apart")
    return Periods(Period(asked.since, until), Period(begin, end))


def compare(
    engine: Engine,
    person: Person,
    asked: Periods,
    everybody: Snapshot,
    *,
    configured_access_hosts: Iterable[str] = (),
) -> Comparison:
    """`everybody` is a snapshot without a limit to users, which tells of which hours it has data."""
    whole = Period(
        min(_begin(asked.now), _begin(asked.before)), max(_end(asked.now), _end(asked.before))
    )
    bound = {
        "who": person.users,
        "since": asked.now.since,
        "until": asked.now.until,
        "with_since": asked.before.since,
        "with_until": asked.before.until,
    }
    held = access(engine, person, whole, configured_access_hosts)
    totals = list(engine.ask("comparison/compared_totals", {**bound, **held.parameters()}).rows)
    values = list(engine.ask("comparison/compared_values", {**bound, "shown": VALUES_SHOWN}).rows)
    return Comparison(
        person=person,
        now=_side(asked.now, [row[1:] for row in totals if row[0]], everybody),
        before=_side(asked.before, [row[1:] for row in totals if not row[0]], everybody),
        differences=tuple(_differences(values)),
    )


def _other(since: datetime, length: timedelta, other: Period) -> tuple[datetime, datetime]:
    if other.since is not None:
        return other.since, other.until or other.since + length
    end = other.until or since
    return end - length, end


def _side(period: Period, rows: Sequence[Sequence[Any]], everybody: Snapshot) -> Side:
    found = {row[0]: KindTotal(*row) for row in rows}
    kinds = tuple(found.get(kind, KindTotal(kind)) for kind in KINDS)
    return Side(
        since=_begin(period),
        until=_end(period),
        requests=sum(each.requests for each in kinds),
        kinds=kinds,
        known=known_period(everybody, _begin(period), _end(period)),
    )


def _differences(rows: Sequence[Sequence[Any]]) -> Iterator[Difference]:
    for dimension in DIMENSIONS:
        for is_new in (True, False):
            mine = [row for row in rows if (row[0], row[1]) == (dimension, is_new)]
            if mine:
                yield Difference(
                    dimension=dimension,
                    is_new=is_new,
                    total=mine[0][2],
                    shown=tuple(Value(*row[3:]) for row in mine),
                )


def _begin(period: Period) -> datetime:
    return period.since or datetime.min  # noqa: DTZ901 - UTC without a zone


def _end(period: Period) -> datetime:
    return period.until or datetime.max  # noqa: DTZ901 - UTC without a zone
