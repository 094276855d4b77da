"""Demands that a statement only reads, and reads nothing but the store.

DuckDB's own parser makes the tree that is searched here.
"""

import re
from collections.abc import Iterator
from typing import Any

import duckdb
import orjson

from queries.engine import Engine
from queries.errors import QueryRefused

# The kinds of syntax node that only read. DuckDB 2.0 accepts COPY, INSERT, UPDATE and DELETE in
# the `with` clause of a SELECT, and its sandbox lets a COPY overwrite any file that may be read.
# So the syntax tree is searched, and every kind not listed here is refused.
READING_NODES = frozenset(
    {"SELECT_NODE", "SET_OPERATION_NODE", "RECURSIVE_CTE_NODE", "CTE_NODE", "STATEMENT_NODE"}
)

# DuckDB's table functions that only make rows from their arguments. Others read files, run SQL given
# as text (which the search of the tree would not see), or take the address of memory. The macros of
# our definitions are called too.
ROW_FUNCTIONS = frozenset(
    {
        "duckdb_columns",
        "duckdb_functions",
        "duckdb_keywords",
        "duckdb_tables",
        "duckdb_types",
        "duckdb_views",
        "generate_series",
        "help",
        "json_each",
        "json_tree",
        "range",
        "unnest",
    }
)

# DuckDB's settings that name no folder of this machine.
SETTINGS = frozenset(
    {"calendar", "max_memory", "max_temp_directory_size", "memory_limit", "threads", "timezone"}
)

# Tables and macros that our views are made of. One of them tells the path of the data folder.
INTERNAL = "shape"

_EXPLAIN = re.compile(r"\s*explain\s+(?:analyze\s+)?(?P<explained>.*)", re.IGNORECASE | re.DOTALL)

_ACCEPTED = "one statement that reads: SELECT, FROM, WITH, DESCRIBE, SHOW, SUMMARIZE or EXPLAIN"


def is_explanation(statement: str) -> bool:
    return _EXPLAIN.fullmatch(statement) is not None


def demand_reading(engine: Engine, statement: str) -> None:
    """Raises QueryRefused if the statement does more than read, and names what it does."""
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
            _demand_rows(engine, node["function"])
        elif kind == "FUNCTION":
            _demand_value(node)


def _demand_rows(engine: Engine, function: dict[str, Any]) -> None:
    name = function["function_name"].lower()
    if name not in ROW_FUNCTIONS and name not in engine.row_macros:
        raise QueryRefused(f"{name}() is refused: query the datasets by name")
    if function["schema"] or function["catalog"]:
        raise QueryRefused(f"{name}() is refused with a schema before it: call it by its name")


def _demand_value(function: dict[str, Any]) -> None:
    name = function["function_name"].lower()
    if function["catalog"] or function["schema"].lower() == INTERNAL:
        raise QueryRefused(f"{name}() is refused with a schema before it: call it by its name")
    if name == "current_setting" and not _is_of_shown_setting(function):
        raise QueryRefused(f"current_setting() is refused except for {', '.join(sorted(SETTINGS))}")


def _is_of_shown_setting(function: dict[str, Any]) -> bool:
    given = [each["expression"].get("literal", {}).get("text") for each in function["arguments"]]
    return len(given) == 1 and str(given[0]).lower() in SETTINGS


def _nodes(tree: Any) -> Iterator[dict[str, Any]]:
    waiting = [tree]
    while waiting:
        found = waiting.pop()
        if isinstance(found, dict):
            yield found
            waiting.extend(found.values())
        elif isinstance(found, list):
            waiting.extend(found)
