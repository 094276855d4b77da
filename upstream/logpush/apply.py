"""Makes a plan true, one object after the other. What cannot be had does not stop the others."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from cloudflare import Cloudflare

from schema.errors import RaytrailError
from upstream.connection import Connection
from upstream.errors import ApiChanged, ApiRefused, NotEntitled
from upstream.logpush import wanted
from upstream.logpush.comparison import withheld
from upstream.logpush.job import scrubbed
from upstream.logpush.plan import Plan, Planned, PlannedJob, PlannedRules, Withheld
from upstream.permissions import LOGS_WRITE, ZONE_RULESETS_WRITE
from upstream.place import keys
from upstream.rest_result import result

NO_SUCH_FIELDS = "fields are not allowed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """One change that Cloudflare has confirmed; `left_out` are fields that the plan lacks."""

    planned: Planned
    id: str
    left_out: tuple[str, ...] = field(default=())

    def as_object(self) -> dict[str, Any]:
        """For the ledger and for scripts; without a secret."""
        place = self.planned.place
        told: dict[str, Any] = {
            "place": place.id,
            "name": place.name,
            "what": self.planned.what,
            "action": "created" if self.planned.is_new else "updated",
            "id": self.id,
            "differences": [each.as_object() for each in self.planned.differences],
        }
        if isinstance(self.planned, PlannedJob):
            told["destination"] = self.planned.destination.masked()
        if self.left_out:
            told["left_out"] = list(self.left_out)
        return told


def apply(plan: Plan, connection: Connection) -> Iterator[Applied | Withheld]:
    """Each change as it is done; what was done stays done when a later one raises."""
    for each in plan.changes:
        try:
            yield (
                _put_rules(each, connection)
                if isinstance(each, PlannedRules)
                else _put_job(each, connection)
            )
        except (ApiRefused, NotEntitled) as error:
            yield withheld(each.place, each.what, _told_safely(each, error))


def _put_rules(planned: PlannedRules, connection: Connection) -> Applied:
    phase: Any = wanted.PHASE
    body = {"rules": list(planned.rules)}

    def put(sdk: Cloudflare) -> Any:
        phases = sdk.rulesets.phases.with_raw_response
        return result(phases.update(phase, extra_body=body, **keys(planned.place)))

    return _applied(planned, connection.rest(ZONE_RULESETS_WRITE, put))


def _put_job(planned: PlannedJob, connection: Connection) -> Applied:
    try:
        if planned.job is not None:
            return _update(planned, planned.job.id, connection)
        try:
            return _create(planned, connection)
        except NotEntitled as error:
            if NO_SUCH_FIELDS not in str(error):
                raise
            return _create(_without_products(planned), connection)
    except RaytrailError as error:
        raise _told_safely(planned, error) from None


def _create(planned: PlannedJob, connection: Connection) -> Applied:
    def create(sdk: Cloudflare) -> Any:
        # Tried again after a lost answer, it would make a second job; the next run finds the first.
        once = sdk.with_options(max_retries=0)
        made = once.logpush.jobs.with_raw_response.create(
            destination_conf=planned.destination.text,
            extra_body=dict(planned.body),
            **keys(planned.place),
        )
        return result(made)

    return _applied(planned, connection.rest(LOGS_WRITE, create))


def _update(planned: PlannedJob, job_id: int, connection: Connection) -> Applied:
    def update(sdk: Cloudflare) -> Any:
        job = sdk.logpush.jobs.with_raw_response
        return result(job.update(job_id, extra_body=planned.update(), **keys(planned.place)))

    return _applied(planned, connection.rest(LOGS_WRITE, update))


def _applied(planned: Planned, made: Any) -> Applied:
    try:
        made_id = str(made["id"])
    except (KeyError, TypeError):
        raise ApiChanged("Cloudflare told no id of what it has made") from None
    left_out = planned.left_out if isinstance(planned, PlannedJob) else ()
    return Applied(planned=planned, id=made_id, left_out=left_out)


def _without_products(planned: PlannedJob) -> PlannedJob:
    """Without the fields that a plan may lack: better than no job."""
    options = planned.body["output_options"]
    names = wanted.without_products(options["field_names"])
    left_out = tuple(name for name in options["field_names"] if name not in names)
    body = {**planned.body, "output_options": {**options, "field_names": list(names)}}
    return replace(planned, body=body, left_out=left_out)


def _told_safely(planned: Planned, error: RaytrailError) -> RaytrailError:
    """The same error; what Cloudflare says may repeat the destination."""
    if not isinstance(planned, PlannedJob):
        return error
    return type(error)(scrubbed(str(error), planned.destination))
