"""What a body is, told while its bytes pass by: two hashes, its size, whether it is whole.

The evidence hash (SHA-256 of the bytes as sent) names the raw file and is what the ledger
chains. The content hash (BLAKE3 of the inflated bytes) decides "same batch", because a
resend may be compressed anew. Nothing is parsed and nothing is held but the first line.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

import orjson
from blake3 import blake3

from schema.dataset import recognise
from schema.envelope import Envelope, EnvelopeLimits
from schema.errors import BodyDamaged, BodyUnreadable
from schema.lines import LINE_BYTES_MAX

# What Logpush uploads when a job is made or changed.
TEST_BODIES = frozenset({b'{"content":"tests"}', b'{"content":"test"}', b"test"})
_TEST_BYTES_MAX = 64  # Room for white space around any of them.
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Whole:
    """The envelope is whole; `inflated_bytes` is what it holds."""

    inflated_bytes: int


@dataclass(frozen=True, slots=True)
class Damaged:
    """Not what it claims to be. Sent again, it may arrive whole."""

    reason: str


@dataclass(frozen=True, slots=True)
class Unreadable:
    """As the sender meant it, but past a limit: sent again it would be no better."""

    reason: str


Condition = Whole | Damaged | Unreadable


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """Everything the store needs to know of a body before it may call it a batch."""

    sha256: str
    content: str
    body_bytes: int
    condition: Condition
    start: bytes
    first_line: bytes

    def is_test_upload(self) -> bool:
        fits = isinstance(self.condition, Whole) and (
            self.condition.inflated_bytes <= _TEST_BYTES_MAX
        )
        return fits and self.start.strip() in TEST_BODIES

    def dataset(self) -> str | None:
        """The dataset the first record belongs to, or None when its keys do not tell."""
        try:
            record = orjson.loads(self.first_line.removeprefix(_BOM))
        except orjson.JSONDecodeError:
            return None
        known = recognise(record.keys()) if isinstance(record, dict) else None
        return known.name if known else None


class Examination:
    """Feed it a body in pieces; `result` tells what it was. One use, one body."""

    def __init__(self, limits: EnvelopeLimits, *, claims_gzip: bool = False) -> None:
        self._envelope = Envelope(limits, claims_gzip=claims_gzip)
        self._sha256 = hashlib.sha256()
        self._blake3 = blake3()
        self._body_bytes = 0
        self._fault: Damaged | Unreadable | None = None
        self._start = b""
        self._first_line = b""
        self._seeks_first_line = True

    def feed(self, piece: bytes) -> None:
        self._sha256.update(piece)
        self._body_bytes += len(piece)
        if self._fault is None:
            self._inflate(self._envelope.feed(piece))

    def result(self) -> Examined:
        if self._fault is None:
            self._inflate(self._envelope.finish())
        sha256 = self._sha256.hexdigest()
        condition: Condition = self._fault or Whole(self._envelope.plain_bytes)
        return Examined(
            sha256=sha256,
            # What cannot be inflated whole has no content hash; its own bytes stand in.
            content=f"sha256:{sha256}" if self._fault else f"blake3:{self._blake3.hexdigest()}",
            body_bytes=self._body_bytes,
            condition=condition,
            start=self._start,
            first_line=self._first_line,
        )

    def _inflate(self, pieces: Iterable[bytes]) -> None:
        try:
            for plain in pieces:
                self._blake3.update(plain)
                if self._seeks_first_line:
                    self._keep_first_line(plain)
        except BodyDamaged as error:
            self._fault = Damaged(str(error))
        except BodyUnreadable as error:
            self._fault = Unreadable(str(error))

    def _keep_first_line(self, plain: bytes) -> None:
        """Keep the first line that is not blank, or as much of it as one line may have."""
        self._start += plain[: _TEST_BYTES_MAX - len(self._start)]
        started = (self._first_line + plain).lstrip(b"\r\n\t ")
        line, newline, _ = started.partition(b"\n")
        self._first_line = line[:LINE_BYTES_MAX]
        self._seeks_first_line = not newline and len(line) < LINE_BYTES_MAX
