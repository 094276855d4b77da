"""A backup is whole at every moment, takes only what is new, and never changes the store."""

import hashlib
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
from store.catalog import catalog as catalogs
from store.catalog import expected_files, manifest
from store.catalog import removals as retired
from store.catalog.tables import batches, entries, files, people, removals
from store.errors import BackupRefused, NoRoom, StoreDamaged
from store.files import copying, durable
from store.files.copying import Copying
from store.files.expected_file import TOPS, ExpectedFile
from store.files.layout import Layout
from store.intake.limits import IntakeLimits
from store.intake.outcome import Receipt
from store.store import Store
from tests.deaths import Deaths
from tests.dying import Dying, Killed, dying
from tests.factories import NO_RESERVE, SHELL, Clock, gzipped, login, ndjson, record, send


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "backup"


def fill(store: Store, *rays: str) -> None:
    """A batch for each, and its rows in parts of their own."""
    for ray in rays:
        send(store, gzipped(ndjson(record(RayID=ray))))
        while store.loader().load_next():
            pass


def tree(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def bodies(folder: Path) -> dict[str, bytes]:
    """Raw bodies and parts alone."""
    return {name: held for name, held in tree(folder).items() if name.startswith(TOPS)}


def run(store: Store, target: Path, **options: bool) -> BackupResult:
    return Backup.of(store, target).run(**options)


def demand_whole(target: Path) -> int:
    """Everything a restore looks at is there and as it was; the sequence it would give."""
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
    """Take one live part away, as a compaction or an erasure does."""
    with store.catalog.write() as connection:
        row = connection.execute(_LIVE.limit(1)).mappings().one()
        newest = connection.execute(select(func.max(entries.c.sequence))).scalar_one()
        manifest.retire(connection, [row], [newest], timestamps.to_text(store.clock()))
    path: str = row["path"]
    if is_removed:
        (store.layout.root / path).unlink()
    return path


def test_a_backup_holds_every_live_part_every_kept_body_and_the_catalog(
    store: Store, target: Path
) -> None:
    fill(store, "1", "2")
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


def test_a_backup_changes_nothing_of_the_store(store: Store, target: Path) -> None:
    fill(store, "1")
    before = tree(store.layout.root)

    run(store, target)

    after = tree(store.layout.root)
    shared = {"catalog.sqlite-shm"}  # SQLite's memory of who reads
    assert {name: held for name, held in after.items() if name not in shared} == {
        name: held for name, held in before.items() if name not in shared
    }


def test_a_second_backup_copies_the_new_alone(
    store: Store, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(store, "1", "2")
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


def test_what_is_removed_from_the_store_leaves_the_backup_too(store: Store, target: Path) -> None:
    """Also out of its catalog: the name of an erased person must not stay there."""
    fill(store, "1", "2")
    with store.catalog.write() as connection:
        connection.execute(update(files).values(number=7, user_min="erased@widgetcorp.example"))
        connection.execute(people.insert().values(who=1, file=7))
        is_first = files.c.path == select(func.max(files.c.path)).scalar_subquery()
        connection.execute(update(files).where(is_first).values(number=8, user_min="srhea"))
        connection.execute(people.insert().values(who=2, file=8))
    run(store, target)

    gone = retire_part(store)
    done = run(store, target)

    assert (store.layout.root / gone).exists(), "the hour of grace is not over"
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


def test_a_body_that_was_let_go_of_is_not_missed(store: Store, target: Path) -> None:
    fill(store, "1")
    with store.catalog.write() as connection:
        connection.execute(update(batches).values(raw_retired_sequence=2))
    only_raw(store).unlink()

    done = run(store, target)

    assert done.files == 1
    assert not any(name.endswith(".gz") for name in bodies(target))


def test_one_body_for_two_datasets_is_one_file_and_let_go_of_by_both(
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


def test_more_files_than_are_read_at_once_are_all_there(
    store: Store, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(store, "1", "2")
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
def test_killed_at_any_call_the_folder_holds_a_whole_backup(
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
def test_a_first_backup_killed_at_any_call_is_no_backup_yet_and_can_be_run_again(
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


def test_the_order_of_the_durable_steps_is_the_promise(
    store: Store, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """New files first, then the catalog, then what it names no more; each synced before the next.

    A kill cannot show a missing sync, since the page cache outlives the process; the order can.
    """
    fill(store, "1")
    run(store, target)
    fill(store, "2")
    retire_part(store)
    with dying(monkeypatch, Dying(None)) as system:
        run(store, target)

    steps = " ".join(step for step in system.calls if step != "open")
    # Folders' own names are synced by whoever first uses them; they are looked at elsewhere.
    steps = steps.replace("mkdir fsync ", "")
    copied = ["write", "fsync", "replace", "fsync", "unlink"]
    marked = ["write", "fsync", "replace", "fsync"]
    catalog = ["fsync", "replace", "fsync"]
    removed = ["unlink", "fsync"]
    assert steps.split() == [*copied, *copied, *marked, *catalog, *removed]


@pytest.mark.deaths
def test_a_full_disk_leaves_the_earlier_backup_whole(
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


def test_a_file_that_vanishes_while_it_is_copied_is_let_go_of(
    store: Store, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(store, "1", "2", "3")
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


def test_files_that_vanish_in_every_round_end_it(
    store: Store, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(store, "1", "2", "3")
    monkeypatch.setattr(backing_up, "ROUNDS_MAX", 2)

    def vanished(*_: object) -> dict[str, str]:
        return {retire_part(store): "it went away"}

    monkeypatch.setattr(backing_up.Backup, "_copy_files", vanished)
    with pytest.raises(BackupRefused, match="deleted faster"):
        run(store, target)


def test_a_file_that_is_missing_though_it_is_named_is_damage_and_the_others_are_copied(
    store: Store, target: Path
) -> None:
    fill(store, "1")
    run(store, target)
    fill(store, "2", "3")
    _, missing, damaged = sorted(store.layout.parts.rglob("*.parquet"))
    missing.unlink()
    damaged.write_bytes(damaged.read_bytes()[:-1] + b"\xff")

    with pytest.raises(StoreDamaged) as told:
        run(store, target)

    assert f"{store.layout.relative(missing)}: missing" in str(told.value)
    assert f"{store.layout.relative(damaged)}: its SHA-256" in str(told.value)
    assert demand_whole(target) == 2, "the earlier backup stays"
    assert sum(name.endswith(".gz") for name in bodies(target)) == 3


def test_a_damaged_file_in_the_backup_is_found_by_its_size_or_by_verifying(
    store: Store, target: Path
) -> None:
    fill(store, "1", "2")
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


def test_a_file_in_the_backup_that_cannot_be_read_is_copied_again(
    store: Store, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(store, "1")
    run(store, target)

    def unreadable(*_: object) -> str:
        raise StoreDamaged("cannot be read: Input/output error")

    monkeypatch.setattr(copying, "sha256_of", unreadable)
    assert run(store, target, is_verifying=True).files_copied == 2


def test_a_backup_whose_catalog_is_damaged_is_trusted_in_nothing_and_mended(
    store: Store, target: Path
) -> None:
    fill(store, "1")
    run(store, target)
    with (target / "backup.sqlite").open("r+b") as file:
        file.seek(5000)
        file.write(b"\x99")
    [part] = target.rglob("*.parquet")
    part.write_bytes(bytes(part.stat().st_size))

    done = run(store, target)

    assert done.files_copied == 1
    demand_whole(target)


def test_a_store_whose_ledger_is_broken_replaces_no_backup(store: Store, target: Path) -> None:
    fill(store, "1")
    run(store, target)
    fill(store, "2")
    with store.catalog.write() as connection:
        changed = update(entries).where(entries.c.sequence == 3)
        connection.execute(changed.values(recorded_at="2026-11-22T09:00:00.000000Z"))

    with pytest.raises(StoreDamaged, match="entry 3"):
        run(store, target)

    assert demand_whole(target) == 2


def test_another_store_or_an_empty_one_never_replaces_a_backup(
    store: Store, target: Path, tmp_path: Path, clock: Clock
) -> None:
    fill(store, "1")
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


@pytest.mark.parametrize("place", ["data", "data/raw/backup", "."])
def test_store_and_backup_may_not_lie_one_in_the_other(
    store: Store, tmp_path: Path, place: str
) -> None:
    before = tree(tmp_path)

    with pytest.raises(BackupRefused, match="inside the other"):
        run(store, tmp_path / place)

    assert tree(tmp_path).keys() == before.keys()


def test_a_folder_that_holds_something_else_is_refused(store: Store, target: Path) -> None:
    target.mkdir()
    (target / "precious").write_bytes(b"x")

    with pytest.raises(BackupRefused, match="not a backup"):
        run(store, target)
    (target.parent / "file").write_bytes(b"")
    with pytest.raises(BackupRefused, match="not a folder"):
        run(store, target.parent / "file")

    assert tree(target) == {"precious": b"x"}


def test_two_backups_into_one_folder_are_one_too_many(store: Store, target: Path) -> None:
    run(store, target)

    with (
        durable.lock(target / ".backup.lock"),
        pytest.raises(BackupRefused, match="another backup"),
    ):
        run(store, target)


@pytest.mark.parametrize(
    ("mark", "error"),
    [(b"{}", StoreDamaged), (b"[", StoreDamaged), (b'{"form":2}', BackupRefused)],
)
def test_a_mark_that_is_not_ours_is_told(
    store: Store, target: Path, mark: bytes, error: type[Exception]
) -> None:
    run(store, target)
    (target / "backup.json").write_bytes(mark)

    with pytest.raises(error):
        run(store, target)


def test_a_catalog_that_names_what_lies_elsewhere_is_not_followed(
    store: Store, target: Path
) -> None:
    fill(store, "1")
    with store.catalog.write() as connection:
        connection.execute(update(batches).values(raw_path="raw/../../etc/passwd"))

    with pytest.raises(StoreDamaged, match="not a path inside a store"):
        run(store, target)


def test_a_backup_beside_receivers_and_a_loader_at_work_is_whole(
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


def test_retired_files_are_removed_from_the_store_while_it_is_backed_up(
    store: Store, target: Path, clock: Clock
) -> None:
    """The grace of an hour is what lets most files be copied; the rest goes by rounds."""
    fill(store, "1", "2")
    gone = retire_part(store)
    clock.move(hours=2)

    assert retired.remove_due(store.layout, store.catalog, clock()) == 1
    run(store, target)

    assert gone not in bodies(target)
    demand_whole(target)
