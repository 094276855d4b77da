"""What the fault tests share: a lab of their own for each."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.lab import Lab
from tests.injected import Injected


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, injected: Injected) -> Iterator[Lab]:
    """In memory, where there is such a place: these faults are ours, and thousands of syncs slow."""
    memory = Path("/dev/shm")
    place = memory if os.access(memory, os.W_OK) else tmp_path
    with tempfile.TemporaryDirectory(prefix="raytrail-faults-", dir=place) as folder:
        yield Lab(Path(folder), monkeypatch, injected)
