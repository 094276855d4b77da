"""The catalog tells which batches may have rows in a file, and never leaves one out."""

from sqlalchemy import select

from store.catalog.tables import batches
from store.compaction.tiers import MERGE_FILES_MIN
from store.files.layout import OTHER_DAY, REJECTED
from store.loading.batches_of_file import may_be_in
from store.store import Store
from tests.factories import Clock, compact, gzipped, load, login, ndjson, record, send

WITHOUT_DAY = "1999-01-01T00:00:00Z"


def loaded(store: Store, clock: Clock, body: bytes, dataset: str = "http_requests") -> int:
    """Load a batch alone, a day after the one before; returns its sequence."""
    clock.move(days=1)
    send(store, gzipped(body), dataset)
    load(store)
    with store.catalog.read() as connection:
        newest = select(batches.c.sequence).order_by(batches.c.sequence.desc()).limit(1)
        return int(connection.execute(newest).scalar_one())


def merged(store: Store, clock: Clock) -> None:
    clock.move(days=2)
    compact(store)


def candidates(store: Store, label: str, day: str | None = None) -> set[int]:
    """The batches that may have rows in the only file of this dataset, or of its day."""
    [file] = [
        each
        for each in store.file_swap().live_files()
        if each["dataset"] == label and day in {None, each["day"]}
    ]
    with store.catalog.read() as connection:
        return set(connection.scalars(select(batches.c.sequence).where(may_be_in(file))))


def test_merged_rejected_lines_are_of_batches_received_that_day_with_rejected_lines(
    store: Store, clock: Clock
) -> None:
    one = loaded(store, clock, ndjson(record(RayID="1")) + b"no json\n")
    clock.move(days=-1)
    other = loaded(store, clock, b"nor this\n", "access_requests")
    clock.move(days=-1)
    loaded(store, clock, ndjson(record(RayID="2")))
    merged(store, clock)
    assert candidates(store, REJECTED) == {one, other}

    loaded(store, clock, b"a line of a later day\n")
    merged(store, clock)

    days = {each["day"] for each in store.file_swap().live_files() if each["dataset"] == REJECTED}
    assert candidates(store, REJECTED, min(days)) == {one, other}


def test_merged_rows_outside_any_day_may_be_of_every_earlier_batch_of_the_dataset(
    store: Store, clock: Clock
) -> None:
    earlier = {
        loaded(store, clock, ndjson(record(RayID=f"{n:x}", EdgeStartTimestamp=WITHOUT_DAY)))
        for n in range(MERGE_FILES_MIN)
    }
    loaded(store, clock, ndjson(login()), "access_requests")
    merged(store, clock)
    loaded(store, clock, ndjson(record(RayID="later")))

    assert candidates(store, "http_requests", OTHER_DAY) == earlier
