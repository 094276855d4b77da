"""Verifies an erasure: searches every file of a store for what remains of a person.

It does not rely on the erasure: rows, bodies, the catalog and file names are read from disk.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import pyarrow as pa
from sqlalchemy import Column, or_, select

from store.catalog import expected_files
from store.catalog.catalog import Catalog
from store.catalog.register_tables import acknowledgements, applications, drifts, imports
from store.catalog.tables import batches, entries, fields, files, holds, refusals
from store.erasure import stray_search
from store.erasure.identifier import Identifier
from store.erasure.person_search import (
    BodyMatch,
    FileMatches,
    PersonSearch,
    files_in,
    is_being_written,
)
from store.erasure.row_search import HeldBatches, RowMatches, add_held
from store.files import durable
from store.files.durable import READ_BYTES_AT_ONCE
from store.files.layout import REJECTED, Layout, is_unfinished
from store.parquet.file_reader import opened_unnamed


class RemnantKind(StrEnum):
    """What was found; `docs/operations.md` says what to do about each."""

    ROW = "row"
    LINE = "rejected line"
    HELD = "row under a hold"
    MENTION = "mention"
    RAW = "raw body"
    HELD_RAW = "raw body under a hold"
    NEW_RAW = "raw body not loaded yet"
    QUARANTINED = "body in quarantine"
    UNREADABLE = "unreadable"
    UNSEARCHABLE_LINE = "rejected line that cannot be searched"
    STRAY = "file that nothing names"
    LEDGER = "ledger entry"
    CATALOG = "catalog"
    BYTES = "bytes"
    NAME = "name of a file"


@dataclass(frozen=True, slots=True)
class Remnant:
    """`count` finds of one kind in `path`, which is relative to the data folder."""

    kind: RemnantKind
    path: str
    count: int


# SQLite refuses patterns of 50,000 bytes.
LIKE_CHARS_MAX = 1_000

# Every catalog column with text from outside; the others have only values of our own.
FOREIGN_TEXTS: tuple[Column[str], ...] = (
    entries.c.payload,
    batches.c.dataset,
    batches.c.reason,
    batches.c.tally,
    batches.c.foreign_dataset,
    drifts.c.found,
    files.c.user_min,
    files.c.user_max,
    holds.c.user,
    holds.c.host,
    holds.c.reason,
    holds.c.release_reason,
    refusals.c.reason,
    fields.c.dataset,
    fields.c.field,
    imports.c.uri,
    applications.c.name,
    applications.c.coverage,
    acknowledgements.c.alarm,
    acknowledgements.c.reason,
)


def find_remnants(layout: Layout, catalog: Catalog, user: str) -> Iterator[Remnant]:
    """Everything that remains of a person, and files that could not be searched."""
    search = PersonSearch.of(layout, catalog, Identifier.of(user))
    held: HeldBatches = {}
    for file in search.files():
        yield from _of_file(file)
        add_held(held, file.found.held_batches if file.found else {})
    yield from _orphans(search)
    yield from _in_strays(search, held)
    yield from map(_of_body, search.bodies(frozenset(), held))
    for body in search.quarantined():
        kind = RemnantKind.QUARANTINED if body.is_found else RemnantKind.UNREADABLE
        yield Remnant(kind, body.path, 1)
    yield from _in_catalog(layout, catalog, search.identifier)
    yield from _in_other_files(layout, search.identifier)
    yield from _in_hold_files(layout, search.identifier)
    yield from _in_names(layout, search.identifier)


def _in_strays(search: PersonSearch, held: HeldBatches) -> Iterator[Remnant]:
    for file in stray_search.search_parts(search):
        yield from _of_file(file)
        add_held(held, file.found.held_batches if file.found else {})
    for body in stray_search.search_bodies(search):
        yield Remnant(RemnantKind.STRAY if body.is_found else RemnantKind.UNREADABLE, body.path, 1)


def _of_file(each: FileMatches) -> Iterator[Remnant]:
    """Mentions in a retired file are not reported: a live file has them too."""
    path, found = each.file["path"], each.found
    if found is None:
        yield Remnant(RemnantKind.UNREADABLE, path, 1)
        return
    yield from _of_rows(path, each.file["dataset"], found)
    if each.is_live:
        told = (
            (RemnantKind.HELD, found.held),
            (RemnantKind.MENTION, found.mentions),
            (RemnantKind.UNSEARCHABLE_LINE, found.unsearchable),
        )
        yield from (Remnant(kind, path, count) for kind, count in told if count)


def _of_rows(path: str, dataset: str, found: RowMatches) -> Iterator[Remnant]:
    if found.rows:
        yield Remnant(
            RemnantKind.LINE if dataset == REJECTED else RemnantKind.ROW, path, found.rows
        )


def _of_body(body: BodyMatch) -> Remnant:
    if body.is_new:
        kind = RemnantKind.NEW_RAW
    elif not body.is_found:
        kind = RemnantKind.UNREADABLE
    else:
        kind = RemnantKind.HELD_RAW if body.is_held else RemnantKind.RAW
    return Remnant(kind, body.path, 1)


def _orphans(search: PersonSearch) -> Iterator[Remnant]:
    """Parquet files that the catalog does not name: being written, or left by a killed process."""
    for path in expected_files.unknown_files(search.layout.root, "parts", search.catalog):
        # The other name of a file that is searched anyhow.
        is_twin = is_unfinished(path) and durable.other_names(path)
        if not is_twin and not is_being_written(path):
            yield from _orphan(search, path)


def _orphan(search: PersonSearch, path: Path) -> Iterator[Remnant]:
    name, dataset = search.layout.relative(path), path.parent.parent.name
    if is_unfinished(path):
        yield Remnant(RemnantKind.UNREADABLE, name, 1)
        return
    try:
        with opened_unnamed(path) as file:
            found = search.rows.rows(file, dataset)
    except FileNotFoundError:
        return
    except (OSError, pa.ArrowInvalid):
        yield Remnant(RemnantKind.UNREADABLE, name, 1)
        return
    if count := found.rows + found.held + found.mentions:
        yield Remnant(RemnantKind.STRAY, name, count)


def _in_catalog(layout: Layout, catalog: Catalog, identifier: Identifier) -> Iterator[Remnant]:
    """Texts from outside; if none has the person, the bytes of deleted rows are searched."""
    name = layout.relative(layout.catalog)
    found = Counter({column: _count(catalog, column, identifier) for column in FOREIGN_TEXTS})
    for column, count in (+found).items():
        kind = RemnantKind.LEDGER if column is entries.c.payload else RemnantKind.CATALOG
        yield Remnant(kind, f"{name}: {column.table.name}.{column.name}", count)
    if not found.total():
        for path in sorted(layout.root.glob(f"{name}*")):
            yield from _in_bytes(layout, path, identifier)


def _count(catalog: Catalog, column: Column[str], identifier: Identifier) -> int:
    """SQL preselects by the first characters, ignoring case, or by an escape; the bytes decide."""
    texts = ["\\", *(each.decode(errors="replace") for each in identifier.spellings)]
    if "\0" in identifier.user:
        texts = [""]  # SQL compares a text only up to a NUL.
    alike = or_(*(column.contains(text[:LIKE_CHARS_MAX], autoescape=True) for text in texts))
    with catalog.read() as connection:
        found = connection.execution_options(yield_per=1_000).scalars(select(column).where(alike))
        return sum(identifier.is_in_text(text) for text in found)


def _in_other_files(layout: Layout, identifier: Identifier) -> Iterator[Remnant]:
    catalog = layout.catalog.name
    for path in files_in(layout.root):
        if not path.name.startswith(catalog):
            yield from _in_bytes(layout, path, identifier)


def _in_hold_files(layout: Layout, identifier: Identifier) -> Iterator[Remnant]:
    for path in files_in(layout.holds):
        for each in _in_bytes(layout, path, identifier):
            yield Remnant(RemnantKind.CATALOG, each.path, each.count)


def _in_bytes(layout: Layout, path: Path, identifier: Identifier) -> Iterator[Remnant]:
    try:
        with path.open("rb") as file:
            count = identifier.count(iter(lambda: file.read(READ_BYTES_AT_ONCE), b""))
    except FileNotFoundError:
        return
    if count:
        yield Remnant(RemnantKind.BYTES, layout.relative(path), count)


def _in_names(layout: Layout, identifier: Identifier) -> Iterator[Remnant]:
    for path in layout.root.rglob("*"):
        name = layout.relative(path)
        if identifier.is_in_text(name):
            yield Remnant(RemnantKind.NAME, name, 1)
