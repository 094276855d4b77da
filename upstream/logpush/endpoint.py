"""Checks that Logpush can upload to our public address, with the test upload of Logpush.

An address that answers here may not be reachable for Cloudflare, so Cloudflare checks it, too.
"""

import gzip
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import httpx2
import orjson

from upstream.connection import Connection
from upstream.errors import EndpointNotReady
from upstream.logpush.destination import Destination
from upstream.logpush.plan import PlannedJob
from upstream.permissions import LOGS_WRITE
from upstream.rest_result import result

# Documented: the upload with which Logpush tests a destination.
TEST_BODY = gzip.compress(b'{"content":"tests"}', mtime=0)
ANSWER_SECONDS_MAX = 20.0
# Enough of a foreign answer to recognise its service.
ANSWER_CHARACTERS_MAX = 200

_NOT_KNOWN = (
    "the service there does not know the token: it must run on the same data folder, as "
    "a user who may read the file `tokens` there"
)


def demand(public_url: str, jobs: tuple[PlannedJob, ...]) -> None:
    """Raise EndpointNotReady unless the service is well and takes the test upload of each job."""
    # Redirects are not followed: for Logpush a redirect is a failure.
    with httpx2.Client(timeout=ANSWER_SECONDS_MAX, follow_redirects=False) as client:
        headers = jobs[0].destination.headers() if jobs else {}
        # The health page needs no token, but perhaps the headers for a proxy in front of it.
        passing = {k: v for k, v in headers.items() if k.lower() != "authorization"}
        _demand_health(client, f"{public_url}/health", passing)
        for destination in {each.destination.text: each.destination for each in jobs}.values():
            _demand_upload(client, destination)


def demand_of_cloudflare(connection: Connection, jobs: tuple[PlannedJob, ...]) -> None:
    """Raise EndpointNotReady unless Cloudflare says that it can upload there."""
    for each in jobs:
        path = f"{each.place.path}/logpush/validate/destination"
        body = {"destination_conf": each.destination.text}
        answer = result(connection.post(path, LOGS_WRITE, body))
        if answer and answer.get("valid") is False:
            message = each.destination.redacted(answer.get("message") or "no reason given")
            raise EndpointNotReady(f"Cloudflare cannot use {each.destination.masked()}: {message}")


def _demand_health(client: httpx2.Client, url: str, headers: dict[str, str]) -> None:
    answer = _answer(client, client.build_request("GET", url, headers=headers), url)
    if answer.status_code != HTTPStatus.OK:
        raise EndpointNotReady(f"{url}: {_why(answer)}")


def _demand_upload(client: httpx2.Client, destination: Destination) -> None:
    headers = {"Content-Encoding": "gzip", **destination.headers()}
    url, shown = destination.upload_url(), destination.masked()
    request = client.build_request("POST", url, headers=headers, content=TEST_BODY)
    answer = _answer(client, request, shown)
    if answer.status_code != HTTPStatus.OK or _object(answer).get("test") is not True:
        raise EndpointNotReady(f"{shown}: {destination.redacted(_why(answer))}")


def _answer(client: httpx2.Client, request: httpx2.Request, shown: str) -> httpx2.Response:
    try:
        return client.send(request)
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        raise EndpointNotReady(f"{shown}: {_cause(error)}") from None


def _why(answer: httpx2.Response) -> str:
    """What an unexpected answer means."""
    status = answer.status_code
    if answer.is_redirect:
        host = urlsplit(answer.headers.get("location", "")).hostname or "another page"
        return (
            f"redirects to {host} (status {status}), which is a failure for Logpush: exclude "
            "/logpush and /health from Access and any other login"
        )
    if status == HTTPStatus.UNAUTHORIZED:
        return _NOT_KNOWN
    if status == HTTPStatus.OK:
        return "answers, but is not a Raytrail service"
    said = _object(answer).get("error")
    return f"answers {status}{f': {said}' if isinstance(said, str) else ''}"[:ANSWER_CHARACTERS_MAX]


def _object(answer: httpx2.Response) -> dict[str, Any]:
    try:
        content = orjson.loads(answer.content)
    except orjson.JSONDecodeError:
        return {}
    return content if isinstance(content, dict) else {}


def _cause(error: BaseException) -> str:
    """The first cause: the message of a client may contain request headers."""
    while inner := error.__cause__ or error.__context__:
        error = inner
    certificate = getattr(error, "verify_message", "")
    if certificate:
        return f"its certificate is not trusted: {certificate}"
    reason = getattr(error, "strerror", None) or type(error).__name__
    return f"cannot be reached: {reason}; is `raytrail serve` running?"
