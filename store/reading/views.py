"""Writes `audit.duckdb`: views and macros over the live files, for any DuckDB from 1.4 on.

The store makes one view for each dataset; the caller passes everything else (shell/content.py). The
file is small: it holds no rows, only facts that the catalog knows. It is replaced atomically at every
change, so an open shell keeps the snapshot that it opened, and never blocks the receiver.

No shell changes what others see. The file is read-only. For a user who may write it all the same,
the name of its write-ahead log is taken: DuckDB would apply a log that a shell left, or that a
shell on the previous file writes now, to the file that has the name by then.
"""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

import duckdb

from store.errors import NoRoom
from store.files import durable
from store.files.layout import AUDIT_LABEL, Layout, draft_path
from store.reading.relations import Relations
from store.reading.shell.base import copies
from store.reading.shell.base.script import STORAGE_VERSION, Script, folder_macro
from store.reading.shell.content import FactTable, ShellContent
from store.reading.shell.ledger import ledger_lines
from store.reading.shell.published import Definitions, definitions_of, expected_paths, writer
from store.reading.shell.template import Template
from store.reading.snapshot import Snapshot

READ_ONLY = 0o444


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What goes into a file."""

    snapshot: Snapshot
    relations: Relations
    statements: Sequence[str]
    replacing: Sequence[str]
    facts: Sequence[FactTable]
    template: Template
    # Where it answers: in the data folder, and where analysts see it.
    paths: tuple[Path, ...]

    @property
    def kind(self) -> tuple[object, ...]:
        """Two files of the same kind differ in lists of files, facts and the snapshot alone."""
        declared = tuple((table.name, table.columns) for table in self.facts)
        has_ledger = bool(ledger_lines.files(self.snapshot.root))
        stated = tuple(self.statements), tuple(self.replacing)
        return self.relations.kind, stated, declared, has_ledger

    @classmethod
    def of(
        cls, layout: Layout, snapshot: Snapshot, content: ShellContent, root: Path | None
    ) -> Self:
        return cls(
            snapshot=snapshot,
            relations=Relations.of_snapshot(snapshot, is_published=True),
            statements=content.statements,
            replacing=content.replacing,
            facts=content.facts(layout, snapshot),
            template=content.template,
            paths=expected_paths(layout, root),
        )

    def showing(self, snapshot: Snapshot) -> Self:
        shown = Relations.of_snapshot(snapshot, is_published=True)
        return replace(self, snapshot=snapshot, relations=shown)


def publish(
    layout: Layout,
    snapshot: Snapshot,
    content: ShellContent,
    root: Path | None = None,
) -> Snapshot:
    """Replace `audit.duckdb` by a file with the views of `snapshot`, and `content`.

    Files that turn out to be unreadable are left out like those that are known to be: the snapshot
    that is returned has them among its damaged ones. It answers in the data folder, and in `root`,
    which is the data folder as analysts see it. After a store was moved, every view raises an error
    until the next loader publishes it again.
    """
    wanted = _Wanted.of(layout, snapshot, content, root)
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
    wanted = _Wanted.of(layout, snapshot, content, root)
    with tempfile.TemporaryDirectory(prefix="raytrail-") as folder:
        # DuckDB tells a text otherwise once it was stored.
        path = Path(folder) / layout.audit.name
        _write(path, wanted)
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


def _publish(layout: Layout, wanted: _Wanted) -> Snapshot:
    draft = draft_path(layout.root, AUDIT_LABEL)
    unwritten = draft.with_name(f"{draft.name}.wal")
    try:
        _write(draft, wanted)
        if unwritten.exists():
            raise NoRoom("audit.duckdb: could not be written completely")
        # First, so that the new file never has the log of an older one beside it.
        block_log(layout)
        durable.replace(draft, layout.audit, mode=READ_ONLY)
    finally:
        durable.remove(draft, synced=False)
        durable.remove(unwritten, synced=False)
    return wanted.snapshot


def _write(path: Path, wanted: _Wanted) -> None:
    if wanted.template.copied_to(path, wanted.kind):
        with _opened(path) as connection:
            connection.begin()
            wanted.relations.fill(connection)
            ledger_lines.fill(connection, wanted.snapshot)
            _finish(connection, path, wanted)
        return
    script = Script.of(wanted.statements, [table.declaration for table in wanted.facts])
    with _based(path, wanted.template, script) as connection:
        _replace_views(connection, wanted)
        if wanted.relations.have_usual_columns(connection):
            _replace_macros(connection, wanted)
            _finish(connection, path, wanted)
            return
    # DuckDB 1.4 refuses a view if one that it is made of has other columns by now.
    durable.remove(path, synced=False)
    _define(path, wanted, script)


def _define(path: Path, wanted: _Wanted, script: Script) -> None:
    """Make the file without a base."""
    with _opened(path) as connection:
        connection.begin()
        script.run(connection, instead=lambda: _replace_views(connection, wanted))
        _replace_macros(connection, wanted)
        _finish(connection, path, wanted)


def _replace_views(connection: duckdb.DuckDBPyConnection, wanted: _Wanted) -> None:
    """Put what a store with records has in the place of what one without has."""
    # Where this process sees them: DuckDB opens a file of each view.
    connection.execute(folder_macro([wanted.relations.folder]))
    wanted.relations.replace(connection)
    ledger_lines.define(connection, wanted.snapshot, is_published=True)


def _replace_macros(connection: duckdb.DuckDBPyConnection, wanted: _Wanted) -> None:
    for statement in wanted.replacing:
        connection.execute(statement)


def _finish(connection: duckdb.DuckDBPyConnection, path: Path, wanted: _Wanted) -> None:
    snapshot = wanted.snapshot
    # Bound as text with its zone, since the value itself has none.
    taken_at = f"{snapshot.taken_at.isoformat()}Z"
    told = [snapshot.sequence, taken_at, writer(), [str(path) for path in wanted.paths]]
    connection.execute("DELETE FROM shape.snapshot")
    connection.execute("INSERT INTO shape.snapshot VALUES (?, ?, ?, ?)", told)
    # Last: what is defined before reads the files as this process sees them.
    connection.execute(folder_macro([path.parent for path in wanted.paths]))
    _save(connection)
    # Read while it is open: to open it again takes half as long as all of this. Nobody else
    # knows the draft, so DuckDB's lock on it, which ends here, is not missed.
    wanted.template.keep(path, wanted.kind)
    connection.begin()
    for table in wanted.facts:
        table.fill(connection)
    _save(connection)


@contextmanager
def _based(path: Path, template: Template, script: Script) -> Iterator[duckdb.DuckDBPyConnection]:
    """A new file of a store without records, in a transaction."""
    base = template.base(script)
    if base is None:
        copies.make(path, script)
        template.keep_base(script, path.read_bytes())
    with _opened(path) as connection:
        is_made = base is None or copies.copy_into(connection, base)
        connection.begin()
        if not is_made:
            script.run(connection)
        yield connection


@contextmanager
def _opened(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    config: dict[str, str | bool | int | float | list[str]] = {
        "storage_compatibility_version": STORAGE_VERSION,
        "threads": "1",
    }
    with duckdb.connect(str(path), config=config) as connection:
        yield connection


def _save(connection: duckdb.DuckDBPyConnection) -> None:
    connection.commit()
    # Closing would checkpoint too, but hide the error of a full disk.
    connection.execute("CHECKPOINT")
