"""Which rows match a hold, and what the ledger has of it."""

from datetime import datetime
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schema.columns import REJECTED_SCHEMA
from store import names
from store.catalog import ledger
from store.errors import HoldRefused, RewriteRefused
from store.retention import criteria_masks, holds
from store.retention.holds import Criteria, Hold
from store.store import Store
from tests.factories import Clock


def day(number: int, hour: int = 0) -> datetime:
    return datetime(2026, 11, number, hour)  # noqa: DTZ001 (UTC, as in the store)


def requests(*rows: tuple[str | None, str | None, datetime | None]) -> pa.Table:
    users, hosts, times = zip(*rows, strict=True)
    return pa.table(
        {
            "user_id": pa.array(users, pa.string()),
            "ClientRequestHost": pa.array(hosts, pa.string()),
            "event_time": pa.array(times, pa.timestamp("us")),
            "received_at": pa.array([day(22)] * len(rows), pa.timestamp("us")),
        }
    )


def hold(**asked: Any) -> Hold:
    return Hold(id="0123", reason="a case", placed_at=day(22), **asked)


def mask(table: pa.Table, *active: Hold) -> list[bool]:
    found = holds.held_mask(active, table)
    assert found is not None
    values: list[bool] = found.to_pylist()
    return values


def place(store: Store, reason: str = "a case", **asked: Any) -> Hold:
    with store.catalog.write() as connection:
        return holds.place(connection, store.layout, store.clock, Criteria(**asked), reason)


def release(store: Store, hold_id: str, reason: str = "closed") -> Hold:
    with store.catalog.write() as connection:
        return holds.release(connection, store.clock, hold_id, reason)


def active(store: Store) -> tuple[Hold, ...]:
    with store.catalog.read() as connection:
        return holds.active(connection)


def test_a_user_matches_in_every_spelling_or_exactly_as_logged() -> None:
    table = requests(("ada", None, None), ("Ada", None, day(1)), ("ada ", "a", None), (None,) * 3)

    assert mask(table, hold(user="ada")) == [True, True, True, False]
    assert mask(table, hold(user="ada", is_exact=True)) == [True, False, False, False]


def test_a_host_matches_in_any_case_and_with_any_port() -> None:
    hosts = ("wiki.example", "WIKI.Example:8443", "wiki.example.evil", "a.wiki.example", None)
    table = requests(*((None, host, None) for host in hosts))

    assert mask(table, hold(host="wiki.example")) == [True, True, False, False, False]


def test_the_host_of_a_gateway_request_matches() -> None:
    hosts = ["WIKI.example:8443", "other.example", None]
    table = pa.table({"user_id": [None] * 3, "HTTPHost": hosts, "event_time": [day(1)] * 3})

    assert mask(table, hold(host="wiki.example")) == [True, False, False]


def test_the_domain_of_an_application_matches_by_its_host() -> None:
    domains = ["wiki.example/secure", "https://Wiki.example:443/a/b", "example/wiki.example", None]
    table = pa.table({"user_id": [None] * 4, "AppDomain": domains, "event_time": [day(1)] * 4})

    assert mask(table, hold(host="wiki.example")) == [True, True, False, False]


def test_until_is_exclusive_and_a_row_without_a_time_does_not_match() -> None:
    table = requests(*((None, None, time) for time in (day(9, 23), day(10), day(11), None)))

    assert mask(table, hold(since=day(10), until=day(11))) == [False, True, False, False]
    assert mask(table, hold(since=day(10))) == [False, True, True, False]
    assert mask(table, hold(until=day(10))) == [True, False, False, False]


def test_a_row_must_match_all_criteria() -> None:
    table = requests(
        ("ada", "wiki.example", day(10)),
        ("bob", "wiki.example", day(10)),
        ("ada", "jira.example", day(10)),
        ("ada", "wiki.example", day(11)),
        ("ada", "wiki.example", None),
    )
    wanted = hold(user="ada", host="wiki.example", until=day(11))

    assert mask(table, wanted) == [True, False, False, False, False]


def test_a_row_is_held_by_any_of_several_holds() -> None:
    table = requests(("ada", None, None), ("bob", "h", None), ("cleo", "h", None))

    assert mask(table, hold(user="ada"), hold(user="cleo")) == [True, False, True]
    assert holds.held_mask((), table) is None


def test_a_dataset_without_the_column_has_no_matching_row() -> None:
    table = requests(("ada", "h", day(10))).drop_columns(["ClientRequestHost"])

    assert mask(table, hold(user="ada")) == [True]
    assert mask(table, hold(user="ada", host="h")) == [False]


def test_rejected_lines_match_by_their_receipt_only() -> None:
    line = {"dataset": "http_requests", "received_at": day(10), "line": b"ada"}
    table = pa.Table.from_pylist([line], REJECTED_SCHEMA)

    assert mask(table, hold(since=day(10))) == [True]
    assert mask(table, hold(until=day(10))) == [False]
    assert mask(table, hold(since=day(10), user="ada")) == [False]
    assert mask(table, hold(since=day(10), host="ada")) == [False]


def test_dictionary_columns_match_like_plain_ones() -> None:
    plain = requests(("ada", "H:1", day(1)), ("bob", "h", day(1)), (None, None, None))
    encoded = plain
    for name in ("user_id", "ClientRequestHost"):
        place = encoded.column_names.index(name)
        encoded = encoded.set_column(place, name, encoded[name].dictionary_encode())

    assert mask(encoded, hold(user="ada", host="h")) == [True, False, False]


_names = st.sampled_from(["ada", "ADA", "", "h", "h:80", "H:80", "h:", "h:80/x"]) | st.text()


@settings(max_examples=50)
@given(
    st.lists(st.tuples(st.none() | _names, st.none() | _names), min_size=1),
    _names,
    _names,
    st.booleans(),
)
def test_masks_equal_a_comparison_row_by_row(
    rows: list[tuple[str | None, str | None]], user: str, host: str, is_exact: bool
) -> None:
    table = requests(*((who, where, None) for who, where in rows))
    wanted = hold(user=user, host=criteria_masks.host_name(host), is_exact=is_exact)

    def is_of_user(who: str | None) -> bool:
        if who is None or is_exact:
            return who == user
        return names.folded(who) == names.folded(user)

    told = [
        is_of_user(who) and where is not None and criteria_masks.host_name(where) == wanted.host
        for who, where in rows
    ]

    assert mask(table, wanted) == told


@pytest.mark.parametrize("spelling", ["Zoë@X", " zoë@x", "zoe\u0308@x", "ｚｏë@x"])
def test_a_hold_covers_every_spelling_of_a_name_unless_it_is_exact(spelling: str) -> None:
    table = requests((spelling, "h", day(1)), ("zoë@x", "h", day(1)), ("zoe@x", "h", day(1)))

    assert mask(table, hold(user="zoë@x")) == [True, True, False]
    assert mask(table, hold(user="zoë@x", is_exact=True)) == [False, True, False]


def test_a_hold_is_placed_listed_and_released(store: Store) -> None:
    placed = place(store, user="ada", host="Wiki.Example:443", since=day(1), until=day(2))

    assert active(store) == (placed,)
    assert (placed.user, placed.host) == ("ada", "wiki.example")
    assert (placed.since, placed.until, placed.placed_at) == (day(1), day(2), store.clock())
    assert isinstance(store.clock, Clock)
    store.clock.move(days=3)

    released = release(store, placed.id)

    assert active(store) == ()
    with store.catalog.read() as connection:
        assert holds.list_all(connection) == (released,)
    assert (released.released_at, released.release_reason) == (store.clock(), "closed")


def test_the_ledger_has_digests_of_the_criteria_only(store: Store) -> None:
    first, second = (place(store, user="ada", host="wiki.example") for _ in range(2))
    release(store, first.id)

    with store.catalog.read() as connection:
        entries = list(ledger.walk(connection))
    assert [entry.kind for entry in entries] == ["hold", "hold", "released"]
    assert entries[0].payload == {
        "id": first.id,
        "reason": "a case",
        "criteria": {
            "user": holds.digest(first.id, "user", "ada"),
            "host": holds.digest(first.id, "host", "wiki.example"),
        },
        "is_exact": False,
    }
    assert entries[1].payload["criteria"]["user"] != entries[0].payload["criteria"]["user"]
    assert entries[2].payload == {"id": first.id, "reason": "closed"}
    assert second.id != first.id
    # In quotes, since a digest may contain the characters of such a name.
    assert not any(f"'{name}'" in str(entries) for name in ("ada", "wiki.example"))


@pytest.mark.parametrize("asked", [{}, {"user": ""}, {"host": ""}])
def test_a_hold_without_criteria_is_refused(store: Store, asked: dict[str, str]) -> None:
    with pytest.raises(HoldRefused, match="needs at least one of user"):
        place(store, **asked)

    assert store.status().sequence == 0


def test_a_hold_without_a_reason_is_refused(store: Store) -> None:
    with pytest.raises(HoldRefused, match="reason"):
        place(store, " ", user="ada")
    placed = place(store, user="ada")
    with pytest.raises(HoldRefused, match="reason"):
        release(store, placed.id, "")

    assert active(store) == (placed,)


def test_a_released_or_unknown_hold_cannot_be_released(store: Store) -> None:
    placed = place(store, user="ada")
    release(store, placed.id)

    for hold_id in (placed.id, "0123"):
        with pytest.raises(HoldRefused, match=hold_id):
            release(store, hold_id)

    assert store.status().sequence == 2


def test_a_removal_planned_with_other_holds_is_refused(store: Store) -> None:
    read = active(store)
    placed = place(store, user="ada")

    with store.catalog.read() as connection:
        holds.demand_unchanged(connection, [placed])
        with pytest.raises(RewriteRefused, match="meanwhile"):
            holds.demand_unchanged(connection, read)
