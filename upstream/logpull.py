"""Logpull: a zone's requests that Cloudflare still keeps, by the time Cloudflare received them.

Answers are streamed, so an error shows only at the end: a last line that is no JSON object, or a
broken connection. Only complete answers are used. An answer that is too large is not an error: the
caller requests the window in halves.
"""

import time
from collections import deque
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from typing import BinaryIO

import httpx2
import orjson

from schema.body.envelope import Envelope
from schema.body.limits import EnvelopeLimits
from schema.body.lines import LINE_BYTES_MAX
from schema.errors import BodyDamaged, BodyUnreadable
from upstream.connection import Connection
from upstream.errors import ApiChanged, ApiUnavailable
from upstream.permissions import LOGS_READ
from upstream.refusals import refusal
from upstream.rest_result import result
from upstream.window import Window

# Documented: longer and older windows are refused.
WINDOW_MAX = timedelta(hours=1)
AGE_MAX = timedelta(days=7)
# The API reference says five minutes, the guide one: younger requests may not be there yet.
LEAD_MIN = timedelta(minutes=5)

# Documented: the maximum of requests for one zone in a minute.
REQUESTS_MAX = 15
REQUESTS_SECONDS = 60.0

# Cloudflare ends an answer at 10 GiB. It is kept on the disk of the store meanwhile.
ANSWER_BYTES_MAX = 4 * 1024**3
_LIMITS = EnvelopeLimits(inflated_bytes_max=ANSWER_BYTES_MAX, members_max=2**31)

# Documented: the query is too expensive for Cloudflare; a retry would make it worse.
_TOO_EXPENSIVE = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.GATEWAY_TIMEOUT, 524}

# Enough of an error in plain text.
_REASON_CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class Complete:
    """The complete answer is in the file."""


@dataclass(frozen=True, slots=True)
class TooLarge:
    """The part that was received is useless; request a shorter window."""


class Logpull:
    """The requests of one zone."""

    def __init__(self, connection: Connection, zone_id: str) -> None:
        self._connection = connection
        self._zone_id = zone_id
        self._asked_at: deque[float] = deque(maxlen=REQUESTS_MAX)

    def is_retained(self) -> bool:
        """Whether Cloudflare keeps the zone's requests; by default it does not."""
        path = f"/zones/{self._zone_id}/logs/control/retention/flag"
        found = result(self._connection.get(path, LOGS_READ))
        return bool(found and found.get("flag"))

    def fields(self) -> list[str]:
        """Every field that can be selected."""
        path = f"/zones/{self._zone_id}/logs/received/fields"
        found = orjson.loads(self._connection.get(path, LOGS_READ))
        # Documented without the usual envelope, whose members would be taken for fields.
        if not found or "success" in found:
            raise ApiChanged(f"{self._connection.url}: the answer has no list of fields")
        return sorted(found)

    def fetch(self, window: Window, fields: list[str], into: BinaryIO) -> Complete | TooLarge:
        """Write the answer to the file, usually as gzip. Its lines are unordered."""
        for attempt in self._connection.attempts():
            with attempt:
                into.seek(0)
                into.truncate()
                self._keep_pace()
                return self._request(window, fields, into)
        raise AssertionError("the last attempt returns or raises")

    def _request(self, window: Window, fields: list[str], into: BinaryIO) -> Complete | TooLarge:
        parameters = {
            "start": f"{window.since:%Y-%m-%dT%H:%M:%SZ}",
            "end": f"{window.until:%Y-%m-%dT%H:%M:%SZ}",
            # The finest precision, since held requests are compared by their time.
            "timestamps": "unixnano",
            "fields": ",".join(fields),
        }
        address = f"{self._connection.url}/zones/{self._zone_id}/logs/received"
        headers = {"Accept-Encoding": "gzip"}
        try:
            with self._connection.http.stream(
                "GET", address, params=parameters, headers=headers
            ) as response:
                if response.status_code in _TOO_EXPENSIVE:
                    return TooLarge()
                if response.is_error:
                    text = _reason(response.read())
                    raise refusal(response.status_code, (text,), LOGS_READ)
                return _received(response, into)
        except httpx2.HTTPError as error:
            cause = type(error.__cause__ or error).__name__
            raise ApiUnavailable(f"{self._connection.url}: {cause}") from None

    def _keep_pace(self) -> None:
        """Wait instead of being refused: repeated refusals lock the zone out for an hour."""
        if len(self._asked_at) == REQUESTS_MAX:
            wait = self._asked_at[0] + REQUESTS_SECONDS - time.monotonic()
            time.sleep(max(wait, 0.0) * self._connection.pause)
        self._asked_at.append(time.monotonic())


def _received(response: httpx2.Response, into: BinaryIO) -> Complete | TooLarge:
    """Write the answer and check its end: only that shows whether it is complete.

    Documented is a last line "Error streaming data" whatever the status was, but people met it in
    other words and cut off as well. So the last line must be a whole JSON object.
    """
    envelope, last = Envelope(_LIMITS), _LastLine()
    try:
        for piece in response.iter_raw():
            into.write(piece)
            for plain in envelope.feed(piece):
                last.feed(plain)
        for plain in envelope.finish():
            last.feed(plain)
    except BodyUnreadable:
        return TooLarge()
    except BodyDamaged as error:
        raise ApiUnavailable(f"an answer of Logpull is incomplete: {error}") from None
    return Complete() if last.is_whole() else TooLarge()


class _LastLine:
    """The last line of an answer that is not blank, up to LINE_BYTES_MAX."""

    def __init__(self) -> None:
        self._held = b""

    def feed(self, plain: bytes) -> None:
        """Keeps what may belong to it: with space at the end, since only more bytes can tell."""
        held = self._held + plain
        self._held = held[held.rfind(b"\n", 0, len(held.rstrip())) + 1 :][: LINE_BYTES_MAX + 1]

    def is_whole(self) -> bool:
        """True also for an answer without any line: there were no requests."""
        line = self._held.strip()
        try:
            return not line or isinstance(orjson.loads(line), dict)
        except orjson.JSONDecodeError:
            return False


def _reason(body: bytes) -> str:
    """Some errors come in the usual envelope, some as plain text."""
    try:
        errors = orjson.loads(body)["errors"]
        return "; ".join(str(each["message"]) for each in errors)
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return body.decode("utf-8", "replace")[:_REASON_CHARACTERS].strip()
