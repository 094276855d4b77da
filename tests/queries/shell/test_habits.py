"""Habits and takings are those of all requests, whether the catalog has kept them or not."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings

from queries.engine import Engine, open_engine
from queries.errors import QueryFailed
from store.catalog.users.packed_facts import UserFacts
from store.reading.shell.content import KeptTable
from store.store import Store
from tests.conftest import NO_LIMITS
from tests.factories import SHELL, Clock
from tests.kept_facts import compute_waiting, kept, live, rows, truth
from tests.person_store import USER, erase
from tests.store.catalog.test_user_facts import STEPS, live_on, merge, on, send

UNTIL = "TIMESTAMP '2027-03-01'"
HABITS = f"FROM rules.habits({UNTIL}) ORDER BY ALL"
TAKINGS = f"FROM rules.takings({UNTIL}) ORDER BY ALL"
MONDAY = 19


@contextmanager
def engine_of(store: Store) -> Iterator[Engine]:
    with open_engine(store.snapshot(), datasets=None) as engine:
        yield engine


def asked(store: Store, question: str) -> list[tuple[Any, ...]]:
    with engine_of(store) as engine:
        return list(engine.run(question, {}, QueryFailed).rows)


def published(store: Store, question: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(store.layout.audit), read_only=True) as audit:
        return audit.execute(question).fetchall()


def habits_of(facts: UserFacts) -> list[tuple[Any, ...]]:
    return sorted(_days_of(facts))


def _days_of(facts: UserFacts) -> set[tuple[Any, ...]]:
    found = set[tuple[Any, ...]]()
    for each in facts.habits:
        for day in (date for date in range(31) if each.days >> date & 1):
            [(moment, weekday)] = duckdb.execute(
                "SELECT d, isodow(d) FROM (SELECT make_date(?, ?, ?) AS d)",
                [each.month // 12, each.month % 12 + 1, day + 1],
            ).fetchall()
            if each.kind == "hour":
                found.add((each.user, "hour", str((weekday - 1) * 24 + int(each.value)), moment))
                found.add((each.user, "active", "", moment))
            else:
                found.add((each.user, each.kind, each.value, moment))
    return found


def everything(store: Store) -> UserFacts:
    return truth(rows(store, [each["path"] for each in live(store)]))


@settings(max_examples=4)
@given(steps=STEPS)
def test_habits_are_those_of_all_requests_whatever_becomes_of_files(
    tmp_path_factory: pytest.TempPathFactory, steps: list[Any]
) -> None:
    with Store.create(tmp_path_factory.mktemp("store"), Clock(), NO_LIMITS) as store:
        for step in steps:
            live_on(store, step)
        store.publish(SHELL)
        expected = habits_of(everything(store))

        assert asked(store, HABITS) == expected
        assert published(store, HABITS) == expected


def test_takings_of_days_in_one_file_are_those_of_all_requests(store: Store) -> None:
    file: dict[str, Any] = {"ClientRequestURI": "/~srhea/a.pdf", "EdgeResponseBytes": 7}
    send(store, on("2026-11-19T09:00:00", **file))
    merge(store)
    send(store, on("2026-11-20T09:00:00", ray="2", **file), on("2026-11-20T09:00:00", "bob", "3"))
    send(store, on("2026-11-20T09:00:01", ray="4", **file, EdgeResponseStatus=206))
    store.publish(SHELL)

    days = [(str(day), files, taken) for _, day, files, taken in asked(store, TAKINGS)]
    assert days == [("2026-11-19", 1, 7), ("2026-11-20", 1, 14)]
    assert published(store, TAKINGS) == asked(store, TAKINGS)


def test_merged_files_are_not_read_for_what_the_catalog_has_kept(store: Store) -> None:
    send(store, on("2026-11-20T09:00:00"))
    merge(store)
    send(store, on("2026-11-21T09:00:00", "bob", "2"))
    before = asked(store, HABITS)
    store.publish(SHELL)

    for path in kept(store):
        (store.layout.root / path).write_bytes(b"PAR1")

    assert {user for user, *_ in before} == {"ada", "bob"}
    assert published(store, HABITS) == before
    assert asked(store, HABITS) == before


def test_a_damaged_file_that_is_read_for_habits_stops_the_question(store: Store) -> None:
    send(store, on("2026-11-20T09:00:00"))
    [file] = live(store)
    (store.layout.root / file["path"]).write_bytes(b"PAR1")

    with pytest.raises(QueryFailed, match="cannot be read"):
        asked(store, HABITS)


def test_kept_facts_are_read_only_where_others_are_kept(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(store, on("2026-11-20T09:00:00", USER), on("2026-11-20T09:00:00", "bob", "2"))
    merge(store)
    store.publish(SHELL)
    filled = list[str]()
    real = KeptTable.fill

    def counted(table: KeptTable, connection: duckdb.DuckDBPyConnection) -> None:
        filled.append(table.name)
        real(table, connection)

    monkeypatch.setattr(KeptTable, "fill", counted)
    send(store, on("2026-11-21T09:00:00", "bob", "3"))
    store.publish(SHELL)
    send(store, on("2026-11-21T10:00:00", "bob", "4"))
    store.publish(SHELL)
    of_a_part = len(filled)

    erase(store)
    store.publish(SHELL)

    both = ["user_facts", "user_takings"]
    assert filled == 2 * both, "a part is of another kind than none, and the next is of the same"
    assert filled[of_a_part:] == both
    assert USER.encode() not in store.layout.audit.read_bytes()
    compute_waiting(store)
    store.publish(SHELL)
    assert {user for user, *_ in published(store, HABITS)} == {"bob"}
    assert USER.encode() not in store.layout.audit.read_bytes()
