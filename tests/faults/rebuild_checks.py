"""What must hold of a rebuilt catalog. Used as the checks in checks.py."""

import shutil

from store.errors import RebuildRefused
from store.rebuild.lost_ledger.decisions import Decisions
from store.rebuild.rebuild import rebuild
from store.retention import holds
from store.retention.holds import Criteria
from store.store import Store
from tests.catalog_tables import delete, tables
from tests.factories import gzipped, ndjson, record, send
from tests.faults.lab import Lab, drain, numbered
from tests.person_store import by, erase
from tests.system.operations import remove_retired, retain

LEAVER = "leaver@widgetcorp.example"


def a_lost_catalog_is_rebuilt_as_it_was(lab: Lab) -> None:
    """After an erasure and with a hold; the old catalog is kept."""
    with lab.store() as store:
        for number in (1, 2):
            send(store, numbered(number))
            drain(store)
        send(store, gzipped(ndjson(by(LEAVER), by("bob"))))
        drain(store)
        erase(store, LEAVER)
        with store.catalog.write() as connection:
            wanted = Criteria(user="bob")
            holds.place(connection, store.layout, store.clock, wanted, "a case")
        before = tables(store.layout.root)
    for is_deleted in (False, True):
        if is_deleted:
            delete(store)
        lab.injected(1)

        done = rebuild(store.layout, store.clock, store.limits)

        assert done.is_whole, done.unknown
        assert tables(store.layout.root) == before
        assert done.kept is None or (store.layout.root / done.kept).exists()


def without_the_ledger_nothing_removed_comes_back(lab: Lab) -> None:
    """Retention removed the rows of a body that is kept; then catalog and ledger are lost."""
    with lab.store() as store:
        old = record(EdgeStartTimestamp="2026-11-10T09:00:00Z")
        for body in (gzipped(ndjson(old)), numbered(1)):
            send(store, body)
            drain(store)
        retain(store, 7)
        remove_retired(store)
    _lose_everything(store)
    lab.injected(1)

    assert _is_refused(store, None), "the loss of the ledger was not noticed"
    assert _is_refused(store, Decisions()), "a body without rows was loaded again unasked"


def _is_refused(store: Store, decisions: Decisions | None) -> bool:
    try:
        rebuild(store.layout, store.clock, store.limits, decisions=decisions)
    except RebuildRefused:
        return True
    return False


def _lose_everything(store: Store) -> None:
    delete(store)
    shutil.rmtree(store.layout.ledger, ignore_errors=True)
