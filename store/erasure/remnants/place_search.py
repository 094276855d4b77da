"""Searches the catalog and all files but those with rows or bodies, each as its place declares."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from sqlalchemy import Column, exists, or_, select

from store.catalog.catalog import Catalog
from store.catalog.tables import entries, files
from store.catalog.users.tables import fact_values, user_days, user_names
from store.erasure.body_search import SearchResult, search
from store.erasure.identifier import Identifier
from store.erasure.person_search import is_being_written
from store.erasure.remnants.remnant import Remnant, RemnantKind
from store.erasure.remnants.shell_search import naming_facts
from store.files import places
from store.files.durable import READ_BYTES_AT_ONCE
from store.files.layout import Layout
from store.files.places import Content
from store.personal_data import naming_columns

# SQLite refuses patterns of 50,000 bytes.
LIKE_CHARS_MAX = 1_000

# Files of these contents are searched elsewhere: row by row, and body by body.
_SEARCHED_APART = {Content.ROWS, Content.BODIES, Content.STRAYS, Content.CATALOG}


def in_catalog(layout: Layout, catalog: Catalog, identifier: Identifier) -> Iterator[Remnant]:
    """Texts from outside; if none has the person, the bytes of deleted rows in a file are searched."""
    name = layout.catalog.name if layout.database is None else str(layout.database)
    found = Counter({column: _count(catalog, column, identifier) for column in naming_columns()})
    # Names of others that contain the name, such as another spelling, are searched row by row.
    others = _names_of_others(catalog, identifier)
    found[user_names.c.name] -= others
    # Whose rows have a value is told of the rows of its file.
    told = _values_of_files(catalog, identifier)
    found[fact_values.c.value] -= told
    for column, count in (+found).items():
        kind = RemnantKind.LEDGER if column is entries.c.payload else RemnantKind.CATALOG
        yield Remnant(kind, f"{name}: {column.table.name}.{column.name}", count)
    # Of a server, whose files are not here, only texts are searched.
    if layout.database is None and not found.total() and not others and not told:
        for path in sorted(layout.root.glob(f"{name}*")):
            yield from _in_bytes(layout, path, identifier, RemnantKind.BYTES)


def in_files(layout: Layout, identifier: Identifier) -> Iterator[Remnant]:
    """Files of every declared place, and files of other programs, in whatever folder."""
    for path, place in places.files(layout):
        if is_being_written(path):
            continue
        if place is None:
            yield from _in_foreign_file(layout, path, identifier)
        elif place.content is Content.SHELL:
            yield from _in_shell(layout, path, identifier)
        elif place.content not in _SEARCHED_APART:
            kind = _KINDS.get(place.pattern, RemnantKind.BYTES)
            yield from _in_bytes(layout, path, identifier, kind)


def in_names(layout: Layout, identifier: Identifier) -> Iterator[Remnant]:
    for path in layout.root.rglob("*"):
        name = layout.relative(path)
        if identifier.is_in_text(name):
            yield Remnant(RemnantKind.NAME, name, 1)


# What a name in a file of such a place is told as.
_KINDS = {
    "holds/*": RemnantKind.CATALOG,
    "links/*": RemnantKind.CATALOG,
    "ledger/*": RemnantKind.LEDGER,
}


def _count(catalog: Catalog, column: Column[str], identifier: Identifier) -> int:
    """SQL preselects by the first characters, ignoring case, or by an escape; the bytes decide."""
    alike = or_(*(column.icontains(text, autoescape=True) for text in _preselected(identifier)))
    with catalog.read() as connection:
        found = connection.execution_options(yield_per=1_000).scalars(select(column).where(alike))
        return sum(identifier.is_in_text(text) for text in found)


def _preselected(identifier: Identifier) -> list[str]:
    if "\0" in identifier.user:
        return [""]  # SQL compares a text only up to a NUL.
    texts = ["\\", *(each.decode(errors="replace") for each in identifier.spellings)]
    return [text[:LIKE_CHARS_MAX] for text in texts]


def _names_of_others(catalog: Catalog, identifier: Identifier) -> int:
    """The counted names that have rows and contain the name, without being it."""
    name, has_rows = user_names.c.name, exists().where(user_days.c.who == user_names.c.who)
    alike = or_(*(name.icontains(text, autoescape=True) for text in _preselected(identifier)))
    with catalog.read() as connection:
        found = connection.scalars(select(name).where(alike, has_rows)).all()
    return sum(each != identifier.user and identifier.is_in_text(each) for each in found)


def _values_of_files(catalog: Catalog, identifier: Identifier) -> int:
    """The kept values of files that contain the name, such as a section that is called so."""
    value, has_file = (
        fact_values.c.value,
        exists().where(files.c.users_number == fact_values.c.file),
    )
    alike = or_(*(value.icontains(text, autoescape=True) for text in _preselected(identifier)))
    with catalog.read() as connection:
        found = connection.scalars(select(value).where(alike, has_file)).all()
    return sum(identifier.is_in_text(each) for each in found)


def _in_foreign_file(layout: Layout, path: Path, identifier: Identifier) -> Iterator[Remnant]:
    """A file that Raytrail did not write here; gzip is inflated."""
    try:
        verdict = search(path, identifier, was_read=False)
    except FileNotFoundError:
        return
    if verdict is SearchResult.FOUND:
        yield Remnant(RemnantKind.FOREIGN, layout.relative(path), 1)


def _in_shell(layout: Layout, path: Path, identifier: Identifier) -> Iterator[Remnant]:
    for found in _in_bytes(layout, path, identifier, RemnantKind.BYTES):
        naming = naming_facts(path, identifier)
        if naming is None:
            yield found
        elif naming:
            yield replace(found, count=naming)


def _in_bytes(
    layout: Layout, path: Path, identifier: Identifier, kind: RemnantKind
) -> Iterator[Remnant]:
    try:
        with path.open("rb") as file:
            count = identifier.count(iter(lambda: file.read(READ_BYTES_AT_ONCE), b""))
    except FileNotFoundError:
        return
    if count:
        yield Remnant(kind, layout.relative(path), count)
