"""One published table: its metadata in the layout of Iceberg's Hadoop catalog, with one snapshot.

`metadata/v<N>.metadata.json` is made anew with each change, and `version-hint.text` has the newest
N, so that an engine finds the table by its folder alone. There is no older snapshot to read: what
left the table is told by no object that the newest metadata names.
"""

import hashlib
import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from pyiceberg.io.pyarrow import pyarrow_to_schema
from pyiceberg.manifest import ManifestFile, write_manifest_list
from pyiceberg.partitioning import PARTITION_FIELD_ID_START, UNPARTITIONED_PARTITION_SPEC
from pyiceberg.schema import Schema
from pyiceberg.table.metadata import TableMetadataV2
from pyiceberg.table.name_mapping import create_mapping_from_schema
from pyiceberg.table.refs import SnapshotRef, SnapshotRefType
from pyiceberg.table.snapshots import Operation, Snapshot, SnapshotLogEntry, Summary
from pyiceberg.table.sorting import UNSORTED_SORT_ORDER

from publishing import whole_files
from publishing.manifests import CODEC, FORMAT_VERSION, Manifests
from publishing.objects import BytesOutput
from publishing.places import Places
from publishing.state import TableState
from store.files import durable
from store.parquet import dataset_columns
from store.reading.tables.table_files import TableFile, TableFiles

HINT = "version-hint.text"
_METADATA = re.compile(r"v(\d+)\.metadata\.json")
# Iceberg's ids of snapshots are positive and have 63 bits.
_ID_BITS, _DIGEST_BITS = 63, 256
_NAME_DIGITS = 40


@dataclass(frozen=True, slots=True)
class Published:
    """A table as it is now, and the names of all objects in its folder that it consists of."""

    state: TableState
    objects: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table to be published with these files. `before` is what it was."""

    places: Places
    dataset: str
    found: TableFiles
    milliseconds: int
    before: TableState | None = None

    @property
    def files(self) -> Sequence[TableFile]:
        return self.found.of_datasets[self.dataset]

    def publish(self) -> Published:
        """Write what is not there yet, the metadata last. Nothing is removed."""
        durable.make_folders(self.places.metadata(self.dataset))
        schema = pyarrow_to_schema(dataset_columns.shape(self.dataset))
        manifests = Manifests(self.places, self.dataset, schema).write(self.files)
        content = self._digest(schema, manifests)
        listed = self._manifest_list(content)
        if self.before is None or self.before.content != content or not self._is_there(self.before):
            if manifests:
                self._write_list(listed, manifests)
            state = self._write_metadata(schema, content, listed if manifests else None)
        else:
            state = self.before
        self._write_hint(state.version)
        used = {path.manifest_path.rpartition("/")[2] for path in manifests}
        return Published(state, frozenset({*used, listed, state.metadata.rpartition("/")[2], HINT}))

    def _digest(self, schema: Schema, manifests: Sequence[ManifestFile]) -> str:
        told: list[Any] = [str(self.places.seen_root), schema.model_dump_json()]
        told += [each.manifest_path for each in manifests]
        return hashlib.sha256(orjson.dumps(told)).hexdigest()

    def _manifest_list(self, content: str) -> str:
        return f"snapshot-{content[:_NAME_DIGITS]}.avro"

    def _is_there(self, before: TableState) -> bool:
        return (self.places.layout.root / before.metadata).is_file()

    def _write_list(self, name: str, manifests: Sequence[ManifestFile]) -> None:
        path = self.places.metadata(self.dataset) / name
        output = BytesOutput(self.places.location(path))
        with write_manifest_list(
            FORMAT_VERSION, output, self._snapshot_id(name), None, self.found.sequence, CODEC
        ) as writer:
            writer.add_manifests(list(manifests))
        whole_files.write(path, output.content)

    def _snapshot_id(self, name: str) -> int:
        """Of the same files the same, of others another one."""
        return int(hashlib.sha256(name.encode()).hexdigest(), 16) >> (_DIGEST_BITS - _ID_BITS)

    def _write_metadata(self, schema: Schema, content: str, listed: str | None) -> TableState:
        folder = self.places.metadata(self.dataset)
        found = (_METADATA.fullmatch(path.name) for path in folder.iterdir())
        version = 1 + max((int(each[1]) for each in found if each), default=0)
        name = self.before.uuid if self.before else str(uuid.uuid4())
        path = folder / f"v{version}.metadata.json"
        metadata = self._metadata(schema, uuid.UUID(name), listed)
        whole_files.write(path, metadata.model_dump_json(exclude_none=True).encode())
        return TableState(
            metadata=self.places.layout.relative(path),
            version=version,
            uuid=name,
            content=content,
            files=len(self.files),
            rows=sum(file.rows for file in self.files),
        )

    def _metadata(self, schema: Schema, table: uuid.UUID, listed: str | None) -> TableMetadataV2:
        snapshots = [self._snapshot(listed)] if listed else []
        return TableMetadataV2(
            location=self.places.location(self.places.table(self.dataset)),
            table_uuid=table,
            last_updated_ms=self.milliseconds,
            last_column_id=schema.highest_field_id,
            schemas=[schema],
            current_schema_id=schema.schema_id,
            partition_specs=[UNPARTITIONED_PARTITION_SPEC],
            default_spec_id=UNPARTITIONED_PARTITION_SPEC.spec_id,
            last_partition_id=PARTITION_FIELD_ID_START - 1,
            properties={
                "schema.name-mapping.default": create_mapping_from_schema(schema).model_dump_json()
            },
            current_snapshot_id=snapshots[0].snapshot_id if snapshots else None,
            snapshots=snapshots,
            snapshot_log=[
                SnapshotLogEntry(snapshot_id=each.snapshot_id, timestamp_ms=each.timestamp_ms)
                for each in snapshots
            ],
            refs={"main": _branch(snapshots[0])} if snapshots else {},
            sort_orders=[UNSORTED_SORT_ORDER],
            default_sort_order_id=UNSORTED_SORT_ORDER.order_id,
            last_sequence_number=self.found.sequence,
        )

    def _snapshot(self, listed: str) -> Snapshot:
        told = {
            "total-data-files": str(len(self.files)),
            "total-records": str(sum(file.rows for file in self.files)),
            "total-files-size": str(sum(file.bytes for file in self.files)),
            "raytrail.sequence": str(self.found.sequence),
            "raytrail.digest": self.found.digest,
        }
        return Snapshot(
            snapshot_id=self._snapshot_id(listed),
            sequence_number=self.found.sequence,
            timestamp_ms=self.milliseconds,
            manifest_list=self.places.location(self.places.metadata(self.dataset) / listed),
            summary=Summary(Operation.APPEND, **told),
            schema_id=0,
        )

    def _write_hint(self, version: int) -> None:
        path = self.places.metadata(self.dataset) / HINT
        wanted = str(version).encode()
        if not path.is_file() or path.read_bytes() != wanted:
            whole_files.write(path, wanted)


def _branch(snapshot: Snapshot) -> SnapshotRef:
    return SnapshotRef(
        snapshot_id=snapshot.snapshot_id,
        snapshot_ref_type=SnapshotRefType.BRANCH,
        min_snapshots_to_keep=None,
        max_snapshot_age_ms=None,
        max_ref_age_ms=None,
    )
