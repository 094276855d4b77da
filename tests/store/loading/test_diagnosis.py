"""The diagnosis of a batch: its counts, the names of fields, and how both are subtracted again."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

import orjson
import pytest
from sqlalchemy import select

from schema.decoding.result import UNKNOWN_NAMES_MAX, Tally
from store.catalog import counts
from store.catalog.counts import Key
from store.catalog.tables import batches, fields
from store.loading import diagnosis
from store.loading.diagnosis import (
    APPROXIMATE,
    MISFIT,
    UNKNOWN,
    UNNAMED,
    Diagnosis,
    record,
    withdraw,
)
from store.store import Store
from tests.factories import CLEAN_TALLY as CLEAN
from tests.factories import gzipped, ndjson, send
from tests.factories import record as a_record

DATASET = "http_requests"


def of(*tallies: Tally) -> Diagnosis:
    return Diagnosis.of(tallies, shape="ndjson", decoder="python")


def unknown(*names: str) -> Diagnosis:
    return of(replace(CLEAN, unknown=dict.fromkeys(names, 1)))


@pytest.fixture
def sent(store: Store) -> list[int]:
    """The sequences of five entered batches, the last of another dataset."""
    for number in range(4):
        send(store, gzipped(b"%d\n" % number), DATASET)
    send(store, gzipped(b"5\n"), "access_requests")
    return [1, 2, 3, 4, 5]


def named(store: Store) -> dict[tuple[str, str], tuple[int, int]]:
    with store.catalog.read() as connection:
        return {
            (row.kind, row.field): (row.times, row.first_batch)
            for row in connection.execute(select(fields))
        }


def keep(store: Store, **told: Mapping[int, Diagnosis]) -> None:
    for dataset, diagnoses in told.items():
        with store.catalog.write() as connection:
            record(connection, dataset, diagnoses)


def take_out(store: Store, *sequences: int) -> None:
    with store.catalog.write() as connection:
        query = select(batches).where(batches.c.sequence.in_(sequences))
        withdraw(connection, DATASET, connection.execute(query).mappings().all())


@pytest.fixture(autouse=True)
def _totals_are_right_after_every_test(store: Store) -> Iterator[None]:
    yield
    with store.catalog.read() as connection:
        assert counts.read(connection) == counts.scan(connection)


def test_the_tallies_of_a_batch_are_summed_up() -> None:
    one = replace(CLEAN, misfits={"A": 1}, unknown={"x": 1}, duplicates=1)
    two = replace(
        CLEAN,
        misfits={"A": 2, "B": 1},
        approximations={"C": 1},
        unknown={"y": 1},
        unknown_unnamed=2,
        blank=1,
    )

    told = of(one, two)

    assert (told.lines, told.rows, told.blank, told.overruled) == (2, 2, 1, 1)
    assert told.misfits == {"A": 3, "B": 1}
    assert told.approximations == {"C": 1}
    assert (told.unknown, told.unknown_unnamed) == ({"x": 1, "y": 1}, 2)


def test_a_batch_names_no_more_unknown_fields_than_one_piece() -> None:
    pieces = [
        replace(CLEAN, unknown={f"n{piece}_{n}": 1 for n in range(UNKNOWN_NAMES_MAX)})
        for piece in range(3)
    ]

    told = of(*pieces)

    assert len(told.unknown) == UNKNOWN_NAMES_MAX
    assert told.unknown_unnamed == 2 * UNKNOWN_NAMES_MAX


@pytest.mark.parametrize(
    ("line", "name"),
    [
        (orjson.dumps(a_record()), "http_requests"),
        (b'{"a":1}', None),
        (b"[1]", None),
        (b"not json", None),
    ],
)
def test_the_keys_of_a_foreign_line_tell_its_dataset(line: bytes, name: str | None) -> None:
    told = of(CLEAN, replace(CLEAN, foreign=1, foreign_sample=line))

    assert (told.foreign, told.foreign_dataset) == (1, name)


def test_a_field_is_listed_once_for_all_batches(store: Store, sent: list[int]) -> None:
    trouble = of(replace(CLEAN, misfits={"RayID": 2}, approximations={"RayID": 1}))

    keep(store, http_requests={2: trouble, 3: trouble})
    keep(store, http_requests={1: unknown("New"), 4: trouble})

    assert named(store) == {
        (MISFIT, "RayID"): (6, 2),
        (APPROXIMATE, "RayID"): (3, 2),
        (UNKNOWN, "New"): (1, 1),
    }


def test_a_batch_keeps_its_own_counts(store: Store, sent: list[int]) -> None:
    told = of(
        replace(
            CLEAN,
            misfits={"A": 2},
            approximations={"B": 3},
            unknown={"c": 4},
            unknown_unnamed=1,
            duplicates=5,
            foreign=6,
            foreign_sample=orjson.dumps(a_record()),
        )
    )

    keep(store, http_requests={1: told})

    with store.catalog.read() as connection:
        row = connection.execute(select(batches).where(batches.c.sequence == 1)).mappings().one()
    assert (row["shape"], row["decoder"], row["rows"]) == ("ndjson", "python", 1)
    assert (row["misfits"], row["approximations"], row["unknown_members"]) == (2, 3, 5)
    assert (row["overruled_members"], row["foreign_lines"]) == (5, 6)
    assert row["foreign_dataset"] == "http_requests"


def test_field_names_past_the_limit_are_only_counted(
    store: Store, sent: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(diagnosis, "FIELD_NAMES_MAX", 3)
    keep(store, http_requests={1: unknown("a", "b"), 2: unknown("b", "c", "d", "e")})
    keep(store, http_requests={3: unknown("c", "f")})
    keep(store, access_requests={5: unknown("f")})

    assert {field: times for (_, field), (times, _) in named(store).items()} == {
        "a": 1,
        "b": 2,
        "c": 2,
        UNNAMED: 3,
        "f": 1,
    }
    with store.catalog.read() as connection:
        assert counts.read(connection)[Key(DATASET, "unknown_members")] == 8


def test_exactly_what_a_batch_added_is_subtracted(
    store: Store, sent: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(diagnosis, "FIELD_NAMES_MAX", 2)
    keep(store, http_requests={1: unknown("a", "b"), 2: unknown("b", "c")})
    before = named(store)

    # Now there is room for "c", but batch 2 still counts it as unnamed.
    take_out(store, 1)
    keep(store, http_requests={1: of(CLEAN), 3: unknown("c")})
    assert named(store) == {
        (UNKNOWN, "b"): (1, 1),
        (UNKNOWN, "c"): (1, 3),
        (UNKNOWN, UNNAMED): (1, 2),
    }
    take_out(store, 2, 3)
    keep(store, http_requests={2: of(CLEAN), 3: of(CLEAN)})

    assert before
    assert named(store) == {}


def test_subtracting_and_adding_a_batch_again_changes_nothing(
    store: Store, sent: list[int]
) -> None:
    told = {
        1: of(replace(CLEAN, misfits={"A": 2}, unknown={"x": 1}, foreign=1, foreign_sample=b"{}")),
        2: of(replace(CLEAN, unknown={"x": 1, "y": 1}, duplicates=3)),
    }
    keep(store, http_requests=told)
    before = named(store)
    with store.catalog.read() as connection:
        totals = counts.read(connection)

    take_out(store, 1, 2)
    keep(store, http_requests=told)

    assert named(store) == before
    with store.catalog.read() as connection:
        assert counts.read(connection) == totals


def test_a_loaded_batch_has_its_diagnosis(store: Store) -> None:
    odd = a_record(EdgeResponseStatus="200", Unheard=1)
    send(store, gzipped(ndjson(odd, a_record(RayID="1"))), DATASET)

    store.loader().load_next()

    assert named(store) == {(MISFIT, "EdgeResponseStatus"): (1, 1), (UNKNOWN, "Unheard"): (1, 1)}


def test_nothing_to_record_writes_nothing(store: Store) -> None:
    keep(store, http_requests={})

    assert named(store) == {}
