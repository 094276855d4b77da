"""Searches `audit.duckdb` for a person: its facts row by row, and its bytes where nothing explains them.

The file also has the text of every view and macro, with examples, and names of other people. A
user may be called like a word of the first, or like a part of the second.
"""

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
_FACTS = "SELECT schema_name, table_name FROM duckdb_tables() WHERE NOT internal"


def naming_facts(path: Path, identifier: Identifier) -> int | None:
    """How many facts are the name itself. None if nothing in the file tells why its bytes have the
    name, or if DuckDB cannot read it.
    """
    try:
        with duckdb.connect(str(path), read_only=True) as audit:
            facts = list(_facts(audit))
            ours = [text for (text,) in audit.execute(_OURS).fetchall() if text is not None]
    except duckdb.Error:
        return None
    naming = facts.count(identifier.user)
    if naming or any(map(identifier.is_in_text, (*facts, *ours))):
        return naming
    return None


def _facts(audit: duckdb.DuckDBPyConnection) -> Iterator[str]:
    for schema, table in audit.execute(_FACTS).fetchall():
        name = f"{quoted(schema)}.{quoted(table)}"
        for row in audit.execute(f"SELECT COLUMNS(*)::VARCHAR FROM {name}").fetchall():  # noqa: S608 (quoted names)
            yield from (value for value in row if value is not None)
