"""The loader's loop: what it does when the disk errs, and when somebody else is at work."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import pytest

from queries.shell_content import FACTS, QuestionContent
from raytrail.errors import DISK_FAILED, FINE
from raytrail.service import loader as loading
from raytrail.service.loader import run
from store.files import durable
from store.files.layout import Layout
from store.files.notices import Notices
from store.live_loading import ROUND_SECONDS_MAX, LiveLoading
from store.reading import known_pairs
from store.reading.shell.content import FactSource
from store.reading.snapshot import Snapshot
from store.registers.identity import name_pairs
from store.store import Store
from tests.dying import Dying, dying
from tests.factories import SHELL, UNPUBLISHABLE, Body, gzipped, record, send
from tests.until import until


@dataclass
class Heard:
    events: list[str] = field(default_factory=list)

    def __getattr__(self, level: str) -> Callable[..., None]:
        return lambda event, **_: self.events.append(event)


def in_background(loader: LiveLoading) -> tuple[threading.Thread, list[int]]:
    statuses: list[int] = []
    thread = threading.Thread(target=lambda: statuses.append(run(loader)))
    thread.start()
    return thread, statuses


def test_batches_become_readable_while_the_loader_runs(store: Store, body: Body) -> None:
    log = Heard()
    loader = LiveLoading(store, log, SHELL)
    thread, statuses = in_background(loader)
    until(store.layout.audit.exists, "shown")
    before = store.layout.audit.stat().st_ino

    send(store, body())
    until(lambda: store.status().pending.batches == 0, "loaded")
    until(lambda: store.layout.audit.stat().st_ino != before, "shown anew")
    send(store, gzipped(b'{"RayID":"9"}\n'), "access_requests")
    until(lambda: store.status().datasets["access_requests"].rows == 1, "loaded")
    loader.stop.set()
    thread.join()

    assert statuses == [FINE]
    assert log.events.count("loaded") == 2


def test_a_failed_disk_ends_the_loader_with_status_4(
    store: Store, body: Body, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(store, body())
    with dying(monkeypatch, Dying(None)) as counted:
        LiveLoading(store, Heard(), SHELL).until_drained()
    send(store, body(record(RayID="2")))
    fsync = counted.calls.index("fsync") + 1
    log = Heard()

    # One open more than above: the loader's lock.
    failing = Dying(fsync, lambda: OSError(5, "Input/output error"))
    with dying(monkeypatch, failing):
        assert run(LiveLoading(store, log, SHELL)) == DISK_FAILED

    assert "disk failed" in log.events


def test_on_a_full_disk_the_loader_waits_and_continues(
    store: Store, body: Body, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loading, "TROUBLE_SECONDS", 0.01)
    send(store, body())
    log = Heard()
    loader = LiveLoading(store, log, SHELL)
    with monkeypatch.context() as patch:
        full = Dying(3, lambda: OSError(28, "No space left on device"), once=True)
        patch.setattr(durable, "os", full)
        thread, statuses = in_background(loader)
        until(lambda: store.status().pending.batches == 0, "loaded")
        loader.stop.set()
        thread.join()

    assert statuses == [FINE]
    assert "loader waits" in log.events
    assert "loaded" in log.events


def test_an_unreadable_batch_is_an_error_in_the_log(store: Store, body: Body) -> None:
    send(store, body())
    [raw] = store.layout.raw.rglob("*.gz")
    raw.unlink()
    log = Heard()

    assert LiveLoading(store, log, SHELL).until_drained() == 1

    assert log.events == ["unread"]


def test_batches_become_rows_while_the_views_cannot_be_published(
    store: Store, body: Body, tmp_path: Path
) -> None:
    told = Notices(tmp_path)
    loader = LiveLoading(store, Heard(), UNPUBLISHABLE, notices=told)
    thread, statuses = in_background(loader)

    send(store, body())
    until(lambda: store.status().datasets["http_requests"].rows == 1, "loaded")

    until(lambda: list(told.read()) == ["publishing"], "told, and the loader does not wait")
    loader.content = SHELL
    until(lambda: told.read() == {}, "published")
    loader.stop.set()
    thread.join()
    assert statuses == [FINE]
    assert store.layout.audit.exists()


def test_a_loader_that_hangs_is_told_after_a_while(store: Store, tmp_path: Path) -> None:
    told = Notices(tmp_path)
    loader = LiveLoading(store, Heard(), SHELL, notices=told)
    thread, _ = in_background(loader)
    until(lambda: list(tmp_path.glob("*.promise")), "it has begun")
    loader.stop.set()
    thread.join()

    assert told.read() == {}
    later = Notices(tmp_path, now=lambda: time.monotonic() + ROUND_SECONDS_MAX)
    assert later.read() == {"loading": "the loader has not reported for more than 15 minutes"}


def test_a_register_that_changes_is_published_without_a_new_batch(store: Store) -> None:
    pairs = FactSource("pairs", (("name", "VARCHAR"),), _linked)
    loader = LiveLoading(store, Heard(), QuestionContent((*FACTS, pairs)))
    thread, _ = in_background(loader)
    until(store.layout.audit.exists, "published")

    with store.catalog.write() as connection:
        name_pairs.link(connection, store.layout, store.clock(), "srhea", "s.rhea")
    until(lambda: _shown(store) == [("s.rhea",), ("srhea",)], "published with the pair")
    with store.catalog.write() as connection:
        name_pairs.forget(connection, "srhea")
    until(lambda: _shown(store) == [], "published without an erased name")

    loader.stop.set()
    thread.join()


def _linked(layout: Layout, _snapshot: Snapshot) -> list[tuple[str]]:
    found = known_pairs.name_pairs(layout).pairs
    return sorted((name,) for each in found for name in (each.name, each.other) if name)


def _shown(store: Store) -> list[tuple[str]]:
    with duckdb.connect(str(store.layout.audit), read_only=True) as audit:
        return audit.execute("FROM shape.pairs ORDER BY name").fetchall()
