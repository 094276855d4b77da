"""How many names of undocumented datasets get a table of their own, and where further ones go."""

import os
from datetime import UTC

import pytest
from sqlalchemy import select

from queries.engine import open_engine
from queries.errors import QueryFailed
from schema.unknown_dataset import UNKNOWN
from store.catalog.tables import batches
from store.files import durable
from store.intake import dataset_names
from store.intake.dataset_names import NEW_NAMES_MAX
from store.intake.draft import Origin
from store.intake.outcome import Receipt
from store.rebuild.rebuild import rebuild
from store.replay.selection import Selection
from store.store import Store
from tests.catalog_tables import delete
from tests.factories import NOW, Clock, compact, gzipped, load, ndjson, record

ONE, OTHER = "1" * 16, "2" * 16


def sent(store: Store, name: str, ray: str = "0", token: str = ONE) -> Receipt:
    body = gzipped(ndjson(record(RayID=ray)))
    found = store.intake().take([body], Origin(name, token=token), claims_gzip=True)
    assert isinstance(found, Receipt)
    return found


def held(store: Store) -> list[tuple[str, str | None]]:
    """The dataset of each batch, and the name that it was sent to if that is another."""
    with store.catalog.read() as connection:
        query = select(batches.c.dataset, batches.c.sent_as).order_by(batches.c.sequence)
        return [tuple(row) for row in connection.execute(query)]


def batch_rows(store: Store) -> list[dict[str, object]]:
    with store.catalog.read() as connection:
        query = select(batches).order_by(batches.c.sequence)
        return [dict(row) for row in connection.execute(query).mappings()]


def named_rows(store: Store) -> list[tuple[object, object]]:
    """The Ray ID of each row of `unknown`, and the name it was sent to."""
    with open_engine(store.snapshot()) as engine:
        found = engine.run(
            "SELECT extra->>'RayID', sent_as FROM unknown ORDER BY ALL", {}, QueryFailed
        )
        return [(ray, name) for ray, name in found.rows]


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> int:
    """A limit that is reached sooner."""
    monkeypatch.setattr(dataset_names, "NEW_NAMES_MAX", 2)
    return 2


def test_fifty_names_get_a_table_and_the_next_goes_to_unknown(store: Store) -> None:
    names = [f"ds_{number:03d}" for number in range(NEW_NAMES_MAX + 1)]

    receipts = [sent(store, name, ray=name) for name in names]

    assert NEW_NAMES_MAX == 50
    *first, last = held(store)
    assert first == [(name, None) for name in names[:-1]]
    assert last == (UNKNOWN, names[-1])
    assert [each.stored_as for each in receipts] == [*[None] * NEW_NAMES_MAX, UNKNOWN]


def test_a_documented_name_and_one_with_a_table_never_count(store: Store, few: int) -> None:
    for number in range(few):
        sent(store, f"ds_{number}")
    later = ["http_requests", "gateway_network", "ds_0", "unknown", "ds_1"]

    for name in later:
        sent(store, name, ray=f"later {name}")

    assert held(store)[few:] == [(name, None) for name in later]


def test_each_token_has_names_of_its_own(store: Store, few: int) -> None:
    for number in range(few + 1):
        sent(store, f"one_{number}", ray=f"{number}")

    sent(store, "two_0", token=OTHER)

    assert [dataset for dataset, _ in held(store)] == ["one_0", "one_1", UNKNOWN, "two_0"]


def test_each_day_has_names_of_its_own(store: Store, clock: Clock, few: int) -> None:
    for number in range(few + 1):
        sent(store, f"ds_{number}", ray=f"{number}")
    clock.move(hours=14)

    sent(store, "ds_2", ray="the next day")

    assert [dataset for dataset, _ in held(store)] == ["ds_0", "ds_1", UNKNOWN, "ds_2"]


def test_the_limit_outlives_the_process_and_holds_for_all_receivers(store: Store, few: int) -> None:
    for number in range(few):
        with Store.open(store.layout.root, store.clock, store.limits) as another:
            sent(another, f"ds_{number}")

    with Store.open(store.layout.root, store.clock, store.limits) as another:
        assert sent(another, "ds_9").stored_as == UNKNOWN


def test_a_resend_is_a_duplicate_wherever_the_lines_are(
    store: Store, clock: Clock, few: int
) -> None:
    for number in range(few + 1):
        sent(store, f"ds_{number}", ray=f"{number}")
    assert sent(store, "ds_2", ray="2").is_duplicate
    clock.move(hours=14)

    receipt = sent(store, "ds_2", ray="2")

    assert receipt.is_duplicate
    assert len(held(store)) == few + 1


def test_what_raytrail_fetched_itself_is_not_limited(store: Store, few: int) -> None:
    for number in range(few + 1):
        body = gzipped(ndjson(record(RayID=f"{number}")))
        store.intake().take([body], Origin(f"ds_{number}", is_fetched=True), claims_gzip=True)

    assert UNKNOWN not in {dataset for dataset, _ in held(store)}


def test_rows_over_the_limit_have_the_name_that_they_were_sent_to(store: Store, few: int) -> None:
    sent(store, UNKNOWN, ray="plain")
    for number in range(few + 2):
        sent(store, f"ds_{number}", ray=f"{number}")

    load(store)

    assert named_rows(store) == [("2", "ds_2"), ("3", "ds_3"), ("plain", None)]


def test_the_names_stay_through_merges_and_in_sql(store: Store, clock: Clock, few: int) -> None:
    for number in range(few + 6):
        sent(store, f"ds_{number}", ray=f"{number}")
        load(store)
    clock.move(days=3)

    compact(store)

    assert len(store.snapshot().files[UNKNOWN]) == 1
    assert named_rows(store) == [(f"{n}", f"ds_{n}") for n in range(few, few + 6)]


def test_rows_over_the_limit_can_be_replayed_and_moved_to_a_table_of_their_own(
    store: Store, few: int
) -> None:
    for number in range(few + 2):
        sent(store, f"ds_{number}", ray=f"{number}")
    load(store)

    assert store.replay().run(Selection(dataset=UNKNOWN)).batches == 2
    assert named_rows(store) == [("2", "ds_2"), ("3", "ds_3")]

    [moved] = [row for row in batch_rows(store) if row["sent_as"] == "ds_3"]
    store.reassignment("ds_3").run(Selection(batch=str(moved["batch_id"])))
    assert named_rows(store) == [("2", "ds_2")]
    assert store.status().datasets["ds_3"].rows == 1
    assert sent(store, "ds_3", ray="3").is_duplicate


def test_a_rebuilt_catalog_knows_the_names_and_how_many_began(store: Store, few: int) -> None:
    for number in range(few + 1):
        sent(store, f"ds_{number}", ray=f"{number}")
    load(store)
    before = batch_rows(store)
    store.catalog.close()
    delete(store)

    rebuild(store.layout, store.clock, store.limits)

    with Store.open(store.layout.root, store.clock, store.limits) as again:
        assert [(row["sent_as"], row["begun_by"]) for row in batch_rows(again)] == [
            (row["sent_as"], row["begun_by"]) for row in before
        ]
        assert sent(again, "ds_9").stored_as == UNKNOWN


def test_a_body_that_recovery_enters_keeps_its_name(store: Store, few: int) -> None:
    for number in range(few):
        sent(store, f"ds_{number}", ray=f"{number}", token="")
    intake = store.intake()
    origin = Origin("ds_9", token=ONE)
    draft = intake.open(origin, claims_gzip=True)
    draft.feed(gzipped(ndjson(record(RayID="9"))))
    examined = draft.examined()
    draft.expect_entry()
    sent_at = NOW.replace(tzinfo=UTC).timestamp()
    os.utime(draft.path, (sent_at, sent_at))
    durable.link(draft.path, draft.path.parent / f"{examined.sha256}.gz")
    draft.close()

    assert store.recover().batches_entered == 1

    assert held(store)[-1] == (UNKNOWN, "ds_9")
