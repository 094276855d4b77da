"""Reads from a finished file what the catalog says of it and the ledger does not."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.compute as pc

from store.catalog.scope import user_key
from store.compaction.deduplication import ALSO_IN, PROBABLE, probable_rows
from store.errors import StoreDamaged
from store.parquet.file_reader import footer_of, opened_unnamed, read_metadata, reading
from store.parquet.fingerprint import fingerprint
from store.parquet.footer import OLDEST_FORMAT
from store.parquet.footer_check import FooterMark, footer_columns, mark_of
from store.parquet.row_order import SORT_COLUMNS
from store.parquet.statistics.user_day import UserDays
from store.parquet.statistics.user_days import ROWS_READ, UserDayCounter

# The first and last of all texts: a file with this range of users is read for every user.
FIRST_TEXT, LAST_TEXT = "", "\U0010ffff"


@dataclass(frozen=True, slots=True, kw_only=True)
class FileFacts:
    """Columns of `files`, the keys of all users as `people` has them, and their rows by day."""

    user_min: str | None
    user_max: str | None
    columns: str | None
    format: int | None
    folded: int
    probable: int
    users: frozenset[int] = field(default_factory=frozenset)
    user_days: UserDays = None
    footer: FooterMark | None = None

    def as_columns(self) -> dict[str, Any]:
        names = ("user_min", "user_max", "columns", "format", "folded", "probable")
        return {name: getattr(self, name) for name in names} | footer_columns(self.footer)


# A file that cannot be read may have rows of every user: a question about one must find that out.
UNREADABLE = FileFacts(
    user_min=FIRST_TEXT, user_max=LAST_TEXT, columns=None, format=None, folded=0, probable=0
)


def facts_of(path: Path) -> FileFacts | None:
    """None if the file is missing or cannot be read. StoreTooNew if a newer version wrote it."""
    with contextlib.suppress(StoreDamaged), reading(path):
        return _facts_of(path)
    return None


def _facts_of(path: Path) -> FileFacts:
    metadata = read_metadata(path)
    number = footer_of(path.name, metadata).format
    users, folded, probable = set[str](), 0, 0
    with opened_unnamed(path) as file:
        has_users = set(SORT_COLUMNS) <= set(file.columns)
        wanted = list(SORT_COLUMNS) if has_users else []
        counter = UserDayCounter()
        wanted += {ALSO_IN, PROBABLE} & set(file.held_columns())
        for table in file.tables(ROWS_READ, wanted) if wanted else ():
            users |= set(_users(table)) if has_users else set()
            counter.add(table)
            folded += sum(map(len, _places(table)))
            probable += probable_rows(table)
    return FileFacts(
        user_min=min(users, default=None),
        user_max=max(users, default=None),
        columns=fingerprint(metadata.schema.to_arrow_schema()),
        format=None if number == OLDEST_FORMAT else number,
        folded=folded,
        probable=probable,
        users=frozenset(map(user_key, users)),
        user_days=counter.result(),
        footer=mark_of(path),
    )


def _users(table: pa.Table) -> list[str]:
    users: list[str] = pc.unique(table["user_id"]).drop_null().to_pylist()
    return users


def _places(table: pa.Table) -> Iterator[list[str]]:
    if ALSO_IN in table.column_names:
        yield from map(orjson.loads, table[ALSO_IN].drop_null().to_pylist())
