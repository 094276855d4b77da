"""What a question sees of a catalog: statements in, rows out, whatever the database."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Protocol

Bound = Mapping[str, object]
NOTHING: Bound = {}


class CatalogOutdated(Exception):
    """An older version wrote the catalog, and a table or column of this version is missing."""


class Row(Protocol):
    """A value by its place or by the name of its column; `dict` takes it too."""

    def __getitem__(self, key: Any, /) -> Any: ...

    def __iter__(self) -> Iterator[Any]: ...

    def keys(self) -> Iterable[str]: ...


class Rows(Protocol):
    def __iter__(self) -> Iterator[Any]: ...

    def fetchone(self) -> Any: ...

    def fetchall(self) -> list[Any]: ...


@dataclass(frozen=True, slots=True)
class Statement:
    """A `.sql` file of a package. Where a database needs another text than SQLite, that is the file
    `DATABASE/NAME.sql` of the package, with the same parameters and columns.
    """

    package: str
    name: str

    def text(self, database: str) -> str:
        return _text(self.package, self.name, database)


class Reading(Protocol):
    """One consistent view of a catalog."""

    def execute(self, statement: Statement, bound: Bound = NOTHING) -> Rows: ...


@cache
def _text(package: str, name: str, database: str) -> str:
    folder = resources.files(package)
    own = folder.joinpath(database, f"{name}.sql")
    if database != "sqlite" and own.is_file():
        return own.read_text(encoding="utf-8")
    return folder.joinpath(f"{name}.sql").read_text(encoding="utf-8")
