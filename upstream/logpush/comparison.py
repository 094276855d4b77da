"""Compares what Cloudflare has with what it should have. Reads only; somebody else applies it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from upstream.connection import Connection
from upstream.errors import ApiRefused, NotEntitled, NotThere
from upstream.logpush import wanted
from upstream.logpush.custom_field import entrypoint, merged
from upstream.logpush.destination import Destination
from upstream.logpush.difference import Difference
from upstream.logpush.job import Job, jobs_of_dataset, offered_fields
from upstream.logpush.plan import CUSTOM_FIELD, Plan, PlannedJob, PlannedRules, Withheld
from upstream.permissions import ZONE_RULESETS_WRITE
from upstream.place import Account, Place, Zone
from upstream.rest_result import result

# What keeps one thing from being had, and not the others.
_WITHHOLDING = (ApiRefused, NotEntitled, NotThere)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """`fresh` is our own address of a dataset, with a token for jobs that have none we know."""

    zones: tuple[Zone, ...]
    accounts: tuple[Account, ...]
    datasets: tuple[str, ...]
    fresh: Callable[[str], Destination]
    knows: Callable[[str], bool]

    def places(self, dataset: str) -> tuple[Place, ...]:
        return self.zones if wanted.scope(dataset) == "zone" else self.accounts


def make(connection: Connection, asked: Asked) -> Plan:
    """Raises ApiRefused when the token may look at nothing of all that was asked for."""
    found = [*_rules(connection, asked), *_jobs(connection, asked)]
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


def _rules(connection: Connection, asked: Asked) -> Iterator[PlannedRules | Withheld]:
    if wanted.NEEDED.isdisjoint(asked.datasets):
        return
    for zone in asked.zones:
        try:
            yield _planned_rules(connection, zone)
        except _WITHHOLDING as error:
            yield withheld(zone, CUSTOM_FIELD, error)


def _planned_rules(connection: Connection, zone: Zone) -> PlannedRules:
    try:
        found = result(connection.get(entrypoint(zone), ZONE_RULESETS_WRITE))
    except NotThere:
        found = {}
    after = merged(found.get("rules") or ())
    return PlannedRules(
        place=zone,
        ruleset_id=found.get("id"),
        ruleset_name=found.get("name") or "",
        rules=after.rules,
        differences=after.differences,
    )


def _jobs(connection: Connection, asked: Asked) -> Iterator[PlannedJob | Withheld]:
    for dataset in asked.datasets:
        for place in asked.places(dataset):
            try:
                offered = offered_fields(connection, place, dataset)
                found = jobs_of_dataset(connection, place, dataset)
            except _WITHHOLDING as error:
                yield withheld(place, dataset, error)
                continue
            names = wanted.field_names(dataset, offered)
            job = _ours(found, asked)
            planned = (
                _changed(place, job, names, asked) if job else _new(place, dataset, names, asked)
            )
            yield replace(
                planned,
                undocumented=wanted.undocumented(dataset, offered),
                doubles=tuple(
                    each.id
                    for each in found
                    if each != job and each.is_enabled and _is_here(each, asked)
                ),
            )


def _ours(found: tuple[Job, ...], asked: Asked) -> Job | None:
    """Ours by its destination; or by its name, if its token says that we have made it.

    By its name alone it may be another service's, which would lose its records to us.
    """
    here = (job for job in found if _is_here(job, asked))
    moved = (
        job
        for job in found
        if job.name == f"{wanted.NAME_PREFIX}{job.dataset}" and _is_known(job, asked)
    )
    return next(here, None) or next(moved, None)


def _is_here(job: Job, asked: Asked) -> bool:
    """Whether it sends to our address for its dataset, or to that for any."""
    ours = asked.fresh(job.dataset).address
    return job.destination.address in {ours, ours.rpartition("/")[0]}


def _is_known(job: Job, asked: Asked) -> bool:
    return any(map(asked.knows, job.destination.tokens()))


def _new(place: Place, dataset: str, names: tuple[str, ...], asked: Asked) -> PlannedJob:
    destination = asked.fresh(dataset)
    spelled_out = {name: wanted.OUTPUT_OPTIONS[name].value for name in wanted.SPELLED_OUT}
    return PlannedJob(
        place=place,
        dataset=dataset,
        job=None,
        destination=destination,
        body={
            "name": f"{wanted.NAME_PREFIX}{dataset}",
            "dataset": dataset,
            "enabled": True,
            "destination_conf": destination.text,
            "output_options": {"field_names": list(names), **spelled_out},
            "max_upload_bytes": wanted.UPLOAD_BYTES_MAX,
            "max_upload_records": wanted.UPLOAD_RECORDS_MAX,
            "max_upload_interval_seconds": wanted.UPLOAD_SECONDS_MAX,
        },
    )


def _changed(place: Place, job: Job, names: tuple[str, ...], asked: Asked) -> PlannedJob:
    destination = _destination(job, asked)
    missing = [name for name in names if name not in job.fields]
    added = wanted.without_products(missing)
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
            "name": job.name or f"{wanted.NAME_PREFIX}{job.dataset}",
            "dataset": job.dataset,
            **{name: value for name, value in changes.items() if "." not in name},
            "enabled": True,
            "destination_conf": destination.text,
            "output_options": {**kept, **inside},
            "max_upload_bytes": _upload_bytes(job),
            "max_upload_records": job.options.get("max_upload_records")
            or wanted.UPLOAD_RECORDS_MAX,
            "max_upload_interval_seconds": job.options.get("max_upload_interval_seconds")
            or wanted.UPLOAD_SECONDS_MAX,
        },
        differences=differences,
        left_out=tuple(name for name in missing if name not in added),
    )


def _destination(job: Job, asked: Asked) -> Destination:
    """The job's own, if it comes to us with a token that is known; else ours."""
    if _is_here(job, asked) and _is_known(job, asked):
        return job.destination
    return job.destination.moved_to(asked.fresh(job.dataset))


def _differences(
    job: Job, destination: Destination, fields: tuple[str, ...]
) -> Iterator[Difference]:
    if destination != job.destination:
        before, after = job.destination.masked(), destination.masked()
        is_same = job.destination.address == destination.address
        unknown = "its token is not known here"
        yield Difference("destination_conf", f"{before} ({unknown})" if is_same else before, after)
    for name, option in wanted.JOB_OPTIONS.items():
        if not option.allows(job.options.get(name)):
            yield Difference(name, job.options.get(name), option.value)
    if job.options.get("max_upload_bytes") != _upload_bytes(job):
        yield Difference(
            "max_upload_bytes", job.options.get("max_upload_bytes"), wanted.UPLOAD_BYTES_MAX
        )
    for name, option in wanted.OUTPUT_OPTIONS.items():
        if not option.allows(job.output.get(name)):
            yield Difference(f"output_options.{name}", job.output.get(name), option.value)
    if fields != job.fields:
        yield Difference("output_options.field_names", job.fields, fields)


def _upload_bytes(job: Job) -> int:
    """Somebody may want smaller batches, but not larger ones than are taken here."""
    told = job.options.get("max_upload_bytes")
    if isinstance(told, int) and 0 < told <= wanted.UPLOAD_BYTES_MAX:
        return told
    return wanted.UPLOAD_BYTES_MAX
