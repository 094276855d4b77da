"""Kept facts that cannot be read are read from the file instead, and computed again."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Connection, delete, select, text, update

from queries.baseline.file_facts import read_facts
from store.catalog.users.tables import fact_values, user_facts
from store.catalog.users.user_facts import of_file
from store.fsck.check import check
from store.store import Store
from tests.factories import SHELL
from tests.kept_facts import compute_waiting, demand_kept, kept, live
from tests.queries.shell.test_habits import HABITS, TAKINGS, asked, published
from tests.store.catalog.test_user_facts import merge, on, send

Damage = Callable[[Connection], object]


def sql(statement: str) -> Damage:
    return lambda connection: connection.execute(text(statement))


def _with_another_day(connection: Connection) -> None:
    packed = bytearray(connection.scalars(select(user_facts.c.habits)).first() or b"")
    packed[8:12] = b"\xff\xff\xff\xff"  # November has 30 days.
    connection.execute(update(user_facts).values(habits=bytes(packed)))


DAMAGES: dict[str, Damage] = {
    "no value": sql("DELETE FROM fact_values"),
    "a value less": sql("DELETE FROM fact_values WHERE number = 3"),
    "half a habit": sql("UPDATE user_facts SET habits = substr(habits, 1, 17)"),
    "half a taking": sql("UPDATE user_facts SET takings = x'00'"),
    "another number": sql("UPDATE user_facts SET habits = x'FFFFFFFF' || substr(habits, 5)"),
    "a text": sql("UPDATE user_facts SET habits = 'habits of a user'"),
    "no text": sql("UPDATE fact_values SET value = CAST(x'C3' AS TEXT) WHERE kind = 'host'"),
    "no hour": sql("UPDATE fact_values SET value = 'noon' WHERE kind = 'hour'"),
    "a negative size": sql("UPDATE user_facts SET takings = x'FF' || zeroblob(14) || x'FF'"),
    "no such day": _with_another_day,
}


def fill(store: Store) -> None:
    file: dict[str, Any] = {"ClientRequestURI": "/~srhea/a.pdf", "EdgeResponseBytes": 7}
    send(store, on("2026-11-20T09:00:00"), on("2026-11-20T10:00:00", ray="2", **file))
    merge(store)


def test_whatever_was_damaged_the_facts_of_the_file_count_as_not_kept(store: Store) -> None:
    fill(store)
    [file] = (each["users_number"] for each in live(store) if each["users_number"])

    for name, damage in DAMAGES.items():
        with store.catalog.write() as connection:
            damage(connection)
            assert of_file(connection, file) is None, name
            connection.rollback()


@pytest.mark.parametrize("damage", ["a value less", "no text", "no such day"])
def test_damaged_facts_stop_nothing_and_are_computed_again(store: Store, damage: str) -> None:
    fill(store)
    right = asked(store, HABITS), asked(store, TAKINGS)
    assert all(right)
    with store.catalog.write() as connection:
        DAMAGES[damage](connection)

    assert (asked(store, HABITS), asked(store, TAKINGS)) == right
    store.publish(SHELL)
    assert (published(store, HABITS), published(store, TAKINGS)) == right

    assert kept(store) == {}
    assert compute_waiting(store) == 1
    demand_kept(store)
    store.publish(SHELL)
    assert (published(store, HABITS), published(store, TAKINGS)) == right


def test_damaged_facts_of_one_file_leave_those_of_the_others(store: Store) -> None:
    send(store, on("2026-11-19T09:00:00"), on("2026-11-20T09:00:00", ray="2"))
    merge(store)
    right = asked(store, HABITS)
    with store.catalog.write() as connection:
        first = connection.scalars(select(user_facts.c.file)).first()
        connection.execute(delete(fact_values).where(fact_values.c.file == first))

    store.publish(SHELL)

    assert published(store, HABITS) == right
    assert len(kept(store)) == 1


def test_fsck_deep_has_damaged_facts_computed_again(store: Store) -> None:
    send(store, on("2026-11-20T09:00:00"))
    merge(store)
    store.publish(SHELL)
    with store.catalog.write() as connection:
        connection.execute(delete(fact_values))

    found = check(store, lambda: None, SHELL, read_facts, is_deep=True).left
    assert "keeps other habits" in " ".join(each.means for each in found)

    check(store, lambda: None, SHELL, read_facts, is_deep=True, is_repairing=True)
    compute_waiting(store)
    demand_kept(store)
