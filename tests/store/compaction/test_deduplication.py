"""What came in two batches is one row if its bytes are the same, and marked if it only looks so."""

import gzip
import json
from typing import Any

import orjson
import pytest

from store.store import Store
from tests.factories import gzipped, ndjson, record, send
from tests.store.compaction.test_compactor import compact, load, rows, settle


def batch(store: Store, *lines: bytes) -> None:
    send(store, gzip.compress(b"".join(line + b"\n" for line in lines), mtime=0))
    load(store)


def line(**changes: Any) -> bytes:
    return orjson.dumps(record(**changes))


def lists(store: Store) -> list[list[str]]:
    return [json.loads(row["also_in"]) for row in rows(store) if row["also_in"]]


def test_a_line_in_two_batches_becomes_one_row_that_names_the_other(store: Store) -> None:
    batch(store, line(RayID="a1"), line(RayID="a2"))
    settle(store, seconds=1)
    batch(store, line(RayID="a2"), line(RayID="a3"))
    ids = {row["batch_id"] for row in rows(store)}
    settle(store)

    [done] = compact(store)

    assert (done.rows, done.folded) == (3, 1)
    assert sorted(row["RayID"] for row in rows(store)) == ["a1", "a2", "a3"]
    [kept] = [row for row in rows(store) if row["also_in"]]
    [folded] = json.loads(kept["also_in"])
    assert kept["RayID"] == "a2"
    assert {kept["batch_id"], folded.partition(":")[0]} == ids
    assert folded.partition(":")[2] == "1"
    status = store.status().datasets["http_requests"]
    assert (status.rows, status.folded_rows, status.loaded_rows) == (3, 1, 4)


def test_the_batch_received_first_keeps_its_row(store: Store) -> None:
    batch(store, line())
    [first] = rows(store)
    settle(store, seconds=1)
    batch(store, line(), line(RayID="b2"))
    settle(store)
    compact(store)

    assert [row["batch_id"] for row in rows(store) if row["also_in"]] == [first["batch_id"]]


@pytest.mark.parametrize(
    "other",
    [
        line().replace(b'":', b'" :'),
        orjson.dumps(dict(reversed(record().items()))),
        line(EdgeResponseStatus=304),
    ],
    ids=["white space", "order", "a value"],
)
def test_lines_of_one_request_with_different_bytes_stay_and_are_marked(
    store: Store, other: bytes
) -> None:
    batch(store, line())
    batch(store, other)
    settle(store)

    [done] = compact(store)

    assert (done.rows, done.folded) == (2, 0)
    assert sorted(str(row["probable_duplicate"]) for row in rows(store)) == ["None", "True"]


def test_a_line_twice_in_one_batch_stays_twice(store: Store) -> None:
    batch(store, line(), line())
    settle(store)
    compact(store)

    assert [row["probable_duplicate"] for row in rows(store)] == [None, None]
    assert lists(store) == []


def test_a_line_twice_in_two_batches_becomes_two_rows(store: Store) -> None:
    batch(store, line(), line())
    batch(store, line(), line(), line(RayID="else"))
    settle(store)

    [done] = compact(store)

    assert (done.rows, done.folded) == (3, 2)
    assert [len(places) for places in lists(store)] == [1, 1]


def test_without_the_raw_bodies_duplicates_stay_and_are_marked(store: Store) -> None:
    batch(store, line())
    batch(store, line(), line(RayID="else"))
    for path in store.layout.raw.rglob("*.gz"):
        path.unlink()
    settle(store)

    [done] = compact(store)

    assert (done.rows, done.folded) == (3, 0)
    assert sum(row["probable_duplicate"] or 0 for row in rows(store)) == 1


def test_a_late_third_copy_is_folded_into_the_same_row(store: Store) -> None:
    batch(store, line())
    batch(store, line(), line(RayID="b"))
    settle(store)
    compact(store)
    batch(store, line(), line(RayID="c"))
    settle(store)
    compact(store)

    assert [len(places) for places in lists(store)] == [2]
    assert store.status().datasets["http_requests"].folded_rows == 2


@pytest.mark.parametrize(
    ("query_id", "expected"), [("q1", (3, 1)), ("", (4, 0)), (None, (4, 0))], ids=str
)
def test_a_dataset_without_ray_ids_is_deduplicated_by_all_values_of_lines_with_an_id(
    store: Store, query_id: str | None, expected: tuple[int, int]
) -> None:
    query = {"Datetime": "2026-11-20T09:00:00Z", "QueryName": "a.example", "Email": "ada@b.example"}
    query |= {"QueryID": query_id} if query_id is not None else {}
    for other in ({"QueryName": "b.example"}, {"QueryName": "c.example"}):
        send(store, gzipped(ndjson(query, query | other)), "gateway_dns")
        load(store)
    settle(store)

    [done] = compact(store)

    assert (done.rows, done.folded) == expected
    marked = [row for row in rows(store, "gateway_dns") if row["probable_duplicate"]]
    assert len(marked) == (0 if query_id else 1)


def test_lines_without_an_id_are_probable_duplicates_only_with_all_values_equal(
    store: Store,
) -> None:
    without_id = {name: value for name, value in record().items() if name != "RayID"}
    batch(store, orjson.dumps(without_id))
    batch(store, orjson.dumps({**without_id, "EdgeResponseStatus": 500}))
    settle(store)
    compact(store)

    assert [row["probable_duplicate"] for row in rows(store)] == [None, None]


def test_the_row_that_stays_unmarked_may_change_and_the_number_stays_right(store: Store) -> None:
    without_id = orjson.dumps({name: value for name, value in record().items() if name != "RayID"})
    batch(store, without_id)
    settle(store, seconds=1)
    batch(store, without_id, line(RayID="b"))
    settle(store)
    compact(store)
    first = store.status().datasets["http_requests"].probable_duplicates
    batch(store, without_id, without_id, without_id)
    settle(store)
    compact(store)

    found = store.status().datasets["http_requests"]
    assert first == 1
    assert (found.rows, found.folded_rows, found.probable_duplicates) == (6, 0, 2)
    assert sum(row["probable_duplicate"] or 0 for row in rows(store)) == 2


def test_requests_that_share_a_ray_id_are_not_marked(store: Store) -> None:
    batch(store, line(ClientRequestURI="/a"))
    batch(store, line(ClientRequestURI="/b"))
    settle(store)
    compact(store)

    assert [row["probable_duplicate"] for row in rows(store)] == [None, None]
