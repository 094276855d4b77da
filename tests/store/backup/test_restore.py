"""A restore makes the store of the backup, completely or not at all."""

import json
import shutil
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import duckdb
import pytest

from store.backup import restore, unresolved
from store.backup.backup import Backup
from store.backup.restore import RestoreResult
from store.catalog import ledger
from store.catalog import opening as catalogs
from store.errors import BackupRefused, NoRoom, StoreDamaged, StoreUnavailable
from store.files import durable
from store.files.copying import Copying, sha256_of
from store.files.expected_file import TOPS, ExpectedFile
from store.files.layout import Layout
from store.intake.limits import IntakeLimits
from store.intake.outcome import Receipt
from store.reading import views
from store.reading.views import publish
from store.store import Store
from tests.deaths import Deaths
from tests.dying import Dying, Killed, dying
from tests.factories import NO_RESERVE, SHELL, Clock, gzipped, ndjson, record, send

LIMITS = IntakeLimits(reserve=NO_RESERVE)


@pytest.fixture(scope="module")
def golden(empty_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of two loaded batches and one that waits, and its backup, copied for each test."""
    folder = tmp_path_factory.mktemp("golden")
    shutil.copytree(empty_store, folder / "data", symlinks=True)
    with Store.open(folder / "data", Clock(), LIMITS) as store:
        for ray in ("1", "2"):
            send(store, gzipped(ndjson(record(RayID=ray))))
            while store.loader().load_next():
                pass
        send(store, gzipped(ndjson(record(RayID="3"))))
        Backup.of(store, folder / "backup").run()
    return folder


@pytest.fixture
def store(golden: Path, tmp_path: Path) -> Iterator[Store]:
    shutil.copytree(golden / "data", tmp_path / "data", symlinks=True)
    with Store.open(tmp_path / "data", Clock(), LIMITS) as opened:
        yield opened


@pytest.fixture
def source(store: Store, golden: Path, tmp_path: Path) -> Path:
    """The backup of `store`."""
    return Path(shutil.copytree(golden / "backup", tmp_path / "backup", symlinks=True))


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    return Layout(tmp_path / "new")


@pytest.fixture(autouse=True)
def _no_views(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only one test reads the views."""
    monkeypatch.setattr(views, "publish", lambda *_: None)


def tree(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.relative_to(folder).parts[0] in TOPS
    }


def flip(path: Path) -> None:
    held = bytearray(path.read_bytes())
    held[len(held) // 2] ^= 1
    path.write_bytes(held)


def run(source: Path, layout: Layout) -> RestoreResult:
    return restore.restore(source, layout, Clock(), SHELL)


def demand_same(store: Store, layout: Layout) -> None:
    assert tree(layout.root) == tree(store.layout.root)
    with Store.open(layout.root, store.clock, LIMITS) as restored:
        with restored.catalog.read() as theirs, store.catalog.read() as ours:
            assert list(ledger.walk(theirs)) == list(ledger.walk(ours))
        assert restored.status() == store.status()


def test_a_restored_store_has_every_file_the_ledger_and_the_views(
    store: Store, source: Path, layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "publish", publish)

    done = run(source, layout)

    demand_same(store, layout)
    assert (done.sequence, done.files) == (5, 5)
    assert done.bytes == sum(map(len, tree(layout.root).values()))
    with duckdb.connect(str(layout.audit), read_only=True) as audit:
        assert audit.execute("SELECT count(*) FROM http_requests").fetchone() == (2,)
    assert sorted(path.name for path in layout.root.iterdir()) == [
        "audit.duckdb",
        "audit.duckdb.wal",
        "catalog.sqlite",
        "ledger",
        "parts",
        "quarantine",
        "raw",
    ]


def test_a_restored_store_continues_after_the_backup(source: Path, layout: Layout) -> None:
    """It loads what waited, recognises a resend, and is backed up into the same folder."""
    layout.root.mkdir()
    run(source, layout)

    with Store.create(layout.root, Clock(), LIMITS) as store:
        while store.loader().load_next():
            pass
        store.loader().tidy()
        again = send(store, gzipped(ndjson(record(RayID="2"))))
        assert isinstance(again, Receipt)
        assert again.is_duplicate
        assert store.status().pending.batches == 0
        assert store.status().datasets["http_requests"].rows == 3
        assert Backup.of(store, source).run().files_copied == 1


@pytest.mark.deaths
def test_after_a_kill_at_any_call_a_restore_is_no_store_or_a_complete_one(
    store: Store,
    source: Path,
    layout: Layout,
    monkeypatch: pytest.MonkeyPatch,
    deaths: Deaths,
) -> None:
    for system in deaths:
        if layout.root.exists():
            shutil.rmtree(layout.root)
        with dying(monkeypatch, system), suppress(Killed):
            run(source, layout)
        is_store = layout.catalog.exists()
        if is_store:
            demand_same(store, layout)
        elif layout.restore_mark.exists():
            with pytest.raises(StoreUnavailable, match="restore was not finished"):
                Store.create(layout.root, store.clock, LIMITS)
        if is_store and not layout.restore_mark.exists():
            continue  # The restore was complete.

        run(source, layout)

        demand_same(store, layout)
        assert not layout.restore_mark.exists(), system.hit
        assert not list(layout.root.glob(".draft-*"))
    assert deaths.happened > 8


def test_the_catalog_is_linked_after_the_files_and_the_mark_is_deleted_last(
    source: Path, layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A kill does not reveal a missing sync, since the page cache survives it; the order does."""
    with dying(monkeypatch, Dying(None)) as system:
        run(source, layout)

    steps = [step for step in system.calls if step != "open"]
    named = ["fsync", "link", "fsync", "unlink"]
    finished = ["unlink", "fsync"]
    last = [*named, *finished]
    assert steps[-len(last) :] == last


def test_files_copied_by_a_killed_restore_are_not_copied_again(
    source: Path, layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(unresolved, "write", _full)
        with pytest.raises(NoRoom):
            run(source, layout)
    [raw, *_] = sorted(layout.raw.rglob("*.gz"))
    raw.write_bytes(bytes(raw.stat().st_size))
    taken: list[str] = []
    real = Copying.take

    def noting(self: Copying, wanted: ExpectedFile) -> None:
        taken.append(wanted.path)
        real(self, wanted)

    monkeypatch.setattr(Copying, "take", noting)
    run(source, layout)

    assert taken == [layout.relative(raw)]


def _full(*_: object) -> None:
    raise NoRoom("erasures")


def test_a_restore_killed_after_the_catalog_was_linked_only_publishes_and_deletes_the_mark(
    store: Store, source: Path, layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(source, layout)
    layout.restore_mark.touch()
    monkeypatch.setattr(Copying, "take", lambda *_: 1 / 0)
    monkeypatch.setattr(views, "publish", publish)

    assert run(source, layout).files == 5
    assert not layout.restore_mark.exists()
    assert layout.audit.exists()
    demand_same(store, layout)


def test_files_of_an_earlier_restore_do_not_become_part_of_the_store(
    store: Store, source: Path, layout: Layout
) -> None:
    layout.root.mkdir()
    layout.restore_mark.touch()
    strange = layout.raw / "2026-11-22" / f"{'a' * 64}.gz"
    strange.parent.mkdir(parents=True)
    strange.write_bytes(b"another store's")

    run(source, layout)

    demand_same(store, layout)


@pytest.mark.parametrize("kind", ["*.parquet", "*.gz"])
def test_changed_and_missing_files_are_named_and_no_store_is_made(
    source: Path, layout: Layout, kind: str
) -> None:
    flipped, missing, *_ = sorted(source.rglob(kind))
    flip(flipped)
    missing.unlink()

    with pytest.raises(StoreDamaged) as told:
        run(source, layout)

    assert f"{flipped.relative_to(source)}: its SHA-256" in str(told.value)
    assert f"{missing.relative_to(source)} is missing" in str(told.value)
    assert not layout.catalog.exists()
    assert len(tree(layout.root)) == 3, "all other files are copied"


def test_of_many_damaged_files_the_first_are_named_and_the_others_counted(
    source: Path, layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("store.files.copying.NAMES_SHOWN", 1)
    first, second = sorted(source.rglob("*.parquet"))
    first.unlink()
    second.unlink()

    with pytest.raises(StoreDamaged, match=f"^{first.relative_to(source)} is missing; and 1 more$"):
        run(source, layout)


def test_an_unreadable_file_is_named(source: Path, layout: Layout) -> None:
    [part, *_] = source.rglob("*.parquet")
    part.unlink()
    part.mkdir()

    with pytest.raises(StoreDamaged, match=r"cannot be read \(Is a directory\)"):
        run(source, layout)


@pytest.mark.parametrize("harm", [Path.unlink, flip])
def test_a_changed_or_missing_catalog_is_refused(
    source: Path, layout: Layout, harm: object
) -> None:
    harm(source / "backup.sqlite")  # type: ignore[operator]

    with pytest.raises(StoreDamaged, match=r"backup\.sqlite"):
        run(source, layout)

    assert not layout.catalog.exists()


def test_a_broken_ledger_is_not_restored(
    source: Path, layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even if the hash of the catalog is right."""
    with (
        closing(catalogs.open_draft(source / "backup.sqlite")) as catalog,
        catalog.write() as connection,
    ):
        connection.exec_driver_sql("UPDATE entries SET payload = '{}' WHERE sequence = 2")
    mark = json.loads((source / "backup.json").read_text())
    mark["catalogs"][0]["sha256"] = sha256_of(source, "backup.sqlite")
    (source / "backup.json").write_text(json.dumps(mark))

    with pytest.raises(StoreDamaged, match="entry 2: its digest"):
        run(source, layout)


def test_a_catalog_that_changes_during_the_restore_is_refused(
    source: Path, layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(restore, "copy_into", lambda *_: "0" * 64)

    with pytest.raises(StoreDamaged, match="changed during"):
        run(source, layout)


@pytest.mark.parametrize("made", ["file", "store", "plain"])
def test_a_folder_that_is_not_empty_is_refused(source: Path, layout: Layout, made: str) -> None:
    if made == "file":
        layout.root.mkdir()
        (layout.root / "precious").write_bytes(b"x")
    elif made == "plain":
        layout.root.write_bytes(b"x")
    else:
        Store.create(layout.root, Clock(), LIMITS).catalog.close()

    with pytest.raises(BackupRefused, match="not empty"):
        run(source, layout)


def test_a_store_made_by_another_process_is_not_replaced(
    source: Path, layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unresolved, "write", lambda *_: layout.catalog.write_bytes(b"somebody's"))

    with pytest.raises(BackupRefused, match="another process created a store"):
        run(source, layout)

    assert layout.catalog.read_bytes() == b"somebody's"


def test_a_restore_is_refused_while_a_backup_or_another_restore_runs(
    source: Path, layout: Layout
) -> None:
    with (
        durable.lock(source / ".backup.lock"),
        pytest.raises(BackupRefused, match="another backup"),
    ):
        run(source, layout)
    with (
        durable.lock(layout.restore_mark),
        pytest.raises(BackupRefused, match="another restore"),
    ):
        run(source, layout)


def test_a_read_only_backup_can_be_restored(
    store: Store, source: Path, layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("store.backup.folder.os.access", lambda *_: False)
    (source / ".backup.lock").unlink()

    run(source, layout)

    demand_same(store, layout)
    assert not (source / ".backup.lock").exists()


@pytest.mark.parametrize("place", ["", "backup", "data"])
def test_a_folder_that_is_no_backup_is_refused_and_nothing_is_made(
    store: Store, tmp_path: Path, layout: Layout, place: str
) -> None:
    with pytest.raises(BackupRefused):
        run(tmp_path / place, layout)

    assert not layout.root.exists()
    assert not (tmp_path / place / ".backup.lock").exists()
