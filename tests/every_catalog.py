"""`--catalog postgresql`: the same tests with the catalog of each store on PostgreSQL.

A folder without a database of its own gets a schema of its own. Tests of what only a file has, such
as its bytes, are left out by name: see sqlite_only.txt.
"""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from store.database import Database
from store.files.layout import Layout
from tests.postgresql import Cluster, running

SQLITE_ONLY = Path(__file__).with_name("sqlite_only.txt")


def pytest_addoption(parser: pytest.Parser) -> None:
    kinds = ("sqlite", "postgresql")
    parser.addoption("--catalog", choices=kinds, default="sqlite", help="where catalogs are")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--catalog") == "sqlite":
        return
    lines = SQLITE_ONLY.read_text(encoding="utf-8").splitlines()
    names = tuple(line for line in lines if line and not line.startswith("#"))
    alone = pytest.mark.skip(reason="about SQLite alone")
    for item in items:
        if item.nodeid.startswith(names):
            item.add_marker(alone)


@pytest.fixture(scope="session", autouse=True)
def _catalogs(pytestconfig: pytest.Config) -> Iterator[None]:
    if pytestconfig.getoption("--catalog") == "sqlite":
        yield
        return
    with running() as cluster, pytest.MonkeyPatch.context() as patch:
        patch.setattr(Layout, "__init__", _placed(cluster, Layout.__init__))
        yield


def _placed(cluster: Cluster, made: object) -> object:
    """Give each layout without a database a schema that is named by its folder."""
    known = set[str]()

    def place(layout: Layout, root: Path, database: Database | None = None) -> None:
        if database is None:
            schema = f"s{hashlib.sha256(str(root.absolute()).encode()).hexdigest()[:16]}"
            if schema not in known:
                cluster.run(f"CREATE SCHEMA IF NOT EXISTS {schema}")
                known.add(schema)
            database = Database.parse(cluster.url(schema))
        made(layout, root, database)  # type: ignore[operator]

    return place
