"""Writes one Parquet part: drafted, synced, re-read with its checksums, then linked.

Options are those that measured best: zstd 1, dictionaries except on nearly
unique columns, statistics on the few columns that are searched, bloom filters on user and
Ray ID, page checksums (a flipped bit is otherwise read as a wrong row).
"""

import contextlib
import hashlib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from store import durable, moment
from store.draft import READ_BYTES_AT_ONCE
from store.errors import DiskFailed
from store.fingerprint import fingerprint
from store.layout import draft_path

# Best or equal in every query measured but bytes read.
ROW_GROUP_ROWS = 122_880

# Rows may be a hundred times longer than usual; what waits for its row group ends here.
WAITING_BYTES_MAX = 256 * 1024 * 1024

SORT_COLUMNS = ("user_id", "event_time")
_SEARCHED = ("user_id", "event_time", "RayID", "ClientIP", "EdgeResponseStatus")
_NEARLY_UNIQUE = frozenset({"RayID", "ClientSrcPort", "ResponseHeaders", "extra", "line"})
_BLOOM_USERS_MAX = 20_000  # distinct users of a row group
_BLOOM_FALSE_POSITIVES = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One finished part, as the catalog will list it; `path` is absolute, `columns` a fingerprint."""

    path: Path
    dataset: str
    day: str
    sha256: str
    bytes: int
    rows: int
    time_min: str | None
    time_max: str | None
    user_min: str | None
    user_max: str | None
    columns: str


class PartWriter:
    """Takes tables of one dataset and day; `finish` makes them one durable part."""

    def __init__(self, folder: Path, dataset: str, day: str, schema: pa.Schema) -> None:
        self._folder = folder
        self._dataset = dataset
        self._day = day
        self._schema = schema
        self._draft = draft_path(folder, "part")
        self._waiting: list[pa.Table] = []
        self._waiting_rows = 0
        self.waiting_bytes = 0
        self._rows = 0
        self._times = _Range()
        self._users = _Range()
        with durable.disk_errors("drafting a part"):
            self._writer = pq.ParquetWriter(self._draft, schema, **_options(schema))

    def add(self, table: pa.Table) -> None:
        self._waiting.append(table)
        self._waiting_rows += table.num_rows
        self.waiting_bytes += table.nbytes
        if self._waiting_rows >= ROW_GROUP_ROWS:
            self.write_row_group()

    def finish(self, name: str) -> Part:
        """Sync, re-read and link the part as `name`. A leftover of that name is replaced:
        only the one loader writes here, and what the catalog names is never written again.
        """
        if self._waiting_rows:
            self.write_row_group()
        with durable.disk_errors("finishing a part"):
            self._writer.close()
        self._verify()
        target = self._folder / name
        sha256 = _sha256(self._draft)
        durable.replace(self._draft, target)
        return Part(
            path=target,
            dataset=self._dataset,
            day=self._day,
            sha256=sha256,
            bytes=target.stat().st_size,
            rows=self._rows,
            time_min=_time_text(self._times.low),
            time_max=_time_text(self._times.high),
            user_min=self._users.low,
            user_max=self._users.high,
            columns=fingerprint(self._schema),
        )

    def abandon(self) -> None:
        """Let go of an unfinished draft; the error that led here is what counts."""
        with contextlib.suppress(OSError):
            self._writer.close()
        durable.remove(self._draft, synced=False)

    def write_row_group(self) -> None:
        """Sort what waits and write it."""
        table = pa.concat_tables(self._waiting)
        self._waiting, self._waiting_rows, self.waiting_bytes = [], 0, 0
        order = [(column, "ascending") for column in SORT_COLUMNS if column in table.column_names]
        table = table.sort_by(order) if order else table
        if order:
            self._times.widen(table["event_time"])
            self._users.widen(table["user_id"])
        with durable.disk_errors("writing a part"):
            self._writer.write_table(table, row_group_size=ROW_GROUP_ROWS)
        self._rows += table.num_rows

    def _verify(self) -> None:
        """Read every page back against its checksum before anybody may see the file."""
        with (
            durable.disk_errors("reading a part back"),
            pq.ParquetFile(self._draft, page_checksum_verification=True) as file,
        ):
            rows = sum(batch.num_rows for batch in file.iter_batches())
        if rows != self._rows:
            raise DiskFailed(f"wrote {self._rows} rows of {self._dataset}, read back {rows}")


class _Range:
    """The smallest and largest value seen, for the catalog's file pruning."""

    def __init__(self) -> None:
        self.low: Any = None
        self.high: Any = None

    def widen(self, column: pa.ChunkedArray) -> None:
        found = pc.min_max(column).as_py()
        if found["min"] is None:
            return
        self.low = found["min"] if self.low is None else min(self.low, found["min"])
        self.high = found["max"] if self.high is None else max(self.high, found["max"])


def _options(schema: pa.Schema) -> dict[str, Any]:
    names = set(schema.names)
    is_time = {field.name for field in schema if pa.types.is_timestamp(field.type)}
    delta = (is_time | {"EdgeResponseBytes", "line_number"}) & names
    blooms = {
        "RayID": {"ndv": ROW_GROUP_ROWS, "fpp": _BLOOM_FALSE_POSITIVES},
        "user_id": {"ndv": _BLOOM_USERS_MAX, "fpp": _BLOOM_FALSE_POSITIVES},
    }
    return {
        "compression": "zstd",
        "compression_level": 1,
        "version": "2.6",
        "data_page_version": "1.0",
        "use_dictionary": [
            _leaf(field) for field in schema if field.name not in delta | _NEARLY_UNIQUE
        ],
        "column_encoding": dict.fromkeys(sorted(delta), "DELTA_BINARY_PACKED"),
        "write_statistics": [name for name in _SEARCHED if name in names],
        "bloom_filter_options": {name: blooms[name] for name in blooms if name in names},
        "write_page_checksum": True,
        "sorting_columns": _sorting(schema),
    }


def _sorting(schema: pa.Schema) -> list[pq.SortingColumn] | None:
    if not set(SORT_COLUMNS) <= set(schema.names):
        return None
    order = [(column, "ascending") for column in SORT_COLUMNS]
    return list(pq.SortingColumn.from_ordering(schema, order))


def _leaf(field: pa.Field) -> str:
    return f"{field.name}.list.element" if pa.types.is_list(field.type) else str(field.name)


def _time_text(value: datetime | None) -> str | None:
    return None if value is None else moment.to_text(value)


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(READ_BYTES_AT_ONCE):
            digest.update(piece)
    return digest.hexdigest()
