"""Every difference between disk and catalog is found, and repaired only where that is safe."""

import os
import shutil
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sqlalchemy import delete, insert, select, update

from raytrail.service.loader import run
from raytrail.service.log import configure
from store import timestamps
from store.catalog import counts, ledger, manifest
from store.catalog.tables import batches, files, removals
from store.catalog.tables import counts as totals
from store.errors import StoreUnavailable
from store.files import durable, stray
from store.files.layout import draft_path
from store.fsck import check as fsck
from store.fsck import orphan_check
from store.fsck.check import CheckResult
from store.fsck.finding import Finding, Kind
from store.intake.outcome import Receipt
from store.ledger.entry import digest_of
from store.live_loading import LiveLoading
from store.reading import views
from store.replay.selection import Selection
from store.store import Store
from tests.factories import SHELL, Clock, gzipped, ndjson, record, send, unshown
from tests.store.conftest import Built


def two_parts_in_views(store: Store) -> None:
    """Two batches in parts of their own, shown in `audit.duckdb`."""
    for ray in ("1", "2"):
        send(store, gzipped(ndjson(record(RayID=ray))))
        while store.loader().load_next():
            pass
    views.publish(store.layout, store.snapshot(), SHELL)


@pytest.fixture
def store(built: Built) -> Store:
    copied = built(two_parts_in_views)[0]
    copied.publish(SHELL)
    return copied


def nothing() -> None:
    """A pause during which nothing happens."""


def check(store: Store, pause: Callable[[], Any] = nothing, **options: Any) -> CheckResult:
    return fsck.check(store, pause, SHELL, **options)


def found(store: Store, **options: Any) -> list[tuple[str, str]]:
    return [(str(each.kind), each.path) for each in check(store, **options).left]


def parts(store: Store) -> list[Path]:
    return sorted(store.layout.parts.rglob("*.parquet"))


def bodies(store: Store) -> list[Path]:
    return sorted(store.layout.raw.rglob("*.gz"))


def flip(path: Path, offset: int) -> None:
    held = bytearray(path.read_bytes())
    held[offset] ^= 1
    path.write_bytes(held)


def write(store: Store, *statements: Any) -> None:
    with store.catalog.write() as connection:
        for statement in statements:
            connection.execute(statement)


def retire_body(store: Store, path: str) -> None:
    """As retention does, with its ledger entry."""
    is_of = batches.c.raw_path == path
    with store.catalog.write() as connection:
        told = {"raw_batches": list(connection.scalars(select(batches.c.sequence).where(is_of)))}
        entry = ledger.append(connection, "retired", store.clock(), told)
        retired = update(batches).where(is_of).values(raw_retired_sequence=entry.sequence)
        connection.execute(retired)


def tree(folder: Path) -> dict[str, bytes]:
    names = (path for path in folder.rglob("*") if path.is_file())
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in names
        if not path.name.endswith("-shm")
    }


def test_an_intact_store_has_no_finding_and_is_not_changed(store: Store) -> None:
    before = tree(store.layout.root)

    done = check(store, is_deep=True)

    assert done == CheckResult(
        entries=4,
        files=4,
        bytes=sum(path.stat().st_size for path in [*parts(store), *bodies(store)]),
        mended=(),
        left=(),
    )
    assert tree(store.layout.root) == before


def test_a_missing_part_and_a_missing_body_are_found(store: Store) -> None:
    part, body = parts(store)[0], bodies(store)[0]
    part.unlink()
    body.unlink()

    left = check(store).left

    assert [(each.kind, each.path) for each in left] == [
        (Kind.MISSING_PART, store.layout.relative(part)),
        (Kind.MISSING_RAW, store.layout.relative(body)),
    ]
    assert not any(each.repair for each in left)
    assert all("from a backup" in each.helps for each in left)


def test_a_file_of_another_size_and_a_link_are_found(store: Store) -> None:
    first, second = parts(store)
    first.write_bytes(first.read_bytes()[:-1])
    elsewhere = store.layout.root.parent / "elsewhere"
    shutil.move(second, elsewhere)
    second.symlink_to(elsewhere)

    assert found(store) == [
        ("size_differs", store.layout.relative(first)),
        ("missing_part", store.layout.relative(second)),
    ]


@pytest.mark.parametrize("which", [parts, bodies])
def test_one_flipped_bit_is_found_by_a_deep_check_only(
    store: Store, which: Callable[[Store], list[Path]]
) -> None:
    path = which(store)[1]
    flip(path, 60)

    assert found(store) == []
    assert found(store, is_deep=True) == [("modified", store.layout.relative(path))]


def test_the_replay_that_a_finding_names_makes_the_part_again(store: Store) -> None:
    flip(parts(store)[0], 60)
    [finding] = check(store, is_deep=True).left
    batch = finding.helps.split("--batch ")[1].partition("`")[0]

    store.replay().run(Selection(batch=batch))
    views.publish(store.layout, store.snapshot(), SHELL)

    assert found(store, is_deep=True) == []


def test_another_number_of_rows_and_an_unreadable_footer_are_found(store: Store) -> None:
    first, second = parts(store)
    write(
        store,
        update(files).where(files.c.path == store.layout.relative(first)).values(rows=7),
        update(totals).where(totals.c.measure == "live_rows").values(amount=8),
    )
    flip(second, second.stat().st_size - 1)

    left = [each for each in check(store).left if each.kind is Kind.ROWS_DIFFER]

    assert [(each.kind, each.path) for each in left] == [
        (Kind.ROWS_DIFFER, store.layout.relative(first)),
        (Kind.ROWS_DIFFER, store.layout.relative(second)),
    ]
    assert "1 rows by its footer instead of 7" in left[0].means
    assert "cannot be read" in left[1].means


def test_a_part_whose_name_has_no_batch_still_has_advice(store: Store) -> None:
    old = parts(store)[0]
    new = old.with_name("sorted-2026.parquet")
    old.rename(new)
    pq.write_table(pa.table({"a": [1]}), new)
    size = new.stat().st_size
    write(
        store,
        update(files)
        .where(files.c.path == store.layout.relative(old))
        .values(path=store.layout.relative(new), bytes=size, sha256="0" * 64),
    )

    [finding] = [each for each in check(store, is_deep=True).left if each.kind is Kind.MODIFIED]

    assert "so does `raytrail replay`;" in finding.helps


def test_an_unknown_file_in_parts_is_moved_to_stray(store: Store) -> None:
    stray = store.layout.part_folder("http_requests", "2026-11-20") / "stray.parquet"
    stray.write_bytes(b"x")
    link = stray.with_name("link.parquet")
    link.symlink_to(stray)

    names = sorted(map(store.layout.relative, [link, stray]))
    assert found(store) == [("extra_file", name) for name in names]
    assert stray.exists(), "nothing is changed without a repair"
    done = check(store, is_repairing=True)

    assert [each.path for each in done.mended] == names
    assert done.left == ()
    assert not stray.exists()
    assert len(parts(store)) == 2


def test_drafts_of_dead_processes_are_deleted_and_those_of_live_ones_stay(store: Store) -> None:
    folder = parts(store)[0].parent
    dead = [
        draft_path(folder, "part"),
        draft_path(store.layout.raw / "2026-11-22", "http_requests"),
        draft_path(store.layout.root, "audit"),
    ]
    for path in dead:
        path.write_bytes(b"half")
    living = [draft_path(folder, "part"), draft_path(store.layout.raw / "2026-11-22", "_")]
    held = [durable.create_locked(path) for path in living]

    done = check(store, is_repairing=True)

    assert {each.path for each in done.mended} == set(map(store.layout.relative, dead))
    assert {each.kind for each in done.mended} == {Kind.STALE_DRAFT}
    assert done.left == ()
    assert not any(path.exists() for path in dead)
    assert all(path.exists() for path in living)
    for fd in held:
        os.close(fd)


@pytest.mark.parametrize(
    ("lock", "hidden"),
    [
        ("loader_lock", {"plain.parquet", ".draft-0-part", ".draft-1-audit"}),
        ("replay_lock", {"plain.parquet", ".draft-0-part"}),
        ("rewrite_lock", {"sorted-1.parquet", ".draft-2-sorted"}),
    ],
)
def test_a_file_that_a_live_process_may_be_writing_is_no_orphan(
    store: Store, lock: str, hidden: set[str]
) -> None:
    folder = parts(store)[0].parent
    names = ("plain.parquet", "sorted-1.parquet", ".draft-0-part", ".draft-2-sorted")
    made = [folder / name for name in names]
    made.append(store.layout.root / ".draft-1-audit")
    for path in made:
        path.write_bytes(b"")
        touch(path, store.clock())

    with durable.lock(getattr(store.layout, lock)):
        told = {Path(name).name for _, name in found(store)}
        assert told == {path.name for path in made} - hidden
        orphan_check.clear_parts(
            store.layout, store.catalog, store.clock, set(map(store.layout.relative, made))
        )
        assert {path.name for path in made if path.exists()} == hidden
    assert {path.name for path in made if path.exists()} == {
        Path(name).name for kind, name in found(store) if kind != "stray_file"
    }


def touch(path: Path, at: datetime) -> None:
    stamp = at.replace(tzinfo=UTC).timestamp()
    os.utime(path, (stamp, stamp))


def test_an_old_file_is_reported_but_not_deleted_while_the_lock_is_held(store: Store) -> None:
    stray = parts(store)[0].parent / "stray.parquet"
    draft = store.layout.root / ".draft-1-audit"
    for path in (stray, draft):
        path.write_bytes(b"")
        touch(path, datetime(2026, 11, 21, 9, 0, 0))  # noqa: DTZ001 (UTC, as in the store)

    with durable.lock(store.layout.loader_lock):
        done = check(store, is_repairing=True)

    assert done.mended == ()
    assert {each.path for each in done.left} == set(map(store.layout.relative, (stray, draft)))


def test_a_file_deleted_during_the_check_is_no_orphan(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = parts(store)[0].parent / "gone.parquet"
    monkeypatch.setattr("store.catalog.expected_files.unknown_files", lambda *_: [gone])

    with durable.lock(store.layout.loader_lock):
        assert list(orphan_check._in_parts(store.layout, store.catalog, store.clock())) == []


def test_a_body_without_entry_and_draft_is_moved_to_stray_and_never_deleted(store: Store) -> None:
    body = gzipped(ndjson(record(RayID="3")))
    sha256 = fsck_hash(body)
    path = store.layout.raw / "2026-11-22" / f"{sha256}.gz"
    path.write_bytes(body)
    wrong = path.with_name(f"{'a' * 64}.gz")
    wrong.write_bytes(b"{}")

    done = check(store, is_repairing=True)

    found = {each.path for each in done.mended if each.kind is Kind.RAW_WITHOUT_ENTRY}
    assert found == {store.layout.relative(path), store.layout.relative(wrong)}
    assert {file.original for file in stray.found(store.layout)} == found
    assert store.status().pending.batches == 0


def fsck_hash(held: bytes) -> str:
    import hashlib

    return hashlib.sha256(held).hexdigest()


def test_a_body_that_a_receiver_is_about_to_enter_is_no_finding(store: Store) -> None:
    folder = store.layout.raw / "2026-11-22"
    draft = draft_path(folder, "http_requests")
    held = durable.create_locked(draft)
    os.link(draft, folder / f"{'b' * 64}.gz")

    assert found(store) == []
    assert check(store, is_repairing=True).left == ()
    os.close(held)


def test_a_draft_that_was_not_found_is_not_deleted(store: Store) -> None:
    draft = draft_path(store.layout.root, "audit")
    draft.write_bytes(b"")

    orphan_check.clear_parts(store.layout, store.catalog, store.clock, set())

    assert draft.exists()


def test_a_foreign_file_in_raw_is_reported_and_not_deleted(store: Store) -> None:
    notes = [
        store.layout.raw / "notes.txt",
        store.layout.raw / "2026-11-22" / "notes.txt",
        store.layout.raw / "2026-11-22" / "deep" / "x.gz",
    ]
    for path in notes:
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"x")

    done = check(store, is_repairing=True)

    assert {(each.kind, each.path) for each in done.left} == {
        (Kind.EXTRA_FILE, store.layout.relative(path)) for path in notes
    }
    assert all(path.exists() for path in notes)


def test_files_in_quarantine_are_no_finding(store: Store) -> None:
    send(store, gzipped(ndjson(record(RayID="9")))[:-2])

    assert list(store.layout.quarantine.iterdir())
    assert found(store) == []


def test_the_body_of_a_removed_batch_is_deleted(store: Store) -> None:
    body = bodies(store)[0]
    name = store.layout.relative(body)
    retire_body(store, name)

    assert found(store) == [("extra_file", name)]
    assert [each.path for each in check(store, is_repairing=True).mended] == [name]
    assert not body.exists()


def test_a_file_with_the_name_of_a_removed_body_and_other_bytes_is_moved_to_stray(
    store: Store,
) -> None:
    body = bodies(store)[0]
    name = store.layout.relative(body)
    retire_body(store, name)
    body.write_bytes(b"something else")

    assert [each.path for each in check(store, is_repairing=True).mended] == [name]
    [moved] = stray.found(store.layout)
    assert (moved.original, body.exists()) == (name, False)


def test_a_link_to_nothing_with_the_name_of_a_removed_body_is_moved_to_stray(store: Store) -> None:
    body = bodies(store)[0]
    name = store.layout.relative(body)
    retire_body(store, name)
    body.unlink()
    body.symlink_to("nowhere")

    assert [each.path for each in check(store, is_repairing=True).mended] == [name]
    [moved] = stray.found(store.layout)
    assert (moved.original, body.is_symlink()) == (name, False)


def test_a_body_entered_again_during_the_check_is_not_deleted(store: Store) -> None:
    body = bodies(store)[0]

    orphan_check.remove_bodies(
        store.layout, store.catalog, store.clock, {store.layout.relative(body)}
    )

    assert body.exists()


def test_a_body_due_for_removal_is_neither_missing_nor_extra(store: Store) -> None:
    name = store.layout.relative(bodies(store)[0])
    retire_body(store, name)
    write(store, insert(removals).values(path=name, due_at=timestamps.to_text(store.clock())))

    assert found(store) == []


def test_an_overdue_removal_is_found_and_done(store: Store) -> None:
    assert isinstance(store.clock, Clock)
    part = parts(store)[0]
    with store.catalog.write() as connection:
        [row] = connection.execute(
            select(files).where(files.c.path == store.layout.relative(part))
        ).mappings()
        told = {"retired": [row["path"]]}
        entry = ledger.append(connection, "retired", store.clock(), told)
        due_at = timestamps.to_text(store.clock())
        manifest.retire(connection, [row], [entry.sequence], due_at)
    store.clock.move(hours=2)
    assert ("removal_overdue", store.layout.relative(part)) not in found(store), "still shown"
    views.publish(store.layout, store.snapshot(), SHELL)
    unshown(store)
    store.clock.move(minutes=59)
    assert found(store) == []
    store.clock.move(minutes=2)
    assert found(store) == [("removal_overdue", store.layout.relative(part))]

    done = check(store, is_repairing=True)

    assert (len(done.mended), done.left) == (1, ())
    assert not part.exists()


def test_wrong_totals_are_counted_again(store: Store) -> None:
    write(
        store,
        update(totals).where(totals.c.measure == "rows").values(amount=999),
        delete(totals).where(totals.c.measure == "files"),
    )

    left = check(store).left
    assert [(each.kind, each.path) for each in left] == [
        (Kind.TOTALS_DIFFER, "counts/http_requests/files"),
        (Kind.TOTALS_DIFFER, "counts/http_requests/rows"),
    ]
    assert "shows 999, but the count is 2" in left[1].means
    assert len(check(store, is_repairing=True).mended) == 2

    with store.catalog.read() as connection:
        assert counts.read(connection) == counts.scan(connection)


@pytest.mark.parametrize(
    ("change", "sequences"),
    [
        ("UPDATE entries SET payload = '{}' WHERE sequence = 2", {2}),
        ("UPDATE entries SET payload = '{' WHERE sequence = 2", {2}),
        ("UPDATE entries SET previous = digest WHERE sequence = 3", {3}),
        ("UPDATE entries SET sequence = 9 WHERE sequence = 4", {9}),
        ("UPDATE entries SET recorded_at = 'never' WHERE sequence = 1", {1}),
    ],
)
def test_a_changed_ledger_is_reported_and_not_repaired(
    store: Store, change: str, sequences: set[int]
) -> None:
    forge(store, change)

    done = check(store, is_repairing=True)

    broken = {each.path for each in done.left if each.kind is Kind.LEDGER_BROKEN}
    assert broken == {f"entries/{sequence}" for sequence in sequences}
    assert done.mended == ()


@pytest.mark.parametrize(
    ("old", "change", "told"),
    [
        (3, {"recorded_at": "2026-11-22T09:00:00.000000Z"}, "entries/4"),
        (4, {"sequence": 9}, "entries/9"),
    ],
)
def test_a_forged_entry_with_a_valid_digest_breaks_the_chain(
    store: Store, old: int, change: dict[str, Any], told: str
) -> None:
    with store.catalog.read() as connection:
        [entry] = [each for each in ledger.walk(connection) if each.sequence == old]
    forged = replace(entry, **change)
    fields = forged.fields()
    del fields["digest"]
    digest = digest_of(fields)
    forge(
        store,
        f"UPDATE entries SET sequence = {forged.sequence}, digest = '{digest}',"
        f" recorded_at = '{forged.recorded_at}' WHERE sequence = {old}",
    )

    [broken] = [each for each in check(store).left if each.kind is Kind.LEDGER_BROKEN]
    assert broken.path == told


def forge(store: Store, *statements: str) -> None:
    """Change the catalog file directly."""
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(store.layout.catalog, isolation_level=None)) as hand:
        for statement in statements:
            hand.execute(statement)


@pytest.mark.parametrize(
    ("statements", "path", "means"),
    [
        (["UPDATE batches SET sequence = 2 WHERE sequence = 1"], "batches/2", "no ledger entry"),
        (["DELETE FROM batches WHERE sequence = 3"], "batches/3", "has no row in the catalog"),
        (["UPDATE batches SET body_bytes = 1 WHERE sequence = 1"], "batches/1", "body_bytes"),
        (["UPDATE entries SET payload = '[]' WHERE sequence = 1"], "entries", "be understood"),
        (["UPDATE files SET added_sequence = 77 WHERE added_sequence = 4"], None, "added_sequence"),
    ],
)
def test_a_batch_that_differs_from_its_entry_is_found(
    store: Store, statements: list[str], path: str | None, means: str
) -> None:
    forge(store, *statements)

    told = {each.path: each for each in check(store).left if each.kind is Kind.ENTRY_MISMATCH}

    assert means in told[path or store.layout.relative(parts(store)[1])].means


def test_missing_outdated_or_unreadable_views_are_written_again(store: Store) -> None:
    assert isinstance(store.clock, Clock)
    send(store, gzipped(ndjson(record(RayID="3"))))
    assert found(store) == [], "batches not loaded yet are not missing in the views"
    while store.loader().load_next():
        pass
    with durable.lock(store.layout.loader_lock):
        assert found(store) == [], "a running loader writes them soon"
        store.clock.move(minutes=11)
        assert found(store) == [("audit_outdated", "audit.duckdb")]
    assert "shows ledger entry 4, but live files changed with entry 6" in check(store).left[0].means
    assert len(check(store, is_repairing=True).mended) == 1
    store.layout.audit.write_bytes(b"no database")
    assert "cannot be read" in check(store).left[0].means
    store.layout.audit.unlink()
    with durable.lock(store.layout.loader_lock):
        assert len(check(store, is_repairing=True).left) == 1, "the running loader writes them"
    assert found(store) == [("audit_outdated", "audit.duckdb")]

    assert len(check(store, is_repairing=True).mended) == 1
    assert found(store) == []


def test_a_finding_that_is_gone_after_the_pause_is_dropped(store: Store) -> None:
    stray = parts(store)[0].parent / "stray.parquet"
    away = store.layout.root / "away"
    stray.write_bytes(b"x")
    shutil.move(bodies(store)[0], away)

    def meanwhile() -> None:
        stray.unlink()
        name = fsck_hash(away.read_bytes())
        shutil.move(away, store.layout.raw / "2026-11-22" / f"{name}.gz")

    assert check(store, meanwhile).left == ()


def test_a_file_with_another_finding_after_the_pause_is_reported(store: Store) -> None:
    part = parts(store)[0]
    part.unlink()

    left = check(store, lambda: part.write_bytes(b"")).left

    assert [each.kind for each in left] == [Kind.SIZE_DIFFERS]


def test_a_missing_folder_is_an_error(store: Store) -> None:
    shutil.rmtree(store.layout.raw)

    with pytest.raises(StoreUnavailable):
        check(store)


def test_beside_running_receivers_and_a_loader_nothing_is_found(store: Store) -> None:
    loader = LiveLoading(store, configure("test"), SHELL, threads=2)
    problems: list[Exception] = []
    is_over = threading.Event()

    def receive() -> None:
        number = 0
        try:
            while not is_over.is_set():
                number += 1
                sent = gzipped(ndjson(record(RayID=f"{number:x}0")))
                assert isinstance(send(store, sent), Receipt)
        except Exception as error:  # noqa: BLE001 (told by the test, not by a thread)
            problems.append(error)

    threads = [threading.Thread(target=receive), threading.Thread(target=run, args=(loader,))]
    for thread in threads:
        thread.start()
    try:
        left: list[Finding] = []
        for _ in range(3):
            left += check(store, lambda: is_over.wait(0.3), is_repairing=True).left
    finally:
        is_over.set()
        loader.stop.set()
        for thread in threads:
            thread.join()

    assert problems == []
    assert left == []
    with store.catalog.read() as connection:
        assert ledger.sequence(connection) > 8
