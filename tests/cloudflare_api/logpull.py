"""Logpull: the logs of a zone, by the time Cloudflare received them.

Limits and words are those of Cloudflare's documents and of the errors that people met.
"""

import gzip
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import orjson
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from tests.cloudflare_api.answers import json, refusal, result

if TYPE_CHECKING:
    from tests.cloudflare_api.world import World

RANGE_MAX = timedelta(hours=1)
AGE_MAX = timedelta(days=7)
# The API's reference says five minutes, its guide one.
LEAD_MIN = timedelta(minutes=5)
EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 (UTC without a zone, as everywhere here)

# What is returned where no fields are asked for.
DEFAULT_FIELDS = (
    "ClientIP",
    "ClientRequestHost",
    "ClientRequestMethod",
    "ClientRequestURI",
    "EdgeEndTimestamp",
    "EdgeResponseBytes",
    "EdgeResponseStatus",
    "EdgeStartTimestamp",
    "RayID",
)
TIMES = ("EdgeStartTimestamp", "EdgeEndTimestamp")


@dataclass
class Logpull:
    """The kept requests of the one zone."""

    retained: bool = True
    # The time of receipt and the fields of each; times are whole nanoseconds.
    requests: list[tuple[datetime, dict[str, Any]]] = field(default_factory=list)
    fields: dict[str, str] = field(
        default_factory=lambda: dict.fromkeys((*DEFAULT_FIELDS, "ClientRequestSource"), "")
    )
    # With more records the answer ends early with the documented line; the real limit is 10 GiB.
    records_max: int = 1_000_000
    # Documented with a capital; people met it in other forms.
    broken_off: bytes = b"Error streaming data."
    # The statuses with which the next requests are refused.
    refused: deque[int] = field(default_factory=deque)
    # Every window with a complete answer.
    answered: list[tuple[datetime, datetime]] = field(default_factory=list)


def routes(world: "World") -> list[Route]:
    async def received(request: Request) -> Response:
        return _refused(world, request) or _received(world, request)

    async def fields(request: Request) -> Response:
        # Documented: a plain object, without the envelope.
        return _refused(world, request) or json(world.logpull.fields)

    async def flag(request: Request) -> Response:
        return _refused(world, request) or result({"flag": world.logpull.retained})

    zone = "/zones/{zone_id}/logs"
    return [
        Route(f"{zone}/received", received),
        Route(f"{zone}/received/fields", fields),
        Route(f"{zone}/control/retention/flag", flag),
    ]


def _refused(world: "World", request: Request) -> Response | None:
    if "logs" not in world.permissions:
        return refusal(403, "Authentication error")
    if request.path_params["zone_id"] not in world.zones:
        return refusal(404, "Invalid zone identifier", 7003)
    return None


def _received(world: "World", request: Request) -> Response:
    known, asked = world.logpull, request.query_params
    if known.refused:
        return refusal(known.refused.popleft(), "rate limited: too many requests")
    since, until = _moment(asked["start"]), _moment(asked["end"])
    names = asked["fields"].split(",") if "fields" in asked else list(DEFAULT_FIELDS)
    unknown = next((name for name in names if name not in known.fields), None)
    complaint = f"unknown field: {unknown}" if unknown else _complaint(since, until, world.clock())
    if complaint:
        # Reported by many: plain text, not the usual envelope.
        return PlainTextResponse(f"bad query: {complaint}", 400)
    found = [row for at, row in known.requests if since <= at < until] if known.retained else []
    stamps = asked.get("timestamps", "unixnano")
    lines = [orjson.dumps(_shown(row, names, stamps)) for row in found]
    if len(lines) > known.records_max:
        # Documented: the status is sent before the error, so it is 200.
        lines = [*lines[: known.records_max], known.broken_off]
    else:
        known.answered.append((since, until))
    body = gzip.compress(b"".join(line + b"\n" for line in lines))
    return Response(body, headers={"Content-Encoding": "gzip"}, media_type="application/json")


def _complaint(since: datetime, until: datetime, now: datetime) -> str:
    wrong = "error parsing time: invalid time range: "
    if until <= since:
        return f"{wrong}end must be after start"
    if until - since > RANGE_MAX:
        return f"{wrong}too long: maximum query range (difference between start and end) is 1h0m0s"
    if since < now - AGE_MAX:
        return f"{wrong}too early: logs older than 168h0m0s are not available"
    if until > now - LEAD_MIN:
        return f"{wrong}too recent"
    return ""


def _shown(row: dict[str, Any], names: list[str], stamps: str) -> dict[str, Any]:
    shown = {name: row[name] for name in names if name in row}
    for name in TIMES:
        if name in shown:
            shown[name] = _stamp(shown[name], stamps)
    return shown


def _stamp(nanoseconds: int, stamps: str) -> int | str:
    seconds = nanoseconds // 1_000_000_000
    if stamps == "unixnano":
        return nanoseconds
    return seconds if stamps == "unix" else f"{(EPOCH + timedelta(seconds=seconds)).isoformat()}Z"


def _moment(text: str) -> datetime:
    """RFC 3339 in UTC, or Unix seconds."""
    if text.isdigit():
        return EPOCH + timedelta(seconds=int(text))
    return datetime.fromisoformat(text.removesuffix("Z"))
