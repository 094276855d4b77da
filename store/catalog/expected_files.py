"""The files that must be on disk by the catalog: live parts and kept raw bodies."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from sqlalchemy import Connection, Select, func, literal, select

from store.catalog.catalog import Catalog
from store.catalog.tables import batches, files, removals
from store.errors import StoreDamaged
from store.files import durable
from store.files.expected_file import TOPS, ExpectedFile

# A long read transaction keeps the catalog's log (WAL) from being truncated.
FILES_AT_ONCE = 1_000


def all_expected(catalog: Catalog, after: str = "") -> Iterator[ExpectedFile]:
    """Every such file past the path `after` once, by path: parts, then raw bodies.

    Files that change meanwhile may be missing.
    """
    for query in (_parts, _raw):
        yield from _by_pages(catalog, query, after)


def find(connection: Connection, path: str) -> ExpectedFile | None:
    """The file at this path, if it must be on disk."""
    for query in (_parts, _raw):
        # An empty path sorts before all others, so only `only` limits the query.
        row = connection.execute(query("", only=path)).one_or_none()
        if row is not None:
            return ExpectedFile(*row)
    return None


def known_within(connection: Connection, folder: str) -> set[str]:
    """Paths in this folder that the catalog names, including those that wait for removal."""
    raw = select(batches.c.raw_path).where(batches.c.raw_retired_sequence.is_(None))
    found = set[str]()
    for query, path in (
        (select(files.c.path), files.c.path),
        (select(removals.c.path), removals.c.path),
        (raw, batches.c.raw_path),
    ):
        # "0" follows "/": everything in this folder, by the index.
        found |= set(connection.scalars(query.where(path.between(f"{folder}/", f"{folder}0"))))
    return found


def unknown_files(root: Path, top: str, catalog: Catalog) -> Iterator[Path]:
    """Files below `top` that the catalog does not name, folder by folder."""
    for folder, _, names in os.walk(root / top):
        # List files before the catalog: a file that is entered in between is known.
        with catalog.read() as connection:
            known = known_within(connection, Path(folder).relative_to(root).as_posix())
        for name in sorted(names):
            path = Path(folder, name)
            if path.relative_to(root).as_posix() not in known:
                yield path


def remove_unknown(root: Path, catalog: Catalog) -> int:
    """Remove every file in `raw` and `parts` that the catalog does not name; return how many.

    Only for a folder that no other process uses.
    """
    removed, folders = 0, set[Path]()
    for top in TOPS:
        for path in unknown_files(root, top, catalog):
            durable.remove(path, synced=False)
            removed += 1
            folders.add(path.parent)
    for folder in folders:
        durable.sync_folder(folder)
    return removed


def _by_pages(
    catalog: Catalog, query: Callable[[str], Select[Any]], after: str
) -> Iterator[ExpectedFile]:
    while True:
        with catalog.read() as connection:
            page = [ExpectedFile(*row) for row in connection.execute(query(after))]
        for each in page:
            _demand_inside(each.path)
            yield each
        if len(page) < FILES_AT_ONCE:
            return
        after = page[-1].path


def _parts(after: str, *, only: str | None = None) -> Select[Any]:
    query = select(files.c.path, files.c.sha256, files.c.bytes, files.c.rows).where(
        files.c.retired_sequence.is_(None), files.c.path > after
    )
    if only is not None:
        query = query.where(files.c.path == only)
    return query.order_by(files.c.path).limit(FILES_AT_ONCE)


def _raw(after: str, *, only: str | None = None) -> Select[Any]:
    """Grouped by path: the same body sent to two datasets is two batches and one file."""
    path = batches.c.raw_path
    facts = (func.max(batches.c.batch_id), func.max(batches.c.body_bytes), literal(None))
    query = select(path, *facts).where(batches.c.raw_retired_sequence.is_(None), path > after)
    if only is not None:
        query = query.where(path == only)
    return query.group_by(path).order_by(path).limit(FILES_AT_ONCE)


def _demand_inside(path: str) -> None:
    """A path of a damaged catalog must not lead out of its folder."""
    parts = PurePosixPath(path).parts
    if not parts or parts[0] not in TOPS or ".." in parts:
        raise StoreDamaged(f"the catalog names {path!r}, which is not a path inside a store")
