"""Writes `audit.duckdb`: views and macros over the live files, for any DuckDB from 1.4 on.

The store makes one view for each dataset; the caller passes everything else (shell/content.py). The
file is small: it holds no rows of datasets, only facts that the catalog knows. It is replaced
atomically at every change, so an open shell keeps the snapshot that it opened, and never blocks the
receiver.

No shell changes what others see. The file is read-only. For a user who may write it all the same,
the name of its write-ahead log is taken: DuckDB would apply a log that a shell left, or that a
shell on the previous file writes now, to the file that has the name by then.
"""

import tempfile
from pathlib import Path

import duckdb

from store.errors import NoRoom
from store.files import durable
from store.files.layout import AUDIT_LABEL, Layout, draft_path
from store.reading.shell import file_writing
from store.reading.shell.content import FactsUnreadable, ShellContent
from store.reading.shell.file_writing import Wanted
from store.reading.shell.published import Definitions, definitions_of
from store.reading.snapshot import Snapshot

READ_ONLY = 0o444


def publish(
    layout: Layout,
    snapshot: Snapshot,
    content: ShellContent,
    root: Path | None = None,
) -> Snapshot:
    """Replace `audit.duckdb` by a file with the views of `snapshot`, and `content`.

    Files that turn out to be unreadable are left out like those that are known to be: the snapshot
    that is returned has them among its damaged ones. Where the kept facts of a file turn out to be
    unreadable, it has none of that file, which is read instead. It answers in the data folder, and in `root`,
    which is the data folder as analysts see it. After a store was moved, every view raises an error
    until the next loader publishes it again.
    """
    try:
        return _publish_readable(layout, snapshot, content, root)
    except FactsUnreadable as error:
        return publish(layout, snapshot.without_facts(error.numbers), content, root)


def _publish_readable(
    layout: Layout, snapshot: Snapshot, content: ShellContent, root: Path | None
) -> Snapshot:
    wanted = Wanted.of(layout, snapshot, content, root)
    try:
        return _publish(layout, wanted)
    except duckdb.Error as error:
        # DuckDB opens a few files to see their columns; the others are looked at all at once.
        readable = snapshot.glanced()
        if readable is snapshot:
            raise NoRoom(f"audit.duckdb: {error}") from error
    try:
        return _publish(layout, wanted.showing(readable))
    except duckdb.Error as error:
        raise NoRoom(f"audit.duckdb: {error}") from error


def definitions(
    layout: Layout, snapshot: Snapshot, content: ShellContent, root: Path | None
) -> Definitions:
    """What `publish` would define, without publishing it. The file that is read here has no rows."""
    wanted = Wanted.of(layout, snapshot, content, root)
    with tempfile.TemporaryDirectory(prefix="raytrail-") as folder:
        # DuckDB tells a text otherwise once it was stored.
        path = Path(folder) / layout.audit.name
        try:
            file_writing.write(path, wanted)
        except FactsUnreadable as error:
            readable = snapshot.without_facts(error.numbers)
            return definitions(layout, readable, content, root)
        with duckdb.connect(str(path), read_only=True) as written:
            return definitions_of(written)


def block_log(layout: Layout) -> None:
    """Remove a write-ahead log that a shell left, and keep its name from being used again."""
    durable.occupy(layout.audit_log, draft_path(layout.root, AUDIT_LABEL))


def stray_logs(layout: Layout) -> list[Path]:
    """Write-ahead logs beside `audit.duckdb`, left or in use by a shell that could write."""
    found = layout.root.glob(f"{layout.audit_log.name}*")
    return sorted(path for path in found if not durable.is_occupied(path))


def remove_logs(layout: Layout) -> None:
    for path in stray_logs(layout):
        durable.remove(path)
    block_log(layout)


def _publish(layout: Layout, wanted: Wanted) -> Snapshot:
    draft = draft_path(layout.root, AUDIT_LABEL)
    unwritten = draft.with_name(f"{draft.name}.wal")
    try:
        file_writing.write(draft, wanted)
        if unwritten.exists():
            raise NoRoom("audit.duckdb: could not be written completely")
        # First, so that the new file never has the log of an older one beside it.
        block_log(layout)
        durable.replace(draft, layout.audit, mode=READ_ONLY)
    finally:
        durable.remove(draft, synced=False)
        durable.remove(unwritten, synced=False)
    return wanted.snapshot
