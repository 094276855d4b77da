"""The list of damaged files is rechecked every few seconds, and written only to end an entry."""

import pytest
from sqlalchemy import update

from store.catalog import damage, expected_files
from store.catalog.tables import files
from store.files.trouble import MISSING
from store.reading.damage_watch import DamageWatch
from store.store import Store
from tests.edge import Heard
from tests.factories import Body, load, record, send


@pytest.fixture
def part(store: Store, body: Body) -> str:
    """A part that was moved away and is listed as damaged."""
    send(store, body(record()))
    load(store)
    [found] = [each for each in expected_files.all_expected(store.catalog) if each.is_part]
    (store.layout.root / found.path).rename(store.layout.root / "away")
    watch(store).record({found.path: MISSING})
    return found.path


def watch(store: Store) -> DamageWatch:
    return store.damage_watch(Heard(), found_by="a test")


def listed(store: Store) -> frozenset[str]:
    with store.catalog.read() as connection:
        return damage.paths(connection)


def test_a_recheck_that_ends_no_entry_needs_no_write_lock(store: Store, part: str) -> None:
    with store.catalog.write():
        # A second writer would wait for the first, and fail.
        assert watch(store).recheck() == 0

    assert listed(store) == {part}


def test_a_recheck_ends_the_entry_of_a_file_that_was_put_back(store: Store, part: str) -> None:
    (store.layout.root / "away").rename(store.layout.root / part)

    assert watch(store).recheck() == 1
    assert listed(store) == frozenset()


def test_a_recheck_ends_the_entry_of_a_file_that_the_catalog_no_longer_names(
    store: Store, part: str
) -> None:
    with store.catalog.write() as connection:
        connection.execute(update(files).where(files.c.path == part).values(retired_sequence=1))

    assert watch(store).recheck() == 1
    assert listed(store) == frozenset()
