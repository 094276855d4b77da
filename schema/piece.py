"""What decoding gives: rows and rejected lines as Arrow tables, and a tally of what happened."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

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
    """`table` has arrow_schema(dataset), where text columns may be dictionary-encoded, and its
    rows are in the order of their lines; `rejected` has exactly REJECTED_SCHEMA.
    """

    table: pa.Table
    rejected: pa.Table
    tally: Tally


class UnknownName(NamedTuple):
    """How often a field nobody knows was met, and where first: line, and place in its record."""

    times: int
    first_met: tuple[int, int]


def count_unknown(names: Iterable[tuple[str, UnknownName]]) -> tuple[dict[str, int], int]:
    """The names that came first, cut to their limits, and how often any other was met."""
    named: dict[str, int] = {}
    unnamed = 0
    for name, met in sorted(names, key=lambda pair: pair[1].first_met):
        short = name[:UNKNOWN_NAME_CHARS_MAX]
        if short in named or len(named) < UNKNOWN_NAMES_MAX:
            named[short] = named.get(short, 0) + met.times
        else:
            unnamed += met.times
    return named, unnamed
