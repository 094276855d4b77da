"""What a kind of database does in a way of its own. The rest of the store knows no database."""

from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Protocol

from sqlalchemy import Connection, Engine, MetaData


class Dialect(Protocol):
    """SQLite's is in sqlite.py, and PostgreSQL's in postgresql.py."""

    # Begins a transaction that holds the lock of writers from the start.
    begin_writing: str
    # The same for receipts, whose commits `ledger/` has too: what a crash takes is made again.
    begin_entering: str
    # What keeps bytes of deleted rows, beyond `rewrite`, as a sentence; empty if nothing does.
    keeps_deleted: str

    def names(self, connection: Connection) -> Iterable[tuple[str, str, str]]:
        """What the catalog has: ("column" or "index", its table, its name)."""

    def schema(self, metadata: MetaData) -> MetaData:
        """The tables as this database makes them."""

    def settings(self, connection: Connection) -> dict[str, str]:
        """What an administrator can set wrong; nothing where there is no administrator.

        `collations` are the columns that sort by a language.
        """

    def problem(self, connection: Connection) -> str:
        """What the database's own check of every page finds; empty if nothing, or without one."""

    def copy(self, engine: Engine, path: Path) -> None:
        """Write a consistent copy, without bytes of deleted rows, into an empty SQLite file."""

    def rewrite(self, engine: Engine) -> bool:
        """Rewrite the tables without bytes of deleted rows; False if others use them."""


def of(bound: Engine | Connection) -> Dialect:
    return _of(bound.dialect.name)


@cache
def _of(name: str) -> Dialect:
    # Late: neither loads the driver of the other.
    if name == "postgresql":
        from store.catalog.databases.postgresql import PostgreSQL  # noqa: PLC0415

        return PostgreSQL()
    from store.catalog.databases.sqlite import SQLite  # noqa: PLC0415

    return SQLite()
