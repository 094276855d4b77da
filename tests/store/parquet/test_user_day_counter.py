"""Counting the rows of users by day, table by table."""

from datetime import datetime

import pyarrow as pa
import pytest

from store.parquet.statistics import user_days
from store.parquet.statistics.user_days import UserDayCounter

DAY = datetime(2026, 11, 20, 9)  # noqa: DTZ001 - UTC without a zone


def table(*users: str | None) -> pa.Table:
    names = pa.array(users, pa.string())
    return pa.table({"user_id": names, "event_time": [DAY] * len(users)})


def test_the_same_user_in_many_tables_is_counted_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(user_days, "USER_DAYS_MAX", 1)
    counter = UserDayCounter()

    for _ in range(5):
        counter.add(table("ann", None))

    [day] = counter.result() or ()
    assert (day.user, day.rows) == ("ann", 5)


@pytest.mark.parametrize(("names_max", "counted"), [(2, 2), (1, None)])
def test_a_table_with_too_many_users_gives_up_the_whole_file(
    monkeypatch: pytest.MonkeyPatch, names_max: int, counted: int | None
) -> None:
    monkeypatch.setattr(user_days, "NAMES_MAX", names_max)
    counter = UserDayCounter()

    counter.add(table("ann", "bob", "bob"))
    counter.add(table("ann"))

    found = counter.result()
    assert (found if found is None else len(found)) == counted


def test_a_table_without_users_or_times_has_no_days() -> None:
    counter = UserDayCounter()

    counter.add(table("ann").drop_columns("event_time"))

    assert counter.result() == ()


@pytest.mark.parametrize(
    ("tables", "first_rows"),
    [
        ([["ann", "bob", None]], {"ann": 0, "bob": 1}),
        ([["ann", "bob"], ["bob", "zoe"]], {"ann": 0, "bob": 1, "zoe": 3}),
        ([["ann", "bob", None], ["ann", "cid"]], {"ann": None, "bob": 1, "cid": 4}),
        ([[None, None], ["bob"]], {"bob": 2}),
    ],
)
def test_where_rows_begin_is_told_if_they_lie_together(
    tables: list[list[str | None]], first_rows: dict[str, int | None]
) -> None:
    counter = UserDayCounter()

    for users in tables:
        counter.add(table(*users))

    assert {each.user: each.first_row for each in counter.result() or ()} == first_rows
