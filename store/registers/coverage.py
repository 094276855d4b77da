"""How complete each checked hour is: one verdict for each job and hour, which later checks amend.

The table holds the current verdicts; the ledger keeps every earlier one.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select

from store import timestamps
from store.catalog import ledger
from store.catalog.catalog import Catalog
from store.catalog.register_tables import coverage
from store.registers.verdicts import (
    HOUR,
    CannotTell,
    Partial,
    State,
    Verdict,
    verdict_of,
)

# Far fewer than the values that SQLite takes in one statement.
HOURS_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class HourVerdict:
    """One hour's verdict; `counted` is how many records Cloudflare said it uploaded, if it did."""

    verdict: Verdict
    counted: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class JobHours:
    """The verdicts on one job, by hour; `place` is the id of its zone or account."""

    dataset: str
    job: int
    place: str
    hours: Mapping[datetime, HourVerdict]


@dataclass(frozen=True, slots=True)
class Recorded:
    """The current verdicts by job and hour, and the newest entry; None if nothing changed."""

    hours: Mapping[int, Mapping[datetime, HourVerdict]]
    sequence: int | None


def record(catalog: Catalog, now: datetime, found: Sequence[JobHours]) -> Recorded:
    """Store changed verdicts, with one entry for each job.

    A later verdict replaces an earlier one, except that "cannot tell" replaces no other.
    """
    known: dict[int, dict[datetime, HourVerdict]] = {}
    sequence = None
    with catalog.write() as connection:
        for each in found:
            before = _read(connection, each)
            changed = {
                hour: judged
                for hour, judged in each.hours.items()
                if _is_news(judged, before.get(hour))
            }
            if changed:
                sequence = _enter(connection, now, each, changed)
            kept = {hour: before[hour] for hour in each.hours.keys() & before.keys()}
            known[each.job] = {**kept, **changed}
    return Recorded(known, sequence)


def uploaded_counts(
    catalog: Catalog, jobs: Sequence[int], since: datetime, until: datetime
) -> dict[int, dict[datetime, int]]:
    """How many records Cloudflare said it uploaded, by job and hour."""
    query = select(coverage.c.job, coverage.c.hour, coverage.c.counted).where(
        coverage.c.job.in_(jobs),
        coverage.c.hour >= timestamps.to_text(since),
        coverage.c.hour < timestamps.to_text(until),
        coverage.c.counted.is_not(None),
    )
    found: dict[int, dict[datetime, int]] = {}
    with catalog.read() as connection:
        for job, hour, counted in connection.execute(query):
            found.setdefault(job, {})[timestamps.from_text(hour)] = counted
    return found


def judged_until(connection: Connection) -> datetime | None:
    """The end of the newest hour that has a verdict."""
    newest = connection.execute(select(func.max(coverage.c.hour))).scalar_one()
    return timestamps.from_text(newest) + HOUR if newest else None


def _is_news(judged: HourVerdict, before: HourVerdict | None) -> bool:
    if before is None:
        return True
    is_less = isinstance(judged.verdict, CannotTell) and not isinstance(before.verdict, CannotTell)
    return judged != before and not is_less


def _enter(
    connection: Connection, now: datetime, each: JobHours, changed: Mapping[datetime, HourVerdict]
) -> int:
    facts = {
        "dataset": each.dataset,
        "job": each.job,
        "place": each.place,
        "hours": [_ledger_facts(*run) for run in runs(changed)],
    }
    sequence = ledger.append(connection, "coverage", now, facts).sequence
    texts = iter([timestamps.to_text(hour) for hour in changed])
    while some := list(islice(texts, HOURS_AT_ONCE)):
        of_job = coverage.c.job == each.job
        connection.execute(delete(coverage).where(of_job, coverage.c.hour.in_(some)))
    rows = [
        {
            "job": each.job,
            "hour": timestamps.to_text(hour),
            "dataset": each.dataset,
            "state": judged.verdict.state.value,
            "missing": _missing(judged.verdict),
            "why": judged.verdict.why,
            "counted": judged.counted,
            "sequence": sequence,
        }
        for hour, judged in changed.items()
    ]
    connection.execute(insert(coverage), rows)
    return sequence


def runs(
    hours: Mapping[datetime, HourVerdict],
) -> Iterator[tuple[datetime, datetime, Verdict, list[HourVerdict]]]:
    """Consecutive hours with the same verdict, as one: since, until, verdict, and each hour's."""
    run: list[HourVerdict] = []
    start = end = datetime.min  # noqa: DTZ901 (UTC without a zone)
    for hour in sorted(hours):
        judged = hours[hour]
        if run and (hour != end or judged.verdict != run[-1].verdict):
            yield start, end, run[-1].verdict, run
            run = []
        if not run:
            start = hour
        run.append(judged)
        end = hour + HOUR
    if run:
        yield start, end, run[-1].verdict, run


def _ledger_facts(
    since: datetime, until: datetime, verdict: Verdict, run: Sequence[HourVerdict]
) -> dict[str, Any]:
    return {
        "since": timestamps.to_text(since),
        "until": timestamps.to_text(until),
        "verdict": verdict.state.value,
        "missing": _missing(verdict),
        "why": verdict.why,
        "counted": [judged.counted for judged in run],
    }


def _missing(verdict: Verdict) -> int | None:
    return verdict.missing if isinstance(verdict, Partial) else None


def _read(connection: Connection, each: JobHours) -> dict[datetime, HourVerdict]:
    if not each.hours:
        return {}
    within = coverage.c.hour.between(
        timestamps.to_text(min(each.hours)), timestamps.to_text(max(each.hours))
    )
    query = select(coverage).where(coverage.c.job == each.job, within)
    return {
        timestamps.from_text(row.hour): HourVerdict(_verdict(row), row.counted)
        for row in connection.execute(query)
    }


def _verdict(row: Any) -> Verdict:
    return verdict_of(State(row.state), row.missing, row.why)
