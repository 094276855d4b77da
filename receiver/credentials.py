"""Checks that a request carries a valid token. Tokens are compared as digests, in constant time.

Both sides are hashed first, so that neither length nor characters outside ASCII matter.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterable
from pathlib import Path

from anyio import to_thread
from starlette.datastructures import Headers

from receiver.errors import NotAuthorized, TryLater
from store.errors import DiskFailed, NoRoom, StoreUnavailable
from store.registers import tokens as token_file

# One text for every failure, so that the sender does not learn which check failed.
_REFUSAL = "a valid token is needed"


class Credentials:
    """The tokens that are valid now; there may be several, so that one can be rotated."""

    def __init__(
        self, tokens: Iterable[str], header: str | None = None, file: Path | None = None
    ) -> None:
        self._digests = tuple(_digest(token) for token in tokens)
        self._header = header
        self._file = _TokenFile(file) if file else None

    async def demand(self, headers: Headers, path_token: str | None) -> bytes:
        """The digest of the request's token; NotAuthorized unless it carries one and it is valid."""
        offered = self._offered(headers, path_token)
        known = await self._known(offered[0]) if len(offered) == 1 else None
        if known is None:
            raise NotAuthorized(_REFUSAL)
        return known

    def _offered(self, headers: Headers, path_token: str | None) -> list[tuple[str, ...]]:
        """The token of each place that has one, in every way it can be read."""
        places = [_readings(value) for value in headers.getlist("authorization")]
        if self._header and self._header.lower() != "authorization":
            places += [(value,) for value in headers.getlist(self._header)]
        if path_token is not None:
            places.append((path_token,))
        return places

    async def _known(self, readings: tuple[str, ...]) -> bytes | None:
        known = _any_of(readings, self._digests)
        if known is not None or self._file is None:
            return known
        # Last, so that the tokens of the settings work while the file cannot be read. In a thread,
        # because a slow disk must not block other requests.
        return _any_of(readings, await to_thread.run_sync(self._file.digests))


class _TokenFile:
    """The tokens that `raytrail setup` made, read again whenever their file has changed.

    Threads may read at the same time; if the slower one stores older tokens, the next check reads
    the file again.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stamp: token_file.Stamp | None = None
        self._digests: tuple[bytes, ...] = ()

    def digests(self) -> tuple[bytes, ...]:
        try:
            # Taken before reading: a file that is replaced in between is read again at the next request.
            stamp = token_file.stamp(self._path)
            if stamp != self._stamp:
                self._digests = tuple(_digest(token) for token in token_file.read(self._path))
                self._stamp = stamp
        except (StoreUnavailable, NoRoom, DiskFailed) as error:
            # A 401 might make the sender give up, and an unreadable file does not prove one.
            raise TryLater(str(error)) from error
        return self._digests


def _any_of(readings: tuple[str, ...], digests: tuple[bytes, ...]) -> bytes | None:
    # Every pair is compared, so that the time does not depend on which one matches.
    offered = [_digest(reading) for reading in readings]
    matches = [
        (hmac.compare_digest(each, digest), digest) for each in offered for digest in digests
    ]
    return next((digest for is_equal, digest in matches if is_equal), None)


def _readings(authorization: str) -> tuple[str, ...]:
    """`Bearer T`, `Basic T` as in Logpush's examples, or `Basic base64(name:T)`."""
    scheme, _, credential = authorization.strip().partition(" ")
    credential = credential.strip()
    match scheme.lower():
        case "bearer":
            return (credential,)
        case "basic":
            return (credential, *_password(credential))
        case _:
            return ()


def _password(credential: str) -> tuple[str, ...]:
    try:
        pair = base64.b64decode(credential, validate=True).decode()
    except (binascii.Error, ValueError):
        return ()
    return (pair.partition(":")[2],) if ":" in pair else ()


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).digest()
