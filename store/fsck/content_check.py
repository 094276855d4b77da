"""Compares what the catalog says of the content of a file with the file: users, times, columns.

Questions are narrowed by these, so a file that they leave out is not opened. A usual check reads the
statistics of the footer, which have the first and last user and time of each row group. A deep one
reads the users of all rows.
"""

from collections.abc import Container, Iterator
from contextlib import suppress
from typing import Any, NamedTuple

import pyarrow.parquet as pq
from sqlalchemy import RowMapping, delete, select, update

from store.catalog.catalog import Catalog
from store.catalog.scope import user_key
from store.catalog.tables import files
from store.catalog.users import people, user_days, user_facts
from store.catalog.users.facts_number import facts_number
from store.catalog.users.packed_facts import UserFacts
from store.catalog.users.tables import people as table_of_people
from store.compaction.facts.reading import FactReading
from store.errors import FileUnreadable, StoreDamaged, StoreTooNew
from store.files import trouble
from store.files.expected_file import ExpectedFile
from store.files.layout import Layout
from store.fsck.finding import Finding, Kind
from store.parquet.file_reader import metadata_of
from store.parquet.fingerprint import fingerprint
from store.parquet.footer import NamedFile
from store.parquet.footer_check import FooterMark, mark_of
from store.parquet.statistics.user_day import UserDays
from store.parquet.statistics.value_range import time_text
from store.rebuild.finished_files import facts_of

MEANS = "a question about one person or one time may leave out rows of this file"
REPAIR = "read again from the file, if its hash is right"

_PEOPLE_AT_ONCE = 500


class _Ends(NamedTuple):
    """The first and last values of each row group that has any, by the statistics."""

    values: tuple[Any, ...]

    @classmethod
    def of(cls, metadata: pq.FileMetaData, name: str) -> "_Ends":
        groups = (metadata.row_group(number) for number in range(metadata.num_row_groups))
        columns = (group.column(place) for group in groups for place in range(group.num_columns))
        told = (column.statistics for column in columns if column.path_in_schema == name)
        return cls(
            tuple(
                value
                for each in told
                if each is not None and each.has_min_max
                for value in (each.min, each.max)
            )
        )


def check_contents(
    layout: Layout,
    catalog: Catalog,
    reading: FactReading | None = None,
    *,
    is_deep: bool,
    only: Container[str] | None = None,
) -> Iterator[Finding]:
    """At most one finding a file. A file that cannot be read, or whose hash is wrong, accuses no row
    of the catalog: a deep check and the scrub tell of it.
    """
    for row in _live(catalog):
        if only is not None and row["path"] not in only:
            continue
        with suppress(StoreDamaged, StoreTooNew, FileUnreadable):
            problems = list(_problems(layout, catalog, row, is_deep=is_deep))
            if is_deep and reading is not None and _keeps_wrongly(layout, catalog, row, reading):
                problems.append("the catalog keeps other habits or downloads of its users")
            if problems and trouble.trouble_of(layout.root, ExpectedFile.of(row)) is None:
                yield Finding(
                    kind=Kind.RANGE_DIFFERS,
                    path=row["path"],
                    means=f"{'; '.join(problems)}: {MEANS}",
                    repair=REPAIR,
                )


def repair_contents(layout: Layout, catalog: Catalog, paths: Container[str]) -> None:
    """Read again what the catalog says of the content of these files."""
    for row in _live(catalog):
        wanted = ExpectedFile.of(row)
        if row["path"] not in paths or trouble.trouble_of(layout.root, wanted) is not None:
            continue
        facts = facts_of(layout.root / row["path"])
        if facts is None:
            continue
        is_same = (files.c.path == row["path"]) & (files.c.added_sequence == row["added_sequence"])
        with catalog.write() as connection:
            connection.execute(update(files).where(is_same).values(**facts.as_columns()))
            user_days.remove(connection, user_days.numbers([row]))
            number = user_days.enter(connection, facts.user_days)
            counted = {"users_number": number, "facts_revision": None}
            connection.execute(update(files).where(is_same).values(**counted))
            if row["number"] is not None:
                is_of = table_of_people.c.file == row["number"]
                connection.execute(delete(table_of_people).where(is_of))
                people.enter(connection, row["number"], facts.users)


def _live(catalog: Catalog) -> list[RowMapping]:
    query = select(files).where(files.c.retired_sequence.is_(None)).order_by(files.c.path)
    with catalog.read() as connection:
        return list(connection.execute(query).mappings())


def _problems(layout: Layout, catalog: Catalog, row: RowMapping, *, is_deep: bool) -> Iterator[str]:
    metadata = metadata_of(NamedFile.of(layout.root, row))
    if row["columns"] not in {None, fingerprint(metadata.schema.to_arrow_schema())}:
        yield "the catalog names other columns than it has"
    told = FooterMark(row["footer_bytes"], row["footer_sha256"])
    if any(told) and told != mark_of(layout.root / row["path"]):
        yield "the catalog has the hash of another footer"
    users = set(_Ends.of(metadata, "user_id").values)
    times = {
        time_text(value.replace(tzinfo=None)) for value in _Ends.of(metadata, "event_time").values
    }
    if _is_outside(times, row["time_min"], row["time_max"]):
        yield "the catalog names a shorter time than its rows have"
    keys = frozenset(map(user_key, users))
    if is_deep and (facts := facts_of(layout.root / row["path"])) is not None:
        keys = facts.users
        users |= {each for each in (facts.user_min, facts.user_max) if each is not None}
        for name in ("folded", "probable"):
            if row[name] != getattr(facts, name):
                yield f"the catalog says {name} {row[name]:,}, and it has {getattr(facts, name):,}"
        if differing := _wrong_counts(catalog, row["users_number"], facts.user_days):
            yield f"the catalog counts the rows of {differing:,} users and days wrongly"
    if _is_outside(users, row["user_min"], row["user_max"]):
        yield "the catalog names a smaller range of users than its rows have"
    if row["number"] is not None and (missing := _unlisted(catalog, row["number"], keys)):
        yield f"the catalog's list of its users lacks {missing:,}"


def _is_outside(values: set[Any], low: Any, high: Any) -> bool:
    if not values:
        return False
    return low is None or high is None or min(values) < low or max(values) > high


def _wrong_counts(catalog: Catalog, number: int | None, counted: UserDays) -> int:
    """How many users and days are counted otherwise, by the catalog or by the file alone."""
    if number is None or number == user_days.UNCOUNTABLE or counted is None:
        return 0
    with catalog.read() as connection:
        entered = user_days.of_file(connection, number) or ()
    told = {(each.user, each.day) for each in entered if each.first_row is not None}
    # An older version counted no places.
    placed = {
        each if (each.user, each.day) in told else each._replace(first_row=None) for each in counted
    }
    differing = set(entered) ^ placed
    return len({(each.user, each.day) for each in differing})


def _keeps_wrongly(layout: Layout, catalog: Catalog, row: RowMapping, reading: FactReading) -> bool:
    number = facts_number(row)
    found = reading(layout, row["path"], row["columns"]) if number else None
    if not number or not isinstance(found, UserFacts):
        return False
    with catalog.read() as connection:
        entered = user_facts.of_file(connection, number)
    # Also where it cannot be read.
    return entered != UserFacts(tuple(sorted(found.habits)), tuple(sorted(found.takings)))


def _unlisted(catalog: Catalog, number: int, keys: frozenset[int]) -> int:
    """How many of these users the catalog does not list for the file."""
    wanted, listed, column = sorted(keys), 0, table_of_people.c
    with catalog.read() as connection:
        for start in range(0, len(wanted), _PEOPLE_AT_ONCE):
            some = wanted[start : start + _PEOPLE_AT_ONCE]
            query = select(column.who).where(column.file == number, column.who.in_(some))
            listed += len(connection.execute(query).all())
    return len(wanted) - listed
