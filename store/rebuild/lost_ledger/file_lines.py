"""Reads from a finished file everything that a lost ledger entry said of it, and its lines."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.compute as pc

from store import timestamps
from store.compaction.deduplication import ALSO_IN
from store.files.copying import sha256_of
from store.files.hard_links import other_names
from store.files.layout import REJECTED, Layout
from store.parquet.file_reader import footer_of, opened_unnamed, read_metadata, reading
from store.parquet.footer import Lineage
from store.parquet.row_order import SORT_COLUMNS
from store.parquet.statistics.user_days import ROWS_READ
from store.replay.batch_rows import BatchKey

_PROVENANCE = ("batch_id", "line_number", "received_at")


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundFile:
    """`facts` are those of a ledger entry. `lines` are the line numbers of each batch, as the bits
    of a number; lines that were folded into a row count too.
    """

    path: str
    facts: Mapping[str, Any]
    lineage: Lineage
    changed_at: float
    has_unfinished_name: bool
    lines: Mapping[BatchKey, int]
    received: Mapping[BatchKey, datetime]

    @property
    def order(self) -> tuple[int, float]:
        """Later files have a larger one; files of format 1 know no entry."""
        return self.lineage.sequence, self.changed_at

    @property
    def is_rejected(self) -> bool:
        return bool(self.facts["dataset"] == REJECTED)


def read_file(layout: Layout, path: str) -> FoundFile:
    """StoreDamaged if it cannot be read, StoreTooNew if a newer version wrote it."""
    absolute = layout.root / path
    footer = footer_of(absolute.name, read_metadata(absolute))
    dataset, label = absolute.parent.parent.name, absolute.parent.name.partition("=")[2]
    collected = _Collected(footer.dataset or dataset)
    with reading(absolute), opened_unnamed(absolute) as file:
        rows = file.rows
        wanted = {*_PROVENANCE, "dataset", "event_time", ALSO_IN} & set(file.columns)
        for table in file.tables(ROWS_READ, sorted(wanted)):
            collected.add(table, has_times=set(SORT_COLUMNS) <= set(file.columns))
    return FoundFile(
        path=path,
        facts={
            "path": path,
            "dataset": footer.dataset or dataset,
            "day": footer.day or label,
            "sha256": sha256_of(layout.root, path),
            "bytes": absolute.stat().st_size,
            "rows": rows,
            "time_min": collected.time(min),
            "time_max": collected.time(max),
        },
        lineage=footer.lineage or Lineage(sequence=0),
        changed_at=absolute.stat().st_mtime,
        has_unfinished_name=bool(other_names(absolute)),
        lines={key: as_bits(numbers) for key, numbers in collected.numbers.items()},
        received=collected.received,
    )


def as_bits(numbers: Iterable[int]) -> int:
    found = set(numbers)
    bits = bytearray(max(found, default=0) // 8 + 1)
    for number in found:
        bits[number // 8] |= 1 << number % 8
    return int.from_bytes(bits, "little")


class _Collected:
    """The lines of a file and their times, collected table by table."""

    def __init__(self, dataset: str) -> None:
        self._dataset = dataset
        self._times: list[datetime] = []
        self.numbers: dict[BatchKey, list[int]] = defaultdict(list)
        self.received: dict[BatchKey, datetime] = {}

    def add(self, table: pa.Table, *, has_times: bool) -> None:
        columns = [table[name].to_pylist() for name in _PROVENANCE]
        is_rejected = self._dataset == REJECTED
        datasets = table["dataset"].to_pylist() if is_rejected else [self._dataset] * len(table)
        for dataset, batch_id, number, received_at in zip(datasets, *columns, strict=True):
            key = BatchKey(dataset, batch_id)
            self.numbers[key].append(number)
            self.received[key] = received_at
        for batch_id, number in _folded(table):
            self.numbers[BatchKey(self._dataset, batch_id)].append(number)
        if has_times:
            found = pc.min_max(table["event_time"]).as_py()
            self._times += [each for each in (found["min"], found["max"]) if each is not None]

    def time(self, which: Any) -> str | None:
        return timestamps.to_text(which(self._times)) if self._times else None


def _folded(table: pa.Table) -> Iterator[tuple[str, int]]:
    """The lines that were folded into these rows."""
    if ALSO_IN in table.column_names:
        for text in table[ALSO_IN].drop_null().to_pylist():
            for place in orjson.loads(text):
                batch_id, _, number = place.partition(":")
                yield batch_id, int(number)
