"""The list of all places that can hold a person's name: columns of the catalog, and files.

Each is declared where it is defined, and whoever adds a table or a kind of file declares it too: a
test plants a name everywhere and fails for a place that nobody declared.
"""

from collections.abc import Iterator

from sqlalchemy import Column, String

from store.catalog.migration import METADATA
from store.declared_texts import NAMING, OURS
from store.files.places import FILES, FilePlace

FILE_PLACES: tuple[FilePlace, ...] = FILES


def text_columns() -> Iterator[Column[str]]:
    """Every column of the catalog with texts, of whichever register."""
    for table in METADATA.sorted_tables:
        yield from (column for column in table.columns if isinstance(column.type, String))


def is_declared(column: Column[str]) -> bool:
    """Whether its table says what its texts are, and says it once."""
    declared = column.table.info
    return (column.name in declared.get(NAMING, ())) != (column.name in declared.get(OURS, ()))


def naming_columns() -> tuple[Column[str], ...]:
    """The columns that can name a person."""
    return tuple(
        column for column in text_columns() if column.name in column.table.info.get(NAMING, ())
    )
