"""From counts to a verdict on one hour of one job: the first rule that has something to say.

Loss is told before doubt, and doubt before completeness; completeness is what is left when
nothing speaks against it and something speaks for it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from store.registers.verdicts import CannotTell, Complete, Partial, Verdict
from upstream.counts import Uploads, Visits
from upstream.logpush.job import Job

HOUR = timedelta(hours=1)

# Cloudflare's own counts of an hour grow for some minutes after it.
INGESTED = timedelta(minutes=30)

# The hour after must be counted as well, for what was counted on the other side of the full hour.
SETTLED = HOUR + INGESTED

TOO_YOUNG = CannotTell(
    f"it ended less than {SETTLED // timedelta(minutes=1)} minutes ago, and Cloudflare may still count"
)
BESIDE_UNKNOWN = "what Cloudflare uploaded in the hour beside is not known"


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """About one hour. Of `uploads` and `visits` None is unknown, and the why beside says why;
    of `visits_missing` as well, where own rows went since.

    `missing` are records of this job that nothing we hold can be; `shared_with` are the jobs they
    may be of as well. `unsure` is a reason why what is missing may be here after all.
    """

    hour: datetime
    uploads: Uploads | None
    uploads_why: str
    missing: int
    shared_with: tuple[int, ...]
    waiting: str
    is_beside_unknown: bool
    visits: Visits | None
    visits_held: int
    visits_missing: int | None
    gone: str


def verdict(job: Job, found: Evidence, now: datetime) -> Verdict:
    if found.hour + HOUR + SETTLED > now:
        return TOO_YOUNG
    rules = (_short, _not_pushed, _short_of_visits, _reduced, _uncounted, _silent)
    told = (rule(job, found) for rule in rules)
    return next((each for each in told if each), Complete(found.gone))


def _short(_job: Job, found: Evidence) -> Verdict | None:
    if not found.missing:
        return None
    doubt = found.waiting or (BESIDE_UNKNOWN if found.is_beside_unknown else "")
    if doubt:
        return CannotTell(f"{found.missing:,} records are not here, but {doubt}")
    lost = found.uploads.lost_records if found.uploads else 0
    why = "uploaded, but not here"
    if lost:
        why = f"{lost:,} records were in uploads that failed for good"
    if found.shared_with:
        others = ", ".join(str(job) for job in found.shared_with)
        why += f"; counted together with job {others}, which fills the same dataset"
    return Partial(found.missing, why)


def _not_pushed(job: Job, found: Evidence) -> Verdict | None:
    if job.last_complete is not None and job.last_complete >= found.hour + HOUR:
        return None
    state = "" if job.is_enabled else "; the job is off"
    return CannotTell(f"Logpush has not pushed all of it yet{state}")


def _short_of_visits(job: Job, found: Evidence) -> Verdict | None:
    if job.reductions or not found.visits or not found.visits_missing:
        return None
    if found.waiting:
        return CannotTell(f"fewer visitors' requests are here than were made, but {found.waiting}")
    least, held = found.visits.lower, found.visits_held
    why = f"visitors made at least {least:,} requests by Cloudflare's analytics, {held:,} are here"
    return Partial(found.visits_missing, why)


def _reduced(job: Job, _found: Evidence) -> Verdict | None:
    if not job.reductions:
        return None
    return CannotTell(f"this job can never be complete: {'; '.join(job.reductions)}")


def _uncounted(_job: Job, found: Evidence) -> Verdict | None:
    if found.uploads is not None:
        return None
    agrees = found.visits is not None and found.visits_missing == 0
    beside = "; visitors' requests are as many as analytics counted" if agrees else ""
    return CannotTell(f"uploads are not known: {found.uploads_why}{beside}")


def _silent(_job: Job, found: Evidence) -> Verdict | None:
    """No upload and no other count proves nothing: a job that was off uploads nothing either."""
    if found.uploads and found.uploads.delivered + found.uploads.lost:
        return None
    if found.visits is not None and found.visits_missing == 0:
        return None
    return CannotTell("nothing was uploaded: nothing happened, or the job did not run")
