"""Makes a view raise a sentence where a question needs rows of a damaged file.

The view gets one more branch for each day of such files. Its condition raises the sentence; the day
and the range of times are constants, so DuckDB drops the branch where a question asks for another
day. Every other column raises the sentence too: a constant, or NULL, would let DuckDB drop the
branch for a condition on that column, and the answer would be short without a word.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import duckdb

from store import timestamps
from store.files.layout import OTHER_DAY
from store.parquet.dataset_columns import quoted
from store.reading.live_part import DamagedPart

# Each branch takes a millisecond to bind. Past these the rest of the days shares one, which no
# condition drops.
DAYS_MAX = 100

TABLE = (
    "CREATE TABLE IF NOT EXISTS damaged (path VARCHAR, dataset VARCHAR, day VARCHAR, rows BIGINT,"
    " first_event TIMESTAMPTZ, last_event TIMESTAMPTZ, kind VARCHAR, reason VARCHAR,"
    " found_at TIMESTAMPTZ)"
)

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 (UTC without a zone, as in the store)
_ONE_DAY = timedelta(days=1)
_RESOLUTION = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class DamagedDay:
    """Damaged files with rows of one day; `day` None means any.

    `span` has the first and last time of their rows, None if some may have no time.
    """

    day: str | None
    span: tuple[datetime, datetime] | None
    parts: tuple[DamagedPart, ...]

    @property
    def sentence(self) -> str:
        return self.parts[0].sentence(others=len(self.parts) - 1)


def days_of(found: Iterable[DamagedPart]) -> list[DamagedDay]:
    """The days that these files of one dataset have rows of."""
    days: dict[str, list[tuple[DamagedPart, tuple[datetime, datetime] | None]]] = defaultdict(list)
    for each in found:
        for day, span in _days(each):
            days[day].append((each, span))
    made = [_day(day, touching) for day, touching in sorted(days.items())]
    if len(made) <= DAYS_MAX:
        return made
    rest = dict.fromkeys(part for each in made[DAYS_MAX - 1 :] for part in each.parts)
    return [*made[: DAYS_MAX - 1], DamagedDay(day=None, span=None, parts=tuple(rest))]


def with_damaged(
    columns: Mapping[str, str], days: Sequence[DamagedDay]
) -> tuple[str, dict[str, Any]]:
    """The branches for these days as SQL, and their parameters; `columns` are names and types."""
    branches, given = [], dict[str, Any]()
    for number, each in enumerate(days):
        raised = f"error($damage_{number})"
        given[f"damage_{number}"] = each.sentence
        selected = []
        for name, kind in columns.items():
            value = f"{raised}::{kind}"
            if name == "date" and each.day not in {None, OTHER_DAY}:
                given[f"day_{number}"] = each.day
                value = f"$day_{number}::DATE"
            elif name == "event_time" and each.span is not None:
                # DuckDB knows the range of a CASE by its values, and cannot drop the condition.
                first, last = (_microseconds(moment) for moment in each.span)
                given |= {f"first_{number}": first, f"last_{number}": last}
                value = (
                    f"CASE WHEN {raised}::VARCHAR IS NULL THEN make_timestamptz($first_{number})"
                    f" ELSE make_timestamptz($last_{number}) END"
                )
            selected.append(f"{value} AS {quoted(name)}")
        branches.append(f"SELECT {', '.join(selected)} WHERE {raised}::VARCHAR IS NULL")
    return " UNION ALL ".join(branches), given


def list_damaged(connection: duckdb.DuckDBPyConnection, found: Iterable[DamagedPart]) -> None:
    """Let the table `damaged` list these files, and no others."""
    connection.execute(TABLE)
    connection.execute("DELETE FROM damaged")
    for each in found:
        part = each.part
        connection.execute(
            "INSERT INTO damaged VALUES ($path, $dataset, $day, $rows, $first, $last, $kind,"
            " $reason, $found_at)",
            {
                "path": each.path,
                "dataset": part.dataset,
                "day": part.day,
                "rows": part.file.rows,
                "first": part.time_min,
                "last": part.time_max,
                "kind": each.trouble.kind.value,
                "reason": each.trouble.reason,
                "found_at": each.found_at,
            },
        )


def _day(
    day: str, touching: Sequence[tuple[DamagedPart, tuple[datetime, datetime] | None]]
) -> DamagedDay:
    spans = [span for _, span in touching]
    known = [span for span in spans if span is not None]
    is_known = len(known) == len(spans)
    return DamagedDay(
        day=day,
        span=(min(first for first, _ in known), max(last for _, last in known))
        if is_known
        else None,
        parts=tuple(part for part, _ in touching),
    )


def _days(found: DamagedPart) -> Iterator[tuple[str, tuple[datetime, datetime] | None]]:
    """Each day of a file's rows, and the range of their times on it, as far as that is known."""
    part = found.part
    if part.time_min is None or part.time_max is None or part.day == OTHER_DAY:
        yield part.day, None
        return
    first, last = timestamps.from_text(part.time_min), timestamps.from_text(part.time_max)
    day = first.date()
    while day <= last.date():
        start = _start(day)
        yield day.isoformat(), (max(first, start), min(last, start + _ONE_DAY - _RESOLUTION))
        day += _ONE_DAY


def _start(day: date) -> datetime:
    return datetime.combine(day, datetime.min.time())


def _microseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // _RESOLUTION
