"""Lines that an earlier version took for copies are reported, and a replay brings them back."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from raytrail.doctor import folded
from raytrail.doctor.finding import Grade
from store.compaction import deduplication
from store.replay.selection import Selection
from store.store import Store
from tests.factories import Clock, compact, gzipped, load, ndjson, record, send

WITHOUT_ID = {name: value for name, value in record().items() if name != "RayID"}
OTHER = {"EdgeStartTimestamp": "2026-11-20T09:00:00Z", "Anything": 1}


def folded_by_an_earlier_version(
    store: Store, clock: Clock, patch: pytest.MonkeyPatch, dataset: str, line: dict[str, object]
) -> None:
    send(store, gzipped(ndjson(line)), dataset)
    send(store, gzipped(ndjson(line, line | {"ClientRequestURI": "/b"})), dataset)
    load(store)
    clock.move(days=2)

    def always(table: pa.Table, _dataset: str) -> pa.ChunkedArray:
        return pa.chunked_array([pa.repeat(pa.scalar(value=True), table.num_rows)])

    with patch.context() as earlier:
        earlier.setattr(deduplication, "has_id", always)
        compact(store)


@pytest.mark.parametrize(
    ("dataset", "line"), [("http_requests", WITHOUT_ID), ("other_events", OTHER)]
)
def test_hidden_lines_are_reported_and_come_back_by_a_replay(
    store: Store,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
    dataset: str,
    line: dict[str, object],
) -> None:
    folded_by_an_earlier_version(store, clock, monkeypatch, dataset, line)

    [finding] = list(folded.examine(store))
    store.replay().run(Selection(dataset=dataset))
    clock.move(days=2)
    compact(store)

    assert (finding.dataset, finding.grade) == (dataset, Grade.NOTE)
    assert finding.text.endswith("folded 1 line without a Ray ID or other id, in 1 file")
    assert f"raytrail replay --dataset {dataset}" in finding.helps
    found = store.status().datasets[dataset]
    assert (found.rows, found.folded_rows, found.probable_duplicates) == (3, 0, 1)
    assert list(folded.examine(store)) == []


def test_lines_with_an_id_may_be_folded(store: Store, clock: Clock) -> None:
    send(store, gzipped(ndjson(record())))
    send(store, gzipped(ndjson(record(), record(RayID="b"))))
    load(store)
    clock.move(days=2)
    compact(store)

    assert store.status().datasets["http_requests"].folded_rows == 1
    assert list(folded.examine(store)) == []


def test_a_file_that_lost_the_column_of_folded_lines_hides_none(
    store: Store, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    folded_by_an_earlier_version(store, clock, monkeypatch, "http_requests", WITHOUT_ID)
    [path] = store.snapshot().files["http_requests"]
    table = pq.read_table(path, partitioning=None)
    pq.write_table(table.drop_columns([deduplication.ALSO_IN]), path)

    assert list(folded.examine(store)) == []
