"""What a catalog says must lie on disk: its live parts and the raw bodies it keeps."""

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

# A transaction that reads for long keeps the catalog's log (WAL) from being cut.
NAMED_AT_ONCE = 1_000


def named(catalog: Catalog) -> Iterator[ExpectedFile]:
    """Every such file once, in the order of its path. What changes meanwhile may show or not."""
    for query in (_parts, _raw):
        yield from _by_pages(catalog, query)


def find(connection: Connection, path: str) -> ExpectedFile | None:
    """The file of this path, if the catalog says that it must be there."""
    for query in (_parts, _raw):
        # An empty path is before all others, so the query asks for no more than this one.
        row = connection.execute(query("", only=path)).one_or_none()
        if row is not None:
            return ExpectedFile(*row)
    return None


def known_within(connection: Connection, folder: str) -> set[str]:
    """Paths in this folder of which the catalog knows, those that wait for removal too."""
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
    """Files below `top` of which the catalog does not know, folder by folder."""
    for folder, _, names in os.walk(root / top):
        # Files before catalog: what is named in between is no stranger.
        with catalog.read() as connection:
            known = known_within(connection, Path(folder).relative_to(root).as_posix())
        for name in sorted(names):
            path = Path(folder, name)
            if path.relative_to(root).as_posix() not in known:
                yield path


def remove_unknown(root: Path, catalog: Catalog) -> int:
    """Remove every file in `raw` and `parts` that the catalog does not name; return how many.

    For a folder that nobody else works on.
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


def _by_pages(catalog: Catalog, query: Callable[[str], Select[Any]]) -> Iterator[ExpectedFile]:
    after = ""
    while True:
        with catalog.read() as connection:
            page = [ExpectedFile(*row) for row in connection.execute(query(after))]
        for each in page:
            _demand_inside(each.path)
            yield each
        if len(page) < NAMED_AT_ONCE:
            return
        after = page[-1].path


def _parts(after: str, *, only: str | None = None) -> Select[Any]:
    query = select(files.c.path, files.c.sha256, files.c.bytes, files.c.rows).where(
        files.c.retired_sequence.is_(None), files.c.path > after
    )
    if only is not None:
        query = query.where(files.c.path == only)
    return query.order_by(files.c.path).limit(NAMED_AT_ONCE)


def _raw(after: str, *, only: str | None = None) -> Select[Any]:
    """The same body sent to two datasets is two batches and one file."""
    path = batches.c.raw_path
    facts = (func.max(batches.c.batch_id), func.max(batches.c.body_bytes), literal(None))
    query = select(path, *facts).where(batches.c.raw_retired_sequence.is_(None), path > after)
    if only is not None:
        query = query.where(path == only)
    return query.group_by(path).order_by(path).limit(NAMED_AT_ONCE)


def _demand_inside(path: str) -> None:
    """A path of a damaged catalog must not lead out of the folder it belongs to."""
    parts = PurePosixPath(path).parts
    if not parts or parts[0] not in TOPS or ".." in parts:
        raise StoreDamaged(f"the catalog names {path!r}, which is no path of a store")
