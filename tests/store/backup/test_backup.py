"""A backup is complete at every moment, copies only new files, and does not change the store."""

import hashlib
import shutil
import threading
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, update

from store import timestamps
from store.backup import backup as backing_up
from store.backup import catalog_copy, restore
from store.backup.backup import Backup, BackupResult
from store.backup.folder import BackupFolder
from store.catalog import expected_files, manifest
from store.catalog import opening as catalogs
from store.catalog import removals as retired
from store.catalog.register_tables import backups
from store.catalog.tables import batches, entries, files, removals
from store.catalog.users.tables import people
from store.errors import BackupRefused, NoRoom, StoreDamaged
from store.files import copying, durable
from store.files.copying import Copying
from store.files.expected_file import TOPS, ExpectedFile
from store.files.layout import Layout
from store.intake.limits import IntakeLimits
from store.intake.outcome import Receipt
from store.store import Store
from tests.catalog_tables import tables
from tests.deaths import Deaths
from tests.dying import Dying, Killed, dying
from tests.factories import NO_RESERVE, SHELL, Clock, gzipped, login, ndjson, record, send, unshown
from tests.store.conftest import Built


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "backup"


def fill(store: Store, *rays: str) -> None:
    """Load a batch for each, into a part of its own."""
    for ray in rays:
        send(store, gzipped(ndjson(record(RayID=ray))))
        while store.loader().load_next():
            pass


def one_batch(store: Store) -> None:
    fill(store, "1")


def two_batches(store: Store) -> None:
    fill(store, "1", "2")


def three_batches(store: Store) -> None:
    fill(store, "1", "2", "3")


def tree(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def bodies(folder: Path) -> dict[str, bytes]:
    """Raw bodies and parts only."""
    return {name: held for name, held in tree(folder).items() if name.startswith(TOPS)}


def run(store: Store, target: Path, **options: bool) -> BackupResult:
    return Backup.of(store, target).run(**options)


def demand_whole(target: Path) -> int:
    """Everything that a restore reads is complete; returns the sequence it would restore."""
    facts = BackupFolder(target).current()
    assert facts is not None
    with closing(catalogs.open_frozen(target / "backup.sqlite")) as catalog:
        for named in expected_files.all_expected(catalog):
            held = (target / named.path).read_bytes()
            assert hashlib.sha256(held).hexdigest() == named.sha256, named.path
        with catalog.read() as connection:
            catalog_copy.demand_whole_chain(connection)
            assert connection.execute(select(func.max(entries.c.sequence))).scalar() == (
                facts.sequence or None
            )
    return facts.sequence


def only_raw(store: Store) -> Path:
    [raw] = store.layout.raw.rglob("*.gz")
    return raw


_LIVE = select(files).where(files.c.retired_sequence.is_(None)).order_by(files.c.path)


def retire_part(store: Store, *, is_removed: bool = False) -> str:
    """Retire one live part, as compaction or an erasure does."""
    with store.catalog.write() as connection:
        row = connection.execute(_LIVE.limit(1)).mappings().one()
        newest = connection.execute(select(func.max(entries.c.sequence))).scalar_one()
        manifest.retire(connection, [row], [newest], timestamps.to_text(store.clock()))
    path: str = row["path"]
    if is_removed:
        (store.layout.root / path).unlink()
    return path


def test_a_backup_has_every_live_part_every_kept_body_and_the_catalog(
    built: Built, target: Path
) -> None:
    store, _ = built(two_batches)
    send(store, gzipped(ndjson(login())), "access_requests")  # entered, not loaded

    done = run(store, target)

    assert bodies(target) == bodies(store.layout.root)
    assert (done.files, done.files_copied, done.files_removed) == (5, 5, 0)
    assert done.bytes == done.bytes_copied == sum(map(len, bodies(target).values()))
    assert demand_whole(target) == done.sequence == 5
    assert sorted(set(tree(target)) - set(bodies(target))) == [
        ".backup.lock",
        "backup.json",
        "backup.sqlite",
    ]


def test_a_backup_changes_nothing_of_the_store_but_notes_its_place(
    built: Built, target: Path
) -> None:
    store, _ = built(one_batch)
    before, noted = tree(store.layout.root), tables(store.layout.root)

    run(store, target)

    after = tree(store.layout.root)
    catalog = {name for name in after if name.startswith("catalog.sqlite")}
    assert {name: held for name, held in after.items() if name not in catalog} == {
        name: held for name, held in before.items() if name not in catalog
    }
    assert tables(store.layout.root) == noted
    with store.catalog.read() as connection:
        assert list(connection.scalars(select(backups.c.path))) == [str(target)]


def test_a_second_backup_copies_only_new_files(
    built: Built, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, _ = built(two_batches)
    run(store, target)
    fill(store, "3")
    taken: list[str] = []
    hashed: list[str] = []
    monkeypatch.setattr(copying, "sha256_of", lambda _, path: hashed.append(path))
    real = Copying.take

    def noting(self: Copying, wanted: ExpectedFile) -> None:
        taken.append(wanted.path.partition("/")[0])
        real(self, wanted)

    monkeypatch.setattr(Copying, "take", noting)
    done = run(store, target)

    assert (sorted(taken), hashed) == (["parts", "raw"], [])
    assert (done.files, done.files_copied) == (6, 2)
    assert demand_whole(target) == 6
    assert run(store, target).files_copied == 0


def test_files_retired_in_the_store_are_deleted_from_the_backup(built: Built, target: Path) -> None:
    """From its catalog as well: the name of an erased person must not stay there."""
    store, _ = built(two_batches)
    with store.catalog.write() as connection:
        connection.execute(update(files).values(number=7, user_min="erased@widgetcorp.example"))
        connection.execute(people.insert().values(who=1, file=7))
        is_first = files.c.path == select(func.max(files.c.path)).scalar_subquery()
        connection.execute(update(files).where(is_first).values(number=8, user_min="srhea"))
        connection.execute(people.insert().values(who=2, file=8))
    run(store, target)

    gone = retire_part(store)
    done = run(store, target)

    assert (store.layout.root / gone).exists(), "its grace period is not over"
    assert not (target / gone).exists()
    assert (done.files, done.files_copied, done.files_removed) == (3, 0, 1)
    demand_whole(target)
    assert b"erased@widgetcorp" not in b"".join(tree(target).values())
    with (
        closing(catalogs.open_frozen(target / "backup.sqlite")) as catalog,
        catalog.read() as connection,
    ):
        assert connection.scalars(select(people.c.file)).all() == [8]
        assert connection.scalars(select(removals.c.path)).all() == []


def test_a_removed_body_is_not_reported_as_missing(built: Built, target: Path) -> None:
    store, _ = built(one_batch)
    with store.catalog.write() as connection:
        connection.execute(update(batches).values(raw_retired_sequence=2))
    only_raw(store).unlink()

    done = run(store, target)

    assert done.files == 1
    assert not any(name.endswith(".gz") for name in bodies(target))


def test_a_body_of_two_datasets_is_one_file_until_both_are_removed(
    store: Store, target: Path
) -> None:
    sent = gzipped(ndjson(record()))
    send(store, sent, "http_requests")
    send(store, sent, "gateway_http")
    with store.catalog.write() as connection:
        connection.execute(
            update(batches).where(batches.c.sequence == 1).values(raw_retired_sequence=1)
        )

    assert run(store, target).files == 1


def test_files_on_all_pages_of_the_catalog_are_copied(
    built: Built, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, _ = built(two_batches)
    send(store, gzipped(ndjson(login())), "access_requests")
    monkeypatch.setattr(expected_files, "FILES_AT_ONCE", 2)

    assert run(store, target).files == 5
    assert bodies(target) == bodies(store.layout.root)
    assert run(store, target).files_copied == 0


def test_a_store_without_a_batch_can_be_backed_up(store: Store, target: Path) -> None:
    assert run(store, target).sequence == 0
    assert run(store, target).files == 0
    fill(store, "1")
    assert run(store, target).sequence == 2


@pytest.mark.deaths
def test_after_a_kill_at_any_call_the_folder_has_a_complete_backup(
    store: Store, target: Path, monkeypatch: pytest.MonkeyPatch, deaths: Deaths
) -> None:
    """It is the earlier or the new one, and the next run finishes it."""
    fill(store, "1")
    first = run(store, target).sequence
    fill(store, "2")
    send(store, gzipped(ndjson(record(RayID="3"))))
    retire_part(store)
    saved = tree(target)
    seen: set[int] = set()
    for system in deaths:
        _lay_out(target, saved)
        with dying(monkeypatch, system), suppress(Killed):
            run(store, target)

        seen.add(demand_whole(target))
        again = run(store, target)
        assert demand_whole(target) == again.sequence, system.hit
        assert not list(target.rglob(".draft-*"))
        assert bodies(target).keys() == {
            named.path for named in expected_files.all_expected(store.catalog)
        }
    assert seen == {first, again.sequence}
    assert deaths.happened > 8


def _lay_out(folder: Path, saved: dict[str, bytes]) -> None:
    for name in tree(folder).keys() - saved.keys():
        (folder / name).unlink()
    for name, held in saved.items():
        path = folder / name
        if not path.exists() or path.read_bytes() != held:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(held)


@pytest.mark.deaths
def test_a_first_backup_killed_at_any_call_can_be_run_again(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, deaths: Deaths
) -> None:
    fill(store, "1")
    for n, system in enumerate(deaths):
        target = tmp_path / f"backup-{n}"
        with dying(monkeypatch, system), suppress(Killed):
            run(store, target)
        if not BackupFolder(target).catalog.exists():
            with pytest.raises((BackupRefused, StoreDamaged), match=r"no backup|finish"):
                restore.restore(target, Layout(tmp_path / "new"), store.clock, SHELL)
            assert not (tmp_path / "new").exists()

        run(store, target)
        assert demand_whole(target) == 2
    assert deaths.happened > 8


def test_files_are_synced_before_the_catalog_and_deleted_after_it(
    built: Built, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """New files first, then the catalog, then deletions; each synced before the next.

    A kill does not reveal a missing sync, since the page cache survives it; the order does.
    """
    store, _ = built(one_batch)
    run(store, target)
    fill(store, "2")
    retire_part(store)
    with dying(monkeypatch, Dying(None)) as system:
        run(store, target)

    steps = " ".join(step for step in system.calls if step != "open")
    # The sync of new folders is tested elsewhere.
    steps = steps.replace("mkdir fsync ", "")
    copied = ["write", "fsync", "replace", "fsync", "unlink"]
    marked = ["write", "fsync", "replace", "fsync"]
    catalog = ["fsync", "replace", "fsync"]
    removed = ["unlink", "fsync"]
    assert steps.split() == [*copied, *copied, *marked, *catalog, *removed]


@pytest.mark.deaths
def test_a_full_disk_leaves_the_earlier_backup_complete(
    store: Store, target: Path, monkeypatch: pytest.MonkeyPatch, deaths: Deaths
) -> None:
    fill(store, "1")
    run(store, target)
    full = deaths.erring(lambda: OSError(28, "injected"))
    for n, system in enumerate(full):
        fill(store, f"{n + 1:x}0")
        with dying(monkeypatch, system), suppress(NoRoom):
            run(store, target)
        demand_whole(target)
    assert full.happened > 8


def test_a_file_retired_during_the_copy_is_left_out(
    built: Built, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, _ = built(three_batches)
    real, gone = Copying.take, list[str]()

    def vanishing(self: Copying, wanted: ExpectedFile) -> None:
        if not gone:
            gone.append(retire_part(store, is_removed=True))
        real(self, wanted)

    monkeypatch.setattr(Copying, "take", vanishing)
    done = run(store, target)

    assert gone[0] not in bodies(target)
    assert (done.files, done.files_copied) == (5, 5)
    demand_whole(target)


def test_a_backup_fails_if_files_vanish_in_every_round(
    built: Built, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, _ = built(three_batches)
    monkeypatch.setattr(backing_up, "ROUNDS_MAX", 2)

    def vanished(*_: object) -> dict[str, str]:
        return {retire_part(store): "it is missing"}

    monkeypatch.setattr(backing_up.Backup, "_copy_files", vanished)
    with pytest.raises(BackupRefused, match="deleted faster"):
        run(store, target)


def test_a_file_that_the_store_has_lost_is_named_and_all_others_are_copied(
    built: Built, target: Path
) -> None:
    store, _ = built(one_batch)
    run(store, target)
    fill(store, "2", "3")
    _, missing, damaged = sorted(store.layout.parts.rglob("*.parquet"))
    missing.unlink()
    damaged.write_bytes(damaged.read_bytes()[:-1] + b"\xff")

    done = run(store, target)

    assert done.left_out == (
        f"{store.layout.relative(missing)} is missing",
        f"{store.layout.relative(damaged)}: its SHA-256 is not that in the catalog",
    )
    assert done.files == 4
    assert sum(name.endswith(".gz") for name in bodies(target)) == 3
    assert sum(name.endswith(".parquet") for name in bodies(target)) == 1


def test_a_damaged_file_in_the_backup_is_found_by_its_size_or_by_verifying(
    built: Built, target: Path
) -> None:
    store, _ = built(two_batches)
    run(store, target)
    short, flipped = sorted(target.rglob("*.parquet"))
    short.write_bytes(b"")
    held = bytearray(flipped.read_bytes())
    held[100] ^= 1
    flipped.write_bytes(held)

    assert run(store, target).files_copied == 1
    with pytest.raises(AssertionError):
        demand_whole(target)
    assert run(store, target, is_verifying=True).files_copied == 1
    demand_whole(target)


def test_an_unreadable_file_in_the_backup_is_copied_again(
    built: Built, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, _ = built(one_batch)
    run(store, target)

    def unreadable(*_: object) -> str:
        raise StoreDamaged("cannot be read: Input/output error")

    monkeypatch.setattr(copying, "sha256_of", unreadable)
    assert run(store, target, is_verifying=True).files_copied == 2


def test_a_backup_with_a_damaged_catalog_is_verified_and_repaired(
    built: Built, target: Path
) -> None:
    store, _ = built(one_batch)
    run(store, target)
    with (target / "backup.sqlite").open("r+b") as file:
        file.seek(5000)
        file.write(b"\x99")
    [part] = target.rglob("*.parquet")
    part.write_bytes(bytes(part.stat().st_size))

    done = run(store, target)

    assert done.files_copied == 1
    demand_whole(target)


def test_a_store_with_a_broken_ledger_does_not_replace_a_backup(built: Built, target: Path) -> None:
    store, _ = built(one_batch)
    run(store, target)
    fill(store, "2")
    with store.catalog.write() as connection:
        changed = update(entries).where(entries.c.sequence == 3)
        connection.execute(changed.values(recorded_at="2026-11-22T09:00:00.000000Z"))

    with pytest.raises(StoreDamaged, match="entry 3"):
        run(store, target)

    assert demand_whole(target) == 2


def test_another_store_or_an_empty_one_does_not_replace_a_backup(
    built: Built, target: Path, tmp_path: Path, clock: Clock
) -> None:
    store, _ = built(one_batch)
    run(store, target)
    before = tree(target)
    with Store.create(tmp_path / "new", clock, IntakeLimits(reserve=NO_RESERVE)) as other:
        with pytest.raises(BackupRefused, match="another store"):
            run(other, target)
        clock.move(seconds=1)
        fill(other, "1")
        with pytest.raises(BackupRefused, match="another store"):
            run(other, target)

    assert tree(target) == before


def test_the_folder_of_yesterday_does_not_replace_a_newer_backup(
    built: Built, target: Path, tmp_path: Path, clock: Clock
) -> None:
    store, _ = built(one_batch)
    yesterday = tmp_path / "yesterday"
    shutil.copytree(store.layout.root, yesterday)
    fill(store, "2")
    run(store, target)
    before = tree(target)

    with Store.open(yesterday, clock, IntakeLimits(reserve=NO_RESERVE)) as old:
        with pytest.raises(BackupRefused, match="is not in this store"):
            run(old, target)
        clock.move(seconds=1)
        fill(old, "3")
        with pytest.raises(BackupRefused, match="is not in this store"):
            run(old, target)

    assert tree(target) == before


@pytest.mark.parametrize("place", ["data", "data/raw/backup", "."])
def test_a_backup_inside_its_store_or_around_it_is_refused(
    store: Store, tmp_path: Path, place: str
) -> None:
    before = tree(tmp_path)

    with pytest.raises(BackupRefused, match="inside the other"):
        run(store, tmp_path / place)

    assert tree(tmp_path).keys() == before.keys()


def test_a_folder_with_other_files_is_refused(store: Store, target: Path) -> None:
    target.mkdir()
    (target / "precious").write_bytes(b"x")

    with pytest.raises(BackupRefused, match="not a backup"):
        run(store, target)
    (target.parent / "file").write_bytes(b"")
    with pytest.raises(BackupRefused, match="not a folder"):
        run(store, target.parent / "file")

    assert tree(target) == {"precious": b"x"}


def test_a_second_backup_into_one_folder_at_the_same_time_is_refused(
    store: Store, target: Path
) -> None:
    run(store, target)

    with (
        durable.lock(target / ".backup.lock"),
        pytest.raises(BackupRefused, match="another backup"),
    ):
        run(store, target)


@pytest.mark.parametrize(
    ("manifest", "error"),
    [(b"{}", StoreDamaged), (b"[", StoreDamaged), (b'{"form":2}', BackupRefused)],
)
def test_an_unreadable_or_newer_manifest_is_refused(
    store: Store, target: Path, manifest: bytes, error: type[Exception]
) -> None:
    run(store, target)
    (target / "backup.json").write_bytes(manifest)

    with pytest.raises(error):
        run(store, target)


def test_a_path_outside_the_store_is_not_followed(built: Built, target: Path) -> None:
    store, _ = built(one_batch)
    with store.catalog.write() as connection:
        connection.execute(update(batches).values(raw_path="raw/../../etc/passwd"))

    with pytest.raises(StoreDamaged, match="not a path inside a store"):
        run(store, target)


def test_a_backup_beside_running_receivers_and_a_loader_is_complete(
    store: Store, target: Path
) -> None:
    problems: list[Exception] = []
    is_over = threading.Event()

    def work(step: Callable[[int], Any]) -> None:
        number = 0
        try:
            while not is_over.is_set():
                number += 1
                step(number)
        except Exception as error:  # noqa: BLE001 (told by the test, not by a thread)
            problems.append(error)

    def receive(number: int) -> None:
        assert isinstance(send(store, gzipped(ndjson(record(RayID=f"{number:x}")))), Receipt)

    loader = store.loader()
    workers = [
        threading.Thread(target=work, args=(step,))
        for step in (receive, lambda _: loader.load_next())
    ]
    for worker in workers:
        worker.start()
    try:
        sequences = []
        for _ in range(3):
            run(store, target)
            sequences.append(demand_whole(target))
    finally:
        is_over.set()
        for worker in workers:
            worker.join()

    assert problems == []
    assert sequences == sorted(sequences)
    assert sequences[-1] > sequences[0]


def test_retired_files_can_be_deleted_during_a_backup(built: Built, target: Path) -> None:
    """Most files are copied within their grace period of an hour; the others by more rounds."""
    store, _ = built(two_batches)
    gone = retire_part(store)
    unshown(store)

    assert retired.remove_due(store.layout, store.catalog, store.clock()) == 1
    run(store, target)

    assert gone not in bodies(target)
    demand_whole(target)
