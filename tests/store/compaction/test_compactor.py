"""Compaction merges many parts into few files: every row once, sorted by user."""

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pyarrow.parquet as pq
import pytest
from sqlalchemy import select, update

from schema.decoding.decode import Decoding, decode
from schema.decoding.decoder import CHOICE_VARIABLE
from store.catalog import ledger, removals
from store.catalog.scope import user_key
from store.catalog.tables import batches, files
from store.catalog.users.tables import people as people_table
from store.compaction import file_swap as swap
from store.compaction import merge, merge_inputs, rewriter, tiers
from store.compaction.compactor import Compactor, MergeResult
from store.errors import RewriteRefused, StoreDamaged
from store.intake import raw_body
from store.loading import conversion
from store.parquet import ordered_part, part_file
from store.store import Store
from tests.deaths import Deaths
from tests.dying import Killed, dying
from tests.factories import Clock, gzipped, login, ndjson, record, send, unshown
from tests.store.conftest import Built

USERS = ("ada", "bob", "cleo", None)


def load(store: Store) -> None:
    loader = store.loader()
    while loader.load_next():
        pass


def parts(store: Store, count: int, first: int = 0) -> None:
    """Load `count` batches, each into a part of its own, with a row of every user."""
    for number in range(first, first + count):
        records = [
            record(
                RayID=f"{number:012x}{place:04x}",
                EdgeStartTimestamp=f"2026-11-20T09:{number % 60:02}:{place:02}Z",
                RequestHeaders={"cf-access-user": user} if user else {},
            )
            for place, user in enumerate(USERS)
        ]
        send(store, gzipped(ndjson(*records)))
        load(store)


def two_parts(store: Store) -> None:
    """Of a day that is over."""
    parts(store, 2)
    settle(store)


def a_day(store: Store) -> None:
    """Three parts, merged into the files of their day."""
    parts(store, 3)
    settle(store)
    compact(store)


def compact(store: Store) -> list[MergeResult]:
    """Do all due jobs, as the compactor does."""
    swap = store.file_swap()
    done = []
    with swap.locked() as has_lock:
        assert has_lock
        while jobs := Compactor(swap).due_jobs():
            done.append(Compactor(swap).run(jobs[0]))
    return done


def rows(store: Store, dataset: str = "http_requests") -> list[dict[str, Any]]:
    found = []
    for path in store.snapshot().files.get(dataset, ()):
        found += pq.read_table(path, partitioning=None).to_pylist()
    return found


def keys(store: Store, dataset: str = "http_requests") -> list[tuple[str, int]]:
    return sorted((row["batch_id"], row["line_number"]) for row in rows(store, dataset))


def live(store: Store) -> list[Any]:
    return list(store.file_swap().live_files())


def settle(store: Store, **by: float) -> None:
    assert isinstance(store.clock, Clock)
    store.clock.move(**(by or {"days": 2}))


def test_a_day_that_is_over_becomes_a_file_of_users_and_one_without_users(store: Store) -> None:
    parts(store, 5)
    before = keys(store)
    settle(store)

    [done] = compact(store)

    assert (done.files_before, done.files_after, done.rows) == (5, 2, 20)
    assert keys(store) == before
    named, nameless = sorted(live(store), key=lambda file: file["user_min"] is None)
    assert (named["user_min"], named["user_max"], named["rows"]) == ("ada", "cleo", 15)
    assert (nameless["user_min"], nameless["rows"]) == (None, 5)
    assert {named["tier"], nameless["tier"]} == {"day"}
    in_file = pq.read_table(store.layout.root / named["path"], partitioning=None).to_pylist()
    order = [(row["user_id"], row["event_time"]) for row in in_file]
    assert order == sorted(order)


def test_parts_of_today_are_merged_into_a_run_once_there_are_enough(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tiers, "MERGE_FILES_MIN", 3)
    parts(store, 2)
    assert isinstance(store.clock, Clock)
    store.clock.now -= timedelta(days=2)  # The day of these events is not over.
    assert compact(store) == []
    parts(store, 1, first=2)

    [done] = compact(store)

    assert (done.tier, done.files_before, done.files_after) == ("run", 3, 2)
    assert compact(store) == []
    assert len(keys(store)) == 12


def test_a_day_is_not_merged_while_its_rows_still_arrive(store: Store) -> None:
    settle(store)
    parts(store, 2)
    settle(store, minutes=59)
    assert compact(store) == []
    settle(store, minutes=2)
    assert [done.tier for done in compact(store)] == ["day"]


def test_late_rows_rewrite_only_the_files_of_their_users(built: Built) -> None:
    store, _ = built(a_day)
    nameless = next(file["path"] for file in live(store) if file["user_min"] is None)
    send(store, gzipped(ndjson(record(RayID="1a7e", RequestHeaders={"cf-access-user": "bob"}))))
    load(store)
    settle(store)

    [done] = compact(store)

    assert (done.files_before, done.files_after, done.rows) == (2, 1, 10)
    assert nameless in {file["path"] for file in live(store)}
    assert len(keys(store)) == 13


def test_late_rows_of_a_new_user_rewrite_nothing(built: Built) -> None:
    store, _ = built(a_day)
    before = {file["path"] for file in live(store)}
    late = record(RequestHeaders={"cf-access-user": "zoe"})
    send(store, gzipped(ndjson(late)))
    load(store)
    settle(store)

    [done] = compact(store)

    assert (done.files_before, done.rows) == (1, 1)
    assert before < {file["path"] for file in live(store)}


def test_a_month_is_merged_three_days_after_its_end(store: Store) -> None:
    parts(store, 2)
    send(store, gzipped(ndjson(record(EdgeStartTimestamp="2026-11-21T00:00:00Z"))))
    load(store)
    assert isinstance(store.clock, Clock)
    store.clock.now = store.clock.now.replace(month=12, day=3, hour=23)
    assert {done.tier for done in compact(store)} == {"day"}
    settle(store, hours=1)

    [done] = compact(store)

    assert (done.tier, done.label, done.rows) == ("month", "2026-11", 9)
    assert {file["day"] for file in live(store)} == {"2026-11"}
    assert all("month=2026-11/" in file["path"] for file in live(store))
    assert len(keys(store)) == 9


def test_row_groups_of_a_month_are_smaller_than_those_of_a_day(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(swap, "MONTHLY", replace(part_file.MONTHLY, row_group_rows=3))
    parts(store, 2)
    settle(store)
    assert [done.tier for done in compact(store)] == ["day"]
    of_a_day = groups(store)
    settle(store, days=20)

    assert [done.tier for done in compact(store)] == ["month"]
    # Rows without a user are in a file of their own.
    assert (max(of_a_day), max(groups(store))) == (6, 3)
    assert sum(of_a_day) == sum(groups(store)) == 8


def groups(store: Store) -> list[int]:
    """The number of rows of each row group."""
    footers = [pq.read_metadata(store.layout.root / file["path"]) for file in live(store)]
    return [
        footer.row_group(each).num_rows
        for footer in footers
        for each in range(footer.num_row_groups)
    ]


def test_rows_late_for_their_month_are_merged_into_it_after_a_day(store: Store) -> None:
    parts(store, 2)
    settle(store, days=20)
    compact(store)
    send(store, gzipped(ndjson(record(RayID="1a7e", RequestHeaders={"cf-access-user": "bob"}))))
    load(store)
    settle(store, hours=2)
    assert [done.tier for done in compact(store)] == ["day"]
    settle(store, hours=25)

    [done] = compact(store)

    assert (done.tier, done.files_before, done.rows) == ("month", 2, 7)


def test_rejected_lines_of_a_day_become_one_file(store: Store) -> None:
    for number in range(3):
        send(store, gzipped(f"no json {number}\n".encode()))
        load(store)
    before = keys(store, "rejected")
    settle(store)

    compact(store)

    assert keys(store, "rejected") == before
    assert len(store.snapshot().files["rejected"]) == 1


def test_rejected_lines_loaded_after_their_day_are_merged_into_its_file(store: Store) -> None:
    send(store, gzipped(b"no json\n"))
    send(store, gzipped(b"nor this\n"))
    loader = store.loader()
    loader.load_next()
    settle(store)
    compact(store)
    send(store, gzipped(b"late\n"))
    with store.catalog.write() as connection:
        connection.execute(update(batches).values(received_at="2026-11-22T10:00:00.000000Z"))
    load(store)
    settle(store)

    [done] = compact(store)

    assert (done.dataset, done.tier, done.files_before, done.rows) == ("rejected", "day", 2, 3)


def test_events_outside_any_day_are_merged_into_runs_only(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tiers, "MERGE_FILES_MIN", 2)
    for number in range(2):
        sent = record(RayID=f"{number:016x}", EdgeStartTimestamp="1999-01-01T00:00:00Z")
        send(store, gzipped(ndjson(sent)))
        load(store)
    settle(store)

    assert [done.tier for done in compact(store)] == ["run"]
    assert compact(store) == []


def test_each_dataset_is_compacted_separately(store: Store) -> None:
    send(store, gzipped(ndjson(login())), "access_requests")
    load(store)
    parts(store, 1)
    settle(store)

    assert {done.dataset for done in compact(store)} == {"access_requests", "http_requests"}
    assert len(rows(store, "access_requests")) == 1


def test_the_catalog_indexes_the_users_of_a_file_without_their_names(built: Built) -> None:
    store, _ = built(a_day)

    with store.catalog.read() as connection:
        listed = connection.execute(select(people_table.c.who, people_table.c.file)).all()
    [file] = {row.file for row in listed}
    assert {row.who for row in listed} == {user_key(user) for user in USERS if user}
    assert [each["number"] for each in live(store) if each["user_min"]] == [file]


def test_one_ledger_entry_names_the_old_and_the_new_files(store: Store) -> None:
    parts(store, 2)
    before = {file["path"] for file in live(store)}
    settle(store)
    compact(store)

    with store.catalog.read() as connection:
        newest = ledger.newest(connection)
    assert newest is not None
    assert newest.kind == "compacted"
    assert set(newest.payload["retired"]) == before
    assert {file["path"] for file in newest.payload["files"]} == {f["path"] for f in live(store)}
    assert newest.payload["rows_before"] == newest.payload["rows_after"] == 8
    assert "cleo" not in str(newest.payload)


def test_old_files_are_deleted_with_their_index_after_the_grace_period(built: Built) -> None:
    store, _ = built(a_day)
    send(store, gzipped(ndjson(record(RequestHeaders={"cf-access-user": "ada"}))))
    load(store)
    settle(store)
    before = on_disk(store)
    compact(store)
    assert before <= on_disk(store)

    unshown(store)
    settle(store, seconds=1)
    while removals.remove_due(store.layout, store.catalog, store.clock()):
        pass

    assert on_disk(store) == {file["path"] for file in live(store)}
    with store.catalog.read() as connection:
        numbers = set(connection.scalars(select(people_table.c.file)))
    assert numbers == {file["number"] for file in live(store) if file["user_min"]}


def on_disk(store: Store) -> set[str]:
    found = store.layout.parts.rglob("*.parquet")
    return {store.layout.relative(path) for path in found}


@pytest.mark.deaths
def test_after_a_kill_at_any_call_a_merge_is_complete_or_has_not_happened(
    store: Store, monkeypatch: pytest.MonkeyPatch, deaths: Deaths
) -> None:
    for n, system in enumerate(deaths, 1):
        parts(store, 2, first=2 * n)
        settle(store)
        before = keys(store)
        with dying(monkeypatch, system), suppress(Killed):
            compact(store)
        assert keys(store) == before, system.hit
        store.loader().sweep()
        compact(store)
        assert keys(store) == before, f"after the next compaction, {system.hit}"
        named = set(all_named(store))
        assert on_disk(store) <= named, "uncommitted files are deleted"
    assert not store.layout.stray.exists()
    assert deaths.happened > 8


def all_named(store: Store) -> list[str]:
    with store.catalog.read() as connection:
        return list(connection.scalars(select(files.c.path)))


def test_a_file_that_changed_on_disk_is_named_and_not_merged(built: Built) -> None:
    store, _ = built(two_parts)
    victim = store.layout.root / live(store)[0]["path"]
    content = bytearray(victim.read_bytes())
    content[len(content) // 2] ^= 1
    victim.write_bytes(content)

    with pytest.raises(StoreDamaged, match=victim.name):
        compact(store)

    assert {file["tier"] for file in live(store)} == {"part"}


@pytest.mark.parametrize("rows_lost", [0, 1])
def test_a_merge_that_loses_a_row_or_changes_a_value_is_not_committed(
    built: Built, monkeypatch: pytest.MonkeyPatch, rows_lost: int
) -> None:
    store, _ = built(two_parts)
    real = merge.merge_runs

    def wrong(runs: Any) -> Any:
        for table in real(runs):
            if rows_lost:
                yield table.slice(rows_lost)
            else:
                place = table.column_names.index("ClientRequestHost")
                yield table.set_column(place, "ClientRequestHost", [table["ClientRequestMethod"]])

    monkeypatch.setattr(rewriter, "merge_runs", wrong)
    with pytest.raises(RewriteRefused):
        compact(store)

    assert {file["tier"] for file in live(store)} == {"part"}
    assert len(keys(store)) == 8


def test_a_job_whose_inputs_were_retired_meanwhile_is_refused(built: Built) -> None:
    store, _ = built(two_parts)
    swap = store.file_swap()
    [job] = Compactor(swap).due_jobs()
    compact(store)

    with pytest.raises(RewriteRefused, match="changed meanwhile"):
        Compactor(swap).run(job)

    assert len(keys(store)) == 8


def test_a_loader_does_not_delete_uncommitted_files_of_a_running_compactor(built: Built) -> None:
    store, _ = built(two_parts)

    def sweep(_rows: int) -> None:
        store.loader().sweep()

    swap = store.file_swap(sweep)

    compacted = Compactor(swap).run(Compactor(swap).due_jobs()[0])

    assert compacted.rows == 8
    assert len(keys(store)) == 8


def test_a_second_compactor_does_not_get_the_lock(store: Store) -> None:
    with store.file_swap().locked() as first, store.file_swap().locked() as second:
        assert (first, second) == (True, False)


def test_a_removal_of_a_file_whose_folder_is_gone_succeeds(built: Built) -> None:
    store, _ = built(a_day)
    for path in store.layout.parts.rglob("date=*/*"):
        path.unlink()
    for folder in store.layout.parts.rglob("date=*"):
        folder.rmdir()
    unshown(store)

    assert removals.remove_due(store.layout, store.catalog, store.clock()) == 3
    assert removals.remove_due(store.layout, store.catalog, store.clock()) == 0


@pytest.mark.parametrize("whole_bytes_max", [0, merge_inputs.WHOLE_BYTES_MAX])
def test_a_part_of_several_row_groups_is_merged_in_order(
    store: Store, monkeypatch: pytest.MonkeyPatch, whole_bytes_max: int
) -> None:
    """The loader sorts only within row groups. They are read whole, or in slices if too large."""
    monkeypatch.setenv(CHOICE_VARIABLE, "python")
    monkeypatch.setattr(ordered_part, "ROW_GROUP_ROWS", 4)
    monkeypatch.setattr(part_file, "ROW_GROUP_ROWS", 4)
    monkeypatch.setattr(merge_inputs, "WHOLE_BYTES_MAX", whole_bytes_max)
    monkeypatch.setattr(merge_inputs, "STEP_BYTES_MAX", 0)
    monkeypatch.setattr(merge_inputs, "STEP_ROWS_MIN", 2)
    monkeypatch.setattr(swap, "SORTED", replace(part_file.SORTED, row_group_rows=4))
    monkeypatch.setattr(raw_body, "READ_BYTES_AT_ONCE", 100)
    monkeypatch.setattr(conversion, "decode", _by_four)
    sent = [
        record(RayID=f"{number:016x}", RequestHeaders={"cf-access-user": user})
        for number, user in enumerate(["zoe", "ada", "bob", "cleo"] * 6)
    ]
    send(store, gzipped(ndjson(*sent)))
    load(store)
    [only] = live(store)
    groups = pq.read_metadata(store.layout.root / only["path"]).num_row_groups
    before = keys(store)
    settle(store)

    compact(store)

    assert keys(store) == before
    users = [row["user_id"] for file in live(store) for row in in_file(store, file["path"])]
    assert users == sorted(users)
    assert groups > 1


def _by_four(chunks: Any, dataset: Any, provenance: Any, decoding: Decoding) -> Any:
    return decode(chunks, dataset, provenance, replace(decoding, piece_lines=4))


def in_file(store: Store, path: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = pq.read_table(
        store.layout.root / path, partitioning=None
    ).to_pylist()
    return found
