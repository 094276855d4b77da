"""What the fault tests share: a lab of their own for each."""

from pathlib import Path

import pytest

from tests.faults.lab import Lab
from tests.injected import Injected


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, injected: Injected) -> Lab:
    return Lab(tmp_path, monkeypatch, injected)
