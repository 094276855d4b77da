"""The verdict on one hour of one job: the result of the first rule that applies.

The rules for loss come first, then those for doubt. An hour is complete if no rule speaks against
it and some count speaks for it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from completeness.hours import HOUR
from store.registers.verdicts import CannotTell, Complete, Partial, Verdict
from upstream.counts import Uploads, Visits
from upstream.logpush.job import Job

# Cloudflare's counts of an hour still grow for some minutes after its end.
COUNTING_TIME = timedelta(minutes=30)

# The next hour must be counted too, since it may contain records from before the full hour.
SETTLED_AFTER = HOUR + COUNTING_TIME

TOO_YOUNG = CannotTell(
    f"it ended less than {SETTLED_AFTER // timedelta(minutes=1)} minutes ago,"
    " and Cloudflare may still count"
)
NEIGHBOUR_UNKNOWN = "Cloudflare's count of a neighbouring hour is not known"


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What is known about one hour of one job.

    `uploads` is None where Cloudflare's count is unknown, and `uploads_why` says why. `missing`
    records are certainly not held, except for a `doubt`; they may belong to the jobs in
    `shared_with` as well. `visits_missing` is None where rows deleted here hide the answer, and
    `deletion_note` says what was deleted.
    """

    hour: datetime
    uploads: Uploads | None
    uploads_why: str
    missing: int
    shared_with: tuple[int, ...]
    doubt: str
    has_unknown_neighbour: bool
    visits: Visits | None
    visits_held: int
    visits_missing: int | None
    deletion_note: str


def verdict(job: Job, evidence: Evidence, now: datetime) -> Verdict:
    if evidence.hour + HOUR + SETTLED_AFTER > now:
        return TOO_YOUNG
    rules = (
        _missing_uploads,
        _not_pushed,
        _missing_visits,
        _reduced,
        _uploads_unknown,
        _nothing_uploaded,
    )
    results = (rule(job, evidence) for rule in rules)
    return next((each for each in results if each), Complete(evidence.deletion_note))


def _missing_uploads(_job: Job, evidence: Evidence) -> Verdict | None:
    if not evidence.missing:
        return None
    doubt = evidence.doubt or (NEIGHBOUR_UNKNOWN if evidence.has_unknown_neighbour else "")
    if doubt:
        return CannotTell(f"{evidence.missing:,} records are not here, but {doubt}")
    lost = evidence.uploads.lost_records if evidence.uploads else 0
    why = "uploaded, but not here"
    if lost:
        why = f"{lost:,} records were in uploads that failed for good"
    if evidence.shared_with:
        others = ", ".join(str(job) for job in evidence.shared_with)
        why += f"; counted together with job {others}, which fills the same dataset"
    return Partial(evidence.missing, why)


def _not_pushed(job: Job, evidence: Evidence) -> Verdict | None:
    if job.last_complete is not None and job.last_complete >= evidence.hour + HOUR:
        return None
    state = "" if job.is_enabled else "; the job is off"
    return CannotTell(f"Logpush has not pushed all of it yet{state}")


def _missing_visits(job: Job, evidence: Evidence) -> Verdict | None:
    if job.reductions or not evidence.visits or not evidence.visits_missing:
        return None
    if evidence.doubt:
        return CannotTell(f"fewer visitors' requests are here than were made, but {evidence.doubt}")
    least, held = evidence.visits.lower, evidence.visits_held
    why = f"visitors made at least {least:,} requests by Cloudflare's analytics, {held:,} are here"
    return Partial(evidence.visits_missing, why)


def _reduced(job: Job, _evidence: Evidence) -> Verdict | None:
    if not job.reductions:
        return None
    return CannotTell(f"this job can never be complete: {'; '.join(job.reductions)}")


def _uploads_unknown(_job: Job, evidence: Evidence) -> Verdict | None:
    if evidence.uploads is not None:
        return None
    agrees = evidence.visits is not None and evidence.visits_missing == 0
    note = "; visitors' requests are as many as analytics counted" if agrees else ""
    return CannotTell(f"uploads are not known: {evidence.uploads_why}{note}")


def _nothing_uploaded(_job: Job, evidence: Evidence) -> Verdict | None:
    """No upload and no other count proves nothing: a job that is off uploads nothing either."""
    if evidence.uploads and evidence.uploads.delivered + evidence.uploads.lost:
        return None
    if evidence.visits is not None and evidence.visits_missing == 0:
        return None
    return CannotTell("nothing was uploaded: there were no events, or the job did not run")
