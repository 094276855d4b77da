"""What one look at coverage found: as values, as an object, and in words."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from completeness.counts import Received
from completeness.verdicts import HOUR
from queries.escape import for_terminal
from store import timestamps
from store.registers.verdicts import Complete, Partial, Verdict, state_of, why_of
from upstream.counts import Uploads, Visits
from upstream.logpush.job import Job


@dataclass(frozen=True, slots=True, kw_only=True)
class Hour:
    """What is known of one hour of one job; `visits_held` only where there are `visits`."""

    hour: datetime
    verdict: Verdict
    received: Received
    uploads: Uploads | None = None
    visits: Visits | None = None
    visits_held: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JobFound:
    """A dataset that arrives without any job that we know of has none."""

    dataset: str
    job: Job | None
    hours: Sequence[Hour]


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """`sequence` is the newest ledger entry written for it, None where nothing was new."""

    since: datetime
    until: datetime
    jobs: Sequence[JobFound]
    sequence: int | None = None


def is_wrong(found: Looked) -> bool:
    return any(isinstance(hour.verdict, Partial) for job in found.jobs for hour in job.hours)


def as_object(found: Looked) -> dict[str, Any]:
    return {
        "wrong": is_wrong(found),
        "since": timestamps.to_text(found.since),
        "until": timestamps.to_text(found.until),
        "sequence": found.sequence,
        "jobs": [_job_object(each) for each in found.jobs],
    }


def _job_object(found: JobFound) -> dict[str, Any]:
    job = found.job
    return {
        "dataset": found.dataset,
        "job": job.id if job else None,
        "place": job.place.name if job else None,
        "enabled": job.is_enabled if job else None,
        "last_complete": timestamps.to_text(job.last_complete)
        if job and job.last_complete
        else None,
        "hours": [_hour_object(hour) for hour in found.hours],
    }


def _hour_object(hour: Hour) -> dict[str, Any]:
    verdict = hour.verdict
    return {
        "hour": timestamps.to_text(hour.hour),
        "verdict": state_of(verdict).value,
        "missing": verdict.missing if isinstance(verdict, Partial) else None,
        "why": why_of(verdict),
        "received": asdict(hour.received),
        "uploads": asdict(hour.uploads) if hour.uploads else None,
        "visits": asdict(hour.visits) if hour.visits else None,
        "visits_held": hour.visits_held,
    }


def lines(found: Looked) -> Iterator[str]:
    for each in found.jobs:
        yield _title(each)
        for verdict, run in _runs(each.hours):
            since, until = run[0].hour, run[-1].hour + HOUR
            batches = sum(hour.received.batches for hour in run)
            records = sum(hour.received.records for hour in run)
            came = f"{records:,} records in {batches:,} batches"
            span = f"{since:%Y-%m-%d %H:%M} to {until:%Y-%m-%d %H:%M}"
            yield f"    {span}  {_told(verdict, len(run)):22}  {came}"
            if why := why_of(verdict):
                yield f"    {'':36}  {for_terminal(why)}"
        if not each.hours:
            yield "    no hour was asked for"
    if not found.jobs:
        yield "nothing has arrived, and no job sends here"
    yield _summary(found)


def _title(found: JobFound) -> str:
    if found.job is None:
        return for_terminal(found.dataset)
    state = "" if found.job.is_enabled else ", off"
    place = for_terminal(found.job.place.name)
    return f"{for_terminal(found.dataset)}, job {found.job.id} of {place}{state}"


def _runs(hours: Sequence[Hour]) -> Iterator[tuple[Verdict, list[Hour]]]:
    """Hours with the same verdict, as long as they follow each other."""
    for verdict, run in groupby(hours, key=lambda hour: hour.verdict):
        yield verdict, list(run)


def _told(verdict: Verdict, hours: int) -> str:
    match verdict:
        case Complete():
            return "complete"
        case Partial():
            each = " each" if hours > 1 else ""
            return f"partial ({verdict.missing:,} missing{each})"
        case _:
            return "cannot tell"


def _summary(found: Looked) -> str:
    states = [state_of(hour.verdict).value for job in found.jobs for hour in job.hours]
    complete, partial = states.count("complete"), states.count("partial")
    untold = len(states) - complete - partial
    return f"{complete:,} hours complete, {partial:,} partial, {untold:,} cannot be told"
