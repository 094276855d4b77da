"""Where the rows of a few people are in files, as the catalog tells."""

import json
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from store.catalog import read_only
from store.catalog.databases.reading import CatalogOutdated, Row, Statement
from store.catalog.scope import user_key
from store.catalog.users.facts_number import NOBODY
from store.files.layout import Layout

_STATEMENT = Statement("store.reading.sql", "narrow/stretches")

# A finished file, as the native reader takes it: its path, and by what its footer is known.
File = tuple[str, int, bytes]

# The first row and the row behind the last; None where only the file itself tells.
Stretch = tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class Stretches:
    """`of` has for each file those of the users who may have rows in it. `rows` are known rows."""

    of: list[tuple[File, list[tuple[str, Stretch]]]]
    rows: int


def known_files(layout: Layout, paths: Sequence[Path]) -> list[File] | None:
    """None if one of them is not live any more, or its footer is not known."""
    found = stretches(layout, paths, ())
    return None if found is None else [file for file, _ in found.of]


def stretches(layout: Layout, paths: Sequence[Path], users: Sequence[str]) -> Stretches | None:
    """None if one of the files is not live any more, or its footer is not known, or if two of the
    users have the same key.
    """
    root, keys = layout.root.absolute(), {user_key(user): user for user in users}
    if len(keys) < len(set(users)):
        return None
    relative = {path.relative_to(root).as_posix(): path for path in paths}
    by_path: dict[str, list[Row]] = {}
    for row in _rows(layout, list(relative), list(keys)):
        by_path.setdefault(row["path"], []).append(row)
    found, total = [], 0
    for name, path in relative.items():
        rows = by_path.get(name, [])
        if not rows or rows[0]["footer_sha256"] is None:
            return None
        file = (str(path), rows[0]["footer_bytes"], bytes.fromhex(rows[0]["footer_sha256"]))
        found.append((file, list(_users(rows, keys))))
        total += sum(row["rows"] or 0 for row in rows)
    return Stretches(found, total)


def _users(rows: Sequence[Row], keys: dict[int, str]) -> Iterator[tuple[str, Stretch]]:
    number, is_found = rows[0]["users_number"], any(row["who"] is not None for row in rows)
    # Nobody counted them, or the catalog contradicts itself: then the file tells.
    is_unknown = number is None or number < NOBODY
    if is_unknown or (number > NOBODY and rows[0]["is_listed"] and not is_found):
        yield from ((user, None) for user in keys.values())
        return
    for row in rows:
        if row["who"] is not None:
            yield keys[row["who"]], _stretch(row)


def _stretch(row: Row) -> Stretch:
    """The rows of all days, if they lie together."""
    first, end = row["first_row"], row["end_row"]
    is_known = row["placed"] == row["days"] and end - first == row["rows"]
    return (first, end) if is_known else None


def _rows(layout: Layout, paths: Sequence[str], keys: Sequence[int]) -> list[Row]:
    """Nothing of a catalog that an older version wrote and nobody has migrated."""
    bound = {"paths": json.dumps(paths), "keys": json.dumps(keys)}
    with suppress(CatalogOutdated), read_only.opened(layout) as connection:
        return connection.execute(_STATEMENT, bound).fetchall()
    return []
