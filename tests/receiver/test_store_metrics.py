"""The store's metrics: sums and alarms, with labels that no sender can invent."""

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from receiver.store_metrics import StoreMetrics
from schema.decoding.decoder import chosen
from store.reading.degraded import LAG_SECONDS_MAX
from store.store import Store
from tests.factories import Body, Clock, diagnosed, gzipped, load, ndjson, record, send


@pytest.fixture
def registry(store: Store) -> CollectorRegistry:
    made = CollectorRegistry()
    made.register(StoreMetrics(store, "python"))
    return made


def sample(registry: CollectorRegistry, name: str, /, **labels: str) -> float | None:
    value: float | None = registry.get_sample_value(f"raytrail_{name}", labels)
    return value


def test_records_bytes_and_duplicates_are_counted_for_each_dataset(
    store: Store, registry: CollectorRegistry, body: Body
) -> None:
    sent = body(record(), record(RayID="2"))
    for _ in range(3):
        send(store, sent)
    send(store, gzipped(b"no json\n"))
    load(store)
    of = {"dataset": "http_requests"}

    assert sample(registry, "rows", **of) == 2
    assert sample(registry, "rejected_lines", **of) == 1
    assert sample(registry, "stored_batches", **of) == 2
    assert sample(registry, "resent_batches", **of) == 2
    assert sample(registry, "stored_body_bytes", **of) == len(sent) + len(gzipped(b"no json\n"))
    inflated = len(ndjson(record(), record(RayID="2"))) + len(b"no json\n")
    assert sample(registry, "stored_inflated_bytes", **of) == inflated
    assert sample(registry, "live_files") == 1
    assert sample(registry, "decoded_rows", decoder=chosen().name, **of) == 2
    assert sample(registry, "shaped_batches", shape="ndjson", **of) == 1
    assert sample(registry, "shaped_batches", shape="text", **of) == 1


def test_coerced_values_are_counted_for_each_field_and_unknown_members_together(
    store: Store, registry: CollectorRegistry
) -> None:
    odd = record(EdgeResponseStatus="200", **{'Made"Up\n': 1, "Another": 2})
    send(store, gzipped(ndjson(odd)))
    load(store)
    of = {"dataset": "http_requests"}

    coerced = {"kind": "misfit", "field": "EdgeResponseStatus", **of}
    assert sample(registry, "coerced_values", **coerced) == 1
    assert sample(registry, "unknown_members", **of) == 2
    assert sample(registry, "unknown_fields", **of) == 2
    assert b"Made" not in generate_latest(registry)


def test_pending_batches_are_shown_for_each_dataset_and_in_total(
    store: Store, registry: CollectorRegistry, clock: Clock
) -> None:
    send(store, gzipped(b"1\n"))
    clock.move(seconds=5)
    send(store, gzipped(b"1\n"), "access_requests")
    clock.move(seconds=2)

    assert sample(registry, "pending_batches") == 2
    assert sample(registry, "lag_seconds") == 7
    assert sample(registry, "waiting_batches", dataset="access_requests") == 1
    assert sample(registry, "dataset_lag_seconds", dataset="access_requests") == 2
    assert sample(registry, "dataset_lag_seconds", dataset="http_requests") == 7


def test_what_does_not_get_on_is_counted_by_its_code(
    store: Store, registry: CollectorRegistry, clock: Clock
) -> None:
    send(store, gzipped(b"1\n"))
    clock.move(seconds=LAG_SECONDS_MAX + 1)

    assert sample(registry, "degraded", code="lag") == 1


def test_datasets_without_a_description_share_one_label(
    store: Store, registry: CollectorRegistry
) -> None:
    for number in range(3):
        send(store, gzipped(b'{"a":%d}\n' % number), f"made_up_{number}")
    diagnosed(store, 2, "made_up_1", "csv", misfits={"a": 1}, unknown={"b": 1})

    assert sample(registry, "stored_batches", dataset="unknown") == 3
    assert sample(registry, "shaped_batches", dataset="unknown", shape="csv") == 1
    assert b"made_up" not in generate_latest(registry)


def test_the_decoder_in_use_is_a_label(registry: CollectorRegistry) -> None:
    assert sample(registry, "decoder", name="python") == 1


def test_foreign_records_are_counted_by_the_dataset_they_look_like(
    store: Store, registry: CollectorRegistry
) -> None:
    send(store, gzipped(b"1\n"), "access_requests")
    diagnosed(store, 1, "access_requests", foreign=4, foreign_sample=ndjson(record()))

    labels = {"dataset": "access_requests", "looks_like": "http_requests"}
    assert sample(registry, "foreign_records", **labels) == 4
