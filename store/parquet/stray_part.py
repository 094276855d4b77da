"""Reads a Parquet file that no catalog names: its footer and its rows are all that is known."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from store.errors import StoreDamaged, StoreTooNew
from store.parquet.file_reader import footer_of, opened_unnamed, read_metadata, reading
from store.parquet.footer import Lineage
from store.parquet.part_file import ROW_GROUP_ROWS

NOTHING_KNOWN = Lineage(sequence=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class StrayPart:
    """By its footer, or by its folders if the footer is of format 1."""

    dataset: str
    day: str
    rows: int
    lineage: Lineage


def read(path: Path) -> StrayPart | None:
    """None if it cannot be read, or was not written by Raytrail."""
    try:
        metadata = read_metadata(path)
        footer = footer_of(path.name, metadata)
    except (StoreDamaged, StoreTooNew):
        return None
    dataset, day = footer.dataset, footer.day
    if dataset is None or day is None:
        dataset, day = path.parent.parent.name, path.parent.name.partition("=")[2]
    if not dataset or not day:
        return None
    lineage = footer.lineage or NOTHING_KNOWN
    return StrayPart(dataset=dataset, day=day, rows=metadata.num_rows, lineage=lineage)


def count(path: Path, mask: Callable[[pa.Table], pa.ChunkedArray | None]) -> int:
    """The rows that `mask` selects; StoreDamaged if the file cannot be read."""
    found = 0
    with reading(path), opened_unnamed(path) as file:
        for table in file.tables(ROW_GROUP_ROWS, file.columns):
            selected = mask(table)
            found += 0 if selected is None else pc.sum(selected).as_py() or 0
    return found
