"""The only module of the bench that uses Raytrail's internals. It knows no engine."""

import importlib
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from bench.traffic import START
from queries.engine import READING
from raytrail.service.resources import MERGING_ENVIRONMENT
from schema.body.envelope import Envelope
from schema.body.limits import EnvelopeLimits
from schema.dataset import Dataset, datasets
from schema.decoding.decode import Decoding, decode
from schema.decoding.decoder import chosen
from schema.decoding.result import Provenance
from store.catalog import ledger, manifest
from store.catalog.scope import Scope
from store.compaction.compactor import Compactor, MergeResult
from store.files import durable
from store.files.durable import READ_BYTES_AT_ONCE
from store.files.layout import Layout
from store.files.reserve import Reserve
from store.intake.draft import Origin
from store.intake.limits import IntakeLimits
from store.loading.claims import GROUP_BATCHES_MAX, GROUP_BYTES_MAX
from store.loading.conversion import in_threads
from store.loading.outcome import Loaded
from store.parquet.footer import Lineage
from store.parquet.options import as_decoded
from store.parquet.options import options as part_options
from store.parquet.ordered_part import PartWriter
from store.parquet.part_file import Content, settle
from store.parquet.row_order import in_order, joined, without_dictionaries
from store.reading.narrow.outcome import Rows
from store.reading.narrow.reader import NarrowReader, narrow_reader
from store.store import Store

if TYPE_CHECKING:
    from bench.questions import Question

__all__ = [
    "GROUP_BATCHES_MAX",
    "GROUP_BYTES_MAX",
    "MERGING_ENVIRONMENT",
    "READING",
    "in_order",
    "joined",
]

DATASET = "http_requests"
# Which decoder a loader takes: `native` or `python`.
DECODER = "RAYTRAIL_DECODER"


def clock() -> datetime:
    """Soon after the traffic, so that every event goes into its day's folder."""
    return START.replace(hour=12, tzinfo=None)


def dataset() -> Dataset:
    return datasets()[DATASET]


def missing(decoder: str) -> str | None:
    """Why this decoder cannot run here; None when it can."""
    if decoder == "python":
        return None
    return None if _native() is not None else "the native decoder is not built"


def choose(decoder: str) -> None:
    """For this process and its children."""
    os.environ[DECODER] = decoder


def open_store(folder: Path) -> Store:
    limits = IntakeLimits(reserve=Reserve(bytes_min=0, percent_min=0.0))
    return Store.create(folder, clock, limits)


def enter(store: Store, body: bytes) -> None:
    """Hand a body to the store as a receiver does."""
    store.intake().take([body], Origin(DATASET), claims_gzip=False, declared_bytes=len(body))


def warm_up(store: Store) -> None:
    """Load one login, so that the SQL statements of the loader are compiled, as in a service."""
    body = b'{"CreatedAt":"2026-11-20T08:00:00Z","Email":"ada@widgetcorp.example"}'
    origin = Origin("access_requests")
    store.intake().take([body], origin, claims_gzip=False, declared_bytes=len(body))
    load(store, 1)


def load(store: Store, cores: int) -> int:
    """Load all that is entered; how many rows that gave."""
    rows = 0
    with ThreadPoolExecutor(cores) as loading, ThreadPoolExecutor(cores) as decoding:
        loader = store.loader(decoding if cores > 1 else None)
        while True:
            under_way = [loading.submit(loader.load_next) for _ in range(cores)]
            outcomes = [outcome for future in under_way for outcome in future.result()]
            if not outcomes:
                return rows
            for outcome in outcomes:
                if not isinstance(outcome, Loaded):
                    raise TypeError(f"a batch of the bench was not loaded: {outcome.reason}")
                rows += outcome.rows


def plain(table: pa.Table) -> pa.Table:
    return without_dictionaries(table, set(table.column_names))


def write_parts(store: Store, day: str, tables: Iterable[pa.Table]) -> None:
    """Make tables live as parts of one day, without batches behind them."""
    folder = store.layout.part_folder(DATASET, day)
    durable.make_folders(folder)
    rows = []
    for place, table in enumerate(tables):
        content = Content(
            dataset=DATASET, day=day, schema=table.schema, lineage=Lineage(sequence=place)
        )
        writer = PartWriter(folder, content)
        writer.add(table)
        part = writer.finish(f"{place:012d}.parquet")
        settle([part])
        rows.append(manifest.file_row(store.layout, part))
    with store.catalog.write() as connection:
        facts = {"files": [manifest.ledger_facts(row) for row in rows]}
        entry = ledger.append(connection, "loaded", store.clock(), facts)
        manifest.add(connection, [{**row, "added_sequence": entry.sequence} for row in rows])


def open_later(folder: Path, days: int) -> Store:
    """The same store, so many days after its traffic, when what can be merged is to be."""

    def later() -> datetime:
        return clock() + timedelta(days=days)

    limits = IntakeLimits(reserve=Reserve(bytes_min=0, percent_min=0.0))
    return Store.open(folder, later, limits)


def compact(store: Store, *, most: int | None = None) -> Iterator[MergeResult]:
    """Do the jobs there are, one after the other."""
    swap = store.file_swap()
    with swap.locked():
        done = 0
        while (most is None or done < most) and (jobs := Compactor(swap).due_jobs()):
            yield Compactor(swap).run(jobs[0])
            done += 1


def parts(store: Store) -> list[Path]:
    return list(store.snapshot().files.get(DATASET, ()))


def bytes_of(store: Store, label: str) -> int:
    """What the live files of a day or month take on disk."""
    live = store.file_swap().live_files()
    return sum(file["bytes"] for file in live if file["day"] == label)


def parts_of(
    store: Store, user: str | None, since: datetime | None, until: datetime | None
) -> list[Path]:
    """The files that a question about a person or a time opens."""
    scope = Scope(
        dataset=DATASET, users=None if user is None else (user,), since=since, until=until
    )
    return list(store.snapshot(scope).files.get(DATASET, ()))


def narrow(folder: Path) -> NarrowReader | None:
    return narrow_reader(Layout(folder))


def few_rows(
    reader: NarrowReader, paths: Sequence[Path], question: "Question", columns: Sequence[str]
) -> pa.Table | None:
    """In order of time, as the narrow reader finds them; None if it refuses."""
    period = (question.since, question.until)
    if question.user is not None:
        told = reader.of_users(DATASET, paths, [question.user], columns, period)
    else:
        told = reader.of_ray(DATASET, paths, question.ray_id or "", columns)
    if not isinstance(told, Rows):
        return None
    table = pa.Table.from_batches([told.batch])
    if question.user is None and question.since is not None and question.until is not None:
        first, last = (pa.scalar(each, pa.timestamp("us", "UTC")) for each in period)
        times = table["event_time"]
        table = table.filter(pc.and_(pc.greater_equal(times, first), pc.less(times, last)))
    return table.sort_by("event_time")


def inflated(body: bytes) -> Iterator[bytes]:
    """The envelope as a loader opens it, piece by piece."""
    envelope = Envelope(EnvelopeLimits())
    for start in range(0, len(body), READ_BYTES_AT_ONCE):
        yield from envelope.feed(body[start : start + READ_BYTES_AT_ONCE])
    yield from envelope.finish()


def decoded(body: bytes, cores: int) -> Iterator[pa.Table]:
    """The decoder alone, as the loader drives it."""
    provenance = Provenance(batch_id="bench", received_at=clock())
    with ThreadPoolExecutor(cores) as pool:
        run = in_threads(pool, cores) if cores > 1 else map
        decoding = Decoding(reader=chosen().reader, run=run)
        for piece in decode(inflated(body), dataset(), provenance, decoding):
            yield piece.table


def rows_and_rejected(body: bytes) -> tuple[pa.Table, pa.Table]:
    """All that the decoder makes of a small body."""
    provenance = Provenance(batch_id="bench", received_at=clock())
    decoding = Decoding(reader=chosen().reader)
    pieces = list(decode(inflated(body), dataset(), provenance, decoding))
    rows = pa.concat_tables(piece.table for piece in pieces)
    return rows, pa.concat_tables(piece.rejected for piece in pieces)


def parquet_options(table: pa.Table) -> dict[str, Any]:
    return part_options(table.schema, 10_000, as_decoded(table))


def scan() -> tuple[str, Callable[[bytes], object]]:
    """The least that reading JSON costs, and what it is: a walk over every value, if we have one.

    It is handed pieces that are cut anywhere, and must not mind.
    """
    walk = getattr(_native(), "walk", None)
    if walk is not None:
        return "walk of the JSON", walk
    return "search for every quote", lambda text: text.count(b'"')


def _native() -> Any | None:
    try:
        return importlib.import_module("native._native")
    except ImportError:
        return None
