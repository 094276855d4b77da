"""Lines that came in two batches: the same bytes are one row, what only looks alike is marked.

The bytes decide, not the columns: rows that agree in every value are compared in the raw bodies,
and where those are gone, both stay. A row names the lines that were folded into it in `also_in`.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import orjson
import pyarrow as pa
import pyarrow.compute as pc

from store.parquet import dataset_columns
from store.parquet.row_hashes import row_hashes

ALSO_IN, PROBABLE, MARKS = dataset_columns.ALSO_IN, dataset_columns.PROBABLE, dataset_columns.MARKS

# Rows that agree in these are the same request, told twice. A Ray ID alone identifies nothing.
IDENTITY = (
    "RayID",
    "event_time",
    "ClientRequestMethod",
    "ClientRequestHost",
    "ClientRequestURI",
    "ClientIP",
)
_NEEDED = ("RayID", "event_time")
# Where a row came from, in which copies differ; and the hash of all else, while rows are merged.
PROVENANCE = ("batch_id", "line_number", "received_at")
VALUES = "values hash"


class Lines(Protocol):
    def lines(self, dataset: str, batch_id: str, numbers: Iterable[int]) -> Mapping[int, bytes]: ...


@dataclass(frozen=True, slots=True)
class Copy:
    """One row that has a double; `row` is where it stands in the table."""

    row: int
    alike: int
    values: int
    batch_id: str
    line_number: int
    received_at: Any
    also_in: str | None

    @property
    def place(self) -> str:
        return f"{self.batch_id}:{self.line_number}"


@dataclass(frozen=True, slots=True)
class Folded:
    """The rows that stay, and what was folded into one of them."""

    table: pa.Table
    folded: pa.Table


def fold(table: pa.Table, dataset: str, originals: Lines) -> Folded:
    """Fold what is the same line, mark what is probably the same request."""
    copies = _copies(table)
    if not copies:
        return Folded(table, table.slice(0, 0))
    gone: set[int] = set()
    also_in: dict[int, list[str]] = {}
    probable: set[int] = set()
    sent = _sent(copies, dataset, originals)
    for alike in _grouped(copies, lambda copy: copy.alike):
        left = []
        for same in _grouped(alike, lambda copy: (copy.values, sent.get(copy.place))):
            pairs = list(_pairs(same)) if sent.get(same[0].place) is not None else []
            for double, kept in pairs:
                gone.add(double.row)
                also_in.setdefault(kept.row, _listed(kept)).extend([double.place, *_listed(double)])
            left += [copy for copy in same if copy.row not in gone]
        if len({copy.batch_id for copy in left}) > 1:
            probable |= {copy.row for copy in left}
    return _applied(table, gone, also_in, probable)


def _copies(table: pa.Table) -> list[Copy]:
    """Every row that may be another's double; usually none, which is told cheaply."""
    names = set(table.column_names)
    known = set(_NEEDED) <= names
    alike = row_hashes(table, IDENTITY) if known else table[VALUES]
    if pc.count_distinct(alike).as_py() == table.num_rows:
        return []
    counted = alike.value_counts()
    several = counted.field("values").filter(pc.greater(counted.field("counts"), 1))
    rows = pc.indices_nonzero(pc.is_in(alike, value_set=several))
    found = table.take(rows)
    columns = (
        rows.to_pylist(),
        alike.take(rows).to_pylist(),
        found[VALUES].to_pylist(),
        *(found[name].to_pylist() for name in (*PROVENANCE, ALSO_IN)),
    )
    copies = [Copy(*facts) for facts in zip(*columns, strict=True)]
    return [copy for group in _grouped(copies, lambda copy: copy.alike) for copy in _several(group)]


def _several(group: Sequence[Copy]) -> Sequence[Copy]:
    """A line that one batch has twice is as its sender meant it."""
    return group if len({copy.batch_id for copy in group}) > 1 else ()


def _sent(copies: Sequence[Copy], dataset: str, originals: Lines) -> dict[str, bytes]:
    """The bytes of every line that has a double in all values, by its place."""
    wanted: dict[str, list[int]] = defaultdict(list)
    for same in _grouped(copies, lambda copy: copy.values):
        for copy in _several(same):
            wanted[copy.batch_id].append(copy.line_number)
    return {
        f"{batch_id}:{number}": line
        for batch_id, numbers in wanted.items()
        for number, line in originals.lines(dataset, batch_id, numbers).items()
    }


def _pairs(same: Sequence[Copy]) -> Iterator[tuple[Copy, Copy]]:
    """Each double with the copy that stays: those of the batch that has most of them."""
    batches = _grouped(same, lambda copy: copy.batch_id)
    first = max(batches, key=lambda held: (len(held), -held[0].received_at.timestamp()))
    for held in batches:
        if held is not first:
            yield from zip(held, first, strict=False)


def _listed(copy: Copy) -> list[str]:
    return orjson.loads(copy.also_in) if copy.also_in else []


def _grouped(copies: Iterable[Copy], key: Any) -> list[list[Copy]]:
    groups: dict[Any, list[Copy]] = defaultdict(list)
    for copy in copies:
        groups[key(copy)].append(copy)
    return list(groups.values())


def _applied(
    table: pa.Table, gone: set[int], also_in: Mapping[int, Sequence[str]], probable: set[int]
) -> Folded:
    lists = {row: orjson.dumps(sorted(places)).decode() for row, places in also_in.items()}
    table = _with_column(table, ALSO_IN, lists)
    table = _with_column(table, PROBABLE, dict.fromkeys(probable, True))
    if not gone:
        return Folded(table, table.slice(0, 0))
    is_gone = pc.is_in(
        pa.array(range(table.num_rows), pa.int64()), value_set=pa.array(sorted(gone), pa.int64())
    )
    return Folded(table.filter(pc.invert(is_gone)), table.filter(is_gone))


def _with_column(table: pa.Table, name: str, changes: Mapping[int, Any]) -> pa.Table:
    if not changes:
        return table
    values = table[name].to_pylist()
    for row, value in changes.items():
        values[row] = value
    field = MARKS.field(name)
    place = table.column_names.index(name)
    return table.set_column(place, field, [pa.array(values, field.type)])


def places(table: pa.Table) -> Iterator[str]:
    """The batches of all lines that were folded into these rows, once for each line."""
    if ALSO_IN in table.column_names:
        for text in table[ALSO_IN].drop_null().to_pylist():
            for place in orjson.loads(text):
                yield batch_of(place)


def batch_of(place: str) -> str:
    """The batch whose line a place is, as `also_in` writes it."""
    return place.partition(":")[0]
