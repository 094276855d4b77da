"""One entry of the ledger: its fields, its digest and its header.

The digest is the SHA-256 of one JSON object with sorted keys and no spaces: kind, payload,
previous, recorded_at, sequence. Anyone can recompute it with any JSON tool.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, Self

import orjson

from store import timestamps

GENESIS = "0" * 64  # The digest that the first entry names.


class End(NamedTuple):
    """What the next entry needs of the last one. The defaults stand for an empty ledger."""

    sequence: int = 0
    digest: str = GENESIS


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    sequence: int
    kind: str
    recorded_at: str
    previous: str
    payload: Mapping[str, Any]
    digest: str

    @classmethod
    def after(cls, end: End, kind: str, now: datetime, payload: Mapping[str, Any]) -> Self:
        fields: dict[str, Any] = {
            "sequence": end.sequence + 1,
            "kind": kind,
            "recorded_at": timestamps.to_text(now),
            "previous": end.digest,
            "payload": payload,
        }
        return cls(**fields, digest=digest_of(fields))

    @property
    def end(self) -> End:
        return End(self.sequence, self.digest)

    def is_sound(self) -> bool:
        """Whether the digest matches the fields."""
        fields = self.fields()
        del fields["digest"]
        return self.digest == digest_of(fields)

    def fields(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__}

    def header(self) -> dict[str, Any]:
        """The fields without the payload, which is named by its SHA-256."""
        return {
            "sequence": self.sequence,
            "kind": self.kind,
            "recorded_at": self.recorded_at,
            "previous": self.previous,
            "payload_sha256": hashlib.sha256(canonical(self.payload)).hexdigest(),
        }


def canonical(value: Mapping[str, Any]) -> bytes:
    """JSON with sorted keys and without spaces."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def digest_of(fields: Mapping[str, Any]) -> str:
    """The digest of an entry with these fields."""
    return hashlib.sha256(canonical(fields)).hexdigest()
