"""The result of decoding: rows and rejected lines as Arrow tables, and counts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import pyarrow as pa

# A sender may use a new name in every line; names past this many are only counted.
UNKNOWN_NAMES_MAX = 100

# A name may be as long as a line; a longer one is shortened and counted under its start.
UNKNOWN_NAME_CHARS_MAX = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """`received_at` is in UTC, with or without a time zone."""

    batch_id: str
    received_at: datetime

    def received_at_utc(self) -> datetime:
        """The same moment without a time zone, as columns hold it."""
        at = self.received_at
        return at.astimezone(UTC).replace(tzinfo=None) if at.tzinfo else at


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """Counts of the lines of one piece by outcome, and of problems by field.

    `duplicates` counts members replaced by a later one of the same name; `unknown_unnamed` counts
    unknown members whose names did not fit into `unknown`. `foreign` counts rows in which the
    dataset does not know most of the members; `foreign_sample` is the first such line.
    """

    lines: int
    blank: int
    rows: int
    rejected: int
    misfits: Mapping[str, int]
    approximations: Mapping[str, int]
    unknown: Mapping[str, int]
    unknown_unnamed: int
    duplicates: int
    foreign: int = 0
    foreign_sample: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """The decoded records of one part of a body.

    `table` has arrow_schema(dataset); text columns may be dictionary-encoded, and rows may be in
    any order. `rejected` has exactly REJECTED_SCHEMA, in the order of the lines.
    """

    table: pa.Table
    rejected: pa.Table
    tally: Tally


class UnknownNames:
    """Counts unknown names, by name for the first UNKNOWN_NAMES_MAX in alphabetical order.

    So the result is the same however the lines are divided among several counters.
    """

    def __init__(self) -> None:
        self.named: dict[str, int] = {}
        self.unnamed = 0

    def add(self, name: str, times: int = 1) -> None:
        short = name[:UNKNOWN_NAME_CHARS_MAX]
        self.named[short] = self.named.get(short, 0) + times
        if len(self.named) > UNKNOWN_NAMES_MAX:
            self.unnamed += self.named.pop(max(self.named))
