"""Runs one SQL statement that an analyst typed, if it only reads."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

import duckdb
import orjson

from queries.engine import Answer, Engine
from queries.errors import QueryRefused
from store.parquet.dataset_columns import quoted

# The kinds of syntax node that only read. DuckDB 2.0 accepts COPY, INSERT, UPDATE and DELETE in
# the `with` clause of a SELECT, and its sandbox lets a COPY overwrite any file that may be read.
# So the syntax tree is searched, and every kind not listed here is refused.
READING_NODES = frozenset(
    {"SELECT_NODE", "SET_OPERATION_NODE", "RECURSIVE_CTE_NODE", "CTE_NODE", "STATEMENT_NODE"}
)

# Table functions that only make rows from their arguments. Others read files, run SQL given as
# text (which the search of the tree would not see), or take the address of memory.
ROW_FUNCTIONS = frozenset(
    {
        "duckdb_columns",
        "duckdb_functions",
        "duckdb_keywords",
        "duckdb_tables",
        "duckdb_types",
        "duckdb_views",
        "explain",
        "generate_series",
        "help",
        "json_each",
        "json_tree",
        "logins_under",
        "range",
        "sessions_under",
        "unnest",
        "requests_under",
        "ray",
    }
)

INSTANT = "TIMESTAMP WITH TIME ZONE"

_EXPLAIN = re.compile(r"\s*explain\s+(?:analyze\s+)?(?P<explained>.*)", re.IGNORECASE | re.DOTALL)

_ACCEPTED = "one statement that reads: SELECT, FROM, WITH, DESCRIBE, SHOW, SUMMARIZE or EXPLAIN"


def analyst_sql(engine: Engine, statement: str) -> Answer:
    """Run one reading statement over the snapshot; rows are streamed.

    Each dataset is a view of that name, beside `requests`, `logins` and the macros
    requests_under, logins_under and sessions_under.
    Raises QueryRefused if the statement does more than read, and for errors in it.
    """
    _demand_reading(engine, statement)
    columns = _columns(engine, statement)
    if not any(INSTANT in kind for _, kind in columns):
        return engine.run(statement, {}, QueryRefused)
    return engine.run(_in_utc(columns), {"statement": statement}, QueryRefused)


def _columns(engine: Engine, statement: str) -> list[tuple[str, str]]:
    """The names and types of an answer's columns; none for what has no such columns to speak of,
    as a plan, and for a statement that is wrong: running it tells what is wrong with it.
    """
    try:
        found = engine.run(f"DESCRIBE {statement}", {}, QueryRefused).rows
        return [(name, kind) for name, kind, *_ in found]
    except QueryRefused:
        return []


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


def _demand_reading(engine: Engine, statement: str) -> None:
    found = _statements(statement)
    if len(found) != 1:
        raise QueryRefused(f"expected {_ACCEPTED}; found {len(found)} statements")
    kind = found[0].type
    if kind is duckdb.StatementType.EXPLAIN:
        # EXPLAIN ANALYZE runs what it explains.
        matched = _EXPLAIN.fullmatch(statement)
        if not matched:
            raise QueryRefused("EXPLAIN must come first, without a comment or options")
        statement = matched["explained"]
    elif kind is not duckdb.StatementType.SELECT:
        raise QueryRefused(f"expected {_ACCEPTED}; {kind.name} is not one")
    _demand_reading_nodes(engine, statement)


def _statements(text: str) -> list[duckdb.Statement]:
    try:
        return duckdb.extract_statements(text)
    except duckdb.Error as error:
        raise QueryRefused(str(error)) from error


def _demand_reading_nodes(engine: Engine, statement: str) -> None:
    answer = engine.ask("syntax_tree", {"statement": statement})
    tree = orjson.loads(next(answer.rows)[0])
    if tree["error"]:
        raise QueryRefused(f"expected {_ACCEPTED}: {tree['error_message']}")
    for node in _nodes(tree["statements"]):
        kind = node.get("type")
        if isinstance(kind, str) and kind.endswith("_NODE") and kind not in READING_NODES:
            raise QueryRefused(f"expected {_ACCEPTED}; this one also does {kind}")
        if kind == "TABLE_FUNCTION":
            name = node["function"]["function_name"].lower()
            if name not in ROW_FUNCTIONS:
                raise QueryRefused(f"{name}() is refused: query the datasets by name")


def _nodes(tree: Any) -> Iterator[dict[str, Any]]:
    waiting = [tree]
    while waiting:
        found = waiting.pop()
        if isinstance(found, dict):
            yield found
            waiting.extend(found.values())
        elif isinstance(found, list):
            waiting.extend(found)
