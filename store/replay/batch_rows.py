"""What one live file holds of which batch: told from two columns, its bytes proved unchanged."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from functools import reduce
from typing import NamedTuple

import orjson
import pyarrow as pa
import pyarrow.compute as pc

from store.catalog.counts import CatalogRow
from store.compaction import folding
from store.errors import StoreDamaged
from store.files.layout import REJECTED, Layout
from store.parquet.file_reader import held_columns, opened
from store.parquet.row_order import without_dictionaries

# Read at once of two columns: some tens of MB where they are plain.
ROWS_READ = 2**18


class Owner(NamedTuple):
    """A batch as rows name it: the same body may have been sent to two datasets."""

    dataset: str
    batch_id: str


@dataclass(frozen=True, slots=True)
class Contents:
    """`rows` counts the rows of each batch, `folded` its lines that stand in another's row.

    `pairs` are batches of which a line of one stands in a row of the other.
    """

    file: CatalogRow
    rows: Counter[Owner] = field(default_factory=Counter)
    folded: Counter[Owner] = field(default_factory=Counter)
    pairs: set[tuple[Owner, Owner]] = field(default_factory=set)

    def rows_of(self, owners: Collection[Owner]) -> int:
        return sum(rows for owner, rows in self.rows.items() if owner in owners)


def contents(layout: Layout, file: CatalogRow) -> Contents:
    """StoreDamaged where the file is not what the catalog says."""
    found = Contents(file)
    is_rejected = file["dataset"] == REJECTED
    wanted = {"batch_id", "dataset" if is_rejected else folding.ALSO_IN}
    with opened(layout.root / file["path"], file["sha256"]) as parquet:
        if parquet.metadata.num_rows != file["rows"]:
            raise StoreDamaged(f"{file['path']} holds other rows than the catalog says")
        columns = sorted(wanted & set(held_columns(parquet)))
        for batch in parquet.iter_batches(ROWS_READ, columns=columns, use_threads=False):
            table = pa.Table.from_batches([batch])
            if is_rejected:
                _count_rejected(found, table)
            else:
                _count(found, table, file["dataset"])
    return found


def mask_of(table: pa.Table, dataset: str, owners: Iterable[Owner]) -> pa.ChunkedArray:
    """Which rows of a file of `dataset` are theirs; there must be one owner at least."""
    ids: dict[str, list[str]] = defaultdict(list)
    for owner in owners:
        ids[owner.dataset].append(owner.batch_id)
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


def _count(found: Contents, table: pa.Table, dataset: str) -> None:
    counted = table["batch_id"].value_counts()
    ids, times = counted.field("values").to_pylist(), counted.field("counts").to_pylist()
    found.rows.update({Owner(dataset, each): n for each, n in zip(ids, times, strict=True)})
    if folding.ALSO_IN not in table.column_names:
        return
    held = table.filter(pc.is_valid(table[folding.ALSO_IN]))
    rows = zip(held["batch_id"].to_pylist(), held[folding.ALSO_IN].to_pylist(), strict=True)
    for batch_id, also_in in rows:
        for place in orjson.loads(also_in):
            other = Owner(dataset, folding.batch_of(place))
            found.folded[other] += 1
            found.pairs.add((Owner(dataset, batch_id), other))


def _count_rejected(found: Contents, table: pa.Table) -> None:
    plain = without_dictionaries(table, {"dataset", "batch_id"})
    counted = plain.group_by(["dataset", "batch_id"]).aggregate([([], "count_all")])
    for row in counted.to_pylist():
        found.rows[Owner(row["dataset"], row["batch_id"])] += row["count_all"]
