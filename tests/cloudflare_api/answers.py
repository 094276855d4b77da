"""The shapes of Cloudflare's answers: REST's envelope, its errors, GraphQL's."""

from datetime import datetime
from typing import Any

import orjson
from starlette.responses import Response

CODES = {401: 10000, 403: 10000, 404: 1001, 429: 971}


def json(content: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(orjson.dumps(content), status, headers, media_type="application/json")


def result(found: Any, result_info: dict[str, Any] | None = None) -> Response:
    answer: dict[str, Any] = {"result": found, "success": True, "errors": [], "messages": []}
    if result_info is not None:
        answer["result_info"] = result_info
    return json(answer)


def refusal(
    status: int, message: str, code: int | None = None, headers: dict[str, str] | None = None
) -> Response:
    error = {"code": CODES.get(status, 1000) if code is None else code, "message": message}
    envelope = {"result": None, "success": False, "errors": [error], "messages": []}
    return json(envelope, status, headers)


def graphql_data(viewer: dict[str, Any]) -> Response:
    return json({"data": {"viewer": viewer}, "errors": None})


def graphql_error(message: str, path: list[str], now: datetime, status: int = 200) -> Response:
    error = {"message": message, "path": path, "extensions": {"timestamp": f"{now.isoformat()}Z"}}
    return json({"data": None, "errors": [error]}, status)
