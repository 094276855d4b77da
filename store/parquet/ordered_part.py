"""Sorts the rows of a part while they arrive, one row group at a time."""

from pathlib import Path

import pyarrow as pa

from store.parquet.part_file import ROW_GROUP_ROWS, Content, Part, PartFile
from store.parquet.row_order import in_order, joined

# Rows may be a hundred times longer than usual; what waits for its row group ends here.
WAITING_BYTES_MAX = 256 * 1024 * 1024


class PartWriter:
    """Takes tables of one dataset and day; `finish` makes them one durable part."""

    def __init__(self, folder: Path, content: Content) -> None:
        self._file = PartFile(folder, content)
        self._waiting: list[pa.Table] = []
        self._waiting_rows = 0
        self.waiting_bytes = 0

    def add(self, table: pa.Table) -> None:
        self._waiting.append(table)
        self._waiting_rows += table.num_rows
        self.waiting_bytes += table.nbytes
        if self._waiting_rows >= ROW_GROUP_ROWS:
            self.write_row_group()

    def write_row_group(self) -> None:
        """Sort what waits and write it."""
        table = in_order(joined(self._waiting))
        self._waiting, self._waiting_rows, self.waiting_bytes = [], 0, 0
        self._file.write(table)

    def finish(self, name: str) -> Part:
        if self._waiting_rows:
            self.write_row_group()
        return self._file.finish(name)

    def abandon(self) -> None:
        self._file.abandon()
