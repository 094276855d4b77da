"""Missing files of the ledger are a finding before the next start is refused."""

import shutil
from pathlib import Path

from raytrail.doctor import ledger
from raytrail.doctor.checks import Grade
from store.store import Store
from tests.factories import Clock, gzipped, ndjson, record, send


def test_a_missing_ledger_is_a_finding(store: Store, clock: Clock, tmp_path: Path) -> None:
    send(store, gzipped(ndjson(record())))
    assert ledger.examine(store.layout.root, clock) == []

    shutil.rmtree(store.layout.ledger)

    [finding] = ledger.examine(store.layout.root, clock)
    assert finding.grade is Grade.WRONG
    assert "raytrail rebuild" in finding.helps
    assert ledger.examine(tmp_path / "typo", clock) == []
