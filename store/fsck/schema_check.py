"""Compares the tables, indexes and triggers of the catalog with those that this version makes.

A trigger or a changed table can alter what every later write does, so there may be none. Columns
that a migration added stand in another order, and have no foreign keys.
"""

from collections.abc import Iterator, Mapping
from importlib import resources
from typing import NamedTuple

from sqlalchemy import Connection, text

from store.catalog.catalog import Catalog
from store.catalog.migration import METADATA
from store.catalog.sql.scratch import scratch
from store.fsck.finding import Finding, Kind

REBUILD = (
    "stop the service, and `raytrail rebuild` makes a catalog from the ledger and the files alone;"
    " if a newer version of Raytrail has used this store, use that version again"
)
_MEANS = {
    "trigger": "no version of Raytrail makes a trigger: it changes what is written",
    "view": "no version of Raytrail makes a view in the catalog",
    "table": "this version of Raytrail does not make this table",
    "index": "this version of Raytrail does not make this index, or not so",
}
# What is dropped without a loss: neither has rows.
_DROPPED = {"trigger", "view"}


class _Made(NamedTuple):
    kind: str
    sql: str


def check_schema(catalog: Catalog) -> Iterator[Finding]:
    if not catalog.is_file:
        yield from _on_server(catalog)
        return
    with scratch(METADATA) as made:
        wanted = _objects(made)
    with catalog.read() as connection:
        found = _objects(connection)
    for name, each in found.items():
        right = wanted.get(name)
        if right is None or right.kind != each.kind:
            yield _finding(each.kind, name, _MEANS[each.kind])
        elif each.kind == "index" and _plain(each.sql) != _plain(right.sql):
            yield _finding(each.kind, name, _MEANS["index"])
        elif each.kind == "table" and (others := _others(each.sql, right.sql)):
            yield _finding(each.kind, name, f"it is made otherwise: {', '.join(sorted(others))}")


def _on_server(catalog: Catalog) -> Iterator[Finding]:
    """Triggers and rules of our tables. What else is in its schema is the administrator's."""
    statement = resources.files("store.fsck").joinpath("schema.postgresql.sql").read_text("utf-8")
    ours = {table.name for table in METADATA.sorted_tables}
    with catalog.read() as connection:
        rows = connection.execute(text(statement)).all()
    for kind, name, table in rows:
        if table in ours:
            yield Finding(
                kind=Kind.SCHEMA_DIFFERS,
                path=f"{table}/{kind}/{name}",
                means=f"no version of Raytrail makes a {kind}: it changes what is written",
                helps=f"look what it does, and drop it: DROP {kind.upper()} {name} ON {table}",
            )


def drop(catalog: Catalog, paths: set[str]) -> None:
    """Drop the triggers and views among these, as the findings name them."""
    if not catalog.is_file:
        return
    with catalog.write() as connection:
        quote = connection.dialect.identifier_preparer.quote
        for name, each in _objects(connection).items():
            if each.kind in _DROPPED and _path(each.kind, name) in paths:
                connection.exec_driver_sql(f"DROP {each.kind.upper()} {quote(name)}")


def _finding(kind: str, name: str, means: str) -> Finding:
    return Finding(
        kind=Kind.SCHEMA_DIFFERS,
        path=_path(kind, name),
        means=means,
        repair="dropped; compare the store with a backup" if kind in _DROPPED else "",
        helps="" if kind in _DROPPED else REBUILD,
    )


def _path(kind: str, name: str) -> str:
    return f"catalog.sqlite/{kind}/{name}"


def _objects(connection: Connection) -> Mapping[str, _Made]:
    statement = resources.files("store.fsck").joinpath("schema.sql").read_text("utf-8")
    rows = connection.execute(text(statement))
    return {name: _Made(kind, sql or "") for kind, name, sql in rows}


def _others(here: str, there: str) -> set[str]:
    """What one of two tables has and the other has not: columns, constraints and options."""
    found, wanted = set(_definitions(here)), set(_definitions(there))
    missing = {each for each in wanted - found if not each.startswith("FOREIGN KEY")}
    return (found - wanted) | missing


def _definitions(sql: str) -> Iterator[str]:
    """What stands between the commas inside the outer parentheses, and what follows them."""
    _, _, rest = sql.partition("(")
    depth, start = 1, 0
    for place, letter in enumerate(rest):
        depth += (letter == "(") - (letter == ")")
        if (depth == 1 and letter == ",") or not depth:
            yield _plain(rest[start:place])
            start = place + 1
        if not depth:
            yield _plain(rest[start:])
            return


def _plain(sql: str) -> str:
    return " ".join(sql.split())
