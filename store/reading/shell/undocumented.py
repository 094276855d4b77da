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


def define(connection: duckdb.DuckDBPyConnection, views: Mapping[str, str]) -> None:
    """Make the view `shape.undocumented`; `views` has the view of each such dataset."""
    empty = ", ".join(f"NULL::{kind} AS {name}" for name, kind in COLUMNS.items())
    # Names of columns and quoted names of datasets are all that stands in it.
    sources = [f"SELECT NULL::VARCHAR AS dataset, {empty} WHERE false"]
    for name, view in views.items():
        found = connection.sql(f"FROM {quoted(view)}")
        # A file that another program wrote may have other columns.
        if set(COLUMNS) <= set(found.columns):
            text = "'" + name.replace("'", "''") + "'"
            sources.append(f"SELECT {text}, {', '.join(COLUMNS)} FROM {quoted(view)}")  # noqa: S608
    connection.execute(f"CREATE VIEW shape.undocumented AS {' UNION ALL '.join(sources)}")
