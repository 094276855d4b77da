"""What the fault tests share: a lab of their own for each, a store in it, and its receiver."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from store.store import Store
from tests.edge import Room, open_room
from tests.faults.lab import Lab
from tests.injected import Injected


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, injected: Injected) -> Iterator[Lab]:
    """In memory, where there is such a place: these faults are ours, and thousands of syncs slow."""
    memory = Path("/dev/shm")
    place = memory if os.access(memory, os.W_OK) else tmp_path
    with tempfile.TemporaryDirectory(prefix="raytrail-faults-", dir=place) as folder:
        yield Lab(Path(folder), monkeypatch, injected)


@pytest.fixture
def store(lab: Lab) -> Iterator[Store]:
    with lab.store() as opened:
        yield opened


@pytest.fixture
def room(store: Store) -> Iterator[Room]:
    with open_room(store) as opened:
        yield opened
