"""Applies a plan, one object after the other. A refused object does not stop the others."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from schema.errors import RaytrailError
from upstream.connection import Connection
from upstream.errors import ApiChanged, ApiRefused, NotEntitled
from upstream.logpush import custom_field, desired_state
from upstream.logpush.comparison import withheld
from upstream.logpush.plan import Plan, PlannedJob, PlannedObject, PlannedRules, Withheld
from upstream.permissions import LOGS_WRITE, ZONE_RULESETS_WRITE
from upstream.rest_result import result

NO_SUCH_FIELDS = "fields are not allowed"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmedChange:
    """A change that Cloudflare confirmed. `left_out` are fields that the Cloudflare plan lacks, and
    headers without room.
    """

    planned: PlannedObject
    id: str
    left_out: tuple[str, ...] = field(default=())

    def as_object(self) -> dict[str, Any]:
        """For the ledger and for scripts, without secrets."""
        place = self.planned.place
        facts: dict[str, Any] = {
            "place": place.id,
            "name": place.name,
            "what": self.planned.what,
            "action": "created" if self.planned.is_new else "updated",
            "id": self.id,
            "differences": [each.as_object() for each in self.planned.differences],
        }
        if isinstance(self.planned, PlannedJob):
            facts["destination"] = self.planned.destination.masked()
        if self.left_out:
            facts["left_out"] = list(self.left_out)
        return facts


def apply(plan: Plan, connection: Connection) -> Iterator[ConfirmedChange | Withheld]:
    """Yields each change when it is done. Changes stay when a later one raises."""
    for each in plan.changes:
        try:
            yield (
                _put_rules(each, connection)
                if isinstance(each, PlannedRules)
                else _put_job(each, connection)
            )
        except (ApiRefused, NotEntitled) as error:
            yield withheld(each.place, each.what, _redacted(each, error))


def _put_rules(planned: PlannedRules, connection: Connection) -> ConfirmedChange:
    body = {"rules": list(planned.rules)}
    path = custom_field.entrypoint(planned.place)
    return _applied(planned, connection.put(path, ZONE_RULESETS_WRITE, body))


def _put_job(planned: PlannedJob, connection: Connection) -> ConfirmedChange:
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
        raise _redacted(planned, error) from None


def _create(planned: PlannedJob, connection: Connection) -> ConfirmedChange:
    # Retried after a lost answer, it would create a second job. The next run finds the first.
    path = f"{planned.place.path}/logpush/jobs"
    return _applied(planned, connection.post(path, LOGS_WRITE, planned.body, is_retried=False))


def _update(planned: PlannedJob, job_id: int, connection: Connection) -> ConfirmedChange:
    path = f"{planned.place.path}/logpush/jobs/{job_id}"
    return _applied(planned, connection.put(path, LOGS_WRITE, planned.update()))


def _applied(planned: PlannedObject, answer: bytes) -> ConfirmedChange:
    try:
        made_id = str(result(answer)["id"])
    except (KeyError, TypeError):
        raise ApiChanged("Cloudflare returned no id of the object that it stored") from None
    return ConfirmedChange(planned=planned, id=made_id, left_out=planned.left_out)


def _without_products(planned: PlannedJob) -> PlannedJob:
    """The same job without the fields that some Cloudflare plans lack: better than no job."""
    options = planned.body["output_options"]
    names = desired_state.without_products(options["field_names"])
    left_out = tuple(name for name in options["field_names"] if name not in names)
    body = {**planned.body, "output_options": {**options, "field_names": list(names)}}
    return replace(planned, body=body, left_out=left_out)


def _redacted(planned: PlannedObject, error: RaytrailError) -> RaytrailError:
    """The same error without secrets: Cloudflare's message may repeat the destination."""
    if not isinstance(planned, PlannedJob):
        return error
    return type(error)(planned.destination.redacted(str(error)))
