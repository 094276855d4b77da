"""Turns an error answer of Cloudflare into one of our errors."""

from http import HTTPStatus

from upstream.errors import (
    ApiChanged,
    ApiRefused,
    ApiUnavailable,
    EndpointNotReady,
    NotEntitled,
    NotThere,
)
from upstream.permissions import PII_READ

Refusal = ApiRefused | NotEntitled | NotThere | ApiUnavailable | ApiChanged | EndpointNotReady

# Documented phrases that decide the meaning of an answer, whatever its status.
_LATER = ("limit reached", "quota exceeded", "budget depleted", "try again later")
_BEYOND_PLAN = (
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
# Jobs of Zero Trust datasets need one more permission; this is the only answer that shows it.
_NEEDS_PII = ("reading job for product",)
_NOT_UPLOADED = ("error validating destination", "error uploading")
_DENIED = ("not authorized", "unable to authenticate", "authentication error")

_DENIED_STATUSES = {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}
_TEMPORARY_STATUSES = {
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.REQUEST_TIMEOUT,
    HTTPStatus.CONFLICT,
}


def refusal(status: int, messages: tuple[str, ...], needs: str) -> Refusal:
    """The error for an answer; `needs` is the permission that the request requires."""
    text = "; ".join(messages) or f"status {status}"

    def says(phrases: tuple[str, ...]) -> bool:
        return any(phrase in text.lower() for phrase in phrases)

    is_temporary = status in _TEMPORARY_STATUSES or status >= HTTPStatus.INTERNAL_SERVER_ERROR
    is_denied = status in _DENIED_STATUSES or says(_DENIED)
    meanings: tuple[tuple[bool, type[Refusal], str], ...] = (
        (says(_NOT_UPLOADED), EndpointNotReady, "Cloudflare could not upload its test file here"),
        (is_temporary or says(_LATER), ApiUnavailable, "Cloudflare asks to try again later"),
        (says(_NEEDS_PII), ApiRefused, f"the token also needs the permission {PII_READ!r}"),
        (says(_BEYOND_PLAN), NotEntitled, "not part of the plan, or beyond its limits"),
        (is_denied, ApiRefused, f"the token needs the permission {needs!r}"),
        (status == HTTPStatus.NOT_FOUND, NotThere, "not found at Cloudflare"),
        (True, ApiChanged, "Cloudflare rejected the request"),
    )
    kind, sentence = next((kind, sentence) for applies, kind, sentence in meanings if applies)
    return kind(f"{sentence}: {text}")


def error_messages(body: object) -> tuple[str, ...]:
    """The messages in the `errors` of a REST or GraphQL answer."""
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
