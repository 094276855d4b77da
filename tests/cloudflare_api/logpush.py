"""Logpush jobs, their datasets' fields, and the check of a destination by a real upload.

Documented: the calls, ranges, the quota's and the destination's error texts, the validation
upload. Seen by people: jobs are made disabled unless told otherwise, the quota's status 403,
the status in an upload's error text. Inferred: PUT leaves out what it was not given and takes
`output_options` as a whole; an empty text takes a filter or transformer away.
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from schema.dataset import datasets
from tests.cloudflare_api.answers import refusal, result
from tests.cloudflare_api.destination import NOT_UPLOADED, complaint_about, upload

if TYPE_CHECKING:
    from tests.cloudflare_api.world import World

# What the products of Zero Trust are called is not documented.
ZERO_TRUST = {"access_requests": "access", "gateway_dns": "gateway", "gateway_http": "gateway"}
IMMUTABLE = ("id", "dataset", "last_complete", "last_error", "error_message")
TIMESTAMP_FORMATS = {None, "unixnano", "unix", "rfc3339", "rfc3339ms", "rfc3339ns"}
RANGES = {
    "max_upload_bytes": (5_000_000, 1_000_000_000),
    "max_upload_records": (1_000, 1_000_000),
    "max_upload_interval_seconds": (30, 300),
}
DEFAULTS: dict[str, Any] = {
    "enabled": False,
    "name": "",
    "filter": "",
    "kind": "",
    "logpull_options": None,
    "output_options": None,
    "last_complete": None,
    "last_error": None,
    "error_message": None,
    **dict.fromkeys(RANGES),
}

Place = tuple[str, str]  # ("zones" or "accounts", id)


def offered() -> dict[str, dict[str, str]]:
    """Every documented field, deprecated ones too, as name and description."""
    return {
        name: {each.name: f"{each.type.value}; {each.meaning}" for each in dataset.fields}
        for name, dataset in datasets().items()
    }


@dataclass
class Logpush:
    """Jobs of zones and accounts, and the limits of this account."""

    # In the API's shape, by zone or account.
    jobs: dict[Place, list[dict[str, Any]]] = field(default_factory=dict)
    fields: dict[str, dict[str, str]] = field(default_factory=offered)
    # Documented for a zone of an Enterprise plan.
    jobs_max: int = 4
    datasets_without_jobs: frozenset[str] = frozenset()
    # Fields of products that this plan lacks, by product.
    fields_not_allowed: dict[str, frozenset[str]] = field(default_factory=dict)
    # Whether Cloudflare reaches the destinations.
    reaches_destinations: bool = True
    last_id: int = 146

    def add(self, place: Place, **facts: Any) -> dict[str, Any]:
        """A job that is there already; nothing is checked."""
        self.last_id += 1
        job = {**DEFAULTS, **facts, "id": self.last_id}
        self.jobs.setdefault(place, []).append(job)
        return job

    def at(self, place: Place) -> list[dict[str, Any]]:
        return self.jobs.get(place, [])

    def every(self) -> list[dict[str, Any]]:
        return [job for found in self.jobs.values() for job in found]


def routes(world: "World") -> list[Route]:
    return [*_Jobs(world, "zones").routes(), *_Jobs(world, "accounts").routes()]


@dataclass(frozen=True)
class _Jobs:
    """The calls below one zone or one account."""

    world: "World"
    scope: str

    def routes(self) -> list[Route]:
        base = f"/{self.scope}/{{place_id}}/logpush"
        return [
            Route(f"{base}/jobs", self.every, methods=["GET", "POST"]),
            Route(f"{base}/jobs/{{job_id:int}}", self.one, methods=["GET", "PUT", "DELETE"]),
            Route(f"{base}/datasets/{{dataset}}/jobs", self.of_dataset),
            Route(f"{base}/datasets/{{dataset}}/fields", self.fields),
            Route(f"{base}/datasets/{{dataset}}/fields/default", self.default_fields),
            Route(f"{base}/validate/destination", self.validate, methods=["POST"]),
        ]

    def _place(self, request: Request) -> Place:
        return self.scope, request.path_params["place_id"]

    def _denied(self, request: Request, *products: str) -> Response | None:
        known = self.world.zones if self.scope == "zones" else self.world.accounts
        if "logs" not in self.world.permissions:
            return refusal(403, "Authentication error")
        if self._place(request)[1] not in known:
            return refusal(404, f"Invalid {self.scope[:-1]} identifier", 7003)
        hidden = next((ZERO_TRUST[each] for each in products if each in ZERO_TRUST), "")
        if hidden and "pii" not in self.world.permissions:
            return refusal(403, f"reading job for product '{hidden}' is not allowed", 1004)
        return None

    async def every(self, request: Request) -> Response:
        place = self._place(request)
        if request.method == "POST":
            asked = orjson.loads(await request.body())
            denied = self._denied(request, asked["dataset"])
            return denied or await _create(self.world, place, asked)
        found = self.world.logpush.at(place)
        return self._denied(request, *(job.get("dataset", "") for job in found)) or result(found)

    async def one(self, request: Request) -> Response:
        jobs = {job["id"]: job for job in self.world.logpush.at(self._place(request))}
        job = jobs.get(request.path_params["job_id"])
        if job is None:
            return self._denied(request) or refusal(404, "job not found", 1001)
        if denied := self._denied(request, job["dataset"]):
            return denied
        if request.method == "PUT":
            return await _update(self.world, job, orjson.loads(await request.body()))
        if request.method == "DELETE":
            self.world.logpush.at(self._place(request)).remove(job)
        return result({"id": job["id"]} if request.method == "DELETE" else job)

    async def of_dataset(self, request: Request) -> Response:
        name = request.path_params["dataset"]
        found = self.world.logpush.at(self._place(request))
        mine = [job for job in found if job.get("dataset") == name]
        return self._denied(request, name) or result(mine)

    async def fields(self, request: Request) -> Response:
        found = self.world.logpush.fields.get(request.path_params["dataset"])
        unknown = refusal(400, "unknown dataset", 1002)
        return self._denied(request) or (unknown if found is None else result(found))

    async def default_fields(self, request: Request) -> Response:
        answer = await self.fields(request)
        told = orjson.loads(bytes(answer.body))
        return result(sorted(told["result"])[:10]) if told["success"] else answer

    async def validate(self, request: Request) -> Response:
        text = orjson.loads(await request.body())["destination_conf"]
        if denied := self._denied(request):
            return denied
        problem = await _destination_problem(self.world, text)
        return result({"valid": not problem, "message": problem})


async def _create(world: "World", place: Place, asked: dict[str, Any]) -> Response:
    logpush, dataset = world.logpush, asked["dataset"]
    scope = place[0].removesuffix("s")
    known = datasets().get(dataset)
    if known is None or scope not in {known.scope, known.also_scope}:
        return refusal(400, f"dataset {dataset} is not available for this {scope}", 1002)
    if dataset in logpush.datasets_without_jobs or len(logpush.at(place)) >= logpush.jobs_max:
        return refusal(
            403,
            f"creating a new job (for {dataset} dataset) is not allowed: exceeded max jobs allowed",
            1004,
        )
    if refused := await _refused(world, asked, dataset, "creating a new job"):
        return refused
    return result(logpush.add(place, **asked))


async def _update(world: "World", job: dict[str, Any], asked: dict[str, Any]) -> Response:
    for name in IMMUTABLE:
        if name in asked and asked[name] != job[name]:
            return refusal(400, f"{name} cannot be changed", 1002)
    if "kind" in asked and asked["kind"] != job["kind"]:
        return refusal(400, "kind cannot be changed", 1002)
    # Every change is checked, including the new destination.
    changed = {**job, **{name: value for name, value in asked.items() if value is not None}}
    if refused := await _refused(world, changed, job["dataset"], "updating the job"):
        return refused
    job.update(changed)
    return result(job)


async def _refused(
    world: "World", job: dict[str, Any], dataset: str, doing: str
) -> Response | None:
    options = job.get("output_options") or {}
    names = set(options.get("field_names") or ())
    for product, fields in world.logpush.fields_not_allowed.items():
        if names & fields:
            return refusal(403, f"{doing} is not allowed: {product} fields are not allowed", 1004)
    if problem := _wrong_option(job, options, names - set(world.logpush.fields[dataset])):
        return refusal(400, problem, 1002)
    problem = await _destination_problem(world, job["destination_conf"])
    return refusal(400, problem, 1002) if problem else None


async def _destination_problem(world: "World", text: str) -> str:
    if not world.logpush.reaches_destinations:
        return NOT_UPLOADED
    return complaint_about(text) or await upload(text)


def _wrong_option(job: dict[str, Any], options: dict[str, Any], unknown: set[str]) -> str:
    for name, (least, most) in RANGES.items():
        value = job.get(name)
        if value and not least <= value <= most:
            return f"{name} must be 0 or between {least} and {most}"
    rate = options.get("sample_rate")
    complaints = {
        f"unknown fields: {', '.join(sorted(unknown))}": bool(unknown),
        "sample_rate must be above 0 and at most 1": rate is not None and not 0 < rate <= 1,
        "unknown timestamp_format": options.get("timestamp_format") not in TIMESTAMP_FORMATS,
        "unknown output_type": options.get("output_type") not in {None, "ndjson", "csv"},
        "name is too long": len(job.get("name") or "") > 512,
    }
    return next((text for text, is_so in complaints.items() if is_so), "")
