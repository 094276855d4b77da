"""Compares Cloudflare's settings with the desired state and makes a plan. Only reads."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from upstream.connection import Connection
from upstream.errors import ApiRefused, NotEntitled, NotThere
from upstream.logpush import desired_state
from upstream.logpush.custom_field import entrypoint, with_headers
from upstream.logpush.destination import Destination
from upstream.logpush.difference import Difference
from upstream.logpush.job import Job, jobs_of_dataset, offered_fields
from upstream.logpush.plan import CUSTOM_FIELD, Plan, PlannedJob, PlannedRules, Withheld
from upstream.permissions import ZONE_RULESETS_WRITE
from upstream.place import Account, Place, Zone
from upstream.rest_result import result

# Errors about one object, which do not concern the others.
_WITHHOLDING = (ApiRefused, NotEntitled, NotThere)


@dataclass(frozen=True, slots=True, kw_only=True)
class Targets:
    """What to set up. `destination` gives our address of a dataset, with a token for new jobs.

    `knows` says whether the service accepts a token.
    """

    zones: tuple[Zone, ...]
    accounts: tuple[Account, ...]
    datasets: tuple[str, ...]
    destination: Callable[[str], Destination]
    knows: Callable[[str], bool]

    def places(self, dataset: str) -> tuple[Place, ...]:
        return self.zones if desired_state.scope(dataset) == "zone" else self.accounts


def plan_for(connection: Connection, targets: Targets) -> Plan:
    """Raises ApiRefused if the token may read none of the targets."""
    found = [*_rules(connection, targets), *_jobs(connection, targets)]
    withheld = tuple(each for each in found if isinstance(each, Withheld))
    if withheld and len(withheld) == len(found) and all(each.is_refused for each in withheld):
        raise ApiRefused("; ".join(dict.fromkeys(each.reason for each in withheld)))
    return Plan(
        rules=tuple(each for each in found if isinstance(each, PlannedRules)),
        jobs=tuple(each for each in found if isinstance(each, PlannedJob)),
        withheld=withheld,
    )


def withheld(place: Place, what: str, error: Exception) -> Withheld:
    is_refused = isinstance(error, ApiRefused)
    return Withheld(place=place, what=what, reason=str(error), is_refused=is_refused)


def _rules(connection: Connection, targets: Targets) -> Iterator[PlannedRules | Withheld]:
    if desired_state.NEEDED.isdisjoint(targets.datasets):
        return
    for zone in targets.zones:
        try:
            yield _planned_rules(connection, zone)
        except _WITHHOLDING as error:
            yield withheld(zone, CUSTOM_FIELD, error)


def _planned_rules(connection: Connection, zone: Zone) -> PlannedRules:
    try:
        found = result(connection.get(entrypoint(zone), ZONE_RULESETS_WRITE))
    except NotThere:
        found = {}
    after = with_headers(found.get("rules") or ())
    return PlannedRules(
        place=zone,
        ruleset_id=found.get("id"),
        ruleset_name=found.get("name") or "",
        rules=after.rules,
        differences=after.differences,
        left_out=after.left_out,
    )


def _jobs(connection: Connection, targets: Targets) -> Iterator[PlannedJob | Withheld]:
    for dataset in targets.datasets:
        for place in targets.places(dataset):
            try:
                offered = offered_fields(connection, place, dataset)
                found = jobs_of_dataset(connection, place, dataset)
            except _WITHHOLDING as error:
                yield withheld(place, dataset, error)
                continue
            names = desired_state.field_names(dataset, offered)
            job = _ours(found, targets)
            planned = (
                _changed(place, job, names, targets)
                if job
                else _new(place, dataset, names, targets)
            )
            yield replace(
                planned,
                undocumented=desired_state.undocumented(dataset, offered),
                doubles=tuple(
                    each.id
                    for each in found
                    if each != job and each.is_enabled and _is_here(each, targets)
                ),
            )


def _ours(found: tuple[Job, ...], targets: Targets) -> Job | None:
    """The job that sends here; else the one with our name and a token that we know.

    A job with our name but another token may belong to another service, which would lose its logs.
    """
    here = (job for job in found if _is_here(job, targets))
    moved = (
        job
        for job in found
        if job.name == f"{desired_state.NAME_PREFIX}{job.dataset}" and _is_known(job, targets)
    )
    return next(here, None) or next(moved, None)


def _is_here(job: Job, targets: Targets) -> bool:
    """Whether it sends to our address for its dataset, or to the address for all datasets."""
    ours = targets.destination(job.dataset).address
    return job.destination.address in {ours, ours.rpartition("/")[0]}


def _is_known(job: Job, targets: Targets) -> bool:
    return any(map(targets.knows, job.destination.tokens()))


def _new(place: Place, dataset: str, names: tuple[str, ...], targets: Targets) -> PlannedJob:
    destination = targets.destination(dataset)
    spelled_out = {
        name: desired_state.OUTPUT_OPTIONS[name].value for name in desired_state.SPELLED_OUT
    }
    return PlannedJob(
        place=place,
        dataset=dataset,
        job=None,
        destination=destination,
        body={
            "name": f"{desired_state.NAME_PREFIX}{dataset}",
            "dataset": dataset,
            "enabled": True,
            "destination_conf": destination.text,
            "output_options": {"field_names": list(names), **spelled_out},
            "max_upload_bytes": desired_state.UPLOAD_BYTES_MAX,
            "max_upload_records": desired_state.UPLOAD_RECORDS_MAX,
            "max_upload_interval_seconds": desired_state.UPLOAD_SECONDS_MAX,
        },
    )


def _changed(place: Place, job: Job, names: tuple[str, ...], targets: Targets) -> PlannedJob:
    destination = _destination(job, targets)
    missing = [name for name in names if name not in job.fields]
    added = desired_state.without_products(missing)
    differences = tuple(_differences(job, destination, (*job.fields, *added)))
    changes = {each.field: each.after for each in differences}
    inside = {
        name.partition(".")[2]: list(value) if isinstance(value, tuple) else value
        for name, value in changes.items()
        if name.startswith("output_options.")
    }
    kept = {name: value for name, value in job.output.items() if value is not None}
    return PlannedJob(
        place=place,
        dataset=job.dataset,
        job=job,
        destination=destination,
        body={
            "name": job.name or f"{desired_state.NAME_PREFIX}{job.dataset}",
            "dataset": job.dataset,
            **{name: value for name, value in changes.items() if "." not in name},
            "enabled": True,
            "destination_conf": destination.text,
            "output_options": {**kept, **inside},
            "max_upload_bytes": _upload_bytes(job),
            "max_upload_records": job.options.get("max_upload_records")
            or desired_state.UPLOAD_RECORDS_MAX,
            "max_upload_interval_seconds": job.options.get("max_upload_interval_seconds")
            or desired_state.UPLOAD_SECONDS_MAX,
        },
        differences=differences,
        left_out=tuple(name for name in missing if name not in added),
    )


def _destination(job: Job, targets: Targets) -> Destination:
    """The job's own destination if it sends here with a known token, else ours."""
    if _is_here(job, targets) and _is_known(job, targets):
        return job.destination
    return job.destination.moved_to(targets.destination(job.dataset))


def _differences(
    job: Job, destination: Destination, fields: tuple[str, ...]
) -> Iterator[Difference]:
    if destination != job.destination:
        before, after = job.destination.masked(), destination.masked()
        is_same = job.destination.address == destination.address
        unknown = "the service does not know its token"
        yield Difference("destination_conf", f"{before} ({unknown})" if is_same else before, after)
    for name, option in desired_state.JOB_OPTIONS.items():
        if not option.allows(job.options.get(name)):
            yield Difference(name, job.options.get(name), option.value)
    if job.options.get("max_upload_bytes") != _upload_bytes(job):
        yield Difference(
            "max_upload_bytes", job.options.get("max_upload_bytes"), desired_state.UPLOAD_BYTES_MAX
        )
    for name, option in desired_state.OUTPUT_OPTIONS.items():
        if not option.allows(job.output.get(name)):
            yield Difference(f"output_options.{name}", job.output.get(name), option.value)
    if fields != job.fields:
        yield Difference("output_options.field_names", job.fields, fields)


def _upload_bytes(job: Job) -> int:
    """The job's own limit, unless its batches could be larger than the receiver accepts."""
    limit = job.options.get("max_upload_bytes")
    if isinstance(limit, int) and 0 < limit <= desired_state.UPLOAD_BYTES_MAX:
        return limit
    return desired_state.UPLOAD_BYTES_MAX
