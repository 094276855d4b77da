"""Rulesets of a zone, above all the one with custom log fields.

Documented: the entry point of a phase, 404 while there is none, and PUT, which replaces all
rules. Texts and codes of errors are as people saw them, or inferred where the note says so.
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.cloudflare_api.answers import refusal, result

if TYPE_CHECKING:
    from tests.cloudflare_api.world import World

PHASE = "http_log_custom_fields"
NAMES_MAX = 100
KINDS = (
    "request_fields",
    "transformed_request_fields",
    "response_fields",
    "raw_response_fields",
    "cookie_fields",
)


@dataclass
class Rulesets:
    """Rulesets by zone and phase, in the API's shape."""

    found: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    last_id: int = 0

    def put(
        self, zone: str, phase: str, rules: list[dict[str, Any]], **facts: Any
    ) -> dict[str, Any]:
        """Replace all rules, as PUT does; a rule without an id gets one."""
        before = self.found.get(
            (zone, phase), {"id": self._id(), "version": "0", "name": "default"}
        )
        self.found[zone, phase] = {
            **before,
            **facts,
            "kind": "zone",
            "phase": phase,
            "version": str(int(before["version"]) + 1),
            "last_updated": "2026-11-27T00:00:00Z",
            "rules": [self._rule(rule) for rule in rules],
        }
        return self.found[zone, phase]

    def _rule(self, rule: dict[str, Any]) -> dict[str, Any]:
        rule_id = rule.get("id") or self._id()
        made = {"id": rule_id, "ref": rule_id, "version": "1", "enabled": True}
        return {**made, **rule, "last_updated": "2026-11-27T00:00:00Z"}

    def _id(self) -> str:
        self.last_id += 1
        return f"{self.last_id:032x}"


def routes(world: "World") -> list[Route]:
    calls = _Calls(world)
    base = "/zones/{zone_id}/rulesets"
    return [
        Route(base, calls.every, methods=["GET", "POST"]),
        Route(f"{base}/phases/{{phase}}/entrypoint", calls.entrypoint, methods=["GET", "PUT"]),
        Route(f"{base}/{{ruleset_id}}", calls.one, methods=["GET", "PUT"]),
    ]


@dataclass(frozen=True)
class _Calls:
    world: "World"

    def _denied(self, request: Request) -> Response | None:
        if "rulesets" not in self.world.permissions:
            return refusal(403, "Authentication error")
        if request.path_params["zone_id"] not in self.world.zones:
            return refusal(404, "Invalid zone identifier", 7003)
        return None

    async def every(self, request: Request) -> Response:
        zone = request.path_params["zone_id"]
        if denied := self._denied(request):
            return denied
        if request.method == "POST":
            return await _put(self.world, zone, request, "")
        found = [each for (of, _), each in self.world.rulesets.found.items() if of == zone]
        # The list omits the rules.
        return result([{k: v for k, v in each.items() if k != "rules"} for each in found])

    async def entrypoint(self, request: Request) -> Response:
        zone, phase = request.path_params["zone_id"], request.path_params["phase"]
        if denied := self._denied(request):
            return denied
        if request.method == "PUT":
            return await _put(self.world, zone, request, phase)
        found = self.world.rulesets.found.get((zone, phase))
        # Observed, with this code.
        nothing = refusal(404, f"could not find entrypoint ruleset in the {phase} phase", 10003)
        return nothing if found is None else result(found)

    async def one(self, request: Request) -> Response:
        zone, ruleset = request.path_params["zone_id"], request.path_params["ruleset_id"]
        if denied := self._denied(request):
            return denied
        for (of, phase), found in self.world.rulesets.found.items():
            if of == zone and found["id"] == ruleset:
                is_put = request.method == "PUT"
                return await _put(self.world, zone, request, phase) if is_put else result(found)
        return refusal(404, f"could not find ruleset {ruleset}", 10003)


async def _put(world: "World", zone: str, request: Request, phase: str) -> Response:
    asked = orjson.loads(await request.body())
    phase = phase or asked["phase"]
    rules = asked.get("rules", [])
    if complaint := next(filter(None, (_complaint(rule, phase) for rule in rules)), ""):
        return refusal(400, complaint, 20083)
    facts = {key: asked[key] for key in ("name", "description") if key in asked}
    return result(world.rulesets.put(zone, phase, rules, **facts))


def _complaint(rule: dict[str, Any], phase: str) -> str:
    """The documented errors, in our own words, since the real texts are not documented."""
    if phase != PHASE:
        return ""
    parameters = rule.get("action_parameters", {})
    names = {kind: [each["name"] for each in parameters.get(kind, [])] for kind in KINDS}
    raw, transformed = names["request_fields"], names["transformed_request_fields"]
    complaints = {
        f"action {rule['action']} is not valid in phase {phase}": (
            rule["action"] != "log_custom_field"
        ),
        "the expression of a custom field rule must be true": rule["expression"] != "true",
        f"at most {NAMES_MAX} names of each type": (
            any(len(found) > NAMES_MAX for found in names.values())
        ),
        "header names are in lower case, and range is not supported": (
            any(name != name.lower() or name == "range" for name in raw + transformed)
        ),
        "a header is raw or transformed, not both": bool(set(raw) & set(transformed)),
    }
    return next((text for text, is_so in complaints.items() if is_so), "")
