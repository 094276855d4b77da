"""Batches in merged files are replayed like others, and no other row changes."""

import errno
import json
import random
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import ExitStack, suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from sqlalchemy import select, update

from schema import unknown_dataset
from schema.dataset import Dataset, Field, FieldType, datasets
from store.backoff import Backoff
from store.catalog import ledger
from store.catalog.counts import CatalogRow
from store.catalog.scope import user_key
from store.catalog.tables import batches
from store.catalog.users.tables import people as people_table
from store.compaction import tiers
from store.compaction.compactor import Compactor
from store.compaction.file_swap import Replacement
from store.compaction.tiers import RewriteJob
from store.errors import ReplayRefused, RewriteRefused, StoreDamaged
from store.files.layout import OTHER_DAY, REJECTED, Layout
from store.intake.outcome import Receipt
from store.loading import conversion
from store.loading.body_start import BodyStart
from store.replay import linked_batches as linking
from store.replay import merged_files
from store.replay import replay as replaying
from store.replay.batch_rows import FileBatches, count_batches, mask_of
from store.replay.candidate_files import CandidateFiles
from store.replay.replay import Replay
from store.replay.results import ReplayResult
from store.replay.selection import Selection
from store.store import Store
from tests.deaths import Deaths
from tests.dying import Killed, dying
from tests.factories import Clock, gzipped, record, send
from tests.store.compaction.test_compactor import compact, keys, live, load, rows, settle
from tests.store.conftest import Built
from tests.store.replay.test_replay import demand_sound, named, on_disk
from tests.suites import LONG_ONLY

NEW_FIELD = Field(name="Unheard", type=FieldType.INT, meaning="A field that is new in this version")
HTTP = "http_requests"


@pytest.fixture
def upgraded(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Calling it adds a field to http_requests."""
    known = datasets()[HTTP]
    later = replace(known, fields=(*known.fields, NEW_FIELD))
    real = unknown_dataset.dataset_named

    def named(name: str) -> Dataset | None:
        return later if name == HTTP else real(name)

    return lambda: monkeypatch.setattr(conversion, "dataset_named", named)


def line(ray: str, user: str | None = "ada", **changes: Any) -> bytes:
    headers = {"cf-access-user": user} if user else {}
    return orjson.dumps(record(RayID=ray, RequestHeaders=headers, **changes)) + b"\n"


def batch(store: Store, *lines: bytes, dataset: str = HTTP) -> str:
    """Load a batch alone, a second after the one before; returns its id."""
    settle(store, seconds=1)
    receipt = send(store, gzipped(b"".join(lines)), dataset)
    load(store)
    assert isinstance(receipt, Receipt)
    return receipt.batch_id


def merged(store: Store) -> None:
    settle(store)
    compact(store)


def two_batches(store: Store) -> tuple[str, str]:
    """Of one user, in one merged file; their ids."""
    ids = batch(store, line("a1")), batch(store, line("b1"))
    merged(store)
    return ids


def batches_of_several_users(store: Store) -> str:
    """Two batches that are not merged; the id of the first."""
    first = batch(store, line("a1", Unheard=1), line("a2", user=None, Unheard=2))
    batch(store, line("b1", user="bob", Unheard=3), line("b2", user=None))
    return first


def linked_batches(store: Store) -> tuple[str, str, str]:
    """The first two share a line, and the first has a rejected one; their ids."""
    return (
        batch(store, line("a1"), line("shared"), b"no json\n"),
        batch(store, line("shared"), line("b1")),
        batch(store, line("c1")),
    )


def linked_batches_merged(store: Store) -> tuple[str, str, str]:
    ids = linked_batches(store)
    merged(store)
    return ids


def six_batches(store: Store) -> None:
    """The first three share a line."""
    for ray in ("a1", "b1", "c1"):
        batch(store, line(ray), line("shared"))
    merged(store)
    for ray in ("d1", "e1", "f1"):
        batch(store, line(ray))
    merged(store)


def replay(store: Store, **selection: Any) -> ReplayResult:
    return store.replay().run(Selection(**selection))


def rays(store: Store) -> list[str]:
    return sorted(row["RayID"] for row in rows(store))


def lines(store: Store, dataset: str = HTTP) -> Counter[str]:
    """Every line by batch and number, whether it has a row of its own or was folded."""
    found: Counter[str] = Counter()
    for row in rows(store, dataset):
        found[f"{row['batch_id']}:{row['line_number']}"] += 1
        found.update(json.loads(row.get("also_in") or "[]"))
    return found


def as_run(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tiers, "MERGE_FILES_MIN", 2)
    assert isinstance(store.clock, Clock)
    now = store.clock.now
    store.clock.now -= timedelta(days=2)  # It is still the day of these events.
    compaction = Compactor(store.file_swap())
    compaction.run(compaction.due_jobs()[0])
    store.clock.now = now


def as_days(store: Store, _: pytest.MonkeyPatch) -> None:
    merged(store)


def as_month(store: Store, _: pytest.MonkeyPatch) -> None:
    settle(store, days=20)
    compact(store)
    settle(store, days=1)
    compact(store)


MERGES = {"run": as_run, "day": as_days, "month": as_month}


@pytest.mark.parametrize("tier", MERGES)
def test_replaying_a_merged_batch_adds_a_new_column_to_its_rows_only(
    built: Built, monkeypatch: pytest.MonkeyPatch, upgraded: Callable[[], None], tier: str
) -> None:
    store, first = built(batches_of_several_users)
    MERGES[tier](store, monkeypatch)
    assert {file["tier"] for file in live(store)} == {tier}
    before = {row["RayID"]: row for row in rows(store)}
    upgraded()

    done = replay(store, batch=first)

    after = {row["RayID"]: row for row in rows(store)}
    assert (done.batches, done.parts_retired, done.parts_added, done.left) == (1, 2, 3, ())
    assert [after[ray]["Unheard"] for ray in ("a1", "a2")] == [1, 2]
    assert [after[ray]["extra"] for ray in ("a1", "a2")] == [None, None]
    assert [after[ray] for ray in ("b1", "b2")] == [before[ray] for ray in ("b1", "b2")]
    assert len(rows(store)) == 4
    assert Counter(file["tier"] for file in live(store)) == {"part": 1, tier: 2}
    demand_sound(store)
    demand_listed(store)


def demand_listed(store: Store) -> None:
    """Every day and month file has a number, under which its users are indexed."""
    with store.catalog.read() as connection:
        listed = {(row.file, row.who) for row in connection.execute(select(people_table))}
    for file in live(store):
        lasts = file["tier"] in {"day", "month"}
        assert (file["number"] is not None) == lasts
        if lasts:
            table = pq.read_table(store.layout.root / file["path"], partitioning=None)
            users = (
                table["user_id"].drop_null().to_pylist() if "user_id" in table.schema.names else []
            )
            assert {who for number, who in listed if number == file["number"]} == {
                user_key(user) for user in users
            }


def test_a_merged_file_whose_rows_are_all_replayed_is_only_retired(built: Built) -> None:
    store, _ = built(two_batches)

    done = replay(store)

    assert (done.batches, done.parts_retired, done.parts_added) == (2, 1, 1)
    assert {file["tier"] for file in live(store)} == {"part"}
    assert rays(store) == ["a1", "b1"]
    demand_sound(store)


def test_repeated_merges_and_replays_give_equal_rows(built: Built) -> None:
    store, _ = built(linked_batches_merged)
    once = sorted(map(str, rows(store))), sorted(map(str, rows(store, REJECTED)))

    for _ in range(2):
        replay(store)
        merged(store)

    assert (sorted(map(str, rows(store))), sorted(map(str, rows(store, REJECTED)))) == once
    demand_sound(store)


def test_the_ledger_has_an_entry_for_each_group_and_one_for_rewritten_files(built: Built) -> None:
    store, (first, _) = built(two_batches)
    before = {file["path"] for file in live(store)}

    done = replay(store, batch=first)

    with store.catalog.read() as connection:
        *_, group, moved = ledger.walk(connection)
        loaded = connection.scalar(
            select(batches.c.loaded_sequence).where(batches.c.batch_id == first)
        )
    assert (group.kind, moved.kind, moved.sequence) == ("replayed", "replayed", done.sequence)
    assert loaded == group.sequence
    assert [each["batch_id"] for each in group.payload["batches"]] == [first]
    assert (group.payload["retired"], len(group.payload["files"])) == ([], 1)
    assert [each["batch_id"] for each in moved.payload["batches"]] == [first]
    assert set(moved.payload["retired"]) == before
    assert (moved.payload["rows_before"], moved.payload["rows_after"]) == (2, 1)


def test_a_second_replay_of_a_batch_replaces_its_own_parts_only(built: Built) -> None:
    store, (first, _) = built(two_batches)
    replay(store, batch=first)

    done = replay(store, batch=first)

    assert (done.batches, done.parts_retired, done.parts_added) == (1, 1, 1)
    assert rays(store) == ["a1", "b1"]


def test_merged_rejected_lines_are_decoded_again(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch(store, line("a1"), b"ID: 2\n")
    batch(store, line("b1"), b"no json\n")
    merged(store)

    def later(chunks: Iterable[bytes]) -> BodyStart:
        return BodyStart(chunk.replace(b"ID: 2", b'{"RayID":"2"}') for chunk in chunks)

    monkeypatch.setattr(conversion, "BodyStart", later)
    done = replay(store, only_rejected=True)

    assert done.batches == 2
    assert rays(store) == ["2", "a1", "b1"]
    assert [row["line"] for row in rows(store, REJECTED)] == [b"no json"]
    assert store.status().datasets[HTTP].rejected_lines == 1
    demand_sound(store)


@pytest.mark.parametrize("chosen", [0, 1], ids=["the batch of the row", "the batch folded into it"])
def test_linked_batches_are_replayed_together_and_no_line_is_lost_or_doubled(
    built: Built, chosen: int
) -> None:
    store, ids = built(linked_batches_merged)
    before = lines(store)
    assert (len(rows(store)), before.total()) == (4, 5)

    done = replay(store, batch=ids[chosen])

    assert done.batches == 2
    assert lines(store) == before
    status = store.status().datasets[HTTP]
    assert (status.rows, status.folded_rows, status.loaded_rows) == (5, 0, 5)
    demand_sound(store)
    merged(store)
    status = store.status().datasets[HTTP]
    assert (status.rows, status.folded_rows) == (4, 1)
    assert lines(store) == before


def test_batches_linked_through_others_in_files_of_other_days_are_replayed_too(
    store: Store,
) -> None:
    other_day = {"EdgeStartTimestamp": "2026-11-19T00:00:00Z"}
    first = batch(store, line("a1"), line("ab"))
    batch(store, line("ab"), line("bc", **other_day))
    batch(store, line("bc", **other_day), line("c1", **other_day))
    batch(store, line("d1"), line("d2", **other_day))
    merged(store)
    before = lines(store)

    done = replay(store, batch=first)

    assert done.batches == 3
    assert lines(store) == before
    demand_sound(store)


def lose_raw(store: Store, batch_id: str) -> None:
    next(store.layout.raw.rglob(f"{batch_id}.gz")).unlink()


def retire_raw(store: Store, batch_id: str) -> None:
    with store.catalog.write() as connection:
        gone = update(batches).where(batches.c.batch_id == batch_id)
        connection.execute(gone.values(raw_retired_sequence=2))
    lose_raw(store, batch_id)


@pytest.mark.parametrize(
    ("lose", "reason", "is_gone"),
    [(lose_raw, "is missing", False), (retire_raw, "a raw body was removed", True)],
)
def test_if_a_raw_body_is_gone_all_linked_batches_are_skipped_and_others_replayed(
    built: Built, lose: Callable[[Store, str], None], reason: str, is_gone: bool
) -> None:
    store, (first, second, _) = built(linked_batches_merged)
    before = lines(store)
    lose(store, first)

    done = replay(store)

    [left] = done.left
    assert left.batches == (first, second)
    assert reason in left.reason
    assert left.is_gone == is_gone
    assert done.batches == 1
    assert lines(store) == before
    assert store.status().datasets[HTTP].folded_rows == 1
    demand_sound(store)


def test_a_decoder_fault_in_one_batch_skips_only_this_batch(
    built: Built, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, (first, _) = built(two_batches)
    real = conversion.Conversion._diagnosis

    def failing(self: conversion.Conversion, batch: Any, *others: Any) -> Any:
        if batch["batch_id"] == first:
            raise ZeroDivisionError("ours")
        return real(self, batch, *others)

    monkeypatch.setattr(conversion.Conversion, "_diagnosis", failing)
    done = replay(store)

    assert [(each.batches, each.reason) for each in done.left] == [
        ((first,), "ZeroDivisionError: ours")
    ]
    assert done.batches == 1
    assert rays(store) == ["a1", "b1"]
    demand_sound(store)


def take(store: Store, dataset: str, ray: str | None = None) -> None:
    """Remove rows as retention and erasure do; without `ray`, whole files."""
    swap = store.file_swap()
    for file in (each for each in live(store) if each["dataset"] == dataset):
        job = RewriteJob.of_file(file)
        done = Replacement(job)
        if ray:
            done = swap.rewrite(job, lambda table: pc.equal(table["RayID"].cast("string"), ray))
        with store.catalog.write() as connection:
            swap.commit(connection, "retired", {}, [done])


@pytest.mark.parametrize(
    ("dataset", "ray", "stay"),
    [
        (HTTP, "a1", "1 of 2 rows and 1 of 1 rejected"),
        (HTTP, "shared", "1 of 2 rows and 1 of 1 rejected"),
        (HTTP, None, "0 of 2 rows and 1 of 1 rejected"),
        (REJECTED, None, "2 of 2 rows and 0 of 1 rejected"),
    ],
)
@pytest.mark.parametrize("is_merged", [True, False])
def test_rows_removed_by_retention_or_erasure_do_not_come_back(
    built: Built, dataset: str, ray: str | None, stay: str, is_merged: bool
) -> None:
    store, _ = built(linked_batches_merged if is_merged else linked_batches)
    take(store, dataset, ray)
    before = lines(store), keys(store, REJECTED)

    done = replay(store)

    reasons = [left.reason for left in done.left if stay in left.reason]
    assert len(reasons) == 1
    assert "rows are missing" in reasons[0]
    assert "removed rows" in reasons[0]
    assert all(left.is_gone for left in done.left)
    assert (lines(store), keys(store, REJECTED)) == before
    demand_sound(store)


def test_the_same_body_in_two_datasets_is_two_batches(store: Store) -> None:
    body = (line("a1"), b"no json\n")
    batch(store, *body)
    batch(store, *body, dataset="access_requests")
    batch(store, line("a2"), b"nor this\n", dataset="access_requests")
    merged(store)
    names = (HTTP, "access_requests", REJECTED)
    before = {name: keys(store, name) for name in names}
    with store.catalog.read() as connection:
        loaded = dict(
            connection.execute(select(batches.c.sequence, batches.c.loaded_sequence)).all()
        )

    done = replay(store, dataset=HTTP)

    assert {name: keys(store, name) for name in names} == before
    assert Counter(row["dataset"] for row in rows(store, REJECTED)) == {
        HTTP: 1,
        "access_requests": 2,
    }
    assert (done.batches, list(done.after)) == (1, [HTTP])
    with store.catalog.read() as connection:
        now = dict(connection.execute(select(batches.c.sequence, batches.c.loaded_sequence)).all())
    assert [now[each] == loaded[each] for each in sorted(now)] == [False, True, True]
    demand_sound(store)
    assert replay(store).batches == 3
    assert {name: keys(store, name) for name in names} == before


def test_a_batch_with_rows_in_merged_and_unmerged_files_is_replayed(store: Store) -> None:
    settle(store, days=-1)
    assert isinstance(store.clock, Clock)
    today = {"EdgeStartTimestamp": store.clock.now.date().isoformat() + "T08:00:00Z"}
    first = batch(store, line("a1"), line("a2", **today))
    batch(store, line("b1"), line("b2", **today))
    settle(store, hours=2)
    compact(store)
    assert Counter(file["tier"] for file in live(store)) == {"day": 1, "part": 2}

    done = replay(store, batch=first)

    assert (done.batches, done.parts_retired, done.parts_added) == (1, 2, 3)
    assert rays(store) == ["a1", "a2", "b1", "b2"]
    demand_sound(store)


@pytest.mark.parametrize(
    ("dataset", "day", "added", "is_merged", "may_hold"),
    [
        (HTTP, "2026-11-20", 6, True, True),
        (HTTP, "2026-11-20", 5, True, False),
        (HTTP, "2026-11-20", 5, False, True),
        (HTTP, "2026-11-20", 6, False, False),
        ("access_requests", "2026-11-20", 6, True, False),
        (HTTP, "2026-11-23", 6, True, True),
        (HTTP, "2026-11-24", 6, True, False),
        (HTTP, "2026-10-22", 6, True, True),
        (HTTP, "2026-10-21", 6, True, False),
        (HTTP, "2026-10", 6, True, True),
        (HTTP, "2026-11", 6, True, True),
        (HTTP, "2026-09", 6, True, False),
        (HTTP, "2026-12", 6, True, False),
        (HTTP, OTHER_DAY, 6, True, True),
        (REJECTED, "2026-11-22", 6, True, True),
        (REJECTED, "2026-11-21", 6, True, False),
        (REJECTED, "2026-11-22", 5, False, True),
    ],
)
def test_the_catalog_narrows_down_which_files_may_have_rows_of_a_batch(
    dataset: str, day: str, added: int, is_merged: bool, may_hold: bool
) -> None:
    """The batch was received on 22 November and loaded by entry 5."""
    received_at = "2026-11-22T10:00:00.000000Z"
    loaded = {
        "dataset": HTTP,
        "received_at": received_at,
        "loaded_sequence": 5,
        "is_fetched": False,
    }
    path = "parts/x/sorted-day-0.parquet" if is_merged else "parts/x/000000000001-0.parquet"
    file = {"dataset": dataset, "day": day, "added_sequence": added, "path": path}

    assert CandidateFiles.of([loaded]).may_hold(file) == may_hold


@pytest.mark.parametrize(
    ("day", "may_hold"),
    [("2010-09", True), ("2010-09-27", True), ("2010-09-26", False), ("2026-11-24", False)],
)
def test_rows_of_fetched_batches_may_be_in_files_of_any_day_since_cloudflare_exists(
    day: str, may_hold: bool
) -> None:
    received_at = "2026-11-22T10:00:00.000000Z"
    loaded = {"dataset": HTTP, "received_at": received_at, "loaded_sequence": 5, "is_fetched": True}
    file = {
        "dataset": HTTP,
        "day": day,
        "added_sequence": 6,
        "path": "parts/x/sorted-day-0.parquet",
    }

    assert CandidateFiles.of([loaded]).may_hold(file) == may_hold


def test_files_that_cannot_have_rows_of_the_batch_are_not_opened(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = batch(store, line("a1"), b"no json\n")
    batch(store, line("l1"), dataset="access_requests")
    merged(store)
    batch(store, line("a2"), b"nor this\n")
    opened = list[str]()
    real = count_batches

    def counted(layout: Layout, file: CatalogRow) -> FileBatches:
        opened.append(f"{file['dataset']} {file['tier']}")
        return real(layout, file)

    monkeypatch.setattr(linking, "count_batches", counted)
    done = replay(store, batch=first)

    assert sorted(opened) == ["http_requests day", "rejected day"]
    assert (done.batches, done.left) == (1, ())


def test_a_damaged_file_is_replaced_when_all_its_batches_are_replayed(store: Store) -> None:
    batch(store, line("a1"), line("shared"))
    batch(store, line("shared"), line("a2"))
    batch(store, line("b1", EdgeStartTimestamp="2026-11-19T00:00:00Z"))
    merged(store)
    [victim] = [file["path"] for file in live(store) if file["day"] == "2026-11-20"]
    (store.layout.root / victim).write_bytes(b"damaged")

    done = replay(store)

    assert (done.batches, done.left) == (3, ())
    assert sorted(rays(store)) == ["a1", "a2", "b1", "shared", "shared"]
    assert victim not in {file["path"] for file in live(store)}


def test_a_damaged_file_skips_only_the_batches_it_may_have_rows_of(store: Store) -> None:
    first, second = batch(store, line("a1")), batch(store, line("a2"))
    batch(store, line("b1", EdgeStartTimestamp="2026-11-19T00:00:00Z"))
    merged(store)
    [victim] = [file["path"] for file in live(store) if file["day"] == "2026-11-20"]
    (store.layout.root / victim).write_bytes(b"damaged")
    with store.catalog.write() as connection:
        gone = update(batches).where(batches.c.batch_id == second)
        connection.execute(gone.values(raw_retired_sequence=1))

    done = replay(store)

    left = {batch_id for each in done.left for batch_id in each.batches}
    assert left == {first, second}, "neither, since the file had rows of both"
    assert all("is not what was written" in each.reason for each in done.left)
    assert all(Path(victim).name in each.reason for each in done.left)
    assert done.batches == 1


def test_a_file_that_may_not_be_read_is_kept_and_its_batches_are_skipped(
    built: Built, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, ids = built(two_batches)
    [path] = store.snapshot().files[HTTP]
    opened = Path.open

    def forbidden(wanted: Path, *mode: Any, **named: Any) -> Any:
        if wanted == path:
            raise PermissionError(errno.EACCES, "Permission denied")
        return opened(wanted, *mode, **named)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", forbidden)
        done = replay(store)

    assert {batch_id for each in done.left for batch_id in each.batches} == set(ids)
    assert all("may not be read by this user" in each.reason for each in done.left)
    assert (done.sequence, store.snapshot().files[HTTP]) == (None, (path,))
    assert rays(store) == ["a1", "b1"]


def test_a_damaged_file_is_kept_if_a_raw_body_of_it_cannot_be_decoded(built: Built) -> None:
    store, (first, second) = built(two_batches)
    [path] = store.snapshot().files[HTTP]
    path.write_bytes(b"damaged")
    lose_raw(store, first)

    done = replay(store)

    assert {batch_id for each in done.left for batch_id in each.batches} == {first, second}
    assert all(f"{path.name} is not what was written; " in each.reason for each in done.left)
    assert all(each.reason.endswith(".gz is missing") for each in done.left)
    assert (done.sequence, done.batches) == (None, 0)
    assert [file["path"] for file in live(store)] == [store.layout.relative(path)]


def test_a_row_that_names_a_batch_never_loaded_is_reported_as_damage(built: Built) -> None:
    store, (first, second, _) = built(linked_batches_merged)
    with store.catalog.write() as connection:
        lost = update(batches).where(batches.c.batch_id == second)
        connection.execute(lost.values(state="unread"))

    with pytest.raises(StoreDamaged, match=second[:16]):
        replay(store, batch=first)


def test_a_dry_run_counts_takes_no_lock_and_changes_nothing(
    store: Store, upgraded: Callable[[], None]
) -> None:
    batch(store, line("a1", Unheard=1), line("shared"))
    batch(store, line("shared"))
    merged(store)
    before, disk = store.snapshot(), on_disk(store)
    upgraded()

    with store.file_swap().locked():
        done = store.replay().run(Selection(), is_trial=True)

    assert (done.sequence, done.batches, done.parts_retired, done.parts_added) == (None, 2, 1, 0)
    assert done.before[HTTP]["unknown_members"] == 1
    assert done.after[HTTP]["unknown_members"] == 0
    assert (store.snapshot(), on_disk(store)) == (before, disk)


def test_a_replay_of_merged_rows_waits_for_another_rewrite_and_is_then_refused(
    built: Built,
) -> None:
    store, _ = built(two_batches)
    waited = list[float]()
    patience = Backoff(seconds_max=1, sleep=waited.append)
    before = store.snapshot().files

    with store.file_swap().locked(), pytest.raises(ReplayRefused, match="is rewriting such files"):
        Replay(store.file_swap(), store.limits, patience).run(Selection())

    assert len(waited) == 5
    assert store.snapshot().files == before
    assert not store.layout.replay_mark.exists()


def test_a_replay_continues_with_the_files_of_the_rewrite_it_waited_for(store: Store) -> None:
    batch(store, line("a1"))
    merged(store)
    batch(store, line("a2"))
    settle(store)
    swap = store.file_swap()
    with ExitStack() as others:
        others.enter_context(swap.locked())

        def work(_seconds: float) -> None:
            Compactor(swap).run(Compactor(swap).due_jobs()[0])
            others.close()

        patience = Backoff(seconds_max=1, sleep=work)
        done = Replay(store.file_swap(), store.limits, patience).run(Selection())

    assert (done.batches, done.parts_retired) == (2, 1)
    assert rays(store) == ["a1", "a2"]
    demand_sound(store)


def test_batches_with_their_own_parts_do_not_wait_for_a_rewrite(store: Store) -> None:
    first = batch(store, line("a1"))

    with store.file_swap().locked():
        done = Replay(store.file_swap(), store.limits, Backoff(seconds_max=0)).run(
            Selection(batch=first)
        )

    assert done.batches == 1


def meanwhile(monkeypatch: pytest.MonkeyPatch, work: Callable[[], None]) -> None:
    """Do something else after all is written and before it is committed."""
    real = Replay._commit

    def swap(self: Replay, change: Any) -> int:
        work()
        return real(self, change)

    monkeypatch.setattr(Replay, "_commit", swap)


def test_during_a_replay_rewrites_are_locked_out_and_a_snapshot_stays_as_it_was(
    store: Store, monkeypatch: pytest.MonkeyPatch, upgraded: Callable[[], None]
) -> None:
    first = batch(store, line("a1", Unheard=1))
    batch(store, line("b1"))
    merged(store)
    before = store.snapshot()
    upgraded()
    seen = []

    def look() -> None:
        with store.file_swap().locked() as has_lock:
            seen.append(has_lock)
        seen.append(store.snapshot().files == before.files)
        loader = store.loader()
        seen.append(loader.sweep() == 0)

    meanwhile(monkeypatch, look)
    replay(store, batch=first)

    assert seen == [False, True, True]
    [old] = before.files[HTTP]
    assert "Unheard" not in pq.read_schema(old).names, "an earlier snapshot still has its file"
    assert store.snapshot().files != before.files
    assert rays(store) == ["a1", "b1"]


def test_files_changed_despite_the_lock_are_not_overwritten(
    built: Built, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, (first, _) = built(two_batches)

    meanwhile(monkeypatch, lambda: take(store, HTTP))
    with pytest.raises(ReplayRefused, match="changed meanwhile"):
        replay(store, batch=first)

    assert rows(store) == []


def test_a_rewrite_that_leaves_out_other_rows_is_not_committed(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = batch(store, line("a1"))
    batch(store, line("b1"), line("b2"))
    merged(store)
    real = mask_of

    monkeypatch.setattr(merged_files, "mask_of", lambda *facts: pc.invert(real(*facts)))
    with pytest.raises(RewriteRefused, match="left out"):
        replay(store, batch=first)

    assert rays(store) == ["a1", "b1", "b2"]


def test_more_files_or_linked_batches_than_fit_one_transaction_are_refused(
    built: Built, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, (first, *_) = built(linked_batches_merged)

    with monkeypatch.context() as patch:
        patch.setattr(replaying, "BATCHES_MAX", 1)
        with pytest.raises(ReplayRefused, match="2 batches are selected, and at most 1 "):
            replay(store, batch=first)
        patch.setattr(replaying, "BATCHES_MAX", 2)
        patch.setattr(merged_files, "FILES_MAX", 0)
        with pytest.raises(ReplayRefused, match="2 files, and at most 0"):
            replay(store, batch=first)
        patch.setattr(merged_files, "FILES_MAX", 2)
        assert replay(store, batch=first).batches == 2


@pytest.mark.parametrize(
    ("limit", "value"), [("GROUP_BATCHES_MAX", 2), ("GROUP_BYTES_MAX", 1), ("IDS_ASKED_MAX", 1)]
)
def test_replayed_batches_share_parts_up_to_the_limits_of_the_loader(
    built: Built, monkeypatch: pytest.MonkeyPatch, limit: str, value: int
) -> None:
    store, _ = built(six_batches)
    before = lines(store)
    monkeypatch.setattr(linking, limit, value)

    replay(store)

    parts = {"GROUP_BATCHES_MAX": 3, "GROUP_BYTES_MAX": 4, "IDS_ASKED_MAX": 1}
    assert len(live(store)) == parts[limit]
    assert lines(store) == before
    demand_sound(store)


def holding(store: Store, ids: list[str]) -> set[Path]:
    """The files that have rows or rejected lines of these batches."""
    return {
        path
        for paths in store.snapshot().files.values()
        for path in paths
        if set(pq.read_table(path, partitioning=None)["batch_id"].to_pylist()) & set(ids)
    }


@pytest.mark.deaths
def test_after_a_kill_at_any_call_every_line_exists_once_and_the_next_replay_completes(
    store: Store, monkeypatch: pytest.MonkeyPatch, deaths: Deaths
) -> None:
    ids = [
        batch(store, line("a1"), line("shared"), line("a2", user=None)),
        batch(store, line("shared"), line("b1", user=None), b"no json\n"),
        batch(store, line("c1"), line("c2", user=None), b"nor this\n"),
    ]
    before, rejected = lines(store), keys(store, REJECTED)
    for n, system in enumerate(deaths, 1):
        merged(store)
        old = holding(store, ids[:2])
        with dying(monkeypatch, system), suppress(Killed):
            replay(store, batch=ids[n % 2])
        assert (lines(store), keys(store, REJECTED)) == (before, rejected), system.hit
        now = holding(store, ids[:2])
        assert now == old or now.isdisjoint(old), "all or none"
        store.loader().tidy()
        with store.file_swap().locked() as has_lock:
            assert has_lock
        assert on_disk(store) == named(store), "uncommitted files are deleted"
        demand_sound(store)
        demand_listed(store)
    assert deaths.happened > 15


@pytest.mark.sequences
@pytest.mark.parametrize("walk", [0, *[pytest.param(n, marks=LONG_ONLY) for n in range(1, 6)]])
def test_after_random_sends_merges_and_replays_every_line_exists_once(
    store: Store, chance: random.Random, walk: int
) -> None:
    ids = list[str]()
    days = ("2026-11-19", "2026-11-20", "2026-11-21")
    for _ in range(30):
        deed = chance.choice(("send", "send", "merge", "replay", "take"))
        before = lines(store), keys(store, REJECTED)
        if deed == "send":
            some = [
                line(f"{chance.randrange(12):x}", chance.choice(("ada", "bob", None)), ClientIP=ip)
                for ip in chance.choices(("192.0.2.1", "192.0.2.2"), k=3)
            ]
            some += [line("d", EdgeStartTimestamp=f"{chance.choice(days)}T01:02:03Z"), b"no\n"]
            ids.append(batch(store, *some, line(f"unique{len(ids)}")))
            continue
        if deed == "merge":
            settle(store, days=chance.choice((1, 2, 9)))
            compact(store)
        elif deed == "take" and ids:
            take(store, HTTP, f"unique{chance.randrange(len(ids))}")
            before = lines(store), keys(store, REJECTED)
        elif ids:
            replay(store, batch=chance.choice(ids))
        assert (lines(store), keys(store, REJECTED)) == before, deed
        demand_sound(store)
    before = lines(store), keys(store, REJECTED)
    replay(store)
    assert (lines(store), keys(store, REJECTED)) == before
    demand_sound(store)
