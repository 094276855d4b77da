"""Refuses requests that two parsers could read in two ways."""

from starlette.datastructures import Headers
from starlette.requests import Request

from receiver.errors import BadFraming, UnknownEncoding

# Headers that decide what a request is; a second one would be somebody's smuggling.
_ONCE = ("host", "authorization", "content-encoding", "content-length", "transfer-encoding")

_GZIP_NAMES = frozenset({"gzip", "x-gzip"})


def demand_clear(request: Request) -> None:
    """Raise BadFraming when a deciding header stands twice, both lengths are given, or chunks
    come under HTTP/1.0, which knows none: whoever stands before us may have read that otherwise.
    """
    headers = request.headers
    for name in _ONCE:
        if len(headers.getlist(name)) > 1:
            raise BadFraming(f"more than one {name} header")
    if "content-length" in headers and "transfer-encoding" in headers:
        raise BadFraming("both Content-Length and Transfer-Encoding")
    if "transfer-encoding" in headers and request.scope["http_version"] == "1.0":
        raise BadFraming("Transfer-Encoding under HTTP/1.0")


def declared_bytes(headers: Headers) -> int:
    """What Content-Length announces; 0 when the body comes in chunks."""
    return int(headers.get("content-length", "0"))


def claims_gzip(headers: Headers) -> bool:
    """True for gzip, False when nothing is claimed; the body's own first bytes decide."""
    encoding = headers.get("content-encoding", "identity").strip().lower()
    if encoding in _GZIP_NAMES:
        return True
    if encoding in {"", "identity"}:
        return False
    raise UnknownEncoding("this Content-Encoding is not taken; send gzip or none")
