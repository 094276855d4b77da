"""Rows of names that differ from a person's only in letter case, outer space or Unicode form.

An erasure takes exactly the name that it is given. Such rows are most likely of the same person.
"""

import contextlib
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from store import names
from store.erasure import evidence, stray_search
from store.errors import StoreDamaged
from store.files import stray
from store.registers.identity import name_pairs
from store.store import Store


@dataclass(frozen=True, slots=True)
class OtherSpelling:
    """A name that has so many rows in the store."""

    user: str
    rows: int


def find(store: Store, users: Collection[str]) -> tuple[OtherSpelling, ...]:
    """The other spellings of these users in live and stray files, without those of somebody else.

    A file that cannot be read is left out: the erasure and its check name it.
    """
    found = Counter[str]()
    for column in _user_columns(store):
        found.update(_in_column(column, users))
    with store.catalog.read() as connection:
        pairs = name_pairs.of(connection)
    return tuple(
        OtherSpelling(user, rows)
        for user, rows in sorted(found.items())
        if not pairs.are_distinct(users, user)
    )


def _user_columns(store: Store) -> Iterator[pa.ChunkedArray]:
    for file in store.file_swap().live_files():
        if file["user_min"] is not None:
            with contextlib.suppress(StoreDamaged):
                yield from evidence.user_columns(store.layout, file)
    for each in stray.found(store.layout):
        with contextlib.suppress(StoreDamaged, FileNotFoundError, pa.ArrowException):
            yield from stray_search.user_columns(store.layout.root / each.path)


def _in_column(column: pa.ChunkedArray, users: Collection[str]) -> Mapping[str, int]:
    counted = pc.value_counts(column.cast(pa.string()).drop_null())
    values, counts = counted.field(0).to_pylist(), counted.field(1).to_pylist()
    rows = dict(zip(values, counts, strict=True))
    return {user: rows[user] for user in names.other_spellings(rows, users)}
