"""All datasets without columns of their own as one view, to search what their records say."""

from collections.abc import Mapping

import duckdb

from store.parquet.dataset_columns import quoted

# What every record has. All of an undocumented one is text in `extra`.
COLUMNS = {
    "event_time": "TIMESTAMPTZ",
    "user_id": "VARCHAR",
    "extra": "VARCHAR",
    "batch_id": "VARCHAR",
    "line_number": "BIGINT",
    "received_at": "TIMESTAMPTZ",
}

# How DuckDB tells a type.
_TOLD = {"TIMESTAMPTZ": "TIMESTAMP WITH TIME ZONE"}


def define(connection: duckdb.DuckDBPyConnection, views: Mapping[str, str]) -> None:
    """Make the view `shape.undocumented`; `views` has the view of each such dataset."""
    found = dict[str, tuple[str, Mapping[str, str]]]()
    for name, each in views.items():
        relation = connection.sql(f"FROM {quoted(each)}")
        kinds = dict(zip(relation.columns, map(str, relation.types), strict=True))
        # A file that another program wrote may have other columns.
        if kinds.keys() >= COLUMNS.keys():
            found[name] = each, kinds
    connection.execute(view(found))


def view(views: Mapping[str, tuple[str, Mapping[str, str]]]) -> str:
    """`views` has the view of each such dataset, and the types of its columns."""
    empty = ", ".join(f"NULL::{kind} AS {name}" for name, kind in COLUMNS.items())
    # Names of columns and quoted names of datasets are all that stands in it.
    sources = [f"SELECT NULL::VARCHAR AS dataset, {empty} WHERE false"]
    for name, (each, kinds) in views.items():
        text = "'" + name.replace("'", "''") + "'"
        columns = ", ".join(
            column if kinds[column] == _TOLD.get(kind, kind) else f"{column}::{kind}"
            for column, kind in COLUMNS.items()
        )
        sources.append(f"SELECT {text}, {columns} FROM {quoted(each)}")  # noqa: S608
    return f"CREATE OR REPLACE VIEW shape.undocumented AS {' UNION ALL '.join(sources)}"
