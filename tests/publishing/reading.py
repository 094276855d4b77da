"""The published tables as pyiceberg reads them: by the SQL catalog, and by a folder alone."""

from pathlib import Path
from typing import Any

from pyiceberg.catalog.sql import SqlCatalog
from pyiceberg.table import StaticTable, Table

from publishing.publisher import Publisher
from store.backoff import Backoff
from store.store import Store

REQUESTS, LOGINS = "http_requests", "access_requests"
AT_ONCE = Backoff(seconds_max=0)


def publisher(store: Store, **changes: Any) -> Publisher:
    return Publisher(store=store, waiting=AT_ONCE, **changes)


def in_catalog(store: Store, dataset: str = REQUESTS) -> Table:
    catalog = SqlCatalog("raytrail", uri=f"sqlite:///{store.layout.published}/catalog.sqlite")
    try:
        return catalog.load_table(f"raytrail.{dataset}")
    finally:
        catalog.close()


def in_folder(store: Store, dataset: str = REQUESTS) -> Table:
    return StaticTable.from_metadata(f"file://{store.layout.published}/{dataset}")


def planned(table: Table, row_filter: str | None = None) -> set[Path]:
    """The files that a scan would open."""
    scan = table.scan(row_filter) if row_filter else table.scan()
    return {Path(task.file.file_path.removeprefix("file://")) for task in scan.plan_files()}


def rows(table: Table, row_filter: str | None = None) -> list[dict[str, Any]]:
    scan = table.scan(row_filter) if row_filter else table.scan()
    found: list[dict[str, Any]] = scan.to_arrow().to_pylist()
    return found


def objects(store: Store, dataset: str = REQUESTS) -> set[str]:
    folder = store.layout.published / dataset / "metadata"
    return {path.name for path in folder.iterdir()}
