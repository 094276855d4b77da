"""What a difference at Cloudflare means for the record: one finding each, in words."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from raytrail.doctor import headers
from raytrail.doctor.finding import Finding, Grade
from upstream.logpush import desired_state
from upstream.logpush.difference import Difference
from upstream.logpush.job import Job
from upstream.logpush.plan import CUSTOM_FIELD, PlannedJob, PlannedObject, PlannedRules, Withheld

SETUP = "`raytrail setup`"

# A job works in rounds of a minute; where people are, an hour without a record is long.
SILENCE_NOTED = timedelta(hours=1)
# Past this a job that could not deliver has been switched off.
SILENCE_MAX = timedelta(hours=24)

NOT_LOGGED = "is not logged"
NO_ROOM = "is not logged, and there is no room for another custom field"
MAKE_ROOM = f"remove a custom field that nobody needs, then {SETUP}"

NO_USER = "records do not name the Access user, so trails are empty"

MEANS = {
    "enabled": "nothing is sent; Logpush never sends these records later",
    "filter": "records that do not match it are never sent, not even later",
    "filter_attack_traffic": "records of attacks are never sent",
    "transformer_id": "records may be renamed, dropped or redacted before they are sent",
    "max_upload_bytes": "a batch may be over the body limit here, and is then refused",
    "destination_conf": "records go elsewhere, or are refused here",
    "output_options.sample_rate": "only a share of the records is sent; the rest is lost",
    "output_options.timestamp_format": "times are less precise, so the order of requests is lost",
    "output_options.output_type": "lines are not JSON objects, so they are rejected",
    "output_options.CVE-2021-44228": "every `${` is rewritten, so URLs differ from the requested ones",
    "output_options.field_names": "records lack these values, and they cannot be fetched later",
    "custom_field.request_fields": NO_USER,
    "custom_field.enabled": NO_USER,
}
# Of the fields that hold the custom fields.
MEANS_WITHOUT = {
    "RequestHeaders": NO_USER,
    "ResponseHeaders": "; ".join(headers.COSTS[name] for name in desired_state.RESPONSE_HEADERS),
}
OTHER_MEANS = "records arrive in a form that is not expected here"


def findings(planned: PlannedObject, now: datetime) -> Iterator[Finding]:
    """All there is to say of one job or custom field; one line when all is well."""
    if isinstance(planned, PlannedJob):
        if planned.job is None:
            yield _missing(planned)
            return
        yield from _status(planned.job, planned.place.name, now)
        yield from _notes(planned)
    for each in planned.differences:
        if isinstance(planned, PlannedRules) and each.added():
            yield from _not_logged(planned, each)
        else:
            yield _differs(planned, each, each.added())
    if isinstance(planned, PlannedRules):
        yield from headers.not_logged(planned.place.name, planned.left_out, NO_ROOM, MAKE_ROOM)
    if not planned.is_change:
        yield Finding(
            about=_about(planned.what),
            grade=Grade.FINE,
            text=f"{planned.place.name}: configured correctly",
            dataset=_dataset(planned.what),
        )


def withheld(held: Withheld) -> Finding:
    return Finding(
        about=_about(held.what),
        grade=Grade.WRONG if held.is_needed else Grade.NOTE,
        text=f"{held.place.name}: {held.reason}",
        means="it is unknown whether these records are complete",
        helps="give the API token this permission"
        if held.is_refused
        else "upgrade the Cloudflare plan",
        dataset=_dataset(held.what),
    )


def _missing(planned: PlannedJob) -> Finding:
    is_needed = planned.dataset in desired_state.NEEDED
    return Finding(
        about="job",
        grade=Grade.WRONG if is_needed else Grade.NOTE,
        text=f"{planned.place.name}: no Logpush job sends it here",
        means="there is no trail" if is_needed else "trails work without it",
        helps=SETUP,
        dataset=planned.dataset,
    )


def _not_logged(planned: PlannedRules, difference: Difference) -> Iterator[Finding]:
    """Without the user there is no trail; without another header, a trail says less."""
    added = difference.added()
    if desired_state.USER_HEADER in added:
        yield _differs(planned, difference, (desired_state.USER_HEADER,))
    others = (name for name in added if name != desired_state.USER_HEADER)
    yield from headers.not_logged(planned.place.name, others, NOT_LOGGED, SETUP)


def _differs(planned: PlannedObject, difference: Difference, added: tuple[str, ...]) -> Finding:
    name = difference.field.rpartition(".")[2]
    if added:
        text = f"{name} lacks {', '.join(map(str, added))}"
    else:
        text = f"{name} is {difference.before!r}, should be {difference.after!r}"
    means = next(
        (text for name, text in MEANS_WITHOUT.items() if name in added),
        MEANS.get(difference.field, OTHER_MEANS),
    )
    return Finding(
        about=_about(planned.what),
        grade=Grade.WRONG,
        text=f"{planned.place.name}: {text}",
        means=means,
        helps=SETUP,
        dataset=_dataset(planned.what),
    )


def _status(job: Job, place: str, now: datetime) -> Iterator[Finding]:
    if job.last_error:
        said = f": {job.error_message}" if job.error_message else ""
        yield Finding(
            about="failing",
            grade=Grade.WRONG,
            text=f"{place}: failing since {job.last_error}{said}",
            means="after some hours of retries records are lost; after 24 h the job is disabled",
            helps="make the public URL reachable; the log of `serve` shows refused requests",
            dataset=job.dataset,
        )
    silence = now - job.last_complete if job.last_complete else timedelta(0)
    if silence <= SILENCE_NOTED:
        return
    is_wrong = silence > SILENCE_MAX and job.dataset in desired_state.NEEDED
    yield Finding(
        about="silent",
        grade=Grade.WRONG if is_wrong else Grade.NOTE,
        text=f"{place}: sent everything up to {job.last_complete:%Y-%m-%dT%H:%M:%SZ}, and nothing since",
        means="either there was nothing to send, or records wait to be sent, or are lost",
        helps="compare with Cloudflare's own analytics of that time",
        dataset=job.dataset,
    )


def _notes(planned: PlannedJob) -> Iterator[Finding]:
    place, dataset = planned.place.name, planned.dataset
    if planned.left_out:
        yield Finding(
            about="unasked",
            grade=Grade.NOTE,
            text=f"{place}: {', '.join(planned.left_out)}",
            means="records lack these values; plans without Bot Management refuse them",
            helps="select them in the dashboard, if the plan has them",
            dataset=dataset,
        )
    if planned.doubles:
        ids = ", ".join(map(str, planned.doubles))
        yield Finding(
            about="doubled",
            grade=Grade.WRONG,
            text=f"{place}: the jobs {ids} send it here as well",
            means="every record arrives and counts more than once",
            helps="keep one of these jobs, and delete the others in the dashboard",
            dataset=dataset,
        )
    if planned.undocumented:
        yield Finding(
            about="newer",
            grade=Grade.NOTE,
            text=f"{place}: Cloudflare also offers {', '.join(planned.undocumented)}",
            means="this version does not know or select these fields",
            helps=f"upgrade Raytrail, then {SETUP}",
            dataset=dataset,
        )


def _about(what: str) -> str:
    return "field" if what == CUSTOM_FIELD else "job"


def _dataset(what: str) -> str | None:
    return None if what == CUSTOM_FIELD else what
