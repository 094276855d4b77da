"""The destination of a Logpush job: a URL with headers as `header_NAME=VALUE` in its query.

It contains the ingest token in clear text, as Cloudflare needs it; `masked` hides the secrets.
"""

import ipaddress
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import SplitResult, quote, unquote, urlsplit

from upstream.errors import EndpointNotReady

MASK = "***"

# What Cloudflare accepts: the pattern of its dashboard, the length of its API.
ALLOWED = re.compile(r"[a-zA-Z0-9.,_:/?%+&={}-]+")
CHARACTERS_MAX = 4096

HEADER = "header_"
AUTHORIZATION = "header_authorization"
TOKEN_SEGMENT = "/t/"  # noqa: S105 (the path segment before a token)
# The documented parameter that is not secret; any other may be.
SHOWN = frozenset({"tags"})
DEFAULT_PORTS = {"https": 443, "http": 80}

# An error of Cloudflare may quote our receiver's whole answer, and is shown in one line.
MESSAGE_CHARACTERS_MAX = 300


@dataclass(frozen=True, slots=True)
class Destination:
    """`text` is the `destination_conf` of the API."""

    text: str = field(repr=False)

    @classmethod
    def of(cls, public_url: str, dataset: str, token: str) -> Self:
        """Our address for this dataset. Raises EndpointNotReady if Cloudflare would refuse it."""
        return cls(_valid(f"{public_url}/logpush/{dataset}?{_authorization(token)}"))

    def moved_to(self, other: "Destination") -> "Destination":
        """The address and token of `other`, with the parameters that were added to this one."""
        base, _, query = other.text.partition("?")
        added = (pair for pair in self._pairs() if not _is(pair, AUTHORIZATION))
        return Destination(_valid(f"{base}?{'&'.join((query, *added))}"))

    @property
    def address(self) -> str:
        """The normalized URL for comparison: without query and token, the host in lower case."""
        parts = _parts(self.text)
        host = (parts.hostname or "").lower()
        port = _port(parts)
        shown_port = "" if port == DEFAULT_PORTS.get(parts.scheme) else f":{port}"
        path = parts.path.partition(TOKEN_SEGMENT)[0].rstrip("/")
        return f"{parts.scheme}://{host}{shown_port}{path}"

    @property
    def host(self) -> str:
        """In lower case; empty where it is not an HTTP destination."""
        parts = _parts(self.text)
        return (parts.hostname or "") if parts.scheme in DEFAULT_PORTS else ""

    def tokens(self) -> Iterator[str]:
        """Every text that may be the ingest token, wherever the address contains one."""
        if segment := _parts(self.text).path.partition(TOKEN_SEGMENT)[2]:
            yield unquote(segment)
        for value in self.headers().values():
            yield value
            yield value.partition(" ")[2].strip()

    def headers(self) -> dict[str, str]:
        """The headers that Logpush sends."""
        pairs = (pair.partition("=") for pair in self._pairs() if _is_header(pair))
        return {name[len(HEADER) :]: unquote(value) for name, _, value in pairs}

    def upload_url(self) -> str:
        """The URL that Logpush sends to."""
        base = self.text.partition("?")[0]
        kept = "&".join(pair for pair in self._pairs() if not _is_header(pair))
        return f"{base}?{kept}" if kept else base

    def masked(self) -> str:
        base = self.text.partition("?")[0]
        before, segment, _ = base.partition(TOKEN_SEGMENT)
        shown = f"{before}{segment}{MASK}" if segment else base
        pairs = "&".join(map(_masked, self._pairs()))
        return f"{shown}?{pairs}" if pairs else shown

    def secrets(self) -> Iterator[str]:
        """Every text that must not be shown, decoded and as written in the address."""
        for pair in self._pairs():
            name, _, value = pair.partition("=")
            if name.lower() not in SHOWN:
                yield from (value, unquote(value))
        yield from self.tokens()

    def redacted(self, message: str) -> str:
        """A message of Cloudflare, cut, without any secret of this destination."""
        for secret in filter(None, self.secrets()):
            message = message.replace(secret, MASK)
        return message[:MESSAGE_CHARACTERS_MAX]

    def _pairs(self) -> list[str]:
        return [pair for pair in self.text.partition("?")[2].split("&") if pair]

    def __str__(self) -> str:
        return self.masked()


def public_address(url: str) -> str:
    """The public URL without a final slash. Raises EndpointNotReady if Logpush could not use it."""
    parts = _parts(url)
    problem = ""
    if not url:
        problem = "it is not set: --public-url, or RAYTRAIL_PUBLIC_URL"
    elif parts.scheme == "http" and not _is_loopback(parts.hostname or ""):
        problem = "Logpush sends over https only"
    elif parts.scheme not in DEFAULT_PORTS or not parts.hostname:
        problem = "it must look like https://logs.example.com"
    elif parts.query or parts.fragment or parts.username is not None:
        problem = "it must have no query, fragment or user"
    elif not ALLOWED.fullmatch(url):
        problem = "Cloudflare accepts only ASCII letters, digits and .,_:/?%+&={}-"
    if problem:
        raise EndpointNotReady(f"the public URL cannot be used: {problem}")
    return url.rstrip("/")


def _valid(text: str) -> str:
    if not ALLOWED.fullmatch(text) or len(text) > CHARACTERS_MAX:
        raise EndpointNotReady(
            f"the destination has characters that Cloudflare refuses, or more than {CHARACTERS_MAX:,}"
        )
    return text


def _authorization(token: str) -> str:
    return f"{HEADER}Authorization={_quoted(f'Bearer {token}')}"


def _quoted(value: str) -> str:
    """Cloudflare's pattern excludes the tilde, which `quote` leaves as it is."""
    return quote(value, safe="").replace("~", "%7E")


def _masked(pair: str) -> str:
    name, equals, value = pair.partition("=")
    if name.lower() in SHOWN or not equals:
        return pair
    # The scheme of an Authorization header is not secret and shows its kind.
    scheme, space, _ = value.partition("%20")
    is_authorization = name.lower() == AUTHORIZATION and bool(space)
    return f"{name}={scheme}{space}{MASK}" if is_authorization else f"{name}={MASK}"


def _is_header(pair: str) -> bool:
    return pair.startswith(HEADER)


def _is(pair: str, name: str) -> bool:
    return pair.partition("=")[0].lower() == name


def _parts(text: str) -> SplitResult:
    """Empty where the text is not a URL; other jobs may have any text there."""
    try:
        return urlsplit(text)
    except ValueError:
        return urlsplit("")


def _port(parts: SplitResult) -> int | None:
    """0 where it is not a number; no service listens on port 0."""
    try:
        return parts.port or DEFAULT_PORTS.get(parts.scheme)
    except ValueError:
        return 0


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
