"""Refuses requests that two parsers could read differently."""

from starlette.datastructures import Headers
from starlette.requests import Request

from receiver.errors import BadFraming, UnknownEncoding

# Headers that decide how a request is read; a second one may be request smuggling.
_ONCE = ("host", "authorization", "content-encoding", "content-length", "transfer-encoding")

_GZIP_NAMES = frozenset({"gzip", "x-gzip"})


def demand_clear(request: Request) -> None:
    """Raise BadFraming for a repeated header, for two lengths, and for chunks under HTTP/1.0.

    A proxy in front of the receiver may have read such a request differently.
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
    """The Content-Length; 0 if the body comes in chunks."""
    return int(headers.get("content-length", "0"))


def claims_gzip(headers: Headers) -> bool:
    """Whether Content-Encoding says gzip. Without it, the first bytes of the body decide."""
    encoding = headers.get("content-encoding", "identity").strip().lower()
    if encoding in _GZIP_NAMES:
        return True
    if encoding in {"", "identity"}:
        return False
    raise UnknownEncoding("unknown Content-Encoding; send gzip or none")
