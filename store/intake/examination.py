"""Examines a body while its bytes pass: two hashes, its size, whether it is whole.

The evidence hash (SHA-256 of the bytes as sent) names the raw file and stands in the ledger. The
content hash (BLAKE3 of the inflated bytes) identifies the batch, because a resend may be
compressed differently. Nothing is parsed, and only the start is kept in memory.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from blake3 import blake3

from schema.body.envelope import Envelope
from schema.body.limits import EnvelopeLimits
from schema.errors import BodyDamaged, BodyUnreadable
from schema.recognition import RECOGNITION_BYTES_MAX, likely_dataset, recognised

# What Logpush uploads when a job is made or changed.
TEST_BODIES = frozenset({b'{"content":"tests"}', b'{"content":"test"}', b"test"})
_TEST_BYTES_MAX = 64  # Room for white space around any of them.


@dataclass(frozen=True, slots=True)
class Whole:
    """Complete and readable; `inflated_bytes` is its inflated size."""

    inflated_bytes: int


@dataclass(frozen=True, slots=True)
class Damaged:
    """Changed or cut on the way. Sent again, it may arrive whole."""

    reason: str


@dataclass(frozen=True, slots=True)
class Unreadable:
    """As the sender meant it, but over a limit. Sending it again would not help."""

    reason: str


Condition = Whole | Damaged | Unreadable


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """What the store needs to know of a body before it enters it as a batch.

    `start` is the beginning of the inflated body, long enough to recognise the dataset.
    """

    sha256: str
    content: str
    body_bytes: int
    condition: Condition
    start: bytes

    def is_test_upload(self) -> bool:
        fits = isinstance(self.condition, Whole) and (
            self.condition.inflated_bytes <= _TEST_BYTES_MAX
        )
        return fits and self.start.strip() in TEST_BODIES

    def dataset(self) -> str | None:
        """The dataset of its first records, or None if their keys match none."""
        return recognised(self.start)

    def looks_like(self, name: str) -> str | None:
        """The dataset that records sent under this name plainly belong to, if it is no known name."""
        return likely_dataset(name, self.start)


class Examination:
    """Feed it one body in pieces, then ask for `result`."""

    def __init__(self, limits: EnvelopeLimits, *, claims_gzip: bool = False) -> None:
        self._envelope = Envelope(limits, claims_gzip=claims_gzip)
        self._sha256 = hashlib.sha256()
        self._blake3 = blake3()
        self._body_bytes = 0
        self._fault: Damaged | Unreadable | None = None
        self._start = bytearray()
        self._plain_bytes_max = 0
        self.plain: list[bytes] | None = None

    def keep_plain(self, bytes_max: int) -> None:
        """Keep inflated bytes in `plain` from now on; past the limit `plain` is None again."""
        self._plain_bytes_max, self.plain = bytes_max, []

    def feed(self, piece: bytes) -> None:
        self._sha256.update(piece)
        self._body_bytes += len(piece)
        if self._fault is None:
            self._inflate(self._envelope.feed(piece))

    @property
    def passes_a_limit(self) -> bool:
        return isinstance(self._fault, Unreadable)

    def result(self) -> Examined:
        if self._fault is None:
            self._inflate(self._envelope.finish())
        sha256 = self._sha256.hexdigest()
        condition: Condition = self._fault or Whole(self._envelope.plain_bytes)
        return Examined(
            sha256=sha256,
            # A body that cannot be inflated has no content hash; its evidence hash stands in.
            content=f"sha256:{sha256}" if self._fault else f"blake3:{self._blake3.hexdigest()}",
            body_bytes=self._body_bytes,
            condition=condition,
            start=bytes(self._start),
        )

    def _inflate(self, pieces: Iterable[bytes]) -> None:
        try:
            for plain in pieces:
                self._blake3.update(plain)
                if self.plain is not None:
                    self.plain.append(plain)
                    if self._envelope.plain_bytes > self._plain_bytes_max:
                        self.plain = None
                self._start += plain[: RECOGNITION_BYTES_MAX - len(self._start)]
        except BodyDamaged as error:
            self._fault = Damaged(str(error))
        except BodyUnreadable as error:
            self._fault = Unreadable(str(error))
