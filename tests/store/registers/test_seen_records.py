"""A record that any sender brought is seen, and is not stored again."""

from itertools import count

import orjson
import pytest
from sqlalchemy import func, select

from store.catalog.register_tables import marks
from store.intake.raw_body import RawBodies
from store.registers import seen_records
from store.registers.seen_records import SeenRecords
from store.store import Store
from tests.factories import gzipped, send

DATASET = "access_requests"


def line(number: int, **more: object) -> bytes:
    return orjson.dumps({"RayID": f"{number:016x}", **more})


def seen(store: Store, dataset: str = DATASET) -> SeenRecords:
    bodies = RawBodies(store.layout, store.limits.envelope)
    return SeenRecords(
        store.catalog, bodies, dataset, lambda text: orjson.loads(text)["RayID"].encode()
    )


def received(store: Store, *lines: bytes, dataset: str = DATASET) -> None:
    send(store, gzipped(b"\n".join(lines) + b"\n"), dataset)


def marked(store: Store) -> int:
    with store.catalog.read() as connection:
        return connection.scalar(select(func.count()).select_from(marks)) or 0


def test_only_records_of_no_batch_are_unseen_each_once_and_in_order(store: Store) -> None:
    received(store, line(1), b"", line(2))

    assert seen(store).unseen([line(4), line(2), line(3), line(1), line(4)]) == [line(4), line(3)]


def test_the_last_spelling_of_a_record_is_the_one_to_store(store: Store) -> None:
    assert seen(store).unseen([line(1, a=1), line(1, a=2)]) == [line(1, a=2)]


def test_records_of_another_dataset_do_not_count(store: Store) -> None:
    received(store, line(1), dataset="gateway_http")

    assert seen(store).unseen([line(1)]) == [line(1)]


def test_later_batches_are_marked_at_the_next_look(store: Store) -> None:
    numbers = count(1)
    for _ in range(3):
        number = next(numbers)
        assert seen(store).unseen([line(number)]) == [line(number)]
        received(store, line(number))

    assert seen(store).unseen([line(1), line(2), line(3), line(9)]) == [line(9)]
    assert marked(store) == 3


@pytest.mark.parametrize("records", [1, 2, 3, 4, 5])
def test_as_many_records_as_fit_a_statement_and_one_more_are_all_found(
    store: Store, records: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seen_records, "AT_ONCE", 2)
    lines = [line(number) for number in range(records)]
    received(store, *lines)

    assert seen(store).unseen([*lines, line(99)]) == [line(99)]
    assert marked(store) == records


def test_a_statement_takes_as_many_marks_as_sqlite_has_room_for(store: Store) -> None:
    lines = [line(number) for number in range(seen_records.AT_ONCE + 1)]
    received(store, *lines)

    assert seen(store).unseen(lines) == []
