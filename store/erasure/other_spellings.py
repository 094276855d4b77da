"""Rows of names that differ from a person's only in letter case, outer space or Unicode form.

An erasure takes exactly the name that it is given. Such rows are most likely of the same person.
"""

import contextlib
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass

import pyarrow.compute as pc

from store import names
from store.catalog.counts import CatalogRow
from store.erasure import evidence
from store.erasure.distinct_names import DistinctNames
from store.errors import StoreDamaged
from store.store import Store


@dataclass(frozen=True, slots=True)
class OtherSpelling:
    """A name that has so many rows in the store."""

    user: str
    rows: int


def find(store: Store, users: Collection[str]) -> tuple[OtherSpelling, ...]:
    """The other spellings of these users in live files, without those of somebody else.

    A file that cannot be read is left out: the erasure and its check name it.
    """
    found = Counter[str]()
    for file in store.file_swap().live_files():
        if file["user_min"] is not None:
            with contextlib.suppress(StoreDamaged):
                found += _in_file(store, file, users)
    with store.catalog.read() as connection:
        distinct = DistinctNames.of(connection)
    return tuple(
        OtherSpelling(user, rows)
        for user, rows in sorted(found.items())
        if not distinct.are_known(users, user)
    )


def _in_file(store: Store, file: CatalogRow, users: Collection[str]) -> Counter[str]:
    found = Counter[str]()
    for column in evidence.user_columns(store.layout, file):
        counted = pc.value_counts(column.drop_null())
        rows = dict(zip(*(counted.field(place).to_pylist() for place in range(2)), strict=True))
        for user in names.other_spellings(rows, users):
            found[user] += rows[user]
    return found
