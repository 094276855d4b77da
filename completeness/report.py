"""The result of a coverage check: as values, as JSON, and as text."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from completeness.counts import Received
from completeness.hours import HOUR
from queries.escape import for_terminal
from store import timestamps
from store.registers.verdicts import Complete, Partial, Verdict
from upstream.counts import Uploads, Visits
from upstream.logpush.job import Job


@dataclass(frozen=True, slots=True, kw_only=True)
class HourCoverage:
    """One hour of one job. `visits_held` is None where there are no `visits`."""

    hour: datetime
    verdict: Verdict
    received: Received
    uploads: Uploads | None = None
    visits: Visits | None = None
    visits_held: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JobCoverage:
    """The hours of one job. `job` is None for a dataset that arrives without a known job."""

    dataset: str
    job: Job | None
    hours: Sequence[HourCoverage]


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageReport:
    """`sequence` is the newest ledger entry written by the check, None where nothing was new."""

    since: datetime
    until: datetime
    jobs: Sequence[JobCoverage]
    sequence: int | None = None


def is_wrong(report: CoverageReport) -> bool:
    return any(isinstance(hour.verdict, Partial) for job in report.jobs for hour in job.hours)


def as_object(report: CoverageReport) -> dict[str, Any]:
    return {
        "wrong": is_wrong(report),
        "since": timestamps.to_text(report.since),
        "until": timestamps.to_text(report.until),
        "sequence": report.sequence,
        "jobs": [_job_object(each) for each in report.jobs],
    }


def _job_object(coverage: JobCoverage) -> dict[str, Any]:
    job = coverage.job
    return {
        "dataset": coverage.dataset,
        "job": job.id if job else None,
        "place": job.place.name if job else None,
        "enabled": job.is_enabled if job else None,
        "last_complete": timestamps.to_text(job.last_complete)
        if job and job.last_complete
        else None,
        "hours": [_hour_object(hour) for hour in coverage.hours],
    }


def _hour_object(hour: HourCoverage) -> dict[str, Any]:
    verdict = hour.verdict
    return {
        "hour": timestamps.to_text(hour.hour),
        "verdict": verdict.state.value,
        "missing": verdict.missing if isinstance(verdict, Partial) else None,
        "why": verdict.why,
        "received": asdict(hour.received),
        "uploads": asdict(hour.uploads) if hour.uploads else None,
        "visits": asdict(hour.visits) if hour.visits else None,
        "visits_held": hour.visits_held,
    }


def lines(report: CoverageReport) -> Iterator[str]:
    for each in report.jobs:
        yield _title(each)
        for verdict, run in _runs(each.hours):
            since, until = run[0].hour, run[-1].hour + HOUR
            batches = sum(hour.received.batches for hour in run)
            records = sum(hour.received.records for hour in run)
            received = f"{records:,} records in {batches:,} batches"
            span = f"{since:%Y-%m-%d %H:%M} to {until:%Y-%m-%d %H:%M}"
            yield f"    {span}  {_verdict_text(verdict, len(run)):22}  {received}"
            if why := verdict.why:
                yield f"    {'':36}  {for_terminal(why)}"
        if not each.hours:
            yield "    no hours in this period"
    if not report.jobs:
        yield "nothing was received, and no job sends here"
    yield _summary(report)


def _title(coverage: JobCoverage) -> str:
    if coverage.job is None:
        return for_terminal(coverage.dataset)
    state = "" if coverage.job.is_enabled else ", off"
    place = for_terminal(coverage.job.place.name)
    return f"{for_terminal(coverage.dataset)}, job {coverage.job.id} of {place}{state}"


def _runs(hours: Sequence[HourCoverage]) -> Iterator[tuple[Verdict, list[HourCoverage]]]:
    """Consecutive hours with the same verdict."""
    for verdict, run in groupby(hours, key=lambda hour: hour.verdict):
        yield verdict, list(run)


def _verdict_text(verdict: Verdict, hours: int) -> str:
    match verdict:
        case Complete():
            return "complete"
        case Partial():
            each = " each" if hours > 1 else ""
            return f"partial ({verdict.missing:,} missing{each})"
        case _:
            return "cannot tell"


def _summary(report: CoverageReport) -> str:
    states = [hour.verdict.state.value for job in report.jobs for hour in job.hours]
    complete, partial = states.count("complete"), states.count("partial")
    unknown = len(states) - complete - partial
    return f"{complete:,} hours complete, {partial:,} partial, {unknown:,} cannot be told"
