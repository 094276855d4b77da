"""A name is found in every place that can hold it, and each place is declared where it is defined."""

import contextlib
import gzip
import sqlite3
from collections.abc import Collection
from pathlib import Path

import pytest
from sqlalchemy import Column, Integer

from store.backup.backup import Backup
from store.erasure.remnants.remnant import RemnantKind
from store.erasure.verification import find_remnants
from store.files import places
from store.files.layout import Layout
from store.files.places import FILES, Content, FilePlace
from store.fsck.check import check
from store.fsck.finding import Kind
from store.personal_data import naming_columns, text_columns
from store.reading.views import publish
from store.store import Store
from tests.factories import SHELL
from tests.person_store import USER, lived_in
from tests.store.conftest import Built

NAMING = set(naming_columns())
# Those of which no name is expected; their bytes are searched.
OTHERS = {
    name: [each for each in text_columns() if each.table.name == name and each not in NAMING]
    for name in dict.fromkeys(each.table.name for each in text_columns())
}

# A file of each place, by its pattern.
SAMPLES = {place.pattern: place.pattern.replace("*", "sample") for place in FILES} | {
    "catalog.sqlite*": "catalog.sqlite-journal",
    "raw/*": "raw/2026-11-22/sample.gz",
}


def plant(store: Store, columns: Collection[Column[str]], number: int = 0) -> None:
    """A row with the name in these columns of a table, and with something that no other row has in
    each other column that must not be empty.
    """
    [table] = {column.table for column in columns}
    row = {
        each.name: f"of {USER}"
        if each in columns
        else (7 + number if isinstance(each.type, Integer) else f"x{number}")
        for each in table.columns
        if each in columns or not each.nullable
    }
    names = ", ".join(f'"{name}"' for name in row)
    marks = ", ".join("?" * len(row))
    with contextlib.closing(sqlite3.connect(store.layout.catalog)) as connection, connection:
        statement = f'INSERT INTO "{table.name}" ({names}) VALUES ({marks})'
        connection.execute(statement, list(row.values()))


def test_a_name_is_found_in_each_column_of_the_catalog_that_may_have_one(store: Store) -> None:
    for number, column in enumerate(NAMING):
        plant(store, {column}, number)

    found = {each.path for each in find_remnants(store.layout, store.catalog, USER)}

    # A path "x7" in `files` is a file that is missing.
    missing = {f"x{number}" for number in range(len(NAMING))}
    assert found - missing == {
        f"catalog.sqlite: {column.table.name}.{column.name}" for column in NAMING
    }


@pytest.mark.parametrize("table", [name for name, columns in OTHERS.items() if columns])
def test_a_name_is_found_in_the_bytes_of_every_other_text_of_the_catalog(
    store: Store, table: str
) -> None:
    plant(store, OTHERS[table])

    found = {each.path for each in find_remnants(store.layout, store.catalog, USER)}

    assert found & {"catalog.sqlite", "catalog.sqlite-wal"}


@pytest.mark.parametrize("place", FILES, ids=lambda place: place.pattern)
def test_a_name_is_found_in_every_kind_of_file(store: Store, place: FilePlace) -> None:
    name = SAMPLES[place.pattern]
    assert places.place_of(name) is place, "no other place comes first"
    path = store.layout.root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists():
        path.chmod(0o600)
        path.write_bytes(path.read_bytes() + USER.encode())
    elif not path.is_symlink():
        path.write_bytes(USER.encode())

    found = {each.path for each in find_remnants(store.layout, store.catalog, USER)}

    assert name in found


@pytest.mark.parametrize("name", ["report.html", "reports/2026/export.csv", ".spill/x.tmp"])
@pytest.mark.parametrize("is_packed", [False, True])
def test_a_name_in_a_file_of_another_program_is_found(
    store: Store, name: str, is_packed: bool
) -> None:
    path = store.layout.root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    content = f"visits of {USER}".encode()
    path.write_bytes(gzip.compress(content) if is_packed else content)

    [found] = find_remnants(store.layout, store.catalog, USER)

    assert (found.kind, found.path) == (RemnantKind.FOREIGN, name)


def test_fsck_names_a_file_of_another_program(store: Store) -> None:
    (store.layout.root / "reports").mkdir()
    (store.layout.root / "reports" / "x.csv").write_bytes(b"time,user")

    found = check(store, lambda: None, SHELL).left

    assert [(each.kind, each.path) for each in found if each.path.startswith("reports")] == [
        (Kind.EXTRA_FILE, "reports/x.csv")
    ]


def test_every_file_that_a_store_writes_has_a_place(built: Built) -> None:
    store, _ = built(lived_in)
    publish(store.layout, store.snapshot(), SHELL)

    undeclared = [path for path, place in places.files(store.layout) if place is None]

    assert not undeclared, "declare a place for this kind of file in store/files/places.py"


def test_every_path_of_the_layout_has_a_place(tmp_path: Path) -> None:
    layout = Layout(tmp_path)
    names = [name for name, what in vars(Layout).items() if isinstance(what, property)]
    found = [getattr(layout, name) for name in names]
    paths = [layout.relative(each) for each in found if isinstance(each, Path)]

    assert len(paths) > 10
    for path in paths:
        assert places.place_of(path) or places.place_of(f"{path}/x"), path


def test_a_backup_has_files_of_the_places_that_say_so_and_of_no_other(
    built: Built, tmp_path: Path
) -> None:
    store, _ = built(lived_in)
    declared = {place.pattern.rstrip("/*") for place in FILES if place.is_in_backup}

    Backup.of(store, tmp_path / "backup").run()

    # The catalog has another name there, so that no service opens it.
    kept = {path.name for path in (tmp_path / "backup").iterdir() if path.is_dir()}
    assert kept | {"catalog.sqlite"} == declared
    assert all(place.content is not Content.BYTES for place in FILES if place.is_in_backup)
