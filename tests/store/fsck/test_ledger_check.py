"""Every line of `ledger/` must be the entry that the catalog has under its number."""

import shutil
from pathlib import Path

import orjson
import pytest
from sqlalchemy import delete, update

from store.catalog.agreement.comparison import BEGUN
from store.catalog.chain import breaks
from store.catalog.tables import entries, facts
from store.fsck.finding import Finding, Kind
from store.fsck.ledger_check import check_ledger_files
from store.ledger.entry import digest_of
from store.ledger.ledger_files import ledger_files
from store.store import Store
from tests.factories import gzipped, ndjson, record, send


@pytest.fixture
def received(store: Store) -> Store:
    for number in range(3):
        send(store, gzipped(ndjson(record(RayID=str(number)))))
    return store


def findings(store: Store) -> list[Finding]:
    return list(check_ledger_files(store.layout, store.catalog))


def newest_file(store: Store) -> Path:
    return ledger_files(store.layout)[-1]


def test_a_whole_ledger_has_no_finding(received: Store) -> None:
    assert findings(received) == []


def test_a_line_ahead_of_the_catalog_is_a_receipt_under_way(received: Store) -> None:
    with received.catalog.read():  # What is received now is not in this read.
        send(received, gzipped(ndjson(record(RayID="late"))))

        assert findings(received) == []


@pytest.mark.parametrize(
    ("lines_kept", "means"),
    [(2, "ends before entry 3"), (0, "ends before entry 1")],
)
def test_missing_lines_are_found(received: Store, lines_kept: int, means: str) -> None:
    path = newest_file(received)
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:lines_kept]))

    [finding] = findings(received)

    assert finding.kind is Kind.LEDGER_FILES_DIFFER
    assert finding.path == "ledger"
    assert means in finding.means
    assert "raytrail rebuild" in finding.helps


def test_lines_out_of_order_are_found(received: Store) -> None:
    path = newest_file(received)
    first, second, *rest = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([second, first, *rest]))

    assert "does not follow" in findings(received)[0].means


def test_an_entry_that_was_dated_again_with_new_digests_is_found(received: Store) -> None:
    """The chain of the catalog is sound, so only the second copy tells."""
    with received.catalog.write() as connection:
        query = entries.select().order_by(entries.c.sequence.desc()).limit(1)
        row = connection.execute(query).mappings().one()
        fields = {str(name): value for name, value in row.items() if name != "digest"}
        fields["recorded_at"] = "2020-01-01T00:00:00.000000Z"
        digest = digest_of({**fields, "payload": orjson.loads(row["payload"])})
        changed = update(entries).where(entries.c.sequence == row["sequence"])
        connection.execute(changed.values(**fields, digest=digest))

    with received.catalog.read() as connection:
        assert not list(breaks(connection))
    [finding] = findings(received)
    assert "entry 3 is another one" in finding.means


def test_a_missing_ledger_is_found_only_if_it_was_begun(received: Store) -> None:
    shutil.rmtree(received.layout.ledger)

    assert "it is missing" in findings(received)[0].means
    with received.catalog.read() as connection:  # As a version without `ledger/` leaves it.
        connection.execute(delete(facts).where(facts.c.name == BEGUN))
        connection.commit()
    assert findings(received) == []
