"""One view for each dataset of a snapshot, whichever versions of Raytrail wrote its files.

Files with the same columns form a group and are read by the columns of the first, so that DuckDB
need not open every footer. If this version knows how to select the columns of all groups, the view
names them, which is the fastest to bind. Otherwise the groups are joined by name, behind an empty
table with the columns of this version: a column that was added later is NULL in older files, and a
dataset without files has all its columns.

Where files of a dataset are damaged, its view raises a sentence for questions that need their rows
(damaged_days.py), and a second view leaves them out.

Every time in a view is an instant (TIMESTAMPTZ); the times of files of format 1 are converted here.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import duckdb

from store.files.layout import is_month
from store.parquet import dataset_columns
from store.parquet.dataset_columns import quoted
from store.parquet.stored_columns import INSTANT
from store.reading import damaged_days
from store.reading.live_part import DamagedPart, without_damaged
from store.reading.shell.statements import sql_of
from store.reading.snapshot import Snapshot

# `{files}` is a parameter, or an expression with one.
_READ = """
    SELECT {columns} FROM read_parquet(
        {files}, union_by_name = {by_name}, hive_partitioning = false
    )
"""
# The day's folder is text, because `date=__other__` is one of the folders.
_READ_WITH_DATE = """
    SELECT {columns} FROM read_parquet(
        {files}, union_by_name = {by_name}, hive_partitioning = true, hive_types = {{'date': 'VARCHAR'}}
    )
"""
# A file of a month lies in no day's folder, so the day is that of the event, in UTC.
_READ_MONTH_WITH_DATE = """
    SELECT {columns}, strftime(make_timestamp(epoch_us(event_time)), '%Y-%m-%d') AS date
    FROM read_parquet(
        {files}, union_by_name = {by_name}, hive_partitioning = false
    )
"""

# The folder of published files is a macro, so that its path can be set after the views were made.
_PUBLISHED = "list_transform(${name}, lambda file: shape.folder() || file)"
_GUARDED = "SELECT * FROM ({query}) WHERE shape.is_in_place()"


class _Group(NamedTuple):
    """Files that are read together: those with the same columns in the same kind of folder.

    `shape` selects the dataset's columns from them; None if this version does not know how. The
    events of near files are between NEAR_YEARS.
    """

    paths: tuple[Path, ...]
    shape: str | None
    read: str
    by_name: bool
    is_near: bool

    def query(self, connection: duckdb.DuckDBPyConnection, files: str) -> str:
        """`files` is a parameter. The text contains only names, and they are quoted."""
        columns = self.shape or self._columns(connection)
        if self.shape and self.read is _READ_WITH_DATE:
            columns = f"{columns}, date"
        return self._select(columns, files)

    def _columns(self, connection: duckdb.DuckDBPyConnection) -> str:
        """All columns, as the parts themselves tell them."""
        found = connection.sql(self._select("*", "$paths"), params={"paths": _texts(self.paths)})
        columns = zip(found.columns, found.types, strict=True)
        times = (name for name, kind in columns if kind == duckdb.type("TIMESTAMP"))
        return dataset_columns.replaced(times, is_near=self.is_near)

    def _select(self, columns: str, files: str) -> str:
        return self.read.format(columns=columns, files=files, by_name=str(self.by_name).lower())


def set_folder(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Set the folder that contains the files of published views."""
    text = f"{folder}/".replace("'", "''")
    connection.execute(f"CREATE OR REPLACE MACRO shape.folder() AS '{text}'")


def define(
    connection: duckdb.DuckDBPyConnection,
    snapshot: Snapshot,
    *,
    with_date: bool,
    published_in: Path | None = None,
    only: Collection[str] | None = None,
) -> None:
    """Create a view for every known dataset and every other one with files, or for those in `only`.

    Helper tables and macros lie in a schema of their own, so that `SHOW TABLES` lists only
    datasets. The files of published views lie below `published_in`, and are read below the folder
    of `set_folder`.
    """
    connection.execute("CREATE SCHEMA shape")
    parameter, guarded = "${name}", "{query}"
    if published_in is not None:
        set_folder(connection, published_in)
        connection.execute(sql_of("is_in_place"))
        parameter, guarded = _PUBLISHED, _GUARDED
    damaged: dict[str, list[DamagedPart]] = {}
    for lost in snapshot.damaged:
        damaged.setdefault(lost.part.dataset, []).append(lost)
    if only is None:
        damaged_days.list_damaged(connection, snapshot.damaged)
    everything = dataset_columns.known() | snapshot.files.keys() | damaged.keys()
    for name in sorted(everything if only is None else only):
        groups = list(_groups(snapshot, name, with_date=with_date))
        query = _together(connection, name, groups, parameter, with_date=with_date)
        given: dict[str, Any] = {
            f"paths_{number}": _texts(each.paths, published_in)
            for number, each in enumerate(groups)
        }
        if name in damaged:
            _create(connection, without_damaged(name), guarded.format(query=query), given)
            found = connection.sql(query, params=given)
            columns = {
                column: str(kind) for column, kind in zip(found.columns, found.types, strict=True)
            }
            days = damaged_days.days_of(damaged[name])
            raising, more = damaged_days.with_damaged(columns, days)
            # First, so that the sentence comes before any row. In brackets, because a BY NAME inside
            # the query would reach to here.
            query = f"{raising} UNION ALL SELECT * FROM ({query})"  # noqa: S608 (of quoted names)
            given = {**given, **more}
        _create(connection, name, guarded.format(query=query), given)


def _create(
    connection: duckdb.DuckDBPyConnection, name: str, query: str, given: Mapping[str, Any]
) -> None:
    if given:
        # A relation takes paths as values, not as SQL text.
        connection.sql(query, params=given).create_view(name)
    else:
        # Twice as fast as a relation.
        connection.execute(f"CREATE VIEW {quoted(name)} AS {query}")


def _together(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    groups: Sequence[_Group],
    parameter: str,
    *,
    with_date: bool,
) -> str:
    """A dataset as one query."""
    sources = [
        each.query(connection, parameter.format(name=f"paths_{number}"))
        for number, each in enumerate(groups)
    ]
    if groups and all(each.shape for each in groups):
        return " UNION ALL ".join(sources)
    if name in dataset_columns.known() or not groups:
        sources.insert(0, _shape(connection, name, with_date=with_date))
    return " UNION ALL BY NAME ".join(sources)


def _shape(connection: duckdb.DuckDBPyConnection, name: str, *, with_date: bool) -> str:
    table = f"shape.{quoted(name)}"
    date = ", date VARCHAR" if with_date else ""
    connection.execute(
        f"CREATE TABLE {table} ({dataset_columns.declared(dataset_columns.shape(name))}{date})"
    )
    return f"SELECT * FROM {table}"  # noqa: S608 (a quoted name)


def _groups(snapshot: Snapshot, name: str, *, with_date: bool) -> Iterator[_Group]:
    for fingerprint, paths in snapshot.alike(name):
        held = dataset_columns.held(name, fingerprint)
        is_newest = held is not None and INSTANT in held.types
        for read, among in _by_folder(paths) if with_date else [(_READ, paths)]:
            for is_near, found in [(True, among)] if is_newest else _by_nearness(among):
                if not found:
                    continue
                shape = None
                if held is not None:
                    shape = dataset_columns.selected(name, held, is_near=is_near)
                by_name = fingerprint is None and len(found) > 1
                yield _Group(found, shape, read, by_name, is_near)


def _by_folder(paths: Sequence[Path]) -> Iterator[tuple[str, tuple[Path, ...]]]:
    yield _READ_MONTH_WITH_DATE, tuple(path for path in paths if is_month(path))
    yield _READ_WITH_DATE, tuple(path for path in paths if not is_month(path))


def _by_nearness(paths: Sequence[Path]) -> Iterator[tuple[bool, tuple[Path, ...]]]:
    """By whether the day or month of their folder is near; `__other__` is not."""
    first, last = dataset_columns.NEAR_YEARS
    near = [first <= path.parent.name.partition("=")[2][:4] <= last for path in paths]
    for is_near in (True, False):
        pairs = zip(paths, near, strict=True)
        yield is_near, tuple(path for path, is_so in pairs if is_so is is_near)


def _texts(paths: tuple[Path, ...], folder: Path | None = None) -> list[str]:
    return [str(path.relative_to(folder) if folder else path) for path in paths]
