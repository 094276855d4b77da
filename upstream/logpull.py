"""Logpull: what Cloudflare still keeps of a zone's requests, asked for by the time it came in.

An answer is streamed, so that it failed is said at its end: by a line that is no JSON, or by a
connection that breaks. Only an answer that came whole is handed on. One that is too large is
no error: the same time is asked for in halves.
"""

import time
from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import BinaryIO

import httpx2
import orjson

from schema.body.envelope import Envelope
from schema.body.limits import EnvelopeLimits
from schema.errors import BodyDamaged, BodyUnreadable
from upstream.connection import Connection
from upstream.errors import ApiChanged, ApiUnavailable
from upstream.permissions import LOGS_READ
from upstream.refusals import refusal
from upstream.rest_result import result

# Documented: longer windows, and older ones, are refused.
WINDOW_MAX = timedelta(hours=1)
AGE_MAX = timedelta(days=7)
# The reference says five minutes, the guide one: what is younger may not be there yet.
LEAD_MIN = timedelta(minutes=5)

# Documented: more requests for one zone than this in a minute are refused.
REQUESTS_MAX = 15
REQUESTS_SECONDS = 60.0

# Cloudflare breaks an answer off at 10 GiB. What is kept meanwhile lies beside the store.
ANSWER_BYTES_MAX = 4 * 1024**3
_LIMITS = EnvelopeLimits(inflated_bytes_max=ANSWER_BYTES_MAX, members_max=2**31)

# Documented: the last line of an answer that failed, whatever its status.
BROKEN_OFF = b"Error streaming data"
_END_BYTES = 64

# Documented: a question that is too much for Cloudflare; to ask it again would make it worse.
_EXHAUSTING = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.GATEWAY_TIMEOUT, 524}

# Enough of a refusal in plain text.
_REASON_CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class Window:
    """From `since` on and before `until`, as Cloudflare counts."""

    since: datetime
    until: datetime

    def halves(self) -> "tuple[Window, Window]":
        """Whole seconds, since nothing smaller is documented to be understood."""
        seconds = (self.until - self.since) // timedelta(seconds=2)
        middle = self.since + timedelta(seconds=seconds)
        return Window(self.since, middle), Window(middle, self.until)

    @property
    def is_smallest(self) -> bool:
        return self.until - self.since < timedelta(seconds=2)


@dataclass(frozen=True, slots=True)
class Whole:
    """All of it is in the file."""


@dataclass(frozen=True, slots=True)
class TooLarge:
    """What came so far is of no use; ask for less at once."""


class Logpull:
    """The kept requests of one zone."""

    def __init__(self, connection: Connection, zone_id: str) -> None:
        self._connection = connection
        self._zone_id = zone_id
        self._asked_at: deque[float] = deque(maxlen=REQUESTS_MAX)

    def is_retained(self) -> bool:
        """Whether Cloudflare keeps the zone's requests at all; it does not unless told to."""
        path = f"/zones/{self._zone_id}/logs/control/retention/flag"
        found = result(self._connection.get(path, LOGS_READ))
        return bool(found and found.get("flag"))

    def fields(self) -> list[str]:
        """Every field that may be asked for."""
        path = f"/zones/{self._zone_id}/logs/received/fields"
        found = orjson.loads(self._connection.get(path, LOGS_READ))
        # Documented without the envelope; were it there, its names would be taken for fields.
        if not found or "success" in found:
            raise ApiChanged(f"{self._connection.url}: no fields of received logs are told")
        return sorted(found)

    def ask(self, window: Window, fields: list[str], into: BinaryIO) -> Whole | TooLarge:
        """Write the answer into the file as it comes, mostly gzip; its lines are in no order."""
        for attempt in self._connection.attempts():
            with attempt:
                into.seek(0)
                into.truncate()
                self._keep_pace()
                return self._ask(window, fields, into)
        raise AssertionError("the last attempt returns or raises")

    def _ask(self, window: Window, fields: list[str], into: BinaryIO) -> Whole | TooLarge:
        parameters = {
            "start": f"{window.since:%Y-%m-%dT%H:%M:%SZ}",
            "end": f"{window.until:%Y-%m-%dT%H:%M:%SZ}",
            # The finest there is: what was held is compared by its instant.
            "timestamps": "unixnano",
            "fields": ",".join(fields),
        }
        address = f"{self._connection.url}/zones/{self._zone_id}/logs/received"
        headers = {"Accept-Encoding": "gzip"}
        try:
            with self._connection.http.stream(
                "GET", address, params=parameters, headers=headers
            ) as response:
                if response.status_code in _EXHAUSTING:
                    return TooLarge()
                if response.is_error:
                    text = _reason(response.read())
                    raise refusal(response.status_code, (text,), LOGS_READ)
                return _taken(response, into)
        except httpx2.HTTPError as error:
            cause = type(error.__cause__ or error).__name__
            raise ApiUnavailable(f"{self._connection.url}: {cause}") from None

    def _keep_pace(self) -> None:
        """Sooner than refused; refusals in a row lock a zone out for an hour."""
        if len(self._asked_at) == REQUESTS_MAX:
            wait = self._asked_at[0] + REQUESTS_SECONDS - time.monotonic()
            time.sleep(max(wait, 0.0) * self._connection.pause)
        self._asked_at.append(time.monotonic())


def _taken(response: httpx2.Response, into: BinaryIO) -> Whole | TooLarge:
    """Keep what comes, and look at its end: whether it came whole is told nowhere else."""
    envelope, end = Envelope(_LIMITS), b""
    try:
        for piece in response.iter_raw():
            into.write(piece)
            for plain in envelope.feed(piece):
                end = (end + plain)[-_END_BYTES:]
        for plain in envelope.finish():
            end = (end + plain)[-_END_BYTES:]
    except BodyUnreadable:
        return TooLarge()
    except BodyDamaged as error:
        raise ApiUnavailable(f"an answer of Logpull broke off: {error}") from None
    last = end.rstrip(b"\n").rpartition(b"\n")[2]
    return TooLarge() if last.startswith(BROKEN_OFF) else Whole()


def _reason(body: bytes) -> str:
    """Some refusals come in the envelope of the API, some as plain text."""
    try:
        errors = orjson.loads(body)["errors"]
        return "; ".join(str(each["message"]) for each in errors)
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return body.decode("utf-8", "replace")[:_REASON_CHARACTERS].strip()
