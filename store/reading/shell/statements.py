"""The SQL that makes what `audit.duckdb` says of itself."""

from importlib import resources


def sql_of(name: str) -> str:
    """The text of `store/reading/shell/<name>.sql`."""
    return resources.files("store.reading.shell").joinpath(f"{name}.sql").read_text("utf-8")
