"""Logins are pulled completely by REST, in batches and pages of limited size."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from store.store import Store
from store.timestamps import to_text
from tests.archives.test_import_run import rays
from tests.cloudflare_api.world import ACCOUNT_ID, World
from tests.factories import NOW
from upstream.connection import Connection
from upstream.logins import access_log, pull
from upstream.logins.access_log import DATASET, AccessLog
from upstream.logins.pull import Pull, PulledWindow
from upstream.options import ApiOptions

SINCE = NOW - timedelta(hours=1)


@pytest.fixture
def source(world: World, api_url: str) -> Iterator[AccessLog]:
    world.clock = lambda: NOW
    with Connection(ApiOptions(token=world.token, url=api_url, tries=1, pause=0.0)) as connection:
        yield AccessLog(connection, ACCOUNT_ID)


def login(number: int) -> dict[str, Any]:
    """All of them in one second."""
    return {"ray_id": f"{number:016x}", "created_at": to_text(SINCE)[:19] + "Z"}


def pulled(store: Store, source: AccessLog) -> PulledWindow:
    [window] = Pull(store, source).run(SINCE, SINCE + timedelta(seconds=1))
    while store.loader().load_next():
        pass
    return window


def test_many_logins_become_several_batches(
    world: World, source: AccessLog, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pull, "LINES_A_BATCH", 10)
    world.access.requests = [login(number) for number in range(24)]

    window = pulled(store, source)

    assert (window.fresh, len(window.batch_ids), window.is_cut) == (24, 3, False)
    assert rays(store.layout.root, DATASET) == [f"{number:016x}" for number in range(24)]


def test_more_pages_than_the_maximum_are_reported_as_cut(
    world: World, source: AccessLog, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(access_log, "PAGES_MAX", 3)
    world.access.page_rows_max = 25
    world.access.requests = [login(number) for number in range(76)]

    window = pulled(store, source)

    assert (window.fresh, window.is_cut) == (75, True)
    assert rays(store.layout.root, DATASET) == [f"{number:016x}" for number in range(75)]


def test_pages_up_to_the_maximum_are_complete(
    world: World, source: AccessLog, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(access_log, "PAGES_MAX", 3)
    world.access.page_rows_max = 25
    world.access.requests = [login(number) for number in range(50)]

    window = pulled(store, source)

    assert (window.fresh, window.is_cut) == (50, False)
