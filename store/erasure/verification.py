"""Verifies an erasure: searches every file of a store for what remains of a person.

It does not rely on the erasure: rows, bodies, the catalog and file names are read from disk.
"""

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

from store.catalog import expected_files
from store.catalog.catalog import Catalog
from store.erasure import stray_search
from store.erasure.identifier import Identifier
from store.erasure.person_search import (
    BodyMatch,
    FileMatches,
    PersonSearch,
    is_being_written,
)
from store.erasure.remnants import place_search
from store.erasure.remnants.remnant import Remnant, RemnantKind
from store.erasure.remnants.unused_texts import ListedTexts
from store.erasure.row_search import HeldBatches, RowMatches, add_held
from store.files.hard_links import other_names
from store.files.layout import REJECTED, Layout, is_unfinished
from store.parquet.file_reader import opened_unnamed


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
    yield from place_search.in_catalog(layout, catalog, search.identifier)
    yield from place_search.in_files(layout, search.identifier)
    yield from place_search.in_names(layout, search.identifier)


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
    yield from _of_listed(path, found, each.listed)


def _of_listed(path: str, found: RowMatches, listed: ListedTexts) -> Iterator[Remnant]:
    """What the footer lists is a text of a row, if a row has the name."""
    naming = listed.naming + (0 if found.has_any else listed.in_footer)
    told = ((RemnantKind.LISTED, naming), (RemnantKind.UNUSED, listed.unused - listed.naming))
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
        is_twin = is_unfinished(path) and other_names(path)
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
