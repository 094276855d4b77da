"""Missing files of the ledger are a finding before the next start is refused."""

import shutil

from raytrail.doctor import catalog as ledger
from raytrail.doctor.finding import Grade
from store.store import Store
from tests.factories import gzipped, ndjson, record, send


def test_a_missing_ledger_is_a_finding(store: Store) -> None:
    send(store, gzipped(ndjson(record())))
    assert list(ledger.examine(store)) == []

    shutil.rmtree(store.layout.ledger)

    [finding] = list(ledger.examine(store))
    assert finding.grade is Grade.WRONG
    assert "raytrail rebuild" in finding.helps
