"""What fsck compares with the ledger, and that it accuses no store of an earlier version."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest
from sqlalchemy import select, update

from raytrail.doctor import upkeep
from raytrail.doctor.finding import Grade
from store.catalog.tables import batches
from store.files import durable
from store.fsck.check import check
from store.fsck.tables.table_check import check_tables
from store.live_loading import LiveLoading
from store.reading import views
from store.store import Store
from tests.command import Command
from tests.factories import SHELL, Clock, gzipped, load, ndjson, old_store, record, send
from tests.faults.damaged import loading, three_days
from tests.golden_stores import STORES, golden_store
from tests.raytrail.service.test_loader import Heard
from tests.store.conftest import LIMITS, Built


def kinds(store: Store) -> list[str]:
    return [str(each.kind) for each in check(store, lambda: None, SHELL, is_deep=True).left]


def _golden(number: str) -> Callable[[Path], Path]:
    return lambda data: golden_store(data, number)


def _oldest(data: Path) -> Path:
    old_store(data)
    for name in ("README.md", "catalog.sql"):
        (data / name).unlink()
    return data


@pytest.mark.parametrize("made", [_oldest, *map(_golden, STORES)])
def test_a_store_of_an_earlier_version_has_no_finding(
    made: Callable[[Path], Path], tmp_path: Path
) -> None:
    with Store.open(made(tmp_path / "data"), Clock(), LIMITS) as store:
        store.publish(SHELL)

        assert kinds(store) == []


def shown_by_another_version(store: Store) -> None:
    """A view with another text, and the name of the version that wrote it."""
    made = store.layout.root.parent / "made.duckdb"
    shutil.copyfile(store.layout.audit, made)
    with duckdb.connect(str(made)) as audit:
        audit.execute("CREATE OR REPLACE VIEW http_requests AS FROM main.access_requests")
        audit.execute("UPDATE shape.snapshot SET writer = 'raytrail 0.1, DuckDB 1.4.0'")
    shutil.move(made, store.layout.audit)


def test_views_that_another_version_wrote_are_found_only_beside_a_running_loader(
    built: Built,
) -> None:
    store, _ = built(three_days)
    store.publish(SHELL)
    shown_by_another_version(store)

    assert kinds(store) == [], "the next start writes them again"
    with durable.lock(store.layout.loader_lock):
        assert kinds(store) == ["views_differ"], "the loader wrote them when it began"
    assert check(store, lambda: None, SHELL, is_repairing=True).left == ()


def test_views_are_not_compared_with_a_store_that_changed_meanwhile(
    built: Built, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, _ = built(three_days)
    store.publish(SHELL)
    shown_by_another_version(store)
    real = views.definitions

    def changing(*given: Any) -> Any:
        send(store, gzipped(ndjson(record(RayID="later"))))
        load(store)
        return real(*given)

    with durable.lock(store.layout.loader_lock):
        assert "views_differ" in kinds(store)
        monkeypatch.setattr(views, "definitions", changing)
        assert "views_differ" not in kinds(store)


def test_views_of_a_store_with_a_damaged_part_are_no_finding(built: Built) -> None:
    store, _ = built(three_days)
    next(iter(store.snapshot().parts)).unlink()
    loading(store).until_drained()

    assert kinds(store) == ["missing_part"]


def test_a_batch_whose_state_was_set_back_is_not_loaded_again(built: Built) -> None:
    store, _ = built(three_days)
    with store.catalog.write() as connection:
        connection.execute(update(batches).values(state="entered"))
    log = Heard()

    assert store.loader().load_next() == []
    LiveLoading(store, log, SHELL).until_drained()

    with store.catalog.read() as connection:
        assert set(connection.scalars(select(batches.c.state))) == {"loaded"}
    assert log.events.count("state set back") == 3
    assert store.status().datasets["http_requests"].rows == 9


def test_a_batch_that_no_entry_loaded_is_loaded_though_its_row_names_one(store: Store) -> None:
    send(store, gzipped(ndjson(record())))
    send(store, gzipped(ndjson(record(RayID="2"))))
    load(store)
    send(store, gzipped(ndjson(record(RayID="3"))))
    with store.catalog.write() as connection:
        waiting = update(batches).where(batches.c.state == "entered")
        connection.execute(waiting.values(loaded_sequence=3))

    loading(store).until_drained()

    assert store.status().datasets["http_requests"].rows == 3
    assert not list(check_tables(store.layout, store.catalog, store.clock()))


def test_doctor_shows_what_the_last_fsck_found_and_when(
    built: Built, raytrail: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("raytrail.commands.upkeep.fsck.PAUSE_SECONDS", 0.0)
    store, _ = built(three_days)
    store.publish(SHELL)
    data = store.layout.root

    assert [each.about for each in upkeep.examine(store)] == []
    raytrail("fsck", "--deep", "--data", data)
    [found] = upkeep.examine(store)
    assert (found.about, found.grade) == ("fsck", Grade.FINE)
    assert "`raytrail fsck --deep` looked at 6 files" in found.text

    with store.catalog.write() as connection:
        connection.execute(update(batches).values(rows=7))
    raytrail("fsck", "--data", data)
    [found] = upkeep.examine(store)
    assert (found.grade, "and found 3 entry_mismatch" in found.text) == (Grade.WRONG, True)
