"""Writes the file `audit.duckdb` itself: from the one before it, from the base, or from nothing."""

from collections.abc import Hashable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

import duckdb

from store.files import durable
from store.files.layout import Layout
from store.reading.relations import Relations
from store.reading.shell.base import copies
from store.reading.shell.base.script import STORAGE_VERSION, Script, folder_macro
from store.reading.shell.content import AnyTable, FactTable, KeptTable, ShellContent
from store.reading.shell.ledger import ledger_lines
from store.reading.shell.published import expected_paths, writer
from store.reading.shell.template import Template
from store.reading.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Wanted:
    """What goes into a file."""

    snapshot: Snapshot
    relations: Relations
    statements: Sequence[str]
    replacing: Sequence[str]
    facts: Sequence[FactTable]
    kept: Sequence[KeptTable]
    template: Template
    # Where it answers: in the data folder, and where analysts see it.
    paths: tuple[Path, ...]

    @property
    def kind(self) -> tuple[object, ...]:
        """Two files of the same kind and revision differ in lists of files, facts and the snapshot
        alone.
        """
        declared = tuple((table.name, table.columns) for table in self.tables)
        has_ledger = bool(ledger_lines.files(self.snapshot.root))
        stated = tuple(self.statements), tuple(self.replacing)
        return self.relations.kind, stated, declared, has_ledger

    @property
    def tables(self) -> Sequence[AnyTable]:
        return (*self.facts, *self.kept)

    @property
    def script(self) -> Script:
        return Script.of(self.statements, [table.declaration for table in self.tables])

    @property
    def revision(self) -> Hashable:
        return tuple(table.revision for table in self.kept)

    @classmethod
    def of(
        cls, layout: Layout, snapshot: Snapshot, content: ShellContent, root: Path | None
    ) -> Self:
        tables = content.facts(layout, snapshot)
        return cls(
            snapshot=snapshot,
            relations=Relations.of_snapshot(snapshot, is_published=True),
            statements=content.statements,
            replacing=content.replacing,
            facts=[each for each in tables if isinstance(each, FactTable)],
            kept=[each for each in tables if isinstance(each, KeptTable)],
            template=content.template,
            paths=expected_paths(layout, root),
        )

    def showing(self, snapshot: Snapshot) -> Self:
        shown = Relations.of_snapshot(snapshot, is_published=True)
        return replace(self, snapshot=snapshot, relations=shown)


def write(path: Path, wanted: Wanted) -> None:
    """Make the file at `path`, where none is."""
    if _write_like_last(path, wanted):
        return
    script = wanted.script
    with _based(path, wanted.template, script) as connection:
        _replace_views(connection, wanted)
        if wanted.relations.have_usual_columns(connection):
            _replace_macros(connection, wanted)
            _fill_kept(connection, wanted)
            _finish(connection, path, wanted)
            return
    # DuckDB 1.4 refuses a view if one that it is made of has other columns by now.
    durable.remove(path, synced=False)
    define(path, wanted, script)


def define(path: Path, wanted: Wanted, script: Script) -> None:
    """Make the file without a base."""
    with _opened(path) as connection:
        connection.begin()
        script.run(connection, instead=lambda: _replace_views(connection, wanted))
        _replace_macros(connection, wanted)
        _fill_kept(connection, wanted)
        _finish(connection, path, wanted)


def _write_like_last(path: Path, wanted: Wanted) -> bool:
    """Make the file from the last one of its kind; False, and there is no file, if there is none."""
    is_same = wanted.template.copied_to(path, wanted.kind, wanted.revision)
    last = None if is_same else wanted.template.like(wanted.kind)
    if not is_same and last is None:
        return False
    with _opened(path) as connection:
        if last is None or copies.copy_into(connection, last):
            connection.begin()
            wanted.relations.fill(connection)
            ledger_lines.fill(connection, wanted.snapshot)
            if not is_same:
                _fill_kept(connection, wanted)
            _finish(connection, path, wanted)
            return True
    durable.remove(path, synced=False)
    return False


def _replace_views(connection: duckdb.DuckDBPyConnection, wanted: Wanted) -> None:
    """Put what a store with records has in the place of what one without has."""
    # Where this process sees them: DuckDB opens a file of each view.
    connection.execute(folder_macro([wanted.relations.folder]))
    wanted.relations.replace(connection)
    ledger_lines.define(connection, wanted.snapshot, is_published=True)


def _replace_macros(connection: duckdb.DuckDBPyConnection, wanted: Wanted) -> None:
    for statement in wanted.replacing:
        connection.execute(statement)


def _fill_kept(connection: duckdb.DuckDBPyConnection, wanted: Wanted) -> None:
    for table in wanted.kept:
        table.fill(connection)


def _finish(connection: duckdb.DuckDBPyConnection, path: Path, wanted: Wanted) -> None:
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
    wanted.template.keep(path, wanted.kind, wanted.revision)
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
