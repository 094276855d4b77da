"""A retired file is removed with the unfinished names of it, and no other file is."""

import pytest

from store.catalog import expected_files, removals
from store.files.layout import UNFINISHED_PREFIX
from store.store import Store
from tests.factories import Body, Clock, compact, load, record, send, unshown


@pytest.fixture
def part(store: Store, body: Body, clock: Clock) -> str:
    """A part that was merged with another one, and is no longer shown to any shell."""
    for ray in ("1", "2"):
        send(store, body(record(RayID=ray)))
        load(store)
    path = next(each.path for each in expected_files.all_expected(store.catalog) if each.is_part)
    clock.move(days=3)
    compact(store)
    unshown(store)
    return path


def test_a_removed_part_loses_its_unfinished_name_and_not_the_name_somebody_gave_it(
    store: Store, part: str
) -> None:
    path = store.layout.root / part
    unfinished, given = path.with_name(f"{UNFINISHED_PREFIX}{path.name}"), path.with_name("mine")
    unfinished.hardlink_to(path)
    given.hardlink_to(path)

    assert removals.remove_due(store.layout, store.catalog, store.clock()) == 2
    assert not path.exists()
    assert not unfinished.exists()
    assert given.exists()
