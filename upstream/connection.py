"""The way to Cloudflare: one token, one address, every failure told in our own words.

REST goes through Cloudflare's SDK, GraphQL over plain HTTP, since the SDK has none. Both try
again when that may help, with growing pauses and jitter, and both give up: the caller decides
when to come back. The token is in no error, log or `repr`.
"""

from collections.abc import Callable, Mapping
from functools import cached_property
from http import HTTPStatus
from types import TracebackType
from typing import Any, Self, TypeVar

import cloudflare
import httpx2
import orjson
import stamina
from cloudflare import Cloudflare

from upstream.errors import (
    ApiChanged,
    ApiRefused,
    ApiUnavailable,
    EndpointNotReady,
    NotEntitled,
    NotThere,
)
from upstream.options import ApiOptions
from upstream.permissions import PII_READ

WAIT_SECONDS_INITIAL = 0.5
WAIT_SECONDS_MAX = 30.0
# A page of ten thousand rows takes Cloudflare some seconds.
ANSWER_SECONDS_MAX = 60.0

Answer = TypeVar("Answer")


class Connection:
    """Whoever opens it closes it. Every method blocks."""

    def __init__(self, options: ApiOptions) -> None:
        self._options = options
        self.sdk = Cloudflare(
            api_token=options.token,
            base_url=options.url,
            max_retries=options.tries - 1,
            timeout=ANSWER_SECONDS_MAX,
        )
        # The environment's other credentials are not what was asked to be used.
        self.sdk.api_key = self.sdk.api_email = self.sdk.user_service_key = None

    @cached_property
    def http(self) -> httpx2.Client:
        """For what the SDK does not reach; most never need it, and it takes a while to make."""
        return httpx2.Client(
            timeout=ANSWER_SECONDS_MAX,
            headers={"Authorization": f"Bearer {self._options.token}"},
        )

    @property
    def url(self) -> str:
        return self._options.url

    @property
    def pause(self) -> float:
        """What every wait is multiplied by."""
        return self._options.pause

    def rest(self, needs: str, call: Callable[[Cloudflare], Answer]) -> Answer:
        """What `call` makes of the SDK, which tries again by itself; `needs` names a permission."""
        try:
            return call(self.sdk)
        except cloudflare.APIStatusError as error:
            raise told(error.status_code, _messages(error.body), needs) from None
        except cloudflare.APIConnectionError as error:
            raise ApiUnavailable(f"{self.url}: {_cause(error)}") from None
        except cloudflare.APIResponseValidationError as error:
            raise ApiChanged(f"{self.url}: {error}") from None

    def graphql(self, query: str, variables: Mapping[str, Any], needs: str) -> bytes:
        """The bytes of an answer without errors."""
        for attempt in self.attempts():
            with attempt:
                return self._ask(query, variables, needs)
        raise AssertionError("the last attempt returns or raises")

    def attempts(self) -> Any:
        """Tries of something that may raise ApiUnavailable, with pauses between them."""
        pause = self._options.pause
        return stamina.retry_context(
            on=self._worth_waiting,
            attempts=self._options.tries,
            timeout=None,
            wait_initial=WAIT_SECONDS_INITIAL * pause,
            wait_max=WAIT_SECONDS_MAX * pause,
            wait_jitter=pause,
        )

    def _worth_waiting(self, error: Exception) -> bool | float:
        """Whether to try again, or after how long at least where Cloudflare says so."""
        if not isinstance(error, ApiUnavailable):
            return False
        asked = error.after_seconds
        return True if asked is None else min(asked, WAIT_SECONDS_MAX) * self._options.pause

    def _ask(self, query: str, variables: Mapping[str, Any], needs: str) -> bytes:
        body = orjson.dumps({"query": query, "variables": variables})
        try:
            response = self.http.post(
                f"{self.url}/graphql", content=body, headers={"Content-Type": "application/json"}
            )
        except httpx2.HTTPError as error:
            raise ApiUnavailable(f"{self.url}: {_cause(error)}") from None
        messages = _messages(_json_or_none(response.content))
        if response.is_error or messages:
            refused = told(response.status_code, messages, needs)
            if isinstance(refused, ApiUnavailable):
                refused.after_seconds = _seconds(response.headers.get("Retry-After", ""))
            raise refused
        return response.content

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if "http" in self.__dict__:
            self.http.close()
        self.sdk.close()


Told = ApiRefused | NotEntitled | NotThere | ApiUnavailable | ApiChanged | EndpointNotReady

# What answers say, in the documented words, and what it means whatever their status.
_LATER = ("limit reached", "quota exceeded", "budget depleted", "try again later")
_BEYOND = (
    "cannot request data older than",
    "number of fields can",
    "does not have access to the path",
    "not available for your plan",
    "query time range is too large",
    "limit must be positive number and not greater",
    "is not allowed",
    "logs older than",
    "not entitled",
)
# Jobs of Zero Trust's datasets need a permission more, and no other answer says so.
_HIDDEN = ("reading job for product",)
_NOT_UPLOADED = ("error validating destination", "error uploading")
_DENIED = ("not authorized", "unable to authenticate", "authentication error")

_DENYING = {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}
_PASSING = {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.CONFLICT}


def told(status: int, messages: tuple[str, ...], needs: str) -> Told:
    """What an answer's status and messages mean, as one of our errors."""
    text = "; ".join(messages) or f"status {status}"

    def says(words: tuple[str, ...]) -> bool:
        return any(word in text.lower() for word in words)

    is_trouble = status in _PASSING or status >= HTTPStatus.INTERNAL_SERVER_ERROR
    is_denied = status in _DENYING or says(_DENIED)
    meanings: tuple[tuple[bool, type[Told], str], ...] = (
        (says(_NOT_UPLOADED), EndpointNotReady, "Cloudflare could not upload a test to us"),
        (is_trouble or says(_LATER), ApiUnavailable, "Cloudflare asks to come back later"),
        (says(_HIDDEN), ApiRefused, f"the token needs the permission {PII_READ!r} too"),
        (says(_BEYOND), NotEntitled, "not part of the plan, or beyond its limits"),
        (is_denied, ApiRefused, f"the token needs the permission {needs!r}"),
        (status == HTTPStatus.NOT_FOUND, NotThere, "Cloudflare knows nothing there"),
        (True, ApiChanged, "Cloudflare did not understand us"),
    )
    kind, sentence = next((kind, sentence) for is_so, kind, sentence in meanings if is_so)
    return kind(f"{sentence}: {text}")


def _messages(body: object) -> tuple[str, ...]:
    """The messages of an answer's `errors`, REST's (with code) and GraphQL's alike."""
    errors = body.get("errors") if isinstance(body, dict) else None
    if not isinstance(errors, list):
        return ()
    return tuple(_message(error) for error in errors)


def _message(error: object) -> str:
    if not isinstance(error, dict):
        return str(error)
    code = error.get("code")
    text = str(error.get("message", "no message"))
    return f"{text} (code {code})" if code else text


def _seconds(text: str) -> float | None:
    """Retry-After in seconds; a date there is not worth reading, since our pauses grow anyway."""
    return float(text) if text.isascii() and text.isdecimal() else None


def _json_or_none(content: bytes) -> object:
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError:
        return None


def _cause(error: BaseException) -> str:
    """The name of what went wrong; texts of clients may hold a request's headers."""
    return type(error.__cause__ or error).__name__
