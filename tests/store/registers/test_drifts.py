"""The ledger has one entry for each change of a difference, however often it is checked."""

from typing import Any

from store.catalog import ledger
from store.registers import drifts
from store.store import Store


def noted(store: Store, place: str, *found: dict[str, Any]) -> bool:
    with store.catalog.write() as connection:
        return drifts.record(connection, place, found, store.clock()) is not None


def test_only_changed_differences_are_entered(store: Store) -> None:
    sampled = {"what": "http_requests", "field": "output_options.sample_rate", "before": 0.1}

    assert not noted(store, "zone")  # There was never a difference.
    assert noted(store, "zone", sampled)
    assert not noted(store, "zone", dict(reversed(sampled.items())))
    assert noted(store, "another zone", sampled)
    assert noted(store, "zone")
    assert not noted(store, "zone")

    with store.catalog.read() as connection:
        found = [(entry.kind, entry.payload) for entry in ledger.walk(connection)]
    assert found == [
        ("drift", {"place": "zone", "found": [sampled]}),
        ("drift", {"place": "another zone", "found": [sampled]}),
        ("drift", {"place": "zone", "found": []}),
    ]
