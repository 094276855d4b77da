"""Keeps records of erased persons out while they are decoded, for a term after each erasure.

A record is kept out if its user is the erased person and its event time lies before the erasure, or
cannot be read. Later records are ordinary rows, and so are rows under a legal hold. A rejected line
is kept out if the name is one of its words or quoted texts; it has no time that could be read.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import reduce
from typing import TypeAlias

import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import Connection

from schema.decoding.result import Piece
from store.catalog.catalog import Catalog
from store.errors import KeepOutChanged
from store.keepout import register
from store.keepout.digest import matching_digest
from store.keepout.line_names import candidates
from store.keepout.register import KeepOut
from store.timestamps import Clock

# Rejected lines may be anything: a sender could make the loader compare words for hours. So many
# digests of one piece of a body take about two seconds.
DIGESTS_MAX = 1_000_000

# The rows of a table that a legal hold keeps, as a mask without NULL; None if there is no hold.
# Two of them are equal if they apply the same holds.
Held: TypeAlias = Callable[[pa.Table], pa.ChunkedArray | None]
# Reads the holds that are active now.
ReadHolds: TypeAlias = Callable[[Connection], Held]


@dataclass(frozen=True, slots=True)
class Excluded:
    """What was kept out of one batch. `is_held`: a legal hold keeps other rows of it, and so its
    raw body.
    """

    records: int = 0
    lines: int = 0
    is_held: bool = False

    @property
    def count(self) -> int:
        return self.records + self.lines

    def __add__(self, other: "Excluded") -> "Excluded":
        return Excluded(
            self.records + other.records, self.lines + other.lines, self.is_held or other.is_held
        )


NOTHING = Excluded()


@dataclass(frozen=True, slots=True)
class Rules:
    """The keep-outs that are in force at one moment, and the holds that are stronger."""

    keep_outs: Sequence[KeepOut]
    held: Held
    read_holds: ReadHolds

    def sift(self, piece: Piece) -> tuple[Piece, Excluded]:
        """The piece without what is kept out, and what that was."""
        if not self.keep_outs:
            return piece, NOTHING
        rows, has_held_row = self._unless_held(self._rows(piece.table), piece.table)
        lines, has_held_line = self._unless_held(self._lines(piece.rejected), piece.rejected)
        found = Excluded(_count(rows), _count(lines), has_held_row or has_held_line)
        if not found.count:
            return piece, found
        table, rejected = (
            each.filter(pc.invert(mask))
            for each, mask in ((piece.table, rows), (piece.rejected, lines))
        )
        return replace(piece, table=table, rejected=rejected), found

    def names_any(self, users: Iterable[str]) -> bool:
        """Whether any of these users was erased."""
        return bool(self._matches(users))

    def count_rows(self, table: pa.Table) -> int:
        return _count(self._rows(table))

    def count_lines(self, rejected: pa.Table) -> int:
        return _count(self._lines(rejected))

    def demand_unchanged(self, connection: Connection, now: datetime) -> None:
        """KeepOutChanged if a person was erased since these rules were read, or if a hold was placed
        or released that may keep what these rules keep out.
        """
        if set(register.in_force(connection, now)) - set(self.keep_outs):
            raise KeepOutChanged("a person was erased while this batch was read")
        if self.keep_outs and self.read_holds(connection) != self.held:
            raise KeepOutChanged("a hold was changed while this batch was read")

    def _rows(self, table: pa.Table) -> pa.ChunkedArray:
        masks = [
            pc.and_(_is_user(table, name), _is_before(table["event_time"], before))
            for name, before in self._matches(_users(table)).items()
        ]
        return reduce(pc.or_, masks, _none(table))

    def _lines(self, rejected: pa.Table) -> pa.ChunkedArray:
        known: dict[str, bool] = {}
        found = [self._has_name(line or b"", known) for line in rejected["line"].to_pylist()]
        return pa.chunked_array([pa.array(found, pa.bool_())])

    def _has_name(self, line: bytes, known: dict[str, bool]) -> bool:
        """`known` are the names compared so far; past the limit a line is not judged, and stays."""
        for name in candidates(line) if self._may_compare(known) else ():
            if name not in known:
                known[name] = bool(self._matches([name]))
            if known[name]:
                return True
        return False

    def _may_compare(self, known: Mapping[str, bool]) -> bool:
        return len(known) * len(self.keep_outs) < DIGESTS_MAX

    def _unless_held(
        self, excluded: pa.ChunkedArray, table: pa.Table
    ) -> tuple[pa.ChunkedArray, bool]:
        """What is excluded and under no legal hold, and whether a hold keeps any row."""
        held = self.held(table)
        if held is None:
            return excluded, False
        return pc.and_(excluded, pc.invert(held)), bool(_count(held))

    def _matches(self, names: Iterable[str]) -> Mapping[str, datetime]:
        """Which of these names were erased, and when last."""
        found: dict[str, datetime] = {}
        for name in names:
            for each in self.keep_outs:
                if matching_digest(each.salt, name) == each.digest:
                    found[name] = max(each.before, found.get(name, each.before))
        return found


@dataclass(frozen=True, slots=True)
class KeepingOut:
    """Reads the rules from the catalog, once for each group of batches."""

    catalog: Catalog
    clock: Clock
    read_holds: ReadHolds

    def rules(self) -> Rules:
        with self.catalog.read() as connection:
            keep_outs = register.in_force(connection, self.clock())
            held = self.read_holds(connection) if keep_outs else no_hold
            return Rules(keep_outs, held, self.read_holds)


def no_hold(_table: pa.Table) -> None:
    return None


def no_holds(_connection: Connection) -> Held:
    return no_hold


NO_RULES = Rules((), no_hold, no_holds)


def _users(table: pa.Table) -> list[str]:
    found: list[str] = pc.unique(_texts(table["user_id"]).drop_null()).to_pylist()
    return found


def _is_user(table: pa.Table, name: str) -> pa.ChunkedArray:
    return pc.equal(_texts(table["user_id"]), name).fill_null(False)


def _is_before(times: pa.ChunkedArray, before: datetime) -> pa.ChunkedArray:
    return pc.less(times, pa.scalar(before, times.type)).fill_null(True)


def _texts(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return column.cast(pa.string()) if pa.types.is_dictionary(column.type) else column


def _none(table: pa.Table) -> pa.ChunkedArray:
    return pa.chunked_array([pa.repeat(pa.scalar(False), table.num_rows)])


def _count(mask: pa.ChunkedArray) -> int:
    return int(pc.sum(mask).as_py() or 0)
