"""Lines without an id of their own that an earlier version folded into other rows.

Such a line may have been a second request. Today they all stay rows (store/compaction/
deduplication.py); a replay makes rows again of those whose raw bodies are kept.
"""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass

import orjson
import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import select

from store.catalog.catalog import Catalog
from store.catalog.tables import files
from store.compaction import deduplication
from store.errors import StoreDamaged
from store.files.layout import Layout
from store.parquet.file_reader import FinishedFile, opened
from store.parquet.footer import NamedFile

ROWS_AT_ONCE = 100_000


@dataclass(frozen=True, slots=True)
class FoldedLines:
    """In how many files such lines are hidden, and how many lines."""

    files: int = 0
    lines: int = 0


def without_id(layout: Layout, catalog: Catalog) -> Mapping[str, FoldedLines]:
    """By dataset. Only files in which any line was folded are opened, and two columns are read."""
    live = files.c.retired_sequence.is_(None) & (files.c.folded > 0)
    with catalog.read() as connection:
        rows = connection.execute(select(files).where(live)).mappings().all()
    found: dict[str, FoldedLines] = {}
    for row in rows:
        dataset = row["dataset"]
        # A damaged file is a finding of its own.
        with (
            suppress(StoreDamaged),
            opened(NamedFile.of(layout.root, row), is_hashed=False) as file,
        ):
            lines = sum(_lines(table, dataset) for table in _tables(file, dataset))
            if lines:
                before = found.get(dataset, FoldedLines())
                found[dataset] = FoldedLines(before.files + 1, before.lines + lines)
    return found


def _tables(file: FinishedFile, dataset: str) -> Iterator[pa.Table]:
    field = deduplication.id_field(dataset)
    columns = {deduplication.ALSO_IN, field} & set(file.columns)
    return file.tables(ROWS_AT_ONCE, sorted(name for name in columns if name))


def _lines(table: pa.Table, dataset: str) -> int:
    if deduplication.ALSO_IN not in table.column_names:
        return 0
    hidden = pc.invert(deduplication.has_id(table, dataset))
    places = table[deduplication.ALSO_IN].filter(hidden).drop_null()
    return sum(len(orjson.loads(text)) for text in places.to_pylist())
