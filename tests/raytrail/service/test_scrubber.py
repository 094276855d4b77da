"""The scrub runs beside the compactor, by the settings, and ends with it."""

from datetime import timedelta
from pathlib import Path

import pytest

from raytrail.errors import FINE, BadConfiguration
from raytrail.scrub_settings import MIB_PER_SECOND_MIN
from raytrail.service import scrubber
from raytrail.service.compactor import Compacting
from raytrail.settings import Settings
from store.errors import DiskFailed
from store.scrub.pace import MIB
from store.store import Store
from tests.edge import Heard
from tests.factories import Body, load, send
from tests.until import until


def compacting(store: Store) -> Compacting:
    return Compacting(store, Heard(), idle_seconds=0.01)


def test_every_file_is_read_while_the_compactor_runs(store: Store, body: Body) -> None:
    send(store, body())
    load(store)
    at_work = compacting(store)
    beside = scrubber.beside(at_work, Settings.read())
    beside.scrubbing.start_seconds = 0.0

    with beside.running():
        until(lambda: store.status().scrub.complete, "a round")
        at_work.stop.set()
        assert at_work.forever() == FINE

    assert not beside.disk_failed


def test_the_settings_give_interval_and_rate(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAYTRAIL_SCRUB_DAYS", "2")
    monkeypatch.setenv("RAYTRAIL_SCRUB_MIB_PER_SECOND", "2.5")

    scrubbing = scrubber.beside(compacting(store), Settings.read()).scrubbing

    assert scrubbing.every == timedelta(days=2)
    assert scrubbing.scrub.pace.bytes_per_second == 2.5 * MIB


def test_the_lowest_rate_is_allowed_and_a_lower_one_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("RAYTRAIL_SCRUB_MIB_PER_SECOND", str(MIB_PER_SECOND_MIN))
    assert Settings.read().scrub_mib_per_second == MIB_PER_SECOND_MIN

    monkeypatch.setenv("RAYTRAIL_SCRUB_MIB_PER_SECOND", str(MIB_PER_SECOND_MIN - 0.01))
    with pytest.raises(BadConfiguration, match=r"^RAYTRAIL_SCRUB_MIB_PER_SECOND: .*equal to 1$"):
        Settings.read()


def test_a_disk_that_fails_under_the_scrub_ends_the_compactor_too(
    store: Store, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    at_work = compacting(store)
    beside = scrubber.beside(at_work, Settings.read())
    beside.scrubbing.start_seconds = 0.0

    def fail(_on_file: object) -> None:
        raise DiskFailed("catalog: disk I/O error")

    monkeypatch.setattr(beside.scrubbing.scrub, "run_round", fail)
    with beside.running():
        assert at_work.forever() == FINE

    assert beside.disk_failed
