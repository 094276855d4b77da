"""The requests of the golden table as Logpush logs them."""

from datetime import datetime, timedelta
from typing import Any

from tests.browser.site import Request

BEGIN = datetime(2026, 11, 20, 9, 0, 0)  # noqa: DTZ001 (UTC without a zone, as in the store)
USER = "srhea"
AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/148.0.0.0 Safari/537.36"
# The head of an answer, which counts too.
HEAD_BYTES = 300


def records(requests: list[Request]) -> list[dict[str, Any]]:
    """A record for each request, a second after the one before."""
    return [_record(number, each) for number, each in enumerate(requests)]


def _record(number: int, request: Request) -> dict[str, Any]:
    at = f"{BEGIN + timedelta(seconds=number):%Y-%m-%dT%H:%M:%SZ}"
    return {
        "ClientIP": "192.0.2.17",
        "ClientRequestBytes": 700,
        "ClientRequestHost": request["host"],
        "ClientRequestMethod": request["method"],
        "ClientRequestPath": request["path"].partition("?")[0],
        "ClientRequestReferer": request["referer"],
        "ClientRequestScheme": "https",
        "ClientRequestSource": "eyeball",
        "ClientRequestURI": request["path"],
        "ClientRequestUserAgent": AGENT,
        "EdgeEndTimestamp": at,
        "EdgeResponseBytes": HEAD_BYTES + int(request["answered"]["content-length"]),
        "EdgeResponseContentType": request["content_type"],
        "EdgeResponseStatus": request["status"],
        "EdgeStartTimestamp": at,
        "ParentRayID": "00",
        "RayID": f"{number + 1:016x}",
        "RequestHeaders": {"cf-access-user": USER, **request["sent"]},
        "ResponseHeaders": request["answered"],
        "WorkerSubrequest": False,
    }
