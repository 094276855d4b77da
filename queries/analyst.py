"""One statement that an analyst typed, answered if all it does is read."""

import re
from collections.abc import Iterator
from typing import Any

import duckdb
import orjson

from queries.engine import Answer, Engine
from queries.errors import QueryRefused

# The parts of a query that read. DuckDB 2.0 takes COPY, INSERT, UPDATE and DELETE in a
# `with` clause of what it calls a SELECT, and its sandbox lets a COPY overwrite a file that
# may be read. So the tree is searched, and what is not listed here is refused.
READING_NODES = frozenset(
    {"SELECT_NODE", "SET_OPERATION_NODE", "RECURSIVE_CTE_NODE", "CTE_NODE", "STATEMENT_NODE"}
)

# Functions that make rows of their arguments. Others read files, run SQL given as text
# (which the search of the tree would not see), or take the address of memory.
ROW_FUNCTIONS = frozenset(
    {
        "duckdb_columns",
        "duckdb_functions",
        "duckdb_keywords",
        "duckdb_tables",
        "duckdb_types",
        "duckdb_views",
        "generate_series",
        "json_each",
        "json_tree",
        "range",
        "sessions_of",
        "unnest",
        "visits_of",
    }
)

_EXPLAIN = re.compile(r"\s*explain\s+(?:analyze\s+)?(?P<explained>.*)", re.IGNORECASE | re.DOTALL)

_ACCEPTED = "one statement that reads: SELECT, FROM, WITH, DESCRIBE, SHOW, SUMMARIZE or EXPLAIN"


def analyst_sql(engine: Engine, statement: str) -> Answer:
    """Run one reading statement over the snapshot; rows are streamed.

    The datasets are views of their names, beside `visits` and the macros visits_of and
    sessions_of. QueryRefused for what does not only read, and for errors in the statement.
    """
    _demand_reading(engine, statement)
    answer = engine.run(statement, {}, QueryRefused)
    for column, kind in zip(answer.columns, answer.types, strict=True):
        # Everything here is UTC without a zone; DuckDB cannot hand over the other kind.
        if "WITH TIME ZONE" in kind and "TIMESTAMP" in kind:
            raise QueryRefused(f"{column} has a time zone; write ({column})::timestamp for UTC")
    return answer


def _demand_reading(engine: Engine, statement: str) -> None:
    found = _statements(statement)
    if len(found) != 1:
        raise QueryRefused(f"want {_ACCEPTED}; got {len(found)} statements")
    kind = found[0].type
    if kind is duckdb.StatementType.EXPLAIN:
        # EXPLAIN ANALYZE runs what it explains.
        matched = _EXPLAIN.fullmatch(statement)
        if not matched:
            raise QueryRefused("write EXPLAIN first, without a comment or options")
        statement = matched["explained"]
    elif kind is not duckdb.StatementType.SELECT:
        raise QueryRefused(f"want {_ACCEPTED}; {kind.name} is none")
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
        raise QueryRefused(f"want {_ACCEPTED}: {tree['error_message']}")
    for node in _nodes(tree["statements"]):
        kind = node.get("type")
        if isinstance(kind, str) and kind.endswith("_NODE") and kind not in READING_NODES:
            raise QueryRefused(f"want {_ACCEPTED}; this one also does {kind}")
        if kind == "TABLE_FUNCTION":
            name = node["function"]["function_name"].lower()
            if name not in ROW_FUNCTIONS:
                raise QueryRefused(f"{name}() is refused: ask the datasets by their names")


def _nodes(tree: Any) -> Iterator[dict[str, Any]]:
    waiting = [tree]
    while waiting:
        found = waiting.pop()
        if isinstance(found, dict):
            yield found
            waiting.extend(found.values())
        elif isinstance(found, list):
            waiting.extend(found)
