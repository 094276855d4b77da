"""Of which files the catalog has facts, after an older version or a failure."""

from sqlalchemy import update

from store.catalog.tables import files
from store.catalog.users import user_days
from store.store import Store
from tests.kept_facts import compute_waiting, demand_kept, kept, live
from tests.store.catalog.test_user_facts import everything, merge, on, send


def count_again_as_an_older_version(store: Store) -> None:
    """What `fsck --repair` of a version does that knows no facts of users."""
    [file] = live(store)
    with store.catalog.write() as connection:
        counted = user_days.of_file(connection, file["users_number"])
        number = user_days.enter(connection, counted)
        connection.execute(update(files).values(users_number=number))


def test_facts_of_a_file_that_an_older_version_counted_again_are_not_taken_for_its(
    store: Store,
) -> None:
    send(store, on("2026-11-20T09:00:00"))
    merge(store)
    [before] = kept(store).values()

    count_again_as_an_older_version(store)

    assert kept(store) == {}
    assert {part.facts for part in store.snapshot().every_part} == {None}
    assert compute_waiting(store) == 1
    assert list(kept(store).values()) == [before]
    with store.catalog.write() as connection:
        user_days.remove_unused(connection)
    demand_kept(store)
    assert len({row.file for row in everything(store)}) == 1
