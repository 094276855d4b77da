"""Which names have rows in the store, how many in which dataset, and from when to when.

The catalog knows it of nearly every file, so no file is opened. The users of files that it has not
counted (files of an older version, or of very many names) are read from the file.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import groupby, islice
from operator import attrgetter
from pathlib import Path

from store import names
from store.catalog import read_only
from store.catalog.databases.reading import CatalogOutdated, Row, Statement
from store.catalog.scope import user_key
from store.errors import FileUnreadable, StoreDamaged
from store.files.layout import Layout

# Files whose names are read at each publishing of `audit.duckdb` are kept in memory.
UNCOUNTED_READ_MAX = 20

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 (UTC without a zone, as in the store)


@dataclass(frozen=True, slots=True, kw_only=True)
class NameRows:
    """Rows of a name in one dataset; times are UTC without a zone, None if no row has one."""

    dataset: str
    rows: int
    first: datetime | None
    last: datetime | None


@dataclass(frozen=True, slots=True)
class KnownName:
    """One spelling, with its rows in every dataset that has some."""

    name: str
    datasets: tuple[NameRows, ...]

    def rows_in(self, dataset: str) -> int:
        return sum(each.rows for each in self.datasets if each.dataset == dataset)


@dataclass(frozen=True, slots=True)
class KnownNames:
    """The names found; files that are `unread` are not counted and cannot be read."""

    names: tuple[KnownName, ...]
    unread: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class _Found:
    """What one file, or the catalog, has of a name in a dataset."""

    name: str
    rows: NameRows


def known_names(layout: Layout, name: str) -> KnownNames:
    """Every spelling of a name that has rows, the name itself included if it has some."""
    wanted = names.folded(name)
    if not names.is_utf8(wanted):
        return KnownNames(())
    return _known(layout, user_key(wanted), lambda each: names.folded(each) == wanted)


def all_names(layout: Layout) -> KnownNames:
    """Every name that has rows, in order."""
    return _known(layout, None, lambda _name: True)


def names_at_hand(layout: Layout, most: int) -> list[str]:
    """Names with rows, at most so many, as far as that takes no long reading.

    Of files that are not counted, the names are known only if there are few such files.
    """
    try:
        counted, uncounted = _at_hand(layout, most)
    except CatalogOutdated:
        # Late: only a store that an older version wrote pays for SQLAlchemy.
        from store.catalog import opening as catalogs  # noqa: PLC0415

        with catalogs.migrated(layout) as whole:
            counted, uncounted = _at_hand(whole, most)
    if not 0 < len(uncounted) <= UNCOUNTED_READ_MAX:
        return counted
    found = dict.fromkeys(counted)
    for row in uncounted:
        with suppress(StoreDamaged, FileUnreadable):
            found |= _names_in(layout.root, tuple(dict(row).items()), most)
    return list(found)[:most]


def _at_hand(layout: Layout, most: int) -> tuple[list[str], list[Row]]:
    with read_only.opened(layout) as connection:
        counted = connection.execute(_statement("names/counted_names"), {"most": most}).fetchall()
        uncounted = connection.execute(_statement("uncounted_files")).fetchall()
    return [name for (name,) in counted], uncounted


@lru_cache(UNCOUNTED_READ_MAX)
def _names_in(root: Path, row: tuple[tuple[str, object], ...], most: int) -> dict[str, None]:
    """At most so many names in a file, which never changes. Anybody can make up a million of them,
    and they stay in memory; a very long one is nobody's.
    """
    from store.parquet.file_reader import opened  # noqa: PLC0415 (as below)
    from store.parquet.footer import NamedFile  # noqa: PLC0415
    from store.parquet.statistics import user_days  # noqa: PLC0415

    with opened(NamedFile.of(root, dict(row)), is_hashed=False) as file:
        tables = user_days.tables_with_users(file)
        users = (each for table in tables for each in table["user_id"].unique().to_pylist())
        named = (each for each in users if each and len(each) <= user_days.NAME_BYTES_MAX)
        return dict.fromkeys(islice(named, most))


def _known(layout: Layout, folded: int | None, is_wanted: Callable[[str], bool]) -> KnownNames:
    counted, uncounted = _read(layout, folded)
    found = [each for each in map(_of_row, counted) if is_wanted(each.name)]
    unread = []
    for row in uncounted:
        try:
            found += _of_file(layout, row, is_wanted)
        except (StoreDamaged, FileUnreadable):
            unread.append(layout.root / row["path"])
    return KnownNames(tuple(_joined(found)), tuple(unread))


def _read(layout: Layout, folded: int | None) -> tuple[list[Row], list[Row]]:
    with suppress(CatalogOutdated):
        return _rows(layout, folded)
    # Late: only a store that an older version wrote pays for SQLAlchemy.
    from store.catalog import opening as catalogs  # noqa: PLC0415

    with catalogs.migrated(layout) as whole:
        return _rows(whole, folded)


def _rows(layout: Layout, folded: int | None) -> tuple[list[Row], list[Row]]:
    with read_only.opened(layout) as connection:
        counted = connection.execute(_statement("names/known_names"), {"folded": folded}).fetchall()
        return counted, connection.execute(_statement("uncounted_files")).fetchall()


def _of_row(row: Row) -> _Found:
    first, last = (_moment(row[name]) for name in ("first_us", "last_us"))
    rows = NameRows(dataset=row["dataset"], rows=row["rows"], first=first, last=last)
    return _Found(row["name"], rows)


def _of_file(layout: Layout, row: Row, is_wanted: Callable[[str], bool]) -> Iterator[_Found]:
    # Late: nearly no question needs it.
    from store.parquet.file_reader import opened  # noqa: PLC0415
    from store.parquet.footer import NamedFile  # noqa: PLC0415
    from store.parquet.statistics import user_days  # noqa: PLC0415

    with opened(NamedFile.of(layout.root, dict(row)), is_hashed=False) as file:
        for table in user_days.tables_with_users(file):
            for each in user_days.of_users(table, is_wanted):
                first, last = _moment(each.first_us), _moment(each.last_us)
                rows = NameRows(dataset=row["dataset"], rows=each.rows, first=first, last=last)
                yield _Found(each.user, rows)


def _joined(found: list[_Found]) -> Iterator[KnownName]:
    """One for each name, with one for each dataset."""
    in_order = sorted(found, key=lambda each: (each.name, each.rows.dataset))
    for name, of_name in groupby(in_order, key=attrgetter("name")):
        parts = groupby((each.rows for each in of_name), key=attrgetter("dataset"))
        yield KnownName(name, tuple(_summed(dataset, list(rows)) for dataset, rows in parts))


def _summed(dataset: str, parts: list[NameRows]) -> NameRows:
    return NameRows(
        dataset=dataset,
        rows=sum(each.rows for each in parts),
        first=min((each.first for each in parts if each.first is not None), default=None),
        last=max((each.last for each in parts if each.last is not None), default=None),
    )


def _moment(us: int | None) -> datetime | None:
    return None if us is None else _EPOCH + timedelta(microseconds=us)


def _statement(name: str) -> Statement:
    return Statement("store.reading.sql", name)
