"""Searches `audit.duckdb` for a person: its facts row by row, and its bytes where nothing explains them.

The file also has the text of every view and macro, with examples, and names of other people. A
user may be called like a word of the first, or like a part of the second.
"""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import duckdb

from store.erasure.identifier import Identifier
from store.parquet.dataset_columns import quoted

# The texts of everything that Raytrail itself wrote there.
_OURS = """
    SELECT sql || coalesce(comment, '') FROM duckdb_views() WHERE NOT internal
    UNION ALL
    SELECT coalesce(macro_definition, '') || coalesce(comment, '')
    FROM duckdb_functions() WHERE NOT internal
    UNION ALL
    SELECT comment FROM duckdb_columns() WHERE comment IS NOT NULL
"""
_COLUMNS = """
    SELECT schema_name, table_name, column_name
    FROM duckdb_columns() SEMI JOIN duckdb_tables() USING (schema_name, table_name)
    WHERE NOT internal
"""


def naming_facts(path: Path, identifier: Identifier) -> int | None:
    """How many facts are the name itself. None if nothing in the file tells why its bytes have the
    name, or if DuckDB cannot read it.
    """
    try:
        with duckdb.connect(str(path), read_only=True) as audit:
            facts = Counter[str]()
            for value, times in _facts(audit):
                facts[value] += times
            ours = [text for (text,) in audit.execute(_OURS).fetchall() if text is not None]
    except duckdb.Error:
        return None
    naming = facts[identifier.user]
    if naming or any(map(identifier.is_in_text, (*facts, *ours))):
        return naming
    return None


def _facts(audit: duckdb.DuckDBPyConnection) -> Iterator[tuple[str, int]]:
    """Each value of a column, and in how many rows: a table may have hundreds of thousands."""
    for schema, table, column in audit.execute(_COLUMNS).fetchall():
        name, value = f"{quoted(schema)}.{quoted(table)}", quoted(column)
        counted = (
            f"SELECT {value}::VARCHAR, count(*) FROM {name} WHERE {value} IS NOT NULL GROUP BY 1"  # noqa: S608 (quoted names)
        )
        yield from audit.execute(counted).fetchall()
