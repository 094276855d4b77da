"""What the origin did with one request, and what Cloudflare answered where the origin did not."""

from collections.abc import Iterable, Iterator

from queries.explanation import statuses
from queries.explanation.layer import Layer, Outcome
from queries.explanation.records import LoggedRequest

NOT_KNOWN = "so it is not known whether the origin answered"


def origin(request: LoggedRequest) -> Layer:
    status, from_origin = request.status, request.origin_status
    reasons = tuple(_connection(request))
    if status == 504 and request.source in statuses.HARMLESS_504_SOURCES:  # noqa: PLR2004
        text = (
            f"A lookup inside Cloudflare ({request.source}) found nothing in the cache. No client"
            " saw this answer."
        )
        return Layer("cache", Outcome.ANSWERED, text)
    if from_origin:
        return _of_origin(status, from_origin, reasons)
    why = statuses.CONNECTION_STATUSES.get(status or 0)
    # 502 and 504 may also be what the origin answered.
    if why and (from_origin is not None or is_own_error(status)):
        text = f"Cloudflare answered {status} itself: {why}."
        return Layer("origin", Outcome.ANSWERED, text, (*reasons, *_tunnel(status)))
    if from_origin is None and request.edge_server_ip != "":
        asked = " It was asked: EdgeServerIP is set." if request.edge_server_ip else ""
        text = f"OriginResponseStatus was not logged, {NOT_KNOWN}.{asked}"
        return Layer("origin", Outcome.UNKNOWN, text, reasons)
    text = "The origin was not asked, or gave no answer: Cloudflare answered itself."
    return Layer("origin", Outcome.NOT_ASKED, text, reasons)


def is_own_error(status: int | None) -> bool:
    """Whether only Cloudflare answers with this status, where it got no answer from the origin."""
    return status in statuses.CONNECTION_STATUSES and status not in {502, 504}


def _of_origin(status: int | None, from_origin: int, reasons: Iterable[str]) -> Layer:
    given = tuple(reasons)
    if status == from_origin:
        text = f"The origin itself answered {from_origin}, and Cloudflare passed its answer on."
        return Layer("origin", Outcome.ANSWERED, text, given)
    if status in {statuses.PARTIAL, statuses.NOT_MODIFIED}:
        part = "a part of it" if status == statuses.PARTIAL else "that nothing had changed"
        text = f"The origin answered {from_origin}; Cloudflare sent {part} ({status})."
        return Layer("origin", Outcome.ANSWERED, text, given)
    text = (
        f"The origin answered {from_origin}, and the client got {status}: a Worker, a rule for"
        " responses or an error page of Cloudflare changed it."
    )
    return Layer("origin", Outcome.UNKNOWN, text, given)


def _connection(request: LoggedRequest) -> Iterator[str]:
    if request.origin_ip:
        yield f"The origin's address was {request.origin_ip}."
    spent = (
        ("TCP handshake", request.origin_tcp_ms),
        ("TLS handshake", request.origin_tls_ms),
        ("wait for its headers", request.origin_wait_ms),
        ("all", request.origin_ms),
    )
    # A handshake of 0 ms is one of an earlier request, whose connection was used again.
    told = ", ".join(f"{name} {spent_ms:,} ms" for name, spent_ms in spent if spent_ms)
    if told:
        yield f"Time for the origin: {told}."


def _tunnel(status: int | None) -> Iterator[str]:
    if status in statuses.TUNNEL_STATUSES:
        yield "If a Cloudflare Tunnel leads to the origin: check that cloudflared is connected and reaches its service."
