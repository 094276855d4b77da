"""Reads finished files of every format: verifies the hash first, then reads from the start."""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from store.errors import StoreDamaged
from store.files import trouble
from store.files.durable import READ_BYTES_AT_ONCE
from store.parquet.footer import Footer, NamedFile
from store.parquet.stored_columns import as_in_memory, in_memory

# What is read at once of one column; a page, if that is larger.
BUFFER_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class FinishedFile:
    """An open file. Its rows are handed out as they are in memory, times without a zone."""

    _file: pq.ParquetFile

    @property
    def rows(self) -> int:
        return int(self._file.metadata.num_rows)

    @property
    def columns(self) -> list[str]:
        return list(self._file.schema_arrow.names)

    def held_columns(self) -> list[str]:
        """The columns that are not known to be NULL in every row; the others need not be read."""
        empty = empty_columns(self._file.metadata)
        return [name for name in self.columns if name not in empty]

    def tables(
        self,
        rows_at_once: int,
        columns: Sequence[str],
        row_groups: Sequence[int] | None = None,
    ) -> Iterator[pa.Table]:
        """All rows in their order. Mapped, so that no name here keeps what is handed on."""
        return map(
            in_memory,
            self._file.iter_batches(
                rows_at_once, row_groups=row_groups, columns=columns, use_threads=False
            ),
        )


@contextmanager
def opened(
    named: NamedFile, folded_bytes_max: int | None = None, *, is_hashed: bool = True
) -> Iterator[FinishedFile]:
    """A file that is what the catalog says; StoreDamaged when it is not.

    A file that is rewritten must be hashed first; otherwise damage would get a new, valid hash.
    Text columns larger than `folded_bytes_max` in a row group are read without a dictionary.
    """
    if is_hashed:
        demand_unchanged(named.path, named.sha256)
    with reading(named.path):
        metadata = metadata_of(named)
        with _parquet(named.path, metadata, folded_bytes_max) as file:
            yield FinishedFile(file)


@contextmanager
def opened_unnamed(path: Path) -> Iterator[FinishedFile]:
    """A file that no catalog names, so there is nothing to compare it with."""
    metadata = pq.read_metadata(path)
    with _parquet(path, metadata, None) as file:
        yield FinishedFile(file)


def metadata_of(named: NamedFile) -> pq.FileMetaData:
    """The Parquet metadata, after our keys in it were compared with the catalog."""
    metadata = read_metadata(named.path)
    found = footer_of(named.path.name, metadata)
    if differences := list(found.differences(named)):
        raise StoreDamaged(f"{named.path.name}: {'; '.join(differences)}")
    return metadata


def read_metadata(path: Path) -> pq.FileMetaData:
    with reading(path):
        return pq.read_metadata(path)


def footer_of(name: str, metadata: pq.FileMetaData) -> Footer:
    return Footer.read(name, metadata.metadata)


def schema_of(metadata: pq.FileMetaData) -> pa.Schema:
    """The columns of a file as they are in memory."""
    return as_in_memory(metadata.schema.to_arrow_schema())


def _parquet(path: Path, metadata: pq.FileMetaData, folded_bytes_max: int | None) -> pq.ParquetFile:
    return pq.ParquetFile(
        path,
        metadata=metadata,
        page_checksum_verification=True,
        read_dictionary=_repeating(metadata, folded_bytes_max),
        # Otherwise everything that was read stays in memory until the file is closed.
        pre_buffer=False,
        buffer_size=BUFFER_BYTES,
    )


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Turn errors about an unreadable file into ours, with the file's name."""
    try:
        with trouble.reading(path.name):
            yield
    except pa.ArrowInvalid as error:
        raise StoreDamaged(f"{path.name} cannot be read: {error}") from error


def demand_unchanged(path: Path, sha256: str) -> None:
    found = hashlib.sha256()
    if not path.is_file():
        raise StoreDamaged(f"{path.name} is missing")
    with trouble.reading(path.name), path.open("rb") as file:
        while piece := file.read(READ_BYTES_AT_ONCE):
            found.update(piece)
    if found.hexdigest() != sha256:
        raise StoreDamaged(f"{path.name} is not what was written")


def empty_columns(footer: pq.FileMetaData) -> set[str]:
    """Those that are known to be NULL in every row."""
    groups = [footer.row_group(number) for number in range(footer.num_row_groups)]
    return {
        footer.schema.column(place).path
        for place in range(footer.num_columns)
        if groups and all(_is_empty(group.column(place)) for group in groups)
    }


def _is_empty(chunk: pq.ColumnChunkMetaData) -> bool:
    told = chunk.statistics
    return told is not None and told.has_null_count and told.null_count == chunk.num_values


def _repeating(footer: pq.FileMetaData, bytes_max: int | None) -> list[str]:
    """Texts of which the file has dictionaries: they are read as such, and never unfolded."""
    if not footer.num_row_groups:
        return []
    group = footer.row_group(0)
    chunks = (group.column(number) for number in range(group.num_columns))
    schema = footer.schema.to_arrow_schema()
    texts = {field.name for field in schema if pa.types.is_string(field.type)}
    return [
        chunk.path_in_schema
        for chunk in chunks
        if chunk.path_in_schema in texts
        and _is_dictionary(chunk.encodings)
        and (bytes_max is None or chunk.total_uncompressed_size <= bytes_max)
    ]


def _is_dictionary(encodings: Sequence[Any]) -> bool:
    return bool({"PLAIN_DICTIONARY", "RLE_DICTIONARY"} & set(encodings))
