"""The compactor keeps what the users of merged files had on which days, whatever becomes of files."""

import hashlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, select, update

from queries.baseline.file_facts import read_facts
from queries.definitions import sql_of
from store.backup.backup import Backup
from store.catalog.catalog import open_frozen
from store.catalog.users import user_days as counting
from store.catalog.users import user_facts as keeping
from store.catalog.users.facts_number import REVISION
from store.catalog.users.packed_facts import Habit, UserFacts
from store.catalog.users.tables import fact_values, user_facts
from store.compaction.facts import waiting
from store.compaction.facts.reading import Failure
from store.erasure.verification import find_remnants
from store.fsck.check import check
from store.fsck.content_check import repair_contents
from store.lifetimes import Lifetimes
from store.rebuild.rebuild import rebuild
from store.replay.selection import Selection
from store.retention.confirmation import Confirmation
from store.retention.retention import Retention
from store.store import Store
from tests import catalog_tables
from tests.conftest import NO_LIMITS
from tests.factories import SHELL, Clock, gzipped, load, ndjson, record, unshown
from tests.factories import send as send_to
from tests.golden_stores import golden_store
from tests.kept_facts import (
    DEVICES,
    SECTIONS,
    compact_with_facts,
    compute_waiting,
    demand_kept,
    kept,
    live,
)
from tests.person_store import USER, erase, lived_in

CHROME, CURL, _ = DEVICES

# The revision of the facts, and a digest of the statements that compute them.
MEANING = (1, "a5ec5d93607be7f6")


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


def test_a_merge_of_more_users_than_one_entry_counts_has_facts_when_they_are_counted(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(store, on("2026-11-16T09:00:00"), on("2026-11-16T10:00:00", "bob", "2"))
    with monkeypatch.context() as changed:
        changed.setattr(counting, "ROWS_OF_AN_ENTRY_MAX", 1)
        merge(store)
    assert [each["users_number"] for each in live(store)] == [None]

    with (swap := store.file_swap()).locked():
        while waiting.complete_some(swap, read_facts, waiting.PutOff()):
            pass

    assert len(kept(store)) == 1
    demand_kept(store)


def test_files_wait_in_bounded_steps_the_newest_first(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting, "ROWS_AT_ONCE", 1)
    send(store, on("2026-11-19T09:00:00"), on("2026-11-20T09:00:00", ray="2"))
    merge(store, reading=refuse)

    with (swap := store.file_swap()).locked():
        assert waiting.compute_some(swap, read_facts, waiting.PutOff()) == 1
        assert ["2026-11-20" in path for path in kept(store)] == [True]
        assert waiting.compute_some(swap, read_facts, waiting.PutOff()) == 1
        assert waiting.compute_some(swap, read_facts, waiting.PutOff()) == 0


def test_an_erasure_takes_sections_with_the_name_out_of_the_catalog(store: Store) -> None:
    send(store, on("2026-11-20T09:00:00", USER), on("2026-11-20T09:00:00", "bob", "2"))
    merge(store)
    with store.catalog.write() as connection:
        row = {"file": 99, "number": 1, "kind": "section", "value": f"h/{USER}"}
        connection.execute(insert(fact_values), row)
    found = [each.path for each in find_remnants(store.layout, store.catalog, USER)]
    assert "catalog.sqlite: fact_values.value" in found

    erase(store)

    assert not list(find_remnants(store.layout, store.catalog, USER))
    assert compute_waiting(store) == 1
    demand_kept(store)


def test_a_section_of_others_that_is_called_like_the_person_is_no_remnant(store: Store) -> None:
    send(
        store,
        on("2026-11-20T09:00:00", "srhea"),
        on("2026-11-20T09:00:00", "bob", "2", ClientRequestURI="/~srhea/a.pdf"),
    )
    merge(store)

    erase(store, "srhea")
    compute_waiting(store)

    kinds = {str(each.kind) for each in find_remnants(store.layout, store.catalog, "srhea")}
    assert kinds == {"mention"}


def test_a_rebuild_leaves_it_to_the_compactor(store: Store) -> None:
    lived_in(store)
    compute_waiting(store)
    before = kept(store)
    assert before
    store.catalog.close()
    catalog_tables.delete(store)

    assert rebuild(store.layout, store.clock, NO_LIMITS).is_whole

    with Store.open(store.layout.root, store.clock, NO_LIMITS) as again:
        assert kept(again) == {}
        compute_waiting(again)
        assert kept(again) == before


def test_a_repair_of_the_counts_has_the_facts_computed_again(store: Store) -> None:
    send(store, on("2026-11-20T09:00:00"))
    merge(store)
    before = kept(store)

    repair_contents(store.layout, store.catalog, before.keys())

    assert (kept(store), everything(store)) == ({}, [])
    compute_waiting(store)
    assert kept(store) == before


def test_fsck_deep_names_facts_that_are_wrong_and_has_them_computed_again(store: Store) -> None:
    send(store, on("2026-11-20T09:00:00"))
    merge(store)
    store.publish(SHELL)
    assert check(store, lambda: None, SHELL, read_facts, is_deep=True).left == ()
    with store.catalog.write() as connection:
        connection.execute(update(fact_values).values(value="other"))

    found = check(store, lambda: None, SHELL, read_facts, is_deep=True).left
    assert "keeps other habits" in " ".join(each.means for each in found)

    check(store, lambda: None, SHELL, read_facts, is_deep=True, is_repairing=True)
    compute_waiting(store)
    demand_kept(store)
    assert len(kept(store)) == 1


def test_what_facts_mean_is_of_a_revision() -> None:
    statements = (
        "baseline/kept_habits",
        "baseline/kept_takings",
        "findings/device",
        "findings/section",
        "findings/is_admin_path",
    )
    texts = "".join(sql_of(f"definitions/{name}") for name in statements)

    assert (REVISION, hashlib.sha256(texts.encode()).hexdigest()[:16]) == MEANING, (
        "raise REVISION if these statements give other facts, and note their new digest"
    )


def test_a_backup_has_the_facts_of_live_files_only(store: Store, tmp_path: Path) -> None:
    send(store, on("2026-11-20T09:00:00"))
    merge(store)
    send(store, on("2026-11-20T10:00:00", ray="2"))
    merge(store)
    assert len({row.file for row in everything(store)}) == 2, "a retired file is kept for a while"

    Backup.of(store, tmp_path / "backup").run()

    copy = open_frozen(tmp_path / "backup" / "backup.sqlite")
    with copy.read() as connection:
        assert len(connection.execute(select(user_facts)).all()) == 1
        assert len(set(connection.scalars(select(fact_values.c.file)))) == 1
    copy.close()


def test_the_files_of_an_older_version_get_theirs_when_nothing_else_is_due(tmp_path: Path) -> None:
    with Store.open(golden_store(tmp_path / "data", "spellings"), Clock()) as old:
        compact_with_facts(old)
        compute_waiting(old)

        demand_merged_kept(old)


def demand_merged_kept(store: Store) -> None:
    merged = [each for each in live(store) if each["tier"] in {"day", "month"}]
    assert {each["path"] for each in merged if (each["users_number"] or 0) > 0} == set(kept(store))


def test_facts_that_an_older_version_left_under_a_number_are_not_taken_for_others(
    store: Store,
) -> None:
    left = UserFacts((Habit(USER, "host", "left", 1, 1),), ())
    send(store, on("2026-11-20T09:00:00"))
    [file] = live(store)
    with store.catalog.write() as connection:
        keeping.enter(connection, file["path"], left)
        row = {"file": file["users_number"] + 1, "number": 0, "kind": "host", "value": "left"}
        connection.execute(insert(fact_values), row)

    merge(store)

    demand_merged_kept(store)
    assert all("left" not in str(facts) for facts in kept(store).values())
