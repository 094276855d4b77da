"""The base of `audit.duckdb` that lies beside the program is used if it is the right one, and whole."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from queries import shell_base
from queries.shell_content import BASE, SHELL_CONTENT
from store.files.layout import Layout
from store.reading.shell.base import compiled, copies
from store.reading.shell.base.script import Script
from store.reading.shell.content import FactTable
from store.reading.shell.template import Template
from store.reading.snapshot import Snapshot
from store.store import Store

STATEMENTS = ("CREATE VIEW answer AS SELECT 42 AS n", "COMMENT ON VIEW answer IS 'so'")
SCRIPT = Script.of(STATEMENTS, ())


@dataclass(frozen=True)
class Stating:
    template: Template
    statements: Sequence[str] = STATEMENTS
    replacing: Sequence[str] = ()

    def facts(self, _layout: Layout, _snapshot: Snapshot) -> list[FactTable]:
        return []


@pytest.fixture
def path(tmp_path: Path) -> Path:
    folder = tmp_path / "program"
    folder.mkdir()
    return folder / "audit.base"


def answer(store: Store) -> int:
    with duckdb.connect(str(store.layout.audit), read_only=True) as audit:
        [(found,)] = audit.execute("SELECT n FROM answer").fetchall()
    return int(found)


def is_made_by_itself(store: Store, path: Path, statements: Sequence[str] = STATEMENTS) -> bool:
    """Whether publishing made a base; it answers in any case."""
    template = Template(path)
    store.publish(Stating(template, statements))
    assert answer(store) == 42
    kept = template.base(Script.of(statements, ()))
    assert kept is not None
    return kept not in path.read_bytes() if path.is_file() else True


def test_a_process_copies_the_base_of_its_own_version(store: Store, path: Path) -> None:
    assert compiled.write(path, SCRIPT)

    assert not is_made_by_itself(store, path)
    assert not compiled.write(path, SCRIPT), "it is there"
    assert [each.name for each in path.parent.iterdir()] == [path.name]


def test_a_base_of_other_statements_is_not_used_and_is_replaced(store: Store, path: Path) -> None:
    other = (*STATEMENTS, "CREATE VIEW more AS SELECT 1 AS n")
    compiled.write(path, SCRIPT)

    assert is_made_by_itself(store, path, other)
    assert compiled.write(path, Script.of(other, ()))
    assert not is_made_by_itself(store, path, other)


def test_a_base_of_another_duckdb_is_not_used(
    store: Store, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(duckdb, "__version__", "9.9.9")
        compiled.write(path, SCRIPT)

    assert is_made_by_itself(store, path)


def cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def emptied(path: Path) -> None:
    os.truncate(path, 0)


def changed(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize("harm", [Path.unlink, cut, emptied, changed, a_folder])
def test_a_missing_or_damaged_base_is_no_error(
    store: Store, path: Path, harm: Callable[[Path], None]
) -> None:
    compiled.write(path, SCRIPT)
    harm(path)

    assert is_made_by_itself(store, path)


def test_a_base_that_is_no_database_is_no_error(store: Store, path: Path) -> None:
    """As if DuckDB could not attach it: everything is defined in the file itself."""
    path.write_bytes(compiled._head(SCRIPT.digest, b"no database") + b"no database")

    store.publish(Stating(Template(path)))

    assert answer(store) == 42


def test_a_folder_that_cannot_be_written_is_no_error_of_an_installation(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(shell_base, "BASE", tmp_path / "missing" / "audit.base")

    shell_base.main()

    assert "audit.duckdb is not prepared" in capsys.readouterr().err


def test_the_installation_makes_what_a_loader_looks_for(store: Store, tmp_path: Path) -> None:
    template = Template(tmp_path / "audit.base")
    assert compiled.write(tmp_path / "audit.base", shell_base.script())

    assert template.base(shell_base.script()) is not None
    facts = [table.declaration for table in SHELL_CONTENT.facts(store.layout, store.snapshot())]
    assert Script.of(SHELL_CONTENT.statements, facts).digest == shell_base.script().digest
    assert SHELL_CONTENT.template.compiled == BASE


def test_two_files_of_one_base_are_two_databases_to_duckdb(store: Store, path: Path) -> None:
    """So the write-ahead log of one is never taken for one of the other."""
    compiled.write(path, SCRIPT)
    content = compiled.read(path, SCRIPT.digest)
    assert content is not None
    for name in ("one", "two"):
        with duckdb.connect(str(path.parent / name)) as connection:
            assert copies.copy_into(connection, content)
    with duckdb.connect(str(path.parent / "one")) as connection:
        connection.execute("PRAGMA disable_checkpoint_on_shutdown")
        connection.execute("CREATE TABLE left_in_the_log (n INT)")
    (path.parent / "one.wal").replace(path.parent / "two.wal")

    with pytest.raises(duckdb.Error, match="WAL does not match"):
        duckdb.connect(str(path.parent / "two"))
