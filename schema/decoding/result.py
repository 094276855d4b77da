"""What decoding gives: rows and rejected lines as Arrow tables, and a tally of what happened."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import pyarrow as pa

# A sender may make up a new name in every line; past this many they are only counted.
UNKNOWN_NAMES_MAX = 100

# A made-up name may be as long as a line; past this it is cut, and counted under what is left.
UNKNOWN_NAME_CHARS_MAX = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """`received_at` is UTC, with or without saying so."""

    batch_id: str
    received_at: datetime

    def received_at_utc(self) -> datetime:
        """The same moment without a zone, as columns hold it."""
        at = self.received_at
        return at.astimezone(UTC).replace(tzinfo=None) if at.tzinfo else at


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """What became of the lines of one piece, and which fields gave trouble how often.

    `duplicates` counts members overruled by a later one of the same name, `unknown_unnamed` the
    unknown members whose names did not fit into `unknown`. `foreign` counts rows most of whose
    members the dataset does not know; `foreign_sample` is the first such line.
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
    """`table` has arrow_schema(dataset), where text columns may be dictionary-encoded; its rows
    are in any order, which `line_number` tells. `rejected` has exactly REJECTED_SCHEMA, in order.
    """

    table: pa.Table
    rejected: pa.Table
    tally: Tally


class UnknownNames:
    """Counts names nobody knows: the first UNKNOWN_NAMES_MAX of them in the alphabet, which are
    the same however the lines were divided among those who count.
    """

    def __init__(self) -> None:
        self.named: dict[str, int] = {}
        self.unnamed = 0

    def add(self, name: str, times: int = 1) -> None:
        short = name[:UNKNOWN_NAME_CHARS_MAX]
        self.named[short] = self.named.get(short, 0) + times
        if len(self.named) > UNKNOWN_NAMES_MAX:
            self.unnamed += self.named.pop(max(self.named))
