"""The loader: turns entered batches into Parquet parts, one batch and one commit at a time.

It can be killed at any point. Until the commit nothing it wrote is named by the catalog,
so the next loader sweeps it and begins the batch again; after it, the batch is loaded.
Only one loader works on a store: its lock says who.
"""

import contextlib
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from operator import attrgetter
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import RowMapping, select, update

from schema.columns import REJECTED_SCHEMA, arrow_schema
from schema.dataset import Dataset
from schema.decode import decode
from schema.envelope import Envelope, EnvelopeLimits
from schema.errors import BodyDamaged, BodyUnreadable
from schema.piece import Piece, Provenance
from schema.unknown import dataset_named
from store import counts, diagnosis, durable, ledger, manifest, moment
from store.catalog import Catalog
from store.counts import Key
from store.diagnosis import Diagnosis
from store.draft import READ_BYTES_AT_ONCE
from store.errors import DiskFailed, NoRoom, StoreBusy, StoreDamaged, StoreUnavailable
from store.layout import AUDIT_LABEL, DRAFT_PREFIX, OTHER_DAY, REJECTED, Layout
from store.moment import Clock
from store.part import WAITING_BYTES_MAX, Part, PartWriter
from store.tables import batches, files

# An event further from its receipt than this goes to one common folder, so that nobody's
# clock makes folders (DESIGN, Names).
EVENT_AGE_MAX = timedelta(days=31)
EVENT_LEAD_MAX = timedelta(days=1)

# What `schema` does not tell yet.
SHAPE, DECODER = "ndjson", "python"

# A batch that meets a fault of ours so often is kept unread, for a later version to load.
ATTEMPTS_MAX = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """What one batch became; the counts add up to its lines."""

    batch_id: str
    dataset: str
    lines: int
    rows: int
    rejected_lines: int
    blank_lines: int
    parts: int


@dataclass(frozen=True, slots=True)
class Unread:
    """A batch that cannot become rows; its bytes stay as evidence."""

    batch_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Failed:
    """A batch that met a fault of ours; it is tried again after all others."""

    batch_id: str
    reason: str


class Loader:
    def __init__(
        self, layout: Layout, catalog: Catalog, clock: Clock, limits: EnvelopeLimits
    ) -> None:
        self._layout = layout
        self._catalog = catalog
        self._clock = clock
        self._limits = limits

    def sweep(self) -> int:
        """Remove parts and drafts that no catalog row names; return how many."""
        with self._catalog.read() as connection:
            named = set(connection.scalars(select(files.c.path)))
        strays = [
            path
            for path in self._layout.parts.rglob("*")
            if path.is_file() and self._layout.relative(path) not in named
        ]
        strays += self._layout.root.glob(f"{DRAFT_PREFIX}*-{AUDIT_LABEL}*")
        for stray in strays:
            durable.remove(stray)
        return len(strays)

    def load_next(self) -> Loaded | Unread | Failed | None:
        """Load the next entered batch; None when there is none."""
        batch = self._claim()
        if batch is None:
            return None
        try:
            return self._load(batch)
        except (BodyDamaged, BodyUnreadable, StoreDamaged) as error:
            return self._set_aside(batch, str(error))
        except (DiskFailed, NoRoom, StoreBusy, StoreUnavailable):
            raise
        except Exception as error:  # noqa: BLE001 (one batch must not stop all others)
            reason = f"{type(error).__name__}: {error}"
            if batch["attempts"] + 1 < ATTEMPTS_MAX:
                return Failed(batch["batch_id"], reason)
            return self._set_aside(batch, reason)

    def _claim(self) -> RowMapping | None:
        """The oldest batch of those tried least, so that one that kills loaders blocks none."""
        query = (
            select(batches)
            .where(batches.c.state == "entered")
            .order_by(batches.c.attempts, batches.c.sequence)
            .limit(1)
        )
        with self._catalog.read() as connection:
            batch = connection.execute(query).mappings().first()
        if batch is None:
            return None
        with self._catalog.write() as connection:
            tried = update(batches).where(batches.c.sequence == batch["sequence"])
            connection.execute(tried.values(attempts=batches.c.attempts + 1))
        return batch

    def _load(self, batch: RowMapping) -> Loaded:
        dataset = dataset_named(batch["dataset"])
        if dataset is None:
            raise BodyUnreadable(f"no dataset is called {batch['dataset']}")
        received_at = moment.from_text(batch["received_at"])
        provenance = Provenance(batch_id=batch["batch_id"], received_at=received_at)
        tallies = []
        name = f"{batch['sequence']:012d}-{batch['batch_id'][:16]}.parquet"
        with _Parts(self._layout, dataset, received_at) as parts:
            for piece in decode(self._plain(batch), dataset, provenance):
                parts.add(piece)
                tallies.append(piece.tally)
            finished = parts.finish(name)
        return self._commit(batch, finished, Diagnosis.of(tallies, shape=SHAPE, decoder=DECODER))

    def _plain(self, batch: RowMapping) -> Iterator[bytes]:
        """The inflated bytes of a raw file that is still what the ledger says it is."""
        self._layout.demand()
        path = self._layout.root / batch["raw_path"]
        envelope, digest = Envelope(self._limits), hashlib.sha256()
        if not path.is_file():
            raise StoreDamaged(f"{batch['raw_path']} is missing")
        with durable.disk_errors(f"reading {path.name}"):
            file = path.open("rb")
        with file:
            while piece := _read(file):
                digest.update(piece)
                yield from envelope.feed(piece)
        yield from envelope.finish()
        if digest.hexdigest() != batch["batch_id"]:
            raise StoreDamaged(f"{batch['raw_path']} is not what was received")

    def _commit(self, batch: RowMapping, parts: list[Part], told: Diagnosis) -> Loaded:
        counted = {
            "lines": told.lines,
            "rows": told.rows,
            "rejected_lines": told.rejected,
            "blank_lines": told.blank,
        }
        facts = {"batch": batch["sequence"], "batch_id": batch["batch_id"], **counted}
        rows = [manifest.file_row(self._layout, part) for part in parts]
        with self._catalog.write() as connection:
            entry = ledger.append(connection, "loaded", self._clock(), {**facts, "files": rows})
            manifest.add(connection, rows, entry.sequence)
            diagnosis.record(connection, batch["dataset"], {batch["sequence"]: told})
            done = update(batches).where(batches.c.sequence == batch["sequence"])
            connection.execute(done.values(state="loaded", loaded_sequence=entry.sequence))
        return Loaded(
            batch_id=batch["batch_id"], dataset=batch["dataset"], parts=len(parts), **counted
        )

    def _set_aside(self, batch: RowMapping, reason: str) -> Unread:
        facts = {"batch": batch["sequence"], "batch_id": batch["batch_id"], "reason": reason}
        with self._catalog.write() as connection:
            ledger.append(connection, "unread", self._clock(), facts)
            aside = update(batches).where(batches.c.sequence == batch["sequence"])
            connection.execute(aside.values(state="unread", reason=reason))
            counts.change(connection, {Key(batch["dataset"], "unread_batches"): 1})
        return Unread(batch["batch_id"], reason)


class _Parts(contextlib.ExitStack):
    """The parts one batch is spread over: one a day, and one for rejected lines."""

    def __init__(self, layout: Layout, dataset: Dataset, received_at: datetime) -> None:
        super().__init__()
        self._layout = layout
        self._dataset = dataset
        self._schema = arrow_schema(dataset)
        self._received_at = received_at
        self._writers: dict[tuple[str, str], PartWriter] = {}
        self.push(self._abandon_unless_fine)

    def add(self, piece: Piece) -> None:
        for day, table in _by_day(piece.table, self._received_at):
            self._writer(self._dataset.name, day, self._schema).add(table)
        if piece.rejected.num_rows:
            received_day = self._received_at.date().isoformat()
            self._writer(REJECTED, received_day, REJECTED_SCHEMA).add(piece.rejected)
        while sum(writer.waiting_bytes for writer in self._writers.values()) > WAITING_BYTES_MAX:
            max(self._writers.values(), key=attrgetter("waiting_bytes")).write_row_group()

    def finish(self, name: str) -> list[Part]:
        return [writer.finish(name) for writer in self._writers.values()]

    def _writer(self, dataset: str, day: str, schema: pa.Schema) -> PartWriter:
        key = (dataset, day)
        if key not in self._writers:
            folder = self._layout.part_folder(dataset, day)
            durable.make_folder(folder.parent)
            durable.make_folder(folder)
            self._writers[key] = PartWriter(folder, dataset, day, schema)
        return self._writers[key]

    def _abandon_unless_fine(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None:
            for writer in self._writers.values():
                writer.abandon()


def _read(file: BinaryIO) -> bytes:
    with durable.disk_errors(f"reading {Path(file.name).name}"):
        return file.read(READ_BYTES_AT_ONCE)


def _by_day(table: pa.Table, received_at: datetime) -> Iterator[tuple[str, pa.Table]]:
    """Split rows by event day; what has no time or one far from its receipt is `__other__`."""
    oldest = (received_at - EVENT_AGE_MAX).date()
    newest = (received_at + EVENT_LEAD_MAX).date()
    days = table["event_time"].cast(pa.date32())
    found: list[date | None] = pc.unique(days).to_pylist()
    near = sorted(day for day in found if day is not None and oldest <= day <= newest)
    for day in near:
        yield day.isoformat(), table.filter(pc.equal(days, pa.scalar(day)))
    if len(near) < len(found):
        is_near = pc.is_in(days, value_set=pa.array(near, pa.date32()))
        yield OTHER_DAY, table.filter(pc.invert(is_near))
