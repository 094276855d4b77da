"""What a verification finds of a person who was erased."""

from dataclasses import dataclass
from enum import StrEnum


class RemnantKind(StrEnum):
    """What was found; `docs/operations.md` says what to do about each."""

    ROW = "row"
    LINE = "rejected line"
    HELD = "row under a hold"
    MENTION = "mention"
    RAW = "raw body"
    HELD_RAW = "raw body under a hold"
    NEW_RAW = "raw body not loaded yet"
    QUARANTINED = "body in quarantine"
    UNREADABLE = "unreadable"
    UNSEARCHABLE_LINE = "rejected line that cannot be searched"
    STRAY = "file that nothing names"
    LEDGER = "ledger entry"
    CATALOG = "catalog"
    LISTED = "name that no row has"
    UNUSED = "text that no row has"
    BYTES = "bytes"
    FOREIGN = "file of another program"
    NAME = "name of a file"


@dataclass(frozen=True, slots=True)
class Remnant:
    """`count` finds of one kind in `path`, which is relative to the data folder."""

    kind: RemnantKind
    path: str
    count: int
