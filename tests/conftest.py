"""What every room's tests share: a clean environment, a store of their own, real bodies."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from store.intake import IntakeLimits
from store.store import Store
from tests.factories import NO_RESERVE, Body, Clock, gzipped, ndjson, record


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No setting of the person who runs the tests reaches them, nor does a `.env` file."""
    for name in list(os.environ):
        if name.startswith(("RAYTRAIL_", "PROMETHEUS_")):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(tmp_path: Path, clock: Clock) -> Iterator[Store]:
    with Store.create(tmp_path / "data", clock, IntakeLimits(reserve=NO_RESERVE)) as opened:
        yield opened


@pytest.fixture
def body() -> Body:
    """Make a gzipped batch of the given records, or of one plain one."""

    def make(*records: Mapping[str, Any]) -> bytes:
        return gzipped(ndjson(*(records or (record(),))))

    return make
