"""Retention removes a stray file whose rows are all past their days."""

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from store.files import stray
from store.store import Store
from store.strays import listed
from tests.factories import Clock, gzipped, load, ndjson, record, send
from tests.store.retention.test_retention import entries, hold, kept_for, planned, retain


def with_stray(store: Store, time: str) -> None:
    """A stray copy of a part with a row of this time; nothing is live."""
    send(store, gzipped(ndjson(record(EdgeStartTimestamp=time))))
    load(store)
    [part] = store.snapshot().files["http_requests"]
    part.with_name("unknown.parquet").write_bytes(part.read_bytes())
    store.loader().sweep()


def strays(store: Store) -> int:
    return sum(1 for _ in stray.found(store.layout))


@pytest.mark.parametrize(
    ("time", "days", "is_kept"),
    [
        ("2026-11-20T10:00:00Z", 2, True),
        ("2026-11-20T10:00:00Z", 1, False),
        # Far from its receipt: in `__other__`, where the receipt counts.
        ("2020-01-01T10:00:00Z", 1, True),
    ],
)
def test_a_stray_file_is_removed_by_the_day_of_its_footer(
    store: Store, time: str, days: int, is_kept: bool
) -> None:
    with_stray(store, time)

    done = retain(store, kept_for(days))

    assert strays(store) == is_kept
    assert (done.sequence is None) == is_kept
    if not is_kept:
        assert sum(entry.payload["stray_files"] for entry in entries(store)) == 1
        assert sum(entry.payload["rows_removed"] for entry in entries(store)) == 2


def test_a_stray_file_of_an_unknown_time_goes_by_its_receipt(store: Store, clock: Clock) -> None:
    with_stray(store, "2020-01-01T10:00:00Z")
    clock.move(days=3)

    retain(store, kept_for(1))

    assert strays(store) == 0


def test_a_stray_file_with_a_row_under_a_hold_stays(store: Store) -> None:
    with_stray(store, "2026-11-20T10:00:00Z")
    hold(store, user="srhea")

    retain(store, kept_for(1))

    assert strays(store) == 1


def test_a_stray_file_counts_in_what_a_person_confirms(store: Store) -> None:
    with_stray(store, "2026-11-20T10:00:00Z")

    plan = planned(store, kept_for(1))

    assert (plan.count, plan.rows_live) == (2, 2)


def test_a_stray_file_that_cannot_be_read_stays(store: Store) -> None:
    with_stray(store, "2026-11-20T10:00:00Z")
    [found] = stray.found(store.layout)
    path = store.layout.root / found.path
    path.write_bytes(path.read_bytes()[:-5])

    retain(store, kept_for(1))

    assert strays(store) == 1


def without_footer(store: Store) -> Path:
    """Make the only stray file one of format 1, which has no key of ours; returns its path."""
    [found] = stray.found(store.layout)
    path = store.layout.root / found.path
    table = pq.read_table(path, partitioning=None)
    pq.write_table(table.replace_schema_metadata(None), path)
    return path


@pytest.mark.parametrize(("days", "is_kept"), [(2, True), (1, False)])
def test_a_stray_file_of_format_1_is_removed_by_the_day_of_its_folder(
    store: Store, days: int, is_kept: bool
) -> None:
    with_stray(store, "2026-11-20T10:00:00Z")
    without_footer(store)

    retain(store, kept_for(days))

    assert strays(store) == is_kept


def test_a_stray_file_of_which_neither_footer_nor_folder_tells_the_day_stays(
    store: Store,
) -> None:
    with_stray(store, "2026-11-20T10:00:00Z")
    path = without_footer(store)
    path.rename(store.layout.stray / path.name)

    retain(store, kept_for(1))

    [found] = listed(store)
    assert (found.file.original, found.part) == (path.name, None)


def test_a_stray_file_whose_rows_cannot_be_searched_for_a_hold_stays(store: Store) -> None:
    with_stray(store, "2026-11-20T10:00:00Z")
    hold(store, user="someone-else")
    [found] = stray.found(store.layout)
    path = store.layout.root / found.path
    held = path.read_bytes()
    footer_bytes = int.from_bytes(held[-8:-4], "little") + 8
    path.write_bytes(held[:4] + bytes(len(held) - 4 - footer_bytes) + held[-footer_bytes:])

    done = retain(store, kept_for(1))

    assert done.sequence is not None, "the live rows of that day are removed"
    assert strays(store) == 1


@pytest.mark.parametrize(
    ("month", "is_kept"), [("2026-10", True), ("2026-09", False), ("2026-9x", True)]
)
def test_a_stray_month_is_removed_when_all_its_days_are_past(
    store: Store, clock: Clock, month: str, is_kept: bool
) -> None:
    with_stray(store, "2026-11-20T10:00:00Z")
    [found] = stray.found(store.layout)
    path = store.layout.root / found.path
    table = pq.read_table(path, partitioning=None)
    metadata = {**(table.schema.metadata or {}), b"raytrail.day": month.encode()}
    pq.write_table(table.replace_schema_metadata(metadata), path)
    clock.move(days=-20)  # The second of November.

    retain(store, kept_for(5))

    assert strays(store) == is_kept
