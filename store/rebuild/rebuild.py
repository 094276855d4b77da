"""Makes a catalog from what lies on disk: the ledger, the parts, the raw bodies, the holds.

The new catalog is a draft until it is complete and synced; then it gets its place. A rebuild that was
killed is run again. No part and no raw body is changed: live ones that lie in `stray/` are moved back,
disputed ones are moved there, and a damaged `ledger/` gets another name.
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import func, select

from store.catalog import ledger
from store.catalog import opening as catalogs
from store.catalog.catalog import Catalog
from store.catalog.tables import batches, files
from store.errors import RebuildRefused
from store.files import durable, stray
from store.files.layout import Layout, draft_path
from store.intake.limits import IntakeLimits
from store.ledger.entry import GENESIS
from store.rebuild import placement, quarantine_rows
from store.rebuild.derivation import Derivation
from store.rebuild.disk import Disk
from store.rebuild.known_entries import KnownEntries
from store.rebuild.lost_ledger.decisions import Decisions
from store.rebuild.lost_ledger.lost_entries import Found, LostEntries
from store.rebuild.unnamed_files import UnnamedFiles
from store.timestamps import Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebuilt:
    """What the new catalog has. `kept` is the name of the old one. `unknown` are sentences about
    what could not be known; `notes` are about what is lost without a consequence for any row.
    """

    sequence: int
    digest: str
    batches: int
    files: int
    duplicates: Sequence[str]
    unknown: Sequence[str]
    notes: Sequence[str]
    kept: str | None

    @property
    def is_whole(self) -> bool:
        return not self.unknown


@dataclass(frozen=True, slots=True)
class _Filled:
    duplicates: Sequence[str]
    unknown: Sequence[str]
    notes: Sequence[str]
    strays: Sequence[str]
    is_ledger_damaged: bool


def rebuild(
    layout: Layout,
    clock: Clock,
    limits: IntakeLimits,
    *,
    holds_serve_lock: bool = False,
    decisions: Decisions | None = None,
) -> Rebuilt:
    """RebuildRefused if the store is in use, or if entries are lost and `decisions` is None; then
    nothing has changed. With `decisions` lost entries are made anew.
    """
    with _alone(layout, holds_serve_lock=holds_serve_lock):
        layout.make_folders()
        placement.undo_earlier(layout)
        with _draft(layout) as draft:
            with closing(catalogs.open_draft(draft)) as catalog:
                filled = _fill(catalog, layout, clock, limits, decisions)
                sequence, digest, entered, live = _counted(catalog)
            stray.move(layout, [layout.root / path for path in filled.strays], clock())
            kept = placement.place(layout, draft, clock())
        if filled.is_ledger_damaged:
            # The new catalog has every entry that is known.
            placement.move_ledger(layout, clock())
    return Rebuilt(
        sequence=sequence,
        digest=digest,
        batches=entered,
        files=live,
        duplicates=filled.duplicates,
        unknown=filled.unknown,
        notes=filled.notes,
        kept=kept,
    )


def _fill(
    catalog: Catalog,
    layout: Layout,
    clock: Clock,
    limits: IntakeLimits,
    decisions: Decisions | None,
) -> _Filled:
    """Derive every table in one transaction."""
    made = Found(duplicates=[], unknown=[], strays=[])
    with catalog.write() as connection:
        derivation = Derivation(connection, layout, Disk.of(layout))
        known = KnownEntries(layout)
        for entry in known:
            derivation.take(entry)
        if unnamed := derivation.unnamed():
            if decisions is None:
                raise _behind(unnamed)
            lost = LostEntries(
                derivation=derivation,
                layout=layout,
                clock=clock,
                limits=limits,
                decisions=decisions,
            )
            made = lost.make()
        unknown = list(derivation.finish())
        quarantine_rows.write(connection, layout, limits.envelope)
    return _Filled(
        duplicates=made.duplicates,
        unknown=[*made.unknown, *unknown],
        notes=list(derivation.notes()),
        strays=made.strays,
        is_ledger_damaged=known.is_ledger_damaged,
    )


def _behind(unnamed: UnnamedFiles) -> RebuildRefused:
    """Entries are lost that named a part or a body."""
    example = (*unnamed.parts, *unnamed.bodies)[0]
    return RebuildRefused(
        "ledger/ is missing, or older than the data: no entry names"
        f" {len(unnamed.parts):,} parts and {len(unnamed.bodies):,} raw bodies, such as {example};"
        " put the newest ledger/ or catalog.sqlite back, restore a backup, or run"
        " `raytrail rebuild --without-ledger`, which makes new entries for what is on disk"
    )


def _counted(catalog: Catalog) -> tuple[int, str, int, int]:
    """The end of the ledger, and how many batches and live files there are."""
    live = select(func.count()).where(files.c.retired_sequence.is_(None))
    with catalog.read() as connection:
        newest = ledger.newest(connection)
        entered = connection.execute(select(func.count()).select_from(batches)).scalar_one()
        sequence, digest = newest.end if newest else (0, GENESIS)
        return sequence, digest, entered, connection.execute(live).scalar_one()


@contextmanager
def _alone(layout: Layout, *, holds_serve_lock: bool) -> Iterator[None]:
    """Hold the locks of every process that changes a store."""
    locks = [layout.loader_lock, layout.replay_lock, layout.rewrite_lock]
    if not holds_serve_lock:
        locks.insert(0, layout.serve_lock)
    if not layout.root.is_dir():
        raise RebuildRefused(f"no store at {layout.root}")
    with ExitStack() as held:
        for each in locks:
            if not held.enter_context(durable.lock(each)):
                raise RebuildRefused(
                    f"{layout.root} is in use ({each.name} is held): stop the service and every"
                    " other command first"
                )
        yield


@contextmanager
def _draft(layout: Layout) -> Iterator[Path]:
    """An empty file for the new catalog; removed when the block ends, unless it was renamed."""
    for leftover in layout.root.glob(f".*-{placement.LABEL}*"):
        durable.remove(leftover, synced=False)
    draft = draft_path(layout.root, placement.LABEL)
    durable.close(durable.create_locked(draft))
    try:
        yield draft
    finally:
        for leftover in layout.root.glob(f"{draft.name}*"):
            durable.remove(leftover, synced=False)
