"""Manifests: Iceberg's lists of data files, with the bounds that our catalog knows.

A manifest is named by a digest of what it lists, and never changed. The list of all files is cut
into manifests where the hash of a file says so: a change of some files changes the manifests that
list them, and all others are used again. No manifest lists a file that left the table, since its
bounds are names of persons.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import orjson
from pyiceberg.conversions import to_bytes
from pyiceberg.manifest import (
    DataFile,
    DataFileContent,
    FileFormat,
    ManifestContent,
    ManifestEntry,
    ManifestEntryStatus,
    ManifestFile,
    write_manifest,
)
from pyiceberg.partitioning import UNPARTITIONED_PARTITION_SPEC
from pyiceberg.schema import Schema
from pyiceberg.typedef import Record
from pyiceberg.types import StringType, TimestamptzType

from publishing import whole_files
from publishing.objects import BytesOutput
from publishing.places import Places
from schema.columns import OWN_IDS
from store import timestamps
from store.reading.tables.table_files import TableFile

FORMAT_VERSION: Final = 2
# As the bytes are, so that `erase --check` finds a name in them.
CODEC: Final = "null"

# One file in so many ends a manifest. Fewer manifests are slower to write anew, and more are slower
# to read: 10,000 files have some 160.
FILES_OF_A_MANIFEST = 64

# To be raised with any change of what is written below, so that no older manifest is used again.
_REVISION = 1

_TIME, _USER = OWN_IDS["event_time"], OWN_IDS["user_id"]
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 (UTC without a zone, as in the store)
_HASH_DIGITS = 8
_NAME_DIGITS = 40


@dataclass(frozen=True, slots=True)
class Manifests:
    """The manifests of one table. All that are not there yet are written by `write`."""

    places: Places
    dataset: str
    schema: Schema

    def write(self, files: Sequence[TableFile]) -> list[ManifestFile]:
        return [self._manifest(group) for group in groups(files)]

    def _manifest(self, files: Sequence[TableFile]) -> ManifestFile:
        path = self.places.metadata(self.dataset) / f"{self._digest(files)}.avro"
        location = self.places.location(path)
        if not path.is_file():
            whole_files.write(path, self._content(location, files))
        newest = files[-1].added_sequence
        return ManifestFile.from_args(
            manifest_path=location,
            manifest_length=path.stat().st_size,
            partition_spec_id=UNPARTITIONED_PARTITION_SPEC.spec_id,
            content=ManifestContent.DATA,
            sequence_number=newest,
            min_sequence_number=files[0].added_sequence,
            added_snapshot_id=newest,
            added_files_count=0,
            existing_files_count=len(files),
            deleted_files_count=0,
            added_rows_count=0,
            existing_rows_count=sum(file.rows for file in files),
            deleted_rows_count=0,
            partitions=[],
            key_metadata=None,
        )

    def _digest(self, files: Sequence[TableFile]) -> str:
        told = [_REVISION, str(self.places.seen_root), self.schema.model_dump_json(), *files]
        return hashlib.sha256(orjson.dumps(told)).hexdigest()[:_NAME_DIGITS]

    def _content(self, location: str, files: Sequence[TableFile]) -> bytes:
        output = BytesOutput(location)
        newest = files[-1].added_sequence
        with write_manifest(
            FORMAT_VERSION, UNPARTITIONED_PARTITION_SPEC, self.schema, output, newest, CODEC
        ) as writer:
            for file in files:
                # As of files that an earlier snapshot added, so that a manifest says the same in all.
                entry = ManifestEntry.from_args(
                    status=ManifestEntryStatus.EXISTING,
                    snapshot_id=file.added_sequence,
                    sequence_number=file.added_sequence,
                    file_sequence_number=file.added_sequence,
                    data_file=_data_file(self.places, file),
                )
                writer.add_entry(entry)
        return output.content


def groups(files: Sequence[TableFile]) -> Iterator[Sequence[TableFile]]:
    """The files of each manifest, in their order."""
    first = 0
    for place, file in enumerate(files, start=1):
        if int(file.sha256[:_HASH_DIGITS], 16) % FILES_OF_A_MANIFEST == 0:
            yield files[first:place]
            first = place
    if first < len(files):
        yield files[first:]


def _data_file(places: Places, file: TableFile) -> DataFile:
    lower, upper, empty = {}, {}, {}
    for column, bounds in ((_TIME, _times(file)), (_USER, _users(file))):
        if bounds is None:
            empty[column] = file.rows
        else:
            lower[column], upper[column] = bounds
    return DataFile.from_args(
        content=DataFileContent.DATA,
        file_path=places.location(places.layout.root / file.path),
        file_format=FileFormat.PARQUET,
        partition=Record(),
        record_count=file.rows,
        file_size_in_bytes=file.bytes,
        lower_bounds=lower,
        upper_bounds=upper,
        # Only of columns without any value: how many others have, the catalog does not know.
        value_counts=empty,
        null_value_counts=empty,
    )


def _times(file: TableFile) -> tuple[bytes, bytes] | None:
    if file.time_min is None or file.time_max is None:
        return None
    return _instant(file.time_min), _instant(file.time_max)


def _instant(text: str) -> bytes:
    microseconds = (timestamps.from_text(text) - _EPOCH) // timedelta(microseconds=1)
    return to_bytes(TimestamptzType(), microseconds)


def _users(file: TableFile) -> tuple[bytes, bytes] | None:
    if file.user_min is None or file.user_max is None:
        return None
    kind = StringType()
    return to_bytes(kind, file.user_min), to_bytes(kind, file.user_max)
