"""Runs one SQL statement that an analyst typed, if it only reads."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb

from queries.engine import Answer, Engine
from queries.errors import QueryRefused
from queries.statements.check import demand_reading, is_explanation
from queries.statements.data_folder import without_folder
from store.parquet.dataset_columns import quoted

INSTANT = "TIMESTAMP WITH TIME ZONE"


def analyst_sql(engine: Engine, statement: str) -> Answer:
    """Run one reading statement over the snapshot; rows are streamed.

    Each dataset is a view of that name, beside the views and macros of `audit.duckdb`.
    Raises QueryRefused if the statement does more than read, and for errors in it.
    """
    demand_reading(engine, statement)
    if is_explanation(statement):
        answer, folder = _run_again(engine, statement), engine.snapshot.root
        return replace(answer, rows=_plans(answer.rows, folder)) if folder else answer
    columns = _columns(engine, statement)
    if not any(INSTANT in kind for _, kind in columns):
        return engine.run(statement, {}, QueryRefused)
    return engine.run(_in_utc(columns), {"statement": statement}, QueryRefused)


def _plans(rows: Iterator[tuple[Any, ...]], folder: Path) -> Iterator[tuple[Any, ...]]:
    for row in rows:
        yield tuple(without_folder(cell, folder) for cell in row)


def _columns(engine: Engine, statement: str) -> list[tuple[str, str]]:
    """The names and types of an answer's columns; none for a statement that is wrong: running it
    tells what is wrong with it.
    """
    try:
        found = _run_again(engine, f"DESCRIBE {statement}").rows
    except QueryRefused:
        return []
    return [(name, kind) for name, kind, *_ in found]


def _run_again(engine: Engine, statement: str) -> Answer:
    """Run it, and if a name is unknown once more with everything defined: the name may not have been
    found in the statement, and an error tells of similar names.
    """
    try:
        return engine.run(statement, {}, QueryRefused)
    except QueryRefused as error:
        if not isinstance(error.__cause__, duckdb.CatalogException):
            raise
        engine.define_everything()
        return engine.run(statement, {}, QueryRefused)


def _in_utc(columns: Sequence[tuple[str, str]]) -> str:
    """A query for the same answer with UTC in the place of instants, which DuckDB hands over to
    Python only where pytz is installed. Names and types are all that stands in it.
    """
    told = (
        f"CAST(c{place} AS {kind.replace(INSTANT, 'TIMESTAMP')}) AS {quoted(name)}"
        if INSTANT in kind
        else f"c{place} AS {quoted(name)}"
        for place, (name, kind) in enumerate(columns)
    )
    given = ", ".join(f"c{place}" for place in range(len(columns)))
    return f"SELECT {', '.join(told)} FROM query($statement) AS answer({given})"  # noqa: S608 (quoted names)
