"""The bytes of a Parquet file under its unfinished name, until it is read back, synced and linked.

The file keeps its unfinished name beside the final one until the catalog has committed it. So a file
with both names that no catalog names is known to be unfinished, and no sync is added for that.
"""

from pathlib import Path
from typing import NamedTuple

import pyarrow.parquet as pq

from store.errors import DiskFailed
from store.files import durable
from store.files.disk_errors import disk_errors
from store.files.hashed_writer import HashedWriter
from store.files.layout import unfinished_path
from store.parquet.footer_check import FooterMark, mark_of

# Enough to see that the rows are all there and can be decoded; what else could be wrong shows in
# the bytes.
PROVED_COLUMNS = ("batch_id", "line_number")


class Linked(NamedTuple):
    """A finished file, which has both names."""

    path: Path
    unfinished: Path
    sha256: str
    bytes: int
    footer: FooterMark | None


class PartDraft:
    """Write to `sink`; then `finish` or `abandon`."""

    def __init__(self, folder: Path, label: str) -> None:
        self._folder = folder
        self._path = unfinished_path(folder, label)
        self._linked: Path | None = None
        self.sink = HashedWriter(self._path)

    def finish(self, name: str, *, dataset: str, rows: int) -> Linked:
        """Read back, sync and link the file as `name`, which no file may have had before."""
        sha256 = self.sink.verify()
        self._demand_rows(dataset, rows)
        self.sink.sync()
        self.sink.close()
        target = self._folder / name
        if not durable.link(self._path, target):
            raise FileExistsError(f"{target} exists already; a part never replaces a file")
        self._linked = target
        return Linked(target, self._path, sha256, self.sink.bytes, mark_of(target))

    def abandon(self) -> None:
        """Remove what was written, under both names."""
        self.sink.close()
        if self._linked is not None:
            durable.remove(self._linked, synced=False)
        durable.remove(self._path, synced=False)

    def _demand_rows(self, dataset: str, rows: int) -> None:
        """Decode a little of what was written, by the page checksums, before anybody may see it."""
        with (
            disk_errors("reading a part back"),
            pq.ParquetFile(self._path, page_checksum_verification=True) as file,
        ):
            columns = [name for name in PROVED_COLUMNS if name in file.schema.names]
            batches = file.iter_batches(columns=columns, use_threads=False)
            found = sum(batch.num_rows for batch in batches)
        if found != rows:
            raise DiskFailed(f"wrote {rows} rows of {dataset}, read back {found}")
