"""Deduplicates lines that arrived in two batches; marks rows that are only probably duplicates.

Rows are folded into one if they have an id of their own (a Ray ID, a query id) and their raw lines
have the same bytes, as the raw bodies show. If a raw body is gone, both rows stay. A row lists the
lines that were folded into it in `also_in`.

Without an id nothing tells a line that was sent again from a second request, so all such rows stay.
Rows that probably repeat another one are marked `probable_duplicate`; that other one is not.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import orjson
import pyarrow as pa
import pyarrow.compute as pc

from schema.dataset import datasets
from store.parquet import dataset_columns
from store.parquet.row_hashes import row_hashes

ALSO_IN, PROBABLE, MARKS = dataset_columns.ALSO_IN, dataset_columns.PROBABLE, dataset_columns.MARKS

# Rows with equal values here are the same request, logged twice. A Ray ID alone is not unique.
IDENTITY = (
    "RayID",
    "event_time",
    "ClientRequestMethod",
    "ClientRequestHost",
    "ClientRequestURI",
    "ClientIP",
)
_NEEDED = ("RayID", "event_time")
# Values of an id field that mean "none"; Cloudflare writes 00 for a Ray that does not exist.
NO_ID = ("", "00")
# Columns in which duplicates differ, and the name of a temporary column: a hash of all others.
PROVENANCE = ("batch_id", "line_number", "received_at")
VALUES = "values hash"


class RawLineReader(Protocol):
    def lines(self, dataset: str, batch_id: str, numbers: Iterable[int]) -> Mapping[int, bytes]: ...


@dataclass(frozen=True, slots=True)
class Candidate:
    """A row that may be a duplicate; `row` is its position in the table."""

    row: int
    has_id: bool
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
class Deduplicated:
    """The rows that stay, and those that were folded into one of them."""

    table: pa.Table
    folded: pa.Table


def deduplicate(table: pa.Table, dataset: str, originals: RawLineReader) -> Deduplicated:
    """Fold rows of the same line, mark rows that are probably the same request."""
    candidates = _candidates(table, dataset)
    if not candidates:
        return Deduplicated(table, table.slice(0, 0))
    gone: set[int] = set()
    also_in: dict[int, list[str]] = {}
    marks: dict[int, bool | None] = {}
    sent = _sent(candidates, dataset, originals)
    for alike in _grouped(candidates, lambda candidate: candidate.alike):
        for same in _grouped(
            alike, lambda candidate: (candidate.values, sent.get(candidate.place))
        ):
            pairs = list(_pairs(same)) if sent.get(same[0].place) is not None else []
            for duplicate, kept in pairs:
                gone.add(duplicate.row)
                also_in.setdefault(kept.row, _listed(kept)).extend(
                    [duplicate.place, *_listed(duplicate)]
                )
        left = [candidate for candidate in alike if candidate.row not in gone]
        repeats = {duplicate.row for duplicate, _ in _pairs(left)}
        # An earlier merge may have marked the row that stays now.
        marks |= {each.row: True if each.row in repeats else None for each in left}
    return _applied(table, gone, also_in, marks)


def _candidates(table: pa.Table, dataset: str) -> list[Candidate]:
    """Every row that may have a duplicate; the usual answer, none, is found cheaply."""
    identified = has_id(table, dataset)
    alike = table[VALUES]
    if set(_NEEDED) <= set(table.column_names):
        alike = pc.if_else(identified, row_hashes(table, IDENTITY), alike)
    if pc.count_distinct(alike).as_py() == table.num_rows:
        return []
    counted = alike.value_counts()
    several = counted.field("values").filter(pc.greater(counted.field("counts"), 1))
    rows = pc.indices_nonzero(pc.is_in(alike, value_set=several))
    found = table.take(rows)
    columns = (
        rows.to_pylist(),
        identified.take(rows).to_pylist(),
        alike.take(rows).to_pylist(),
        found[VALUES].to_pylist(),
        *(found[name].to_pylist() for name in (*PROVENANCE, ALSO_IN)),
    )
    candidates = [Candidate(*facts) for facts in zip(*columns, strict=True)]
    return [
        candidate
        for group in _grouped(candidates, lambda candidate: candidate.alike)
        for candidate in _several(group)
    ]


def id_field(dataset: str) -> str | None:
    """The field that tells one record of this dataset from another with the same values."""
    known = datasets().get(dataset)
    return known.record_id if known else None


def has_id(table: pa.Table, dataset: str) -> pa.ChunkedArray:
    """Whether each row has an id of its own."""
    field = id_field(dataset)
    if field is None or field not in table.column_names:
        return pa.chunked_array([pa.repeat(pa.scalar(value=False), table.num_rows)])
    missing = pa.array([*NO_ID, None], pa.string())
    return pc.invert(pc.is_in(table[field].cast(pa.string()), value_set=missing))


def _several(group: Sequence[Candidate]) -> Sequence[Candidate]:
    """A line that stands twice in one batch is no duplicate: the sender meant it."""
    return group if len({candidate.batch_id for candidate in group}) > 1 else ()


def _sent(
    candidates: Sequence[Candidate], dataset: str, originals: RawLineReader
) -> dict[str, bytes]:
    """The raw lines of rows with an id that agree with another in every value, by place."""
    wanted: dict[str, list[int]] = defaultdict(list)
    identified = [candidate for candidate in candidates if candidate.has_id]
    for same in _grouped(identified, lambda candidate: candidate.values):
        for candidate in _several(same):
            wanted[candidate.batch_id].append(candidate.line_number)
    return {
        f"{batch_id}:{number}": line
        for batch_id, numbers in wanted.items()
        for number, line in originals.lines(dataset, batch_id, numbers).items()
    }


def _pairs(same: Sequence[Candidate]) -> Iterator[tuple[Candidate, Candidate]]:
    """Each duplicate with the row that stays: those of the batch that has the most."""
    batches = _grouped(same, lambda candidate: candidate.batch_id)
    first = max(batches, key=lambda held: (len(held), -held[0].received_at.timestamp()))
    for held in batches:
        if held is not first:
            yield from zip(held, first, strict=False)


def _listed(candidate: Candidate) -> list[str]:
    return orjson.loads(candidate.also_in) if candidate.also_in else []


def _grouped(candidates: Iterable[Candidate], key: Any) -> list[list[Candidate]]:
    groups: dict[Any, list[Candidate]] = defaultdict(list)
    for candidate in candidates:
        groups[key(candidate)].append(candidate)
    return list(groups.values())


def _applied(
    table: pa.Table,
    gone: set[int],
    also_in: Mapping[int, Sequence[str]],
    marks: Mapping[int, bool | None],
) -> Deduplicated:
    lists = {row: orjson.dumps(sorted(places)).decode() for row, places in also_in.items()}
    table = _with_column(table, ALSO_IN, lists)
    table = _with_column(table, PROBABLE, marks)
    if not gone:
        return Deduplicated(table, table.slice(0, 0))
    is_gone = pc.is_in(
        pa.array(range(table.num_rows), pa.int64()), value_set=pa.array(sorted(gone), pa.int64())
    )
    return Deduplicated(table.filter(pc.invert(is_gone)), table.filter(is_gone))


def _with_column(table: pa.Table, name: str, changes: Mapping[int, Any]) -> pa.Table:
    if not changes:
        return table
    values = table[name].to_pylist()
    for row, value in changes.items():
        values[row] = value
    field = MARKS.field(name)
    place = table.column_names.index(name)
    return table.set_column(place, field, [pa.array(values, field.type)])


def folded_batches(table: pa.Table) -> Iterator[str]:
    """The batch of each line that was folded into these rows."""
    if ALSO_IN in table.column_names:
        for text in table[ALSO_IN].drop_null().to_pylist():
            for place in orjson.loads(text):
                yield batch_of(place)


def probable_rows(table: pa.Table) -> int:
    """How many rows are marked as probable duplicates."""
    marked = pc.sum(table[PROBABLE]).as_py() if PROBABLE in table.column_names else None
    return marked or 0


def batch_of(place: str) -> str:
    """The batch in a place, as `also_in` has it: `batch:line`."""
    return place.partition(":")[0]
