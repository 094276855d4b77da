"""Counts the rows of each batch in one live file, whose bytes are checked by hash."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from functools import reduce
from typing import NamedTuple

import orjson
import pyarrow as pa
import pyarrow.compute as pc

from store.catalog.counts import CatalogRow
from store.compaction import deduplication
from store.errors import StoreDamaged
from store.files.layout import REJECTED, Layout
from store.parquet.file_reader import opened
from store.parquet.footer import NamedFile
from store.parquet.row_order import without_dictionaries

# Rows of two columns read at once: some tens of MB where they are not dictionaries.
ROWS_READ = 2**18


class BatchKey(NamedTuple):
    """Identifies a batch: the same body may have been sent to two datasets."""

    dataset: str
    batch_id: str


@dataclass(frozen=True, slots=True)
class FileBatches:
    """`rows` counts the rows of each batch, `folded` its lines that were folded into other rows.

    `links` are pairs of batches, of which a line of one was folded into a row of the other.
    """

    file: CatalogRow
    rows: Counter[BatchKey] = field(default_factory=Counter)
    folded: Counter[BatchKey] = field(default_factory=Counter)
    links: set[tuple[BatchKey, BatchKey]] = field(default_factory=set)

    def rows_of(self, keys: Collection[BatchKey]) -> int:
        return sum(rows for key, rows in self.rows.items() if key in keys)


def count_batches(layout: Layout, file: CatalogRow) -> FileBatches:
    """StoreDamaged if the file is not as the catalog says."""
    found = FileBatches(file)
    is_rejected = file["dataset"] == REJECTED
    wanted = {"batch_id", "dataset" if is_rejected else deduplication.ALSO_IN}
    with opened(NamedFile.of(layout.root, file)) as finished:
        if finished.rows != file["rows"]:
            raise StoreDamaged(f"{file['path']} has another number of rows than the catalog says")
        columns = sorted(wanted & set(finished.held_columns()))
        for table in finished.tables(ROWS_READ, columns):
            if is_rejected:
                _count_rejected(found, table)
            else:
                _count(found, table, file["dataset"])
    return found


def mask_of(table: pa.Table, dataset: str, keys: Iterable[BatchKey]) -> pa.ChunkedArray:
    """The rows of these batches in a file of `dataset`; there must be at least one batch."""
    ids: dict[str, list[str]] = defaultdict(list)
    for key in keys:
        ids[key.dataset].append(key.batch_id)
    plain = without_dictionaries(table, {"batch_id", "dataset"})
    if dataset != REJECTED:
        return _among(plain["batch_id"], ids[dataset])
    masks = (
        pc.and_(pc.equal(plain["dataset"], name), _among(plain["batch_id"], found))
        for name, found in ids.items()
    )
    return reduce(pc.or_, masks)


def _among(column: pa.ChunkedArray, ids: Sequence[str]) -> pa.ChunkedArray:
    return pc.is_in(column, value_set=pa.array(ids, pa.string()))


def _count(found: FileBatches, table: pa.Table, dataset: str) -> None:
    counted = table["batch_id"].value_counts()
    ids, times = counted.field("values").to_pylist(), counted.field("counts").to_pylist()
    found.rows.update({BatchKey(dataset, each): n for each, n in zip(ids, times, strict=True)})
    if deduplication.ALSO_IN not in table.column_names:
        return
    held = table.filter(pc.is_valid(table[deduplication.ALSO_IN]))
    rows = zip(held["batch_id"].to_pylist(), held[deduplication.ALSO_IN].to_pylist(), strict=True)
    for batch_id, also_in in rows:
        for place in orjson.loads(also_in):
            other = BatchKey(dataset, deduplication.batch_of(place))
            found.folded[other] += 1
            found.links.add((BatchKey(dataset, batch_id), other))


def _count_rejected(found: FileBatches, table: pa.Table) -> None:
    plain = without_dictionaries(table, {"dataset", "batch_id"})
    counted = plain.group_by(["dataset", "batch_id"]).aggregate([([], "count_all")])
    for row in counted.to_pylist():
        found.rows[BatchKey(row["dataset"], row["batch_id"])] += row["count_all"]
