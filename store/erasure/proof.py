"""Whether anything in a store still tells of a person: every file that it keeps is looked through.

It trusts no erasure: rows, bodies, catalog and names of files are read as they lie on disk.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from sqlalchemy import Column, or_, select

from store.catalog.catalog import Catalog
from store.catalog.register_tables import applications, drifts, imports
from store.catalog.tables import batches, entries, fields, files, holds, refusals
from store.erasure.body_search import Verdict
from store.erasure.identifier import Identifier
from store.erasure.part_search import RowsFound
from store.erasure.person_search import BodyFound, FileFound, PersonSearch, files_in
from store.files.durable import READ_BYTES_AT_ONCE
from store.files.layout import DRAFT_PREFIX, REJECTED, Layout


class Kind(StrEnum):
    """What was found; `docs/operations.md` says of each what can be done."""

    ROW = "row"
    LINE = "rejected line"
    HELD = "row under a hold"
    MENTION = "mention"
    RAW = "raw body"
    HELD_RAW = "raw body under a hold"
    NEW_RAW = "raw body not loaded yet"
    QUARANTINED = "body in quarantine"
    UNREADABLE = "unreadable"
    STRAY = "file that nothing names"
    LEDGER = "ledger entry"
    CATALOG = "catalog"
    BYTES = "bytes"
    NAME = "name of a file"


@dataclass(frozen=True, slots=True)
class Trace:
    """`count` rows, lines, entries or places of one kind; `path` is relative to the data folder."""

    kind: Kind
    path: str
    count: int


# SQLite refuses patterns of 50,000 bytes.
LIKE_CHARS_MAX = 1_000

# Every column whose text somebody else made; the others hold what we made ourselves.
MADE_BY_OTHERS: tuple[Column[str], ...] = (
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
)


def traces(layout: Layout, catalog: Catalog, user: str) -> Iterator[Trace]:
    """Everything that is left of a person, and what could not be looked through."""
    search = PersonSearch.of(layout, catalog, Identifier.of(user))
    held: set[str] = set()
    for file in search.files():
        yield from _of_file(file)
        held |= file.found.held_batches if file.found else set()
    yield from _strays(search)
    yield from map(_of_body, search.bodies(frozenset(), frozenset(held)))
    for body in search.quarantined():
        is_certain = body.verdict is Verdict.HOLDS
        yield Trace(Kind.QUARANTINED if is_certain else Kind.UNREADABLE, body.path, 1)
    yield from _in_catalog(layout, catalog, search.identifier)
    yield from _in_other_files(layout, search.identifier)
    yield from _in_names(layout, search.identifier)


def _of_file(each: FileFound) -> Iterator[Trace]:
    """What a retired file mentions stands in a live one as well, and goes with its grace."""
    path, found = each.file["path"], each.found
    if found is None:
        yield Trace(Kind.UNREADABLE, path, 1)
        return
    yield from _of_rows(path, each.file["dataset"], found)
    if each.is_live:
        told = ((Kind.HELD, found.held), (Kind.MENTION, found.mentions))
        yield from (Trace(kind, path, count) for kind, count in told if count)


def _of_rows(path: str, dataset: str, found: RowsFound) -> Iterator[Trace]:
    if found.rows:
        yield Trace(Kind.LINE if dataset == REJECTED else Kind.ROW, path, found.rows)


def _of_body(body: BodyFound) -> Trace:
    if body.is_held:
        return Trace(Kind.HELD_RAW, body.path, 1)
    if body.is_new:
        return Trace(Kind.NEW_RAW, body.path, 1)
    return Trace(Kind.RAW if body.verdict is Verdict.HOLDS else Kind.UNREADABLE, body.path, 1)


def _strays(search: PersonSearch) -> Iterator[Trace]:
    """Files of rows that the catalog does not name: somebody makes them now, or died of it."""
    folders = [path for path in search.layout.parts.rglob("*") if path.is_dir()]
    found = [path for folder in folders for path in files_in(folder)]
    with search.catalog.read() as connection:
        named = set(connection.scalars(select(files.c.path)))
    for path in found:
        if search.layout.relative(path) not in named:
            yield from _stray(search, path)


def _stray(search: PersonSearch, path: Path) -> Iterator[Trace]:
    name, dataset = search.layout.relative(path), path.parent.parent.name
    if path.name.startswith(DRAFT_PREFIX):
        yield Trace(Kind.UNREADABLE, name, 1)
        return
    try:
        with pq.ParquetFile(path, page_checksum_verification=True) as file:
            found = search.rows.rows(file, dataset)
    except FileNotFoundError:
        return
    except (OSError, pa.ArrowInvalid):
        yield Trace(Kind.UNREADABLE, name, 1)
        return
    if count := found.rows + found.held + found.mentions:
        yield Trace(Kind.STRAY, name, count)


def _in_catalog(layout: Layout, catalog: Catalog, identifier: Identifier) -> Iterator[Trace]:
    """Texts that others made; and where there is none, the bytes of what was deleted."""
    name = layout.relative(layout.catalog)
    found = Counter({column: _count(catalog, column, identifier) for column in MADE_BY_OTHERS})
    for column, count in (+found).items():
        kind = Kind.LEDGER if column is entries.c.payload else Kind.CATALOG
        yield Trace(kind, f"{name}: {column.table.name}.{column.name}", count)
    if not found.total():
        for path in sorted(layout.root.glob(f"{name}*")):
            yield from _in_bytes(layout, path, identifier)


def _count(catalog: Catalog, column: Column[str], identifier: Identifier) -> int:
    """SQL narrows it down, by their beginnings and regardless of case; the bytes decide."""
    texts = [spelling.decode()[:LIKE_CHARS_MAX] for spelling in identifier.spellings]
    alike = or_(*(column.contains(text, autoescape=True) for text in texts))
    with catalog.read() as connection:
        found = connection.execution_options(yield_per=1_000).scalars(select(column).where(alike))
        return sum(identifier.is_in_text(text) for text in found)


def _in_other_files(layout: Layout, identifier: Identifier) -> Iterator[Trace]:
    catalog = layout.catalog.name
    for path in files_in(layout.root):
        if not path.name.startswith(catalog):
            yield from _in_bytes(layout, path, identifier)


def _in_bytes(layout: Layout, path: Path, identifier: Identifier) -> Iterator[Trace]:
    try:
        with path.open("rb") as file:
            count = identifier.count(iter(lambda: file.read(READ_BYTES_AT_ONCE), b""))
    except FileNotFoundError:
        return
    if count:
        yield Trace(Kind.BYTES, layout.relative(path), count)


def _in_names(layout: Layout, identifier: Identifier) -> Iterator[Trace]:
    for path in layout.root.rglob("*"):
        name = layout.relative(path)
        if identifier.is_in_text(name):
            yield Trace(Kind.NAME, name, 1)
