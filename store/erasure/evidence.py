"""Whether a store knows a person at all, and which names are similar to one that it does not know.

A receipt for a misspelt name would be false: it says that a person was erased who is still there.
"""

import contextlib
import difflib
from collections.abc import Iterable, Iterator

import pyarrow as pa
import pyarrow.compute as pc

from store import names
from store.catalog.counts import CatalogRow
from store.erasure.body_search import has_whole_name
from store.erasure.occurrences import Occurrences
from store.erasure.row_search import LINE
from store.errors import StoreDamaged
from store.files.layout import REJECTED, Layout
from store.parquet.file_reader import opened, opened_unnamed
from store.parquet.footer import NamedFile
from store.parquet.part_file import ROW_GROUP_ROWS

NAMES_OFFERED = 5
SIMILARITY_MIN = 0.75

# Longer names are not typing errors, and comparing them takes long.
NAME_CHARS_MAX = 256


def knows(found: Occurrences) -> bool:
    """Whether a row has the person as its user, or a rejected line, body or hold has the whole name.

    A part of another name does not count: `ann` is in every line about `anna`.
    """
    if found.has_rows or found.released_holds or found.is_listed:
        return True
    root, identifier = found.search.layout.root, found.search.identifier
    if identifier.is_whole_in(_lines(found)):
        return True
    bodies = (*found.bodies, *found.kept_bodies, *found.quarantined)
    return any(has_whole_name(root / body.path, identifier) for body in bodies)


def similar_names(layout: Layout, files: Iterable[CatalogRow], asked: str) -> tuple[str, ...]:
    """Users of these live files with a similar name, the most similar first."""
    if len(asked) > NAME_CHARS_MAX:
        return ()
    users = {user for user in _users(layout, files) if 0 < len(user) <= NAME_CHARS_MAX}
    folded: dict[str, list[str]] = {}
    for user in sorted(users):
        folded.setdefault(names.folded(user), []).append(user)
    wanted = names.folded(asked)
    same = folded.pop(wanted, [])
    of_mailbox = [each for each in folded if _mailbox(each) == _mailbox(wanted)]
    others = folded.keys() - of_mailbox
    near = difflib.get_close_matches(wanted, others, NAMES_OFFERED, SIMILARITY_MIN)
    offered = (user for each in (*of_mailbox, *near) for user in folded[each])
    return tuple([*same, *offered][:NAMES_OFFERED])


def user_columns(layout: Layout, file: CatalogRow) -> Iterator[pa.ChunkedArray]:
    """The users of a live file, a row each."""
    for table in _tables(layout, file, "user_id"):
        yield _texts(table["user_id"])


def _mailbox(name: str) -> str:
    return name.partition("@")[0]


def _lines(found: Occurrences) -> Iterator[bytes]:
    """The rejected lines of files that have a match, each ended so that names do not run together."""
    for each in found.files:
        if each.file["dataset"] == REJECTED:
            for table in _tables(found.search.layout, each.file, LINE):
                yield from _ended(table)
    for stray in found.strays:
        if stray.file["dataset"] == REJECTED:
            with opened_unnamed(found.search.layout.root / stray.file["path"]) as file:
                for table in file.tables(ROW_GROUP_ROWS, [LINE]):
                    yield from _ended(table)


def _ended(table: pa.Table) -> Iterator[bytes]:
    for line in table[LINE].to_pylist():
        yield (line or b"") + b"\n"


def _users(layout: Layout, files: Iterable[CatalogRow]) -> Iterator[str]:
    for file in files:
        # A hint needs not be complete.
        with contextlib.suppress(StoreDamaged):
            if file["user_min"] is not None:
                for column in user_columns(layout, file):
                    yield from pc.unique(column.drop_null()).to_pylist()


def _tables(layout: Layout, file: CatalogRow, column: str) -> Iterator[pa.Table]:
    with opened(NamedFile.of(layout.root, file), is_hashed=False) as finished:
        if column in finished.columns:
            yield from finished.tables(ROW_GROUP_ROWS, [column])


def _texts(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return column.cast(pa.string()) if pa.types.is_dictionary(column.type) else column
