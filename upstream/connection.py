"""The connection to Cloudflare's API: one token, one base URL, REST and GraphQL.

REST requests are sent by the client of Cloudflare's SDK. Its resource classes are not used:
importing them takes over a second of CPU, and they drop fields that they do not know. GraphQL
goes over plain HTTP, since the SDK has no GraphQL. Both retry temporary errors with growing,
jittered pauses and then raise. The token appears in no error, log or `repr`.
"""

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any, Self

import cloudflare
import httpx2
import orjson
import stamina
from cloudflare import Cloudflare

from upstream.errors import ApiUnavailable
from upstream.options import ApiOptions
from upstream.refusals import error_messages, refusal

WAIT_SECONDS_INITIAL = 0.5
WAIT_SECONDS_MAX = 30.0
# Cloudflare takes several seconds for a page of ten thousand rows.
ANSWER_SECONDS_MAX = 60.0


class Connection:
    """The caller closes it. Every method blocks."""

    def __init__(self, options: ApiOptions) -> None:
        self._options = options
        self._sdk = Cloudflare(
            api_token=options.token,
            base_url=options.url,
            max_retries=options.tries - 1,
            timeout=ANSWER_SECONDS_MAX,
        )
        # The SDK reads further credentials from the environment; only the token may be used.
        self._sdk.api_key = self._sdk.api_email = self._sdk.user_service_key = None

    @cached_property
    def http(self) -> httpx2.Client:
        """The client for GraphQL and streams; created on first use, since that is slow."""
        return httpx2.Client(
            timeout=ANSWER_SECONDS_MAX,
            headers={"Authorization": f"Bearer {self._options.token}"},
        )

    @property
    def url(self) -> str:
        return self._options.url

    @property
    def pause(self) -> float:
        """The factor for every wait."""
        return self._options.pause

    def get(self, path: str, needs: str, **params: object) -> bytes:
        """The body of a successful answer; `needs` is the permission that this requires."""
        return self._rest(
            needs, lambda: self._sdk.get(path, cast_to=bytes, options={"params": params})
        )

    def post(
        self, path: str, needs: str, body: Mapping[str, Any], *, is_retried: bool = True
    ) -> bytes:
        """Like `get`. A request that is not idempotent must not be retried."""
        sdk = self._sdk if is_retried else self._sdk.with_options(max_retries=0)
        return self._rest(needs, lambda: sdk.post(path, cast_to=bytes, body=body))

    def put(self, path: str, needs: str, body: Mapping[str, Any]) -> bytes:
        return self._rest(needs, lambda: self._sdk.put(path, cast_to=bytes, body=body))

    def graphql(self, query: str, variables: Mapping[str, Any], needs: str) -> bytes:
        """The body of an answer without errors."""
        for attempt in self.attempts():
            with attempt:
                return self._graphql_once(query, variables, needs)
        raise AssertionError("the last attempt returns or raises")

    def attempts(self) -> Any:
        """Attempts at something that may raise ApiUnavailable, with pauses between them."""
        pause = self._options.pause
        return stamina.retry_context(
            on=self._is_retryable,
            attempts=self._options.tries,
            timeout=None,
            wait_initial=WAIT_SECONDS_INITIAL * pause,
            wait_max=WAIT_SECONDS_MAX * pause,
            wait_jitter=pause,
        )

    def _is_retryable(self, error: Exception) -> bool | float:
        """Whether to retry, or the minimum wait where Cloudflare names one."""
        if not isinstance(error, ApiUnavailable):
            return False
        wait = error.after_seconds
        return True if wait is None else min(wait, WAIT_SECONDS_MAX) * self._options.pause

    def _rest(self, needs: str, send: Callable[[], bytes]) -> bytes:
        try:
            return send()
        except cloudflare.APIStatusError as error:
            raise refusal(error.status_code, error_messages(error.body), needs) from None
        except cloudflare.APIConnectionError as error:
            raise ApiUnavailable(f"{self.url}: {_cause(error)}") from None

    def _graphql_once(self, query: str, variables: Mapping[str, Any], needs: str) -> bytes:
        body = orjson.dumps({"query": query, "variables": variables})
        try:
            response = self.http.post(
                f"{self.url}/graphql", content=body, headers={"Content-Type": "application/json"}
            )
        except httpx2.HTTPError as error:
            raise ApiUnavailable(f"{self.url}: {_cause(error)}") from None
        messages = error_messages(_json_or_none(response.content))
        if response.is_error or messages:
            refused = refusal(response.status_code, messages, needs)
            if isinstance(refused, ApiUnavailable):
                refused.after_seconds = _seconds(response.headers.get("Retry-After", ""))
            raise refused
        return response.content

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if "http" in self.__dict__:
            self.http.close()
        self._sdk.close()


def _seconds(text: str) -> float | None:
    """Retry-After in seconds. A date is ignored, since the pauses grow anyway."""
    return float(text) if text.isascii() and text.isdecimal() else None


def _json_or_none(content: bytes) -> object:
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError:
        return None


def _cause(error: BaseException) -> str:
    """The class name of the cause; a client's message may contain request headers."""
    return type(error.__cause__ or error).__name__
