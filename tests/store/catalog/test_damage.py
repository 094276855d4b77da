"""The list of damaged files: what it says of a part and of a raw body, and when an entry ends."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from store.catalog import damage, expected_files
from store.catalog.tables import batches, files
from store.files.trouble import CHANGED, MISSING, Trouble, TroubleKind
from store.store import Store
from tests.factories import NOW, Body, load, record, send


@pytest.fixture
def part(store: Store, body: Body) -> str:
    send(store, body(record()))
    load(store)
    [found] = [each for each in expected_files.all_expected(store.catalog) if each.is_part]
    return found.path


def _record(store: Store, path: str, trouble: Trouble = MISSING) -> bool:
    with store.catalog.write() as connection:
        return damage.record(connection, path, trouble, found_at=store.clock(), found_by="loader")


def _listed(store: Store) -> list[damage.Damaged]:
    with store.catalog.read() as connection:
        return damage.listed(connection)


def test_a_damaged_part_is_listed_with_its_rows_and_days(store: Store, part: str) -> None:
    assert _record(store, part)

    [found] = _listed(store)

    assert (found.path, found.kind, found.reason) == (part, TroubleKind.MISSING, "is missing")
    assert (found.dataset, found.day, found.file.rows) == ("http_requests", "2026-11-20", 1)
    assert found.time_min == found.time_max == "2026-11-20T09:51:07.000000Z"
    assert (found.found_at, found.found_by) == (NOW, "loader")


def test_a_damaged_raw_body_is_listed_once_though_two_batches_share_it(
    store: Store, body: Body
) -> None:
    send(store, body(record()))
    send(store, body(record()), "access_requests")
    [raw] = [each for each in expected_files.all_expected(store.catalog) if not each.is_part]

    _record(store, raw.path, CHANGED)

    [found] = _listed(store)
    assert found.file == raw
    assert (found.dataset, found.day) == (None, None)


def test_a_file_found_again_keeps_who_found_it_first_and_takes_the_new_reason(
    store: Store, part: str
) -> None:
    _record(store, part)
    later = store.clock() + timedelta(hours=1)
    with store.catalog.write() as connection:
        is_new = damage.record(connection, part, CHANGED, found_at=later, found_by="scrub")

    [found] = _listed(store)
    assert not is_new
    assert (found.kind, found.reason) == (TroubleKind.DAMAGED, CHANGED.reason)
    assert (found.found_at, found.found_by) == (NOW, "loader")


def test_trouble_that_is_no_damage_is_never_listed(store: Store, part: str) -> None:
    passing = Trouble(TroubleKind.PASSING, "too many open files")

    with pytest.raises(ValueError, match="is no damage"):
        _record(store, part, passing)
    assert not _listed(store)


def test_a_file_that_is_whole_again_is_no_longer_listed(store: Store, part: str) -> None:
    _record(store, part)

    with store.catalog.write() as connection:
        damage.clear(connection, [part])

    assert not _listed(store)


def test_files_that_the_catalog_no_longer_names_are_not_listed_and_are_cleared(
    store: Store, part: str
) -> None:
    [raw] = [each for each in expected_files.all_expected(store.catalog) if not each.is_part]
    _record(store, part)
    _record(store, raw.path)
    with store.catalog.write() as connection:
        connection.execute(update(files).values(retired_sequence=1))
        connection.execute(update(batches).values(raw_retired_sequence=1))

    assert not _listed(store)
    with store.catalog.write() as connection:
        assert damage.clear_unnamed(connection) == 2
        assert not damage.paths(connection)
