"""One view for each dataset of a snapshot, whichever versions of Raytrail wrote its files.

Files with the same columns form a group and are read by the columns of the first, so that DuckDB
need not open every footer. If this version knows how to select the columns of all groups, the view
names them, which is the fastest to bind. Otherwise the groups are joined by name, behind an empty
table with the columns of this version: a column that was added later is NULL in older files, and a
dataset without files has all its columns.

Where files of a dataset are damaged, its view raises a sentence for questions that need their rows
(damaged_days.py), and a second view leaves them out.

Every time in a view is an instant (TIMESTAMPTZ); the times of files of format 1 are converted here.
`date` is the day in UTC: that of a file's folder, or else that of the event.

The files of a group are a macro, so that other files of the same kind can be put in its place
without making the views again.
"""

from collections.abc import Collection, Container, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Self

import duckdb

from store.catalog.users.facts_number import DATASET
from store.parquet import dataset_columns
from store.parquet.dataset_columns import quoted
from store.reading import damaged_days
from store.reading.facts import without_facts
from store.reading.file_groups import files_macro, groups_of
from store.reading.live_part import DamagedPart, view_of, without_damaged
from store.reading.shell import comments, undocumented
from store.reading.shell.base import script
from store.reading.shell.base.script import literal
from store.reading.shell.relation import Relation
from store.reading.snapshot import Snapshot

# The view over all datasets without columns of their own, which are none of that name.
UNDOCUMENTED = "undocumented"


@dataclass(frozen=True, slots=True)
class Relations:
    """The datasets of a snapshot. Their files lie below `folder`; None if each has its own path.

    `listed` goes into the table `damaged`. Published views answer only where they were published.
    """

    of: tuple[Relation, ...]
    listed: tuple[DamagedPart, ...] | None
    taken_at: datetime
    folder: Path | None
    is_published: bool

    @classmethod
    def of_snapshot(
        cls,
        snapshot: Snapshot,
        *,
        is_published: bool = False,
        only: Collection[str] | None = None,
    ) -> Self:
        """Every known dataset and every other one with files, or those in `only`."""
        damaged: dict[str, list[DamagedPart]] = {}
        for lost in snapshot.damaged:
            damaged.setdefault(lost.part.dataset, []).append(lost)
        everything = dataset_columns.known() | snapshot.files.keys() | damaged.keys()
        found = (
            Relation(
                name,
                tuple(groups_of(snapshot, name)),
                tuple(damaged_days.days_of(damaged.get(name, ()))),
            )
            for name in sorted(everything if only is None else only)
        )
        listed = snapshot.damaged if only is None else None
        relations = list(found)
        if only is None or DATASET in only:
            waiting = without_facts.waiting(snapshot)
            groups, days = groups_of(waiting, DATASET), damaged_days.days_of(waiting.damaged)
            relations.append(Relation(without_facts.NAME, tuple(groups), tuple(days)))
        return cls(tuple(relations), listed, snapshot.taken_at, snapshot.root, is_published)

    @property
    def kind(self) -> tuple[object, ...]:
        return tuple(each.kind for each in self.of)

    def define(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Create the views."""
        self.prepare(connection)
        for name in self.named(None):
            self.define_one(connection, name)

    def prepare(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Create what all views need, in a schema of its own."""
        connection.execute("CREATE SCHEMA shape")
        connection.execute(script.folder_macro([self.folder]))
        self.fill(connection)

    def replace(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Create the views in a file in which no dataset has files, in the place of those there."""
        self.fill(connection)
        for each in self.of:
            if each.has_files:
                self._define(connection, each)
                if each.name in dataset_columns.known():
                    connection.execute("; ".join(comments.of_known_dataset(each.name)))
        if unknown := self.undocumented():
            undocumented.define(connection, unknown)
            comments.write_undocumented(connection, unknown)

    def have_usual_columns(self, connection: duckdb.DuckDBPyConnection) -> bool:
        """Whether the views that others are made of have the columns of datasets without files."""
        return all(
            _columns(connection, f"FROM {each.view}")
            == _columns(connection, script.no_rows_of(each.dataset))
            for each in self.of
            if each.is_known and any(group.shape is None for group in each.groups)
        )

    def named(self, words: Container[str] | None) -> list[str]:
        """The datasets of which a view is among these words in lower case, in the order in which
        they are defined; all for None.
        """
        unknown = self.undocumented()
        is_of_all = self.listed is not None and (words is None or UNDOCUMENTED in words)
        found = [
            each.name
            for each in self.of
            if words is None
            or view_of(each.name).lower() in words
            or without_damaged(each.name).lower() in words
            or (is_of_all and each.name in unknown)
            or (each.name == without_facts.NAME and without_facts.VIEW in words)
        ]
        return [*found, UNDOCUMENTED] if is_of_all else found

    def define_one(self, connection: duckdb.DuckDBPyConnection, name: str) -> None:
        """Create the views of one that `named` found."""
        if name == UNDOCUMENTED:
            undocumented.define(connection, self.undocumented())
            return
        [relation] = [each for each in self.of if each.name == name]
        self._define(connection, relation)

    def undocumented(self) -> dict[str, str]:
        """The view of each dataset without columns of its own."""
        known = dataset_columns.known()
        known |= {without_facts.NAME}
        return {each.name: view_of(each.name) for each in self.of if each.name not in known}

    def fill(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Put the lists of files, and of damaged ones, in the place of those that are there."""
        connection.execute(script.time_macro(self.taken_at))
        for each in self.of:
            for number, group in enumerate(each.groups):
                texts = ", ".join(map(literal, _texts(group.paths, self.folder)))
                connection.execute(
                    f"CREATE OR REPLACE MACRO {files_macro(each.name, number)} AS"
                    f" list_transform([{texts}], lambda file: shape.folder() || file)"
                )
        if self.listed is not None:
            damaged_days.list_damaged(connection, self.listed)

    def _define(self, connection: duckdb.DuckDBPyConnection, relation: Relation) -> None:
        name = relation.name
        query = _together(connection, relation)
        if not relation.damaged:
            self._create(connection, relation.view, query, {})
            return
        self._create(connection, quoted(without_damaged(name)), query, {})
        columns = _columns(connection, query)
        raising, given = damaged_days.with_damaged(dict(columns), relation.damaged)
        # First, so that the sentence comes before any row. In brackets, because a BY NAME inside
        # the query would reach to here.
        both = f"{raising} UNION ALL SELECT * FROM ({query})"  # noqa: S608 (of quoted names)
        self._create(connection, view_of(name), both, given)
        if relation.view != quoted(view_of(name)):  # DuckDB makes views with values in `main` alone
            connection.execute(
                f"CREATE OR REPLACE VIEW {relation.view} AS FROM {quoted(view_of(name))}"
            )

    def _create(
        self,
        connection: duckdb.DuckDBPyConnection,
        name: str,
        query: str,
        given: Mapping[str, Any],
    ) -> None:
        text = script.published(query) if self.is_published else query
        if given:
            # A relation takes sentences as values, not as SQL text.
            connection.sql(text, params=given).create_view(name, replace=True)
        else:
            # Twice as fast as a relation.
            connection.execute(script.view(name, text))


def define(
    connection: duckdb.DuckDBPyConnection,
    snapshot: Snapshot,
    only: Collection[str] | None = None,
) -> None:
    """Create the views for questions of this process."""
    Relations.of_snapshot(snapshot, only=only).define(connection)


def _together(connection: duckdb.DuckDBPyConnection, relation: Relation) -> str:
    """A dataset as one query."""
    name, groups = relation.name, relation.groups
    sources = [
        each.query(connection, files_macro(name, number)) for number, each in enumerate(groups)
    ]
    if groups and all(each.shape for each in groups):
        return " UNION ALL ".join(sources)
    if relation.is_known or not groups:
        connection.execute(script.table_of_columns(relation.dataset))
        sources.insert(0, script.no_rows_of(relation.dataset))
    return " UNION ALL BY NAME ".join(sources)


def _columns(connection: duckdb.DuckDBPyConnection, query: str) -> list[tuple[str, str]]:
    """The columns of a query with their types."""
    found = connection.sql(query)
    return list(zip(found.columns, map(str, found.types), strict=True))


def _texts(paths: Sequence[Path], folder: Path | None) -> list[str]:
    return [str(path.relative_to(folder) if folder else path) for path in paths]
