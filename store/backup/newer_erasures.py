"""Erasures that a restored store does not know: what they erased may be back.

They are looked for in `erasures.json` of the backup, in what a person names, and in stores and
backups beside the backup and beside the new store. The rows are found again by their digests.
"""

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select

from schema.errors import RaytrailError
from store import timestamps
from store.backup import erasure_list
from store.backup.erasure_list import CATALOGS, KnownErasure
from store.catalog.catalog import Catalog
from store.catalog.counts import CatalogRow
from store.catalog.tables import batches, entries, files
from store.errors import BackupRefused, StoreDamaged
from store.files.layout import REJECTED, Layout
from store.keepout.register import KeepOut
from store.keepout.rules import Rules, no_hold, no_holds
from store.parquet.file_reader import opened
from store.parquet.footer import NamedFile
from store.parquet.part_file import ROW_GROUP_ROWS

# A folder of backups has a few; a folder with more is looked at in part.
SIBLINGS_MAX = 200

# Raw bodies that were not decoded, in a list for a person.
UNJUDGED_MAX = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class BackAgain:
    """What an erasure that the restored store does not know had erased, and is back.

    `rows` is None if the erasure has no digest to find them by.
    """

    erasure: KnownErasure
    rows: int | None
    files: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NewerErasures:
    """`unjudged` are raw bodies that are not decoded yet, or cannot be."""

    found: tuple[BackAgain, ...] = ()
    unjudged: tuple[str, ...] = ()


NONE = NewerErasures()


def look(layout: Layout, catalog: Catalog, source: Path, named: Sequence[Path]) -> NewerErasures:
    """Compare the catalog of a restored store with every list of erasures that is known."""
    with catalog.read() as connection:
        own = set(connection.scalars(select(entries.c.digest).where(entries.c.kind == "erased")))
        end = connection.execute(
            select(entries.c.sequence, entries.c.digest)
            .order_by(entries.c.sequence.desc())
            .limit(1)
        ).first()
    known: dict[str, KnownErasure] = {}
    for path in named:
        known |= {each.entry: each for each in erasure_list.read(path)}
    for each in _beside(layout, source, end):
        known.setdefault(each.entry, each)
    newer = sorted(
        (each for entry, each in known.items() if entry not in own),
        key=lambda each: (each.recorded_at, each.sequence),
    )
    if not newer:
        return NONE
    return NewerErasures(found=tuple(_found(layout, catalog, newer)), unjudged=_unjudged(catalog))


def _beside(layout: Layout, source: Path, end: tuple[int, str] | None) -> Iterator[KnownErasure]:
    """From the backup itself, and from stores and backups of the same history beside it."""
    with contextlib.suppress(BackupRefused):
        yield from erasure_list.read(source)
    root = layout.root.absolute()
    for folder in dict.fromkeys((source.absolute().parent, root.parent)):
        for sibling in _siblings(folder):
            if sibling not in {source.absolute(), root} and erasure_list.has_entry(sibling, end):
                with contextlib.suppress(RaytrailError):
                    yield from erasure_list.read(sibling)


def _siblings(folder: Path) -> list[Path]:
    with contextlib.suppress(OSError):
        found = sorted(path for path in folder.iterdir() if path.is_dir())[:SIBLINGS_MAX]
        return [path for path in found if any((path / name).is_file() for name in CATALOGS)]
    return []


def _found(layout: Layout, catalog: Catalog, newer: Sequence[KnownErasure]) -> Iterator[BackAgain]:
    query = select(files).where(files.c.retired_sequence.is_(None)).order_by(files.c.path)
    with catalog.read() as connection:
        live = connection.execute(query).mappings().all()
    for erasure in newer:
        if erasure.salt is None:
            yield BackAgain(erasure=erasure, rows=None, files=0)
            continue
        rules = Rules(_keep_outs(erasure), no_hold, no_holds)
        counts = [_count(layout, rules, file) for file in live]
        yield BackAgain(erasure=erasure, rows=sum(counts), files=sum(map(bool, counts)))


def _keep_outs(erasure: KnownErasure) -> tuple[KeepOut, ...]:
    """Every record of the person counts: what is in the backup is older than the erasure."""
    at = timestamps.from_text(erasure.recorded_at)
    salt = bytes.fromhex(erasure.salt or "")
    return tuple(
        KeepOut(erasure=erasure.sequence, salt=salt, digest=digest, before=at, until=at)
        for digest in erasure.digests
    )


def _count(layout: Layout, rules: Rules, file: CatalogRow) -> int:
    """A damaged file counts nothing: the restore itself names it."""
    named = NamedFile.of(layout.root, file)
    with contextlib.suppress(StoreDamaged), opened(named, is_hashed=False) as finished:
        if file["dataset"] == REJECTED:
            tables = finished.tables(ROW_GROUP_ROWS, ["line"])
            return sum(rules.count_lines(table) for table in tables)
        tables = finished.tables(ROW_GROUP_ROWS, ["user_id", "event_time"])
        return sum(rules.count_rows(table) for table in tables)
    return 0


def _unjudged(catalog: Catalog) -> tuple[str, ...]:
    query = (
        select(batches.c.raw_path)
        .where(batches.c.state != "loaded", batches.c.raw_retired_sequence.is_(None))
        .order_by(batches.c.raw_path)
        .distinct()
        .limit(UNJUDGED_MAX)
    )
    with catalog.read() as connection:
        return tuple(connection.scalars(query))
