"""Pairs of names of which an operator said that they are, or are not, one person's.

A question reads them, so this file does not load SQLAlchemy; name_pairs.py writes them.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import orjson

from store import names


@dataclass(frozen=True, slots=True, kw_only=True)
class NamePair:
    """What an operator said of two names, in whichever order.

    The names are None where they are not kept: for names that are two people's, for a link that was
    undone, and after an erasure of one. The digest tells the pair then. `said_at` is the time as the ledger has it.
    """

    salt: str
    digest: str
    is_same: bool
    name: str | None
    other: str | None
    said_at: str

    def is_of(self, name: str, other: str) -> bool:
        if self.name is not None and self.other is not None:
            return {self.name, self.other} == {name, other}
        return digest_of(self.salt, name, other) == self.digest


@dataclass(frozen=True, slots=True)
class NamePairs:
    """Everything that was said, the newest first. Of one pair the newest counts."""

    pairs: tuple[NamePair, ...]

    def said_of(self, name: str, other: str) -> NamePair | None:
        """What was last said of two names; None if nothing was."""
        return next((pair for pair in self.pairs if pair.is_of(name, other)), None)

    def are_distinct(self, users: Iterable[str], other: str) -> bool:
        """Whether `other` is known to be somebody else than one of these users."""
        said = (self.said_of(user, other) for user in users)
        return any(pair is not None and not pair.is_same for pair in said)

    def links(self) -> Iterator[tuple[str, str, NamePair]]:
        """The pairs that are one person's, with both names."""
        for pair in self.pairs:
            if not pair.is_same or pair.name is None or pair.other is None:
                continue
            if self.said_of(pair.name, pair.other) is pair:
                yield pair.name, pair.other, pair

    def linked_to(self, name: str) -> Iterator[tuple[str, NamePair]]:
        """The names that were linked to this one itself."""
        mine = NamePairs(
            tuple(p for p in self.pairs if p.name is None or name in (p.name, p.other))
        )
        for one, other, pair in mine.links():
            yield (other if name == one else one), pair


def digest_of(salt: str, name: str, other: str) -> str:
    """The same for both orders of the names."""
    pair = sorted(names.as_bytes(each).hex() for each in (name, other))
    return hashlib.sha256(orjson.dumps([salt, *pair])).hexdigest()
