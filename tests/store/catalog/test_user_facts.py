"""The compactor keeps what the users of merged files had on which days, whatever becomes of files."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from store.catalog.users import user_facts as keeping
from store.catalog.users.tables import fact_values, user_facts
from store.compaction.facts.reading import Failure
from store.erasure.verification import find_remnants
from store.lifetimes import Lifetimes
from store.replay.selection import Selection
from store.retention.confirmation import Confirmation
from store.retention.retention import Retention
from store.store import Store
from tests.conftest import NO_LIMITS
from tests.factories import Clock, gzipped, load, ndjson, record, unshown
from tests.factories import send as send_to
from tests.kept_facts import (
    DEVICES,
    SECTIONS,
    compact_with_facts,
    compute_waiting,
    demand_kept,
    kept,
    live,
)
from tests.person_store import USER, erase

CHROME, CURL, _ = DEVICES


def send(store: Store, *records: dict[str, Any]) -> None:
    send_to(store, gzipped(ndjson(*records)))
    load(store)


def on(time: str, user: str | None = "ada", ray: str = "1", **changes: Any) -> dict[str, Any]:
    headers = {"cf-access-user": user} if user else {}
    return record(EdgeStartTimestamp=f"{time}Z", RequestHeaders=headers, RayID=ray, **changes)


def merge(store: Store, **how: Any) -> None:
    assert isinstance(store.clock, Clock)
    store.clock.move(hours=26)
    compact_with_facts(store, **how)


def refuse(*_: object) -> Failure:
    """A computation that fails, and would again."""
    return Failure.LASTING


def everything(store: Store) -> list[Any]:
    with store.catalog.read() as connection:
        return [
            *connection.execute(select(user_facts.c.file, user_facts.c.who)),
            *connection.execute(select(fact_values)),
        ]


def test_a_merge_keeps_what_each_user_had_on_which_days(store: Store) -> None:
    seen: dict[str, Any] = {
        "ClientCountry": "GB",
        "ClientASN": 64500,
        "JA4": "t13d",
        "EdgeColoCode": "LHR",
    }
    admin: dict[str, Any] = {"ClientRequestURI": "/7/admin/x", "ClientRequestUserAgent": CHROME}
    send(store, on("2026-11-20T09:00:00", **seen, **admin))
    send(store, on("2026-11-20T23:59:59", ray="2", **admin))
    send(store, on("2026-11-20T08:00:00", user=None, ray="3"))

    merge(store)

    [(_, facts), *nobodys] = kept(store).items()
    demand_kept(store)
    assert {each.kind: each.value for each in facts.habits if each.kind != "hour"} == {
        "asn": "64500",
        "colo": "LHR",
        "country": "GB",
        "device": "Chrome on Windows",
        "host": "jira.widgetcorp.example",
        "ja4": "t13d",
        "section": "jira.widgetcorp.example/admin",
    }
    assert [each.value for each in facts.habits if each.kind == "hour"] == ["23", "9"]
    assert {(each.month, each.days) for each in facts.habits} == {(2026 * 12 + 10, 1 << 19)}
    assert not nobodys
    assert compute_waiting(store) == 0


def test_a_download_in_pieces_or_received_twice_is_one_file(store: Store) -> None:
    file: dict[str, Any] = {"ClientRequestURI": "/~srhea/a.pdf", "EdgeResponseBytes": 7}
    send(store, on("2026-11-20T09:00:00", **file, EdgeResponseStatus=206))
    send(
        store,
        on("2026-11-20T09:00:01", ray="2", **file, EdgeResponseStatus=206),
        on("2026-11-20T09:00:01", ray="2", **file, EdgeResponseStatus=206),
    )

    merge(store)

    [facts] = kept(store).values()
    demand_kept(store)
    assert [(each.files, each.bytes) for each in facts.takings] == [(1, 14)]


WORDS = {
    "user": st.sampled_from(["ada", "bob", USER, None]),
    "day": st.integers(1, 28),
    "hour": st.integers(0, 23),
    "ray": st.integers(1, 6),
    "ClientCountry": st.sampled_from(["gb", "SG", None]),
    "ClientASN": st.sampled_from([64500, 64501]),
    "ClientRequestUserAgent": st.sampled_from([CHROME, CURL]),
    "ClientRequestURI": st.sampled_from(list(SECTIONS)),
    "EdgeResponseStatus": st.sampled_from([200, 206]),
}
STEPS = st.lists(
    st.one_of(
        st.lists(st.fixed_dictionaries(WORDS), min_size=1, max_size=4),
        st.sampled_from(["merge", "merge without", "compute", "erase", "replay", "retain", "tidy"]),
    ),
    max_size=6,
)


# Each step may read every file again, and a store is made for each.
@settings(max_examples=5)
@given(steps=STEPS)
def test_whatever_becomes_of_files_what_is_kept_is_what_they_have(
    tmp_path_factory: pytest.TempPathFactory, steps: list[Any]
) -> None:
    with Store.create(tmp_path_factory.mktemp("store"), Clock(), NO_LIMITS) as store:
        for step in steps:
            live_on(store, step)
            demand_kept(store)
        compute_waiting(store)
        demand_kept(store)
        merged = [each for each in live(store) if each["tier"] in {"day", "month"}]
        assert {each["path"] for each in merged if each["users_number"]} == kept(store).keys()


def live_on(store: Store, step: Any) -> None:
    match step:
        case "merge":
            merge(store)
        case "merge without":
            merge(store, reading=refuse)
        case "compute":
            compute_waiting(store)
        case "erase":
            if any(USER in str(facts) for facts in kept(store).values()):
                erase(store)
                assert not list(find_remnants(store.layout, store.catalog, USER))
        case "replay":
            store.replay().run(Selection())
        case "retain":
            retain(store)
        case "tidy":
            unshown(store)
            store.loader().tidy()
        case rows:
            send(store, *(a_request(**row) for row in rows))


def a_request(user: str | None, day: int, hour: int, ray: int, **told: Any) -> dict[str, Any]:
    month = "2026-10" if day % 2 else "2026-11"
    return on(f"{month}-{day:02}T{hour:02}:00:00", user, str(ray), **told)


def retain(store: Store) -> None:
    assert isinstance(store.clock, Clock)
    store.clock.move(days=1)
    with (swap := store.file_swap()).locked():
        retention = Retention(swap, Lifetimes(raw=365, datasets={"http_requests": 31}))
        retention.run(Confirmation(clock_is_right=True, count=retention.plan().count))


def test_a_computation_that_fails_stops_no_merge_and_is_tried_again(store: Store) -> None:
    send(store, on("2026-11-20T09:00:00"))

    merge(store, reading=refuse)

    assert [each["tier"] for each in live(store)] == ["day"]
    assert kept(store) == {}
    assert compute_waiting(store) == 1
    assert len(kept(store)) == 1
    demand_kept(store)


def test_a_file_that_cannot_be_computed_is_tried_once_more_and_then_read(store: Store) -> None:
    send(store, on("2026-11-20T09:00:00"))
    merge(store, reading=refuse)

    assert compute_waiting(store, refuse) == 1
    assert compute_waiting(store) == 0
    assert kept(store) == {}


@pytest.mark.parametrize(
    ("limit", "most"), [("HABITS_MAX", 2), ("VALUES_MAX", 1), ("VALUES_BYTES_MAX", 3)]
)
def test_a_file_of_more_than_the_catalog_keeps_has_no_facts(
    store: Store, monkeypatch: pytest.MonkeyPatch, limit: str, most: int
) -> None:
    monkeypatch.setattr(keeping, limit, most)
    send(store, on("2026-11-20T09:00:00"), on("2026-11-20T10:00:00", ray="2"))

    merge(store)

    assert (kept(store), everything(store)) == ({}, [])
    assert compute_waiting(store) == 0


def test_what_one_entry_adds_is_limited_and_the_rest_waits(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "HABITS_OF_AN_ENTRY_MAX", 1)
    send(store, on("2026-11-20T09:00:00"))

    merge(store)

    assert kept(store) == {}
    assert compute_waiting(store) == 1
    demand_kept(store)
