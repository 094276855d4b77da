"""Restores a backup into an empty folder: files are checked by hash, then comes the catalog, and
`audit.duckdb` last.

Until the catalog is in place the folder is no store, and `.restore-unfinished` marks it. A restore
that was killed is run again and continues with the files it has.
"""

from collections.abc import Callable, Container, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from store.backup import newer_erasures, unresolved
from store.backup.catalog_copy import demand_whole_chain
from store.backup.folder import BackupFolder, CatalogFacts
from store.backup.newer_erasures import NewerErasures
from store.catalog import expected_files
from store.catalog import opening as catalogs
from store.catalog.agreement.placement import write_whole
from store.catalog.catalog import Catalog
from store.errors import BackupRefused, StoreDamaged
from store.files import durable
from store.files.copying import Copying, copy_into, damage, is_whole
from store.files.layout import DRAFT_PREFIX, Layout, draft_path
from store.reading import live_files, views
from store.reading.shell.content import ShellContent
from store.timestamps import Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreResult:
    """What the store has now; `taken_at` is the time of the backup."""

    sequence: int
    digest: str
    taken_at: str
    files: int
    bytes: int
    # Files that the backup lacks, because the store had lost them.
    left_out: tuple[str, ...]
    # Erasures that the backup does not know; the store is not served before a person decides.
    newer: NewerErasures


def restore(
    source: Path,
    layout: Layout,
    clock: Clock,
    content: ShellContent,
    erasures: Sequence[Path] = (),
) -> RestoreResult:
    """Make a store from the backup in `source`. StoreDamaged names all damaged files.

    `content` goes into its `audit.duckdb`. `erasures` are lists of erasures, stores or backups, which
    may know erasures that the backup does not know.
    """
    folder = BackupFolder(source)

    def prepare(catalog: Catalog) -> None:
        found = newer_erasures.look(layout, catalog, source, erasures)
        unresolved.write(layout, found)

    folder.demand_apart(layout.root)
    _demand_backup(folder)
    _demand_empty(layout)
    catalogs.demand_free(layout)
    durable.make_folders(layout.root.absolute())
    with folder.locked(), _unfinished(layout) as is_there:
        facts = _demand_facts(folder)
        for leftover in layout.root.glob(f"{DRAFT_PREFIX}*"):
            durable.remove(leftover, synced=False)
        if not is_there:
            layout.make_folders()
            _restore(folder, layout, facts, prepare)
        # Its facts are read from the catalog. The mark is still there, so a restore that is killed
        # here is run again.
        views.publish(layout, live_files.snapshot(layout, clock()), content)
        with closing(catalogs.open_existing(layout)) as opened:
            expected = expected_files.all_expected(opened)
            sizes = [each.bytes for each in expected if each.path not in facts.left_out]
    return RestoreResult(
        sequence=facts.sequence,
        digest=facts.digest,
        taken_at=facts.taken_at,
        files=len(sizes),
        bytes=sum(sizes),
        left_out=facts.left_out,
        newer=unresolved.read(layout),
    )


def _demand_backup(folder: BackupFolder) -> None:
    if not folder.catalogs():
        raise BackupRefused(f"{folder.root}: the first backup into this folder was not finished")
    if not folder.catalog.exists():
        raise StoreDamaged(f"{folder.catalog}: missing; run the backup again to finish it")


def _demand_facts(folder: BackupFolder) -> CatalogFacts:
    current = folder.current()
    if current is None:
        raise StoreDamaged(f"{folder.catalog}: its SHA-256 is not that of the backup")
    return current


def _demand_empty(layout: Layout) -> None:
    root = layout.root
    if not root.exists() or layout.restore_mark.exists():
        return
    if not root.is_dir() or any(root.iterdir()):
        raise BackupRefused(f"{root} is not empty; restore into a new folder")


@contextmanager
def _unfinished(layout: Layout) -> Iterator[bool]:
    """Mark the folder during the block; yields whether the catalog is in place already."""
    with durable.lock(layout.restore_mark) as has_lock:
        if not has_lock:
            raise BackupRefused(f"{layout.root}: another restore is using this folder")
        durable.sync_folder(layout.root)
        yield catalogs.exists(layout)
        durable.remove(layout.restore_mark)


def _restore(
    folder: BackupFolder,
    layout: Layout,
    facts: CatalogFacts,
    prepare: Callable[[Catalog], None],
) -> None:
    """`prepare` is called with the catalog, when all files are there."""
    draft = draft_path(layout.root, "catalog")
    fd = durable.create_locked(draft)
    try:
        if copy_into(folder.root, folder.catalog.name, fd) != facts.sha256:
            raise StoreDamaged(f"{folder.catalog}: changed during the restore")
        with closing(catalogs.open_draft(draft)) as opened:
            with opened.read() as connection:
                demand_whole_chain(connection)
                write_whole(connection, layout)
            _copy_files(folder.root, layout, opened, facts.left_out)
            expected_files.remove_unknown(layout.root, opened)
            prepare(opened)
        durable.sync(fd, draft.name)
        if not catalogs.put_in_place(layout, draft):
            raise BackupRefused(f"{layout.root}: another process created a store there")
    finally:
        durable.close(fd)
        for leftover in layout.root.glob(f"{draft.name}*"):
            durable.remove(leftover, synced=False)


def _copy_files(source: Path, layout: Layout, catalog: Catalog, left_out: Container[str]) -> None:
    """Copy every file that the backup has; damaged ones are reported after all others are copied."""
    copying, damaged = Copying(source, layout.root), list[str]()
    for wanted in expected_files.all_expected(catalog):
        try:
            # An earlier restore that was killed may have copied it.
            if not is_whole(layout.root, wanted):
                copying.take(wanted)
        except StoreDamaged as error:
            if wanted.path not in left_out:
                damaged.append(str(error))
    if damaged:
        raise damage(damaged)
