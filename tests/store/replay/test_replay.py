"""A replay decodes raw bodies again and replaces all old parts in one transaction."""

import threading
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from sqlalchemy import select, update

from schema import unknown_dataset
from schema.dataset import Dataset, Field, FieldType, datasets
from store.catalog import counts, ledger, removals
from store.catalog.tables import batches, files
from store.errors import NoRoom, ReplayRefused
from store.files import durable
from store.intake.limits import IntakeLimits
from store.intake.outcome import Receipt
from store.loading import claims as load
from store.loading import conversion
from store.loading.body_start import BodyStart
from store.reading.shell.options import GRACE
from store.replay import replay as replaying
from store.replay.results import ReplayResult
from store.replay.selection import Selection
from store.store import Store
from tests.dying import Dying, Killed, dying
from tests.factories import (
    NO_RESERVE,
    SHELL,
    Clock,
    gzipped,
    login,
    ndjson,
    old_store,
    record,
    send,
    unshown,
)
from tests.store.conftest import Built

NEW_FIELD = Field(
    name="Unheard", type=FieldType.INT, meaning="A field that version 0.1 did not know"
)


@pytest.fixture
def upgraded(monkeypatch: pytest.MonkeyPatch) -> Dataset:
    """Adds a field to http_requests."""
    known = datasets()["http_requests"]
    later = replace(known, fields=(*known.fields, NEW_FIELD))
    real = unknown_dataset.dataset_named

    def named(name: str) -> Dataset | None:
        return later if name == "http_requests" else real(name)

    monkeypatch.setattr(conversion, "dataset_named", named)
    return later


@pytest.fixture(autouse=True)
def _parts_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each batch is loaded into a part of its own, unless a test says otherwise."""
    monkeypatch.setattr(load, "GROUP_BATCHES_MAX", 1)


@pytest.fixture
def old(tmp_path: Path) -> Iterator[Store]:
    """A store of version 0.1."""
    limits = IntakeLimits(reserve=NO_RESERVE)
    with Store.open(old_store(tmp_path / "old"), Clock(), limits) as store:
        yield store


def one_batch(store: Store) -> None:
    send(store, gzipped(ndjson(record())))
    drain(store)


def three_days(store: Store) -> None:
    """A batch on each of three days, and one of another dataset on the fourth."""
    for ray in ("1", "2", "3"):
        send(store, gzipped(ndjson(record(RayID=ray))))
        assert isinstance(store.clock, Clock)
        store.clock.move(days=1)
    send(store, gzipped(ndjson(login(RayID="login"))), "access_requests")
    drain(store)


def drain(store: Store) -> None:
    loader = store.loader()
    loader.sweep()
    while loader.load_next():
        pass


def rows(store: Store, dataset: str = "http_requests") -> list[dict[str, Any]]:
    return [
        row
        for path in store.snapshot().files.get(dataset, ())
        for row in pq.read_table(path, partitioning=None).to_pylist()
    ]


def replay(store: Store, **selection: Any) -> ReplayResult:
    return store.replay().run(Selection(**selection))


def demand_sound(store: Store) -> None:
    """The ledger is chained, the totals add up, and every part in the catalog is on disk."""
    with store.catalog.read() as connection:
        assert all(entry.is_sound() for entry in ledger.walk(connection))
        assert counts.read(connection) == counts.scan(connection)
        named = set(connection.scalars(select(files.c.path)))
    assert all((store.layout.root / path).is_file() for path in named)


def on_disk(store: Store) -> set[str]:
    return {store.layout.relative(path) for path in store.layout.parts.rglob("*") if path.is_file()}


def named(store: Store) -> set[str]:
    with store.catalog.read() as connection:
        return set(connection.scalars(select(files.c.path)))


def test_after_an_upgrade_a_replay_makes_a_column_of_a_new_field(
    old: Store, upgraded: Dataset
) -> None:
    before = old.snapshot()

    done = replay(old)

    by_ray = {row["RayID"]: row for row in rows(old)}
    assert by_ray["0000000000000001"]["Unheard"] == 1
    assert by_ray["0000000000000001"]["extra"] is None
    assert len(by_ray) == 2
    assert [row["line"] for row in rows(old, "rejected")] == [b"no json"]
    assert len(rows(old, "access_requests")) == 1
    assert (done.batches, done.parts_retired, done.parts_added) == (2, 4, 4)
    assert done.before["http_requests"]["rows"] == done.after["http_requests"]["rows"] == 2
    assert all(path.is_file() for paths in before.files.values() for path in paths), (
        "an earlier snapshot reads them"
    )
    demand_sound(old)


def test_the_ledger_has_batches_parts_and_counts_of_each_group(old: Store) -> None:
    done = replay(old, dataset="http_requests")

    with old.catalog.read() as connection:
        *_, entry = ledger.walk(connection)
        batch = connection.execute(select(batches).where(batches.c.sequence == 1)).mappings().one()
    assert (entry.kind, entry.sequence) == ("replayed", done.sequence)
    assert batch["loaded_sequence"] == done.sequence
    assert len(entry.payload["retired"]) == len(entry.payload["files"]) == 3
    [facts] = entry.payload["batches"]
    assert (facts["batch"], facts["batch_id"]) == (1, batch["batch_id"])
    assert (facts["before"]["rows"], facts["after"]["rows"]) == (2, 2)
    assert (facts["before"]["misfits"], facts["after"]["misfits"]) == (None, 1)


def test_rejected_lines_are_decoded_again(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    send(store, gzipped(ndjson(record(RayID="1"))))
    send(store, gzipped(b"ID: 2\n" + ndjson(record(RayID="3"))))
    drain(store)

    def later(chunks: Iterable[bytes]) -> BodyStart:
        return BodyStart(chunk.replace(b"ID: 2", b'{"RayID":"2"}') for chunk in chunks)

    monkeypatch.setattr(conversion, "BodyStart", later)
    done = replay(store, only_rejected=True)

    assert done.batches == 1, "the other batch has no rejected lines"
    assert sorted(row["RayID"] for row in rows(store)) == ["1", "2", "3"]
    assert rows(store, "rejected") == []
    assert store.status().datasets["http_requests"].rejected_lines == 0
    demand_sound(store)


def test_an_unread_batch_is_loaded_if_this_version_can_read_it(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(store, gzipped(ndjson(record())))
    with monkeypatch.context() as patch:
        patch.setattr(load, "ATTEMPTS_MAX", 1)
        patch.setattr(conversion, "BodyStart", lambda _: 1 / 0)
        drain(store)
    assert store.status().datasets["http_requests"].unread_batches == 1

    done = replay(store)

    found = store.status().datasets["http_requests"]
    assert (done.batches, found.unread_batches, found.oldest_unread) == (1, 0, None)
    assert (found.rows, len(rows(store))) == (1, 1)
    demand_sound(store)


def test_a_batch_still_unreadable_stays_unread_with_the_reason(store: Store) -> None:
    damaged = gzipped(ndjson(record()))[:-1]
    for _ in range(3):
        send(store, damaged)

    done = replay(store)

    [left] = done.left
    assert (left.was_loaded, left.reason) == (False, "gzip: ends before its trailer")
    assert done.sequence is None
    assert store.status().datasets["http_requests"].unread_batches == 1


def test_a_batch_whose_raw_body_is_missing_keeps_its_rows(store: Store) -> None:
    first = send(store, gzipped(ndjson(record(RayID="1"))))
    send(store, gzipped(ndjson(record(RayID="2"))))
    drain(store)
    assert isinstance(first, Receipt)
    next(store.layout.raw.rglob(f"{first.batch_id}.gz")).unlink()

    done = replay(store)

    [left] = done.left
    assert left.was_loaded
    assert left.batches == (first.batch_id,)
    assert "missing" in left.reason
    assert done.batches == 1
    assert sorted(row["RayID"] for row in rows(store)) == ["1", "2"]
    demand_sound(store)


def test_a_decoder_fault_in_one_batch_skips_only_this_batch(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = send(store, gzipped(ndjson(record(RayID="1"))))
    send(store, gzipped(ndjson(record(RayID="2"))))
    drain(store)
    assert isinstance(first, Receipt)
    real = conversion.Conversion._diagnosis

    def failing(self: conversion.Conversion, batch: Any, *others: Any) -> Any:
        if batch["batch_id"] == first.batch_id:
            raise ZeroDivisionError("ours")
        return real(self, batch, *others)

    monkeypatch.setattr(conversion.Conversion, "_diagnosis", failing)
    done = replay(store)

    assert [left.reason for left in done.left] == ["ZeroDivisionError: ours"]
    assert len(rows(store)) == 2


def test_a_dry_run_counts_and_changes_nothing(old: Store, upgraded: Dataset) -> None:
    before = old.snapshot()

    done = old.replay().run(Selection(), is_trial=True)

    assert old.snapshot() == before
    assert on_disk(old) == named(old)
    assert not old.layout.replay_mark.exists()
    assert (done.sequence, done.batches) == (None, 2)
    assert done.after["http_requests"]["unknown_members"] == 0


@pytest.mark.parametrize(
    ("selection", "rays"),
    [
        ({}, {"1", "2", "3", "login"}),
        ({"dataset": "access_requests"}, {"login"}),
        ({"since": "2026-11-23"}, {"2", "3", "login"}),
        ({"until": "2026-11-23"}, {"1", "2"}),
        ({"since": "2026-11-23", "until": "2026-11-23"}, {"2"}),
        ({"dataset": "http_requests", "since": "2026-11-24"}, {"3"}),
        ({"dataset": "never_sent"}, set()),
        ({"batch": "%"}, set()),
    ],
)
def test_a_selection_narrows_what_is_replayed(
    built: Built, selection: dict[str, str], rays: set[str]
) -> None:
    from datetime import date

    store, _ = built(three_days)
    loaded = on_disk(store)
    days = {"since", "until"}
    wanted = {
        name: date.fromisoformat(text) if name in days else text for name, text in selection.items()
    }

    replay(store, **wanted)

    replayed = {
        row["RayID"]
        for dataset in ("http_requests", "access_requests")
        for path in store.snapshot().files[dataset]
        for row in pq.read_table(path, partitioning=None).to_pylist()
        if store.layout.relative(path) not in loaded
    }
    assert replayed == rays


def test_batches_that_share_a_part_are_replayed_together(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The loader puts several small batches into one part."""
    monkeypatch.setattr(load, "GROUP_BATCHES_MAX", 3)
    for ray in ("1", "2", "3"):
        send(store, gzipped(ndjson(record(RayID=ray))))
    drain(store)
    with store.catalog.read() as connection:
        rows_of = connection.execute(select(batches).order_by(batches.c.sequence)).mappings().all()
    first = rows_of[0]["batch_id"]

    done = replay(store, batch=first[:8])

    assert (done.batches, done.parts_retired, done.parts_added) == (3, 1, 1)
    assert sorted(row["RayID"] for row in rows(store)) == ["1", "2", "3"]
    demand_sound(store)


def test_a_part_with_another_number_of_rows_is_not_replaced(built: Built) -> None:
    store, _ = built(one_batch)
    with store.catalog.write() as connection:
        connection.execute(update(files).values(rows=2))

    [left] = replay(store).left

    assert "another number of rows" in left.reason
    assert len(rows(store)) == 1


def test_a_second_replay_gives_equal_rows(old: Store) -> None:
    replay(old)
    once = (sorted(map(str, rows(old))), old.status().datasets)

    replay(old)

    assert (sorted(map(str, rows(old))), old.status().datasets) == once
    demand_sound(old)


@pytest.mark.deaths
def test_after_a_kill_at_any_call_all_parts_are_old_or_all_are_new(
    store: Store, monkeypatch: pytest.MonkeyPatch, upgraded: Dataset
) -> None:
    send(store, gzipped(ndjson(record(RayID="1", Unheard=1), record(RayID="2")) + b"no json\n"))
    send(store, gzipped(ndjson(record(RayID="3", EdgeStartTimestamp="2026-11-19T00:00:00Z"))))
    drain(store)
    expected = sorted(str(row) for row in rows(store))
    n, died = 0, True
    while died:
        n += 1
        before = store.snapshot().files
        died = False
        with dying(monkeypatch, Dying(n)):
            try:
                replay(store)
            except Killed:
                died = True

        after = store.snapshot().files
        if after != before:
            assert not any(set(before[name]) & set(after[name]) for name in before), "all or none"
        assert sorted(str(row) for row in rows(store)) == expected, f"killed at call {n}"
        store.loader().tidy()
        assert on_disk(store) == named(store), "uncommitted parts are deleted"
        assert not store.layout.replay_mark.exists()
        demand_sound(store)
    assert not store.layout.stray.exists()
    assert n > 20


@pytest.mark.deaths
def test_a_full_disk_changes_nothing_and_the_loader_deletes_new_parts(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(store, gzipped(ndjson(record())))
    drain(store)
    before = store.snapshot()
    n, fired = 0, True
    while fired:
        n += 1
        fired = False
        with dying(monkeypatch, Dying(n, lambda: OSError(28, "injected"), once=True)):
            try:
                replay(store)
            except NoRoom:
                fired = True
        if fired:
            assert store.snapshot().files == before.files
            store.loader().tidy()
            assert on_disk(store) == named(store)
        before = store.snapshot()
    assert n > 5


def test_a_replay_keeps_the_reserve_of_the_disk(old: Store) -> None:
    from store.files.reserve import Reserve

    greedy = replace(old, limits=IntakeLimits(reserve=Reserve(bytes_min=1 << 60)))

    with pytest.raises(NoRoom):
        greedy.replay().run(Selection())


def test_a_loader_does_not_delete_uncommitted_parts_of_a_running_replay(
    built: Built, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, _ = built(one_batch)
    swept = list[int]()
    real = replaying.Replay._commit

    def meanwhile(self: Any, done: Any) -> int:
        loader = store.loader()
        swept.append(loader.sweep())
        loader.tidy()
        assert on_disk(store) > named(store)
        return real(self, done)

    monkeypatch.setattr(replaying.Replay, "_commit", meanwhile)
    replay(store)

    assert swept == [0]
    assert len(rows(store)) == 1
    demand_sound(store)


def test_a_sweep_put_off_by_a_replay_is_done_after_it(store: Store) -> None:
    stray = store.layout.part_folder("http_requests", "2026-11-20") / "stray.parquet"
    durable.make_folders(stray.parent)
    stray.write_bytes(b"a loader died here")
    loader = store.loader()

    with durable.lock(store.layout.replay_lock):
        assert loader.sweep() == 0
    assert stray.exists()
    loader.tidy()

    assert not stray.exists()


def test_a_second_replay_at_the_same_time_is_refused(store: Store) -> None:
    with (
        durable.lock(store.layout.replay_lock),
        pytest.raises(ReplayRefused, match="another replay"),
    ):
        replay(store)


def test_files_changed_during_a_replay_are_not_overwritten(
    built: Built, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, _ = built(one_batch)
    real = replaying.Replay._commit

    def meanwhile(self: Any, done: Any) -> int:
        with store.catalog.write() as connection:
            connection.execute(update(files).values(retired_sequence=2))
        return real(self, done)

    monkeypatch.setattr(replaying.Replay, "_commit", meanwhile)
    with pytest.raises(ReplayRefused, match="changed meanwhile"):
        replay(store)


def test_more_batches_than_fit_one_transaction_are_refused(
    built: Built, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, _ = built(three_days)
    monkeypatch.setattr(replaying, "BATCHES_MAX", 3)

    with pytest.raises(ReplayRefused, match="narrow them"):
        replay(store)
    monkeypatch.setattr(replaying, "BATCHES_MAX", 4)
    assert replay(store).batches == 4


def test_old_parts_are_deleted_a_day_after_no_new_shell_reads_them(old: Store) -> None:
    before = on_disk(old)
    replay(old)
    clock = old.clock
    assert isinstance(clock, Clock)
    loader = old.loader()

    clock.move(days=3)
    loader.tidy()
    assert before <= on_disk(old), "`audit.duckdb` still names them"
    old.publish(SHELL)
    clock.move(seconds=GRACE.total_seconds() - 1)
    loader.tidy()
    assert before <= on_disk(old), "an open shell still reads them"
    clock.move(seconds=1)
    loader.tidy()

    assert before.isdisjoint(on_disk(old))
    assert on_disk(old) == named(old)
    demand_sound(old)


@pytest.mark.deaths
def test_after_a_kill_at_any_call_the_removal_of_old_parts_completes(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    n, died = 0, True
    while died:
        n += 1
        newest = send(store, gzipped(ndjson(record(RayID=f"{n:016x}"))))
        drain(store)
        assert isinstance(newest, Receipt)
        replay(store, batch=newest.batch_id)
        assert isinstance(store.clock, Clock)
        unshown(store)
        died = False
        with dying(monkeypatch, Dying(n)):
            try:
                store.loader().tidy()
            except Killed:
                died = True

        assert len(rows(store)) == n
        store.loader().tidy()
        assert on_disk(store) == named(store)
    assert n > 2


def test_old_parts_are_deleted_a_few_at_a_time_those_due_first(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert isinstance(store.clock, Clock)
    monkeypatch.setattr(removals, "FILES_AT_ONCE", 2)
    for ray in ("1", "2", "3"):
        send(store, gzipped(ndjson(record(RayID=ray))))
    drain(store)
    # The newest batch is replayed first, so the old part of the first one is due last.
    old = sorted(on_disk(store), reverse=True)
    for path in old:
        replay(store, batch=Path(path).stem.split("-")[1])
        unshown(store)
        store.clock.move(minutes=1)

    left = []
    while removals.remove_due(store.layout, store.catalog, store.clock()):
        left.append([path for path in old if path in on_disk(store)])

    assert left == [old[2:], []]


def test_batches_received_during_a_replay_are_left_to_the_loader(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(store, gzipped(ndjson(record(RayID="1"))))
    drain(store)
    real = replaying.Replay._commit

    def meanwhile(self: Any, done: Any) -> int:
        def work() -> None:
            send(store, gzipped(ndjson(record(RayID="2"))))
            send(store, gzipped(ndjson(record(RayID="1"))))
            store.loader().load_next()

        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
        return real(self, done)

    monkeypatch.setattr(replaying.Replay, "_commit", meanwhile)
    done = replay(store)

    assert done.batches == 1
    assert sorted(row["RayID"] for row in rows(store)) == ["1", "2"]
    assert store.status().datasets["http_requests"].resends == 1
    demand_sound(store)
