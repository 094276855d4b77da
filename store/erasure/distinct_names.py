"""Names that look like spellings of one person's name, and that belong to two people.

A person says so, and the ledger keeps it: a salted digest of the two names, in either order. The
salt is beside it, so the entry confirms a pair to somebody who guesses both names, and tells nothing
to anybody else.
"""

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import orjson
from sqlalchemy import Connection

from store import names
from store.catalog import ledger

KIND = "distinct_names"
SALT_BYTES = 16


def record(connection: Connection, now: datetime, user: str, other: str) -> None:
    """Enter it in the ledger. The caller holds the write lock and commits."""
    salt = secrets.token_hex(SALT_BYTES)
    ledger.append(connection, KIND, now, {"salt": salt, "digest": _digest(salt, user, other)})


@dataclass(frozen=True, slots=True)
class DistinctNames:
    """Everything that was recorded, each as salt and digest."""

    pairs: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, connection: Connection) -> "DistinctNames":
        found = ledger.of_kinds(connection, [KIND], after=0)
        return cls(tuple((each.payload["salt"], each.payload["digest"]) for each in found))

    def are_known(self, users: Iterable[str], other: str) -> bool:
        """Whether `other` is known to be somebody else than one of these users."""
        return any(
            _digest(salt, user, other) == digest for user in users for salt, digest in self.pairs
        )


def _digest(salt: str, user: str, other: str) -> str:
    pair = sorted(names.as_bytes(name).hex() for name in (user, other))
    return hashlib.sha256(orjson.dumps([salt, *pair])).hexdigest()
