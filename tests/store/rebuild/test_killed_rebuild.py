"""A rebuild that was killed loses nothing that the old catalog or `ledger/` still has."""

import re
import shutil
import sqlite3
from collections.abc import Callable, Hashable
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from store.errors import RebuildRefused
from store.files.layout import Layout
from store.ledger import ledger_files
from store.rebuild.rebuild import Rebuilt, rebuild
from store.retention import holds
from store.retention.holds import Criteria
from store.store import Store
from tests.catalog_tables import Rows, tables
from tests.dying import Dying, Killed, dying, state_of
from tests.factories import gzipped, load, ndjson, send
from tests.person_store import by


@pytest.fixture
def held(store: Store, monkeypatch: pytest.MonkeyPatch) -> Store:
    """A store with a batch and a hold, which no file but the ledger's tells of."""
    # Fewer lines than follow a damaged one in any ledger that is older than a second.
    monkeypatch.setattr(ledger_files, "UNSYNCED_LINES_MAX", 1)
    send(store, gzipped(ndjson(by("dan"))))
    load(store)
    with store.catalog.write() as connection:
        holds.place(connection, store.layout, store.clock, Criteria(user="dan"), "a case")
    return store


def without_ledger(layout: Layout) -> None:
    shutil.rmtree(layout.ledger)


def with_a_damaged_ledger(layout: Layout) -> None:
    [path] = ledger_files.ledger_files(layout)
    path.write_bytes(re.sub(rb'"kind":"loaded"', b'"kind":"loadex"', path.read_bytes()))


def rebuilt(store: Store, data: Path) -> tuple[Rebuilt, dict[str, Rows]]:
    """What it tells, but for the name of the old catalog, and what the tables then have."""
    done = rebuild(Layout(data), store.clock, store.limits)
    return replace(done, kept=None), tables(data)


@pytest.mark.parametrize("losing", [without_ledger, with_a_damaged_ledger])
def test_killed_at_any_call_the_next_rebuild_gives_what_an_unkilled_one_gives(
    held: Store, losing: Callable[[Layout], None], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    held.catalog.close()
    losing(held.layout)
    shutil.copytree(held.layout.root, tmp_path / "unkilled")
    with dying(monkeypatch, Dying(None)) as counted:
        wanted = rebuilt(held, tmp_path / "unkilled")
    assert wanted[0].is_whole
    assert wanted[0].sequence == 3
    left = set[Hashable]()
    for number in range(1, len(counted.calls) + 1):
        data = tmp_path / str(number)
        shutil.copytree(held.layout.root, data)
        with dying(monkeypatch, Dying(number)), pytest.raises(Killed):
            rebuild(Layout(data), held.clock, held.limits)
        if (state := state_of(data)) in left:
            continue
        left.add(state)

        assert rebuilt(held, data) == wanted, counted.places[number - 1]

        assert not Layout(data).rebuild_mark.exists()
        with Store.create(data, held.clock, held.limits) as again, again.catalog.read() as found:
            assert [hold.user for hold in holds.active(found)] == ["dan"]


@pytest.mark.parametrize("is_log_moved", [False, True])
def test_the_log_of_the_old_catalog_is_read_under_either_name(
    held: Store, is_log_moved: bool, tmp_path: Path
) -> None:
    kept = "catalog-before-rebuild-20261122T100000000000.sqlite"
    data = tmp_path / "copy"
    # The service was killed, so its commits are still in the log.
    shutil.copytree(held.layout.root, data)
    without_ledger(Layout(data))
    assert (data / "catalog.sqlite-wal").stat().st_size
    (data / "catalog.sqlite").rename(data / kept)
    if is_log_moved:
        (data / "catalog.sqlite-wal").rename(data / f"{kept}-wal")
    Layout(data).rebuild_mark.write_text(kept, "ascii")

    done, found = rebuilt(held, data)

    assert done.sequence == 3
    assert len(found["holds"]) == 1


def test_the_log_of_a_lost_catalog_is_never_put_beside_the_new_one(
    held: Store, tmp_path: Path
) -> None:
    data = tmp_path / "copy"
    shutil.copytree(held.layout.root, data)
    (data / "catalog.sqlite").unlink()
    done = rebuild(Layout(data), held.clock, held.limits)
    assert done.kept
    assert (data / f"{done.kept}-wal").exists()
    # As if it had been killed before its last step.
    Layout(data).rebuild_mark.write_text(done.kept, "ascii")
    log = (data / f"{done.kept}-wal").read_bytes()

    again = rebuild(Layout(data), lambda: held.clock() + timedelta(seconds=1), held.limits)

    assert (again.digest, again.is_whole) == (done.digest, True)
    assert (data / f"{done.kept}-wal").read_bytes() == log


def test_a_locked_catalog_does_not_count_as_one_that_ends_here(
    held: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    held.catalog.close()
    without_ledger(held.layout)
    monkeypatch.setattr("store.rebuild.known_entries.LOCK_SECONDS_MAX", 0.01)
    with closing(sqlite3.connect(held.layout.catalog)) as other:
        other.execute("PRAGMA locking_mode=EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")

        with pytest.raises(RebuildRefused, match=r"catalog\.sqlite cannot be read: .*locked"):
            rebuild(held.layout, held.clock, held.limits)

    assert rebuild(held.layout, held.clock, held.limits).sequence == 3


def test_a_catalog_that_cannot_be_opened_does_not_count_as_one_that_ends_here(
    held: Store,
) -> None:
    held.catalog.close()
    without_ledger(held.layout)
    # A folder in the place of its log: SQLite then cannot open it, as without permission.
    log = held.layout.root / "catalog.sqlite-wal"
    log.mkdir()

    with pytest.raises(RebuildRefused, match=r"catalog\.sqlite cannot be read: .*unable to open"):
        rebuild(held.layout, held.clock, held.limits)

    log.rmdir()
    assert rebuild(held.layout, held.clock, held.limits).sequence == 3


def test_a_text_that_is_not_utf_8_ends_a_catalog(held: Store) -> None:
    held.catalog.close()
    with closing(sqlite3.connect(held.layout.catalog)) as opened, opened:
        opened.execute("UPDATE entries SET payload = CAST(x'7bff7d' AS TEXT) WHERE sequence = 3")

    assert rebuild(held.layout, held.clock, held.limits).sequence == 3
