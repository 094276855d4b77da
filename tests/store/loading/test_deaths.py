"""Tries that end with the death of the loader are counted, and no batch is tried for ever."""

from collections.abc import Iterator

import pytest
from sqlalchemy import RowMapping, select

from store.catalog.tables import batches
from store.errors import NoRoom
from store.files.hashed_writer import HashedWriter
from store.intake.outcome import Receipt
from store.intake.raw_body import RawBodies
from store.loading import claims
from store.loading.claims import DEATHS_MAX, Claims, Lane
from store.loading.loader import Loader
from store.loading.outcome import Failed, Loaded, Outcome, Unread
from store.replay.selection import Selection
from store.store import Store
from tests.dying import Killed
from tests.factories import Body, gzipped, ndjson, record, send


def sent(store: Store, number: int) -> str:
    receipt = send(store, gzipped(ndjson(record(RayID=f"{number:016x}"))))
    assert isinstance(receipt, Receipt)
    return receipt.batch_id


def next_loader(store: Store) -> Loader:
    """The loader of a process that was started anew."""
    again = Store.open(store.layout.root, store.clock, store.limits)
    loader = again.loader()
    loader.sweep()
    return loader


def row_of(store: Store, batch_id: str) -> RowMapping:
    with store.catalog.read() as connection:
        query = select(batches).where(batches.c.batch_id == batch_id)
        return connection.execute(query).mappings().one()


@pytest.fixture
def deadly(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Batches that kill whoever decodes them."""
    found: set[str] = set()
    plain = RawBodies.plain

    def read(self: RawBodies, batch: RowMapping) -> Iterator[bytes]:
        if batch["batch_id"] in found:
            raise Killed
        return plain(self, batch)

    monkeypatch.setattr(RawBodies, "plain", read)
    return found


def until_it_dies(loader: Loader) -> list[Outcome]:
    found: list[Outcome] = []
    try:
        while outcomes := loader.load_next():
            found += outcomes
    except Killed:
        pass
    return found


@pytest.mark.parametrize(("deaths", "state"), [(DEATHS_MAX - 1, "entered"), (DEATHS_MAX, "unread")])
def test_a_batch_that_kills_every_loader_becomes_unread_at_the_limit(
    store: Store, deadly: set[str], deaths: int, state: str
) -> None:
    others = [sent(store, number) for number in range(2)]
    killer = sent(store, 99)
    deadly.add(killer)
    found = [each for _ in range(deaths) for each in until_it_dies(next_loader(store))]

    found += until_it_dies(next_loader(store))

    assert sorted(each.batch_id for each in found if isinstance(each, Loaded)) == sorted(others)
    assert row_of(store, killer)["state"] == state
    unread = [each for each in found if isinstance(each, Unread)]
    assert [each.batch_id for each in unread] == ([killer] if state == "unread" else [])
    assert all("needs more memory than the loader had" in each.reason for each in unread)


def test_a_batch_that_killed_its_loaders_keeps_its_body_and_can_be_replayed(
    store: Store, deadly: set[str]
) -> None:
    killer = sent(store, 99)
    deadly.add(killer)
    for _ in range(DEATHS_MAX + 1):
        until_it_dies(next_loader(store))
    assert row_of(store, killer)["state"] == "unread"
    deadly.clear()

    done = store.replay().run(Selection())

    assert (done.batches, row_of(store, killer)["state"]) == (1, "loaded")


def test_five_kills_from_outside_cost_an_ordinary_batch_nothing(
    store: Store, deadly: set[str]
) -> None:
    """Each kill meets whatever is loaded at that moment, here another batch each time."""
    everyone = [sent(store, number) for number in range(DEATHS_MAX + 1)]
    for number in range(DEATHS_MAX):
        deadly.clear()
        deadly.add(everyone[number])
        until_it_dies(next_loader(store))
    deadly.clear()

    until_it_dies(next_loader(store))

    assert {row_of(store, each)["state"] for each in everyone} == {"loaded"}


def test_those_that_were_loaded_when_a_loader_died_are_tried_alone(
    store: Store, deadly: set[str]
) -> None:
    suspects = [sent(store, number) for number in range(2)]
    deadly.add(suspects[1])
    until_it_dies(next_loader(store))
    assert [row_of(store, each)["deaths"] for each in suspects] == [0, 0]
    deadly.clear()
    loader = next_loader(store)
    assert [row_of(store, each)["deaths"] for each in suspects] == [1, 1]
    fresh = sent(store, 7)

    found = [[each.batch_id for each in outcomes] for outcomes in iter(loader.load_next, [])]

    assert found == [[fresh], [suspects[0]], [suspects[1]]]


def test_nothing_else_begins_while_a_suspected_batch_is_tried_but_for_a_while(
    store: Store, deadly: set[str]
) -> None:
    suspect = sent(store, 0)
    deadly.add(suspect)
    until_it_dies(next_loader(store))
    now = [0.0]
    at_work = Claims(store.catalog, "another run", lambda: now[0])
    at_work.count_deaths()
    [tried] = at_work.next_group()
    other = sent(store, 1)

    assert tried["batch_id"] == suspect
    assert at_work.next_group() == []
    now[0] += claims.ALONE_SECONDS_MAX
    assert [each["batch_id"] for each in at_work.next_group()] == [other]


def test_a_suspected_batch_waits_until_nothing_else_is_loaded(
    store: Store, deadly: set[str]
) -> None:
    suspect = sent(store, 0)
    deadly.add(suspect)
    until_it_dies(next_loader(store))
    at_work = Claims(store.catalog, "another run")
    at_work.count_deaths()
    other = sent(store, 1)

    group = at_work.next_group()

    assert [each["batch_id"] for each in group] == [other]
    assert at_work.next_group() == []
    assert row_of(store, suspect)["tried_by"] is None


def test_a_stop_of_the_service_is_no_death_of_its_batches(store: Store, deadly: set[str]) -> None:
    batch = sent(store, 0)
    deadly.add(batch)
    for _ in range(DEATHS_MAX + 1):
        loader = next_loader(store)
        until_it_dies(loader)
        loader.forgive()

    next_loader(store)

    assert (row_of(store, batch)["state"], row_of(store, batch)["deaths"]) == ("entered", 0)


def test_an_attempt_on_a_full_disk_counts_neither_as_death_nor_as_failure(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = sent(store, 0)

    def full(*_: object) -> None:
        raise NoRoom("injected")

    with monkeypatch.context() as patch:
        patch.setattr(HashedWriter, "write", full)
        for _ in range(DEATHS_MAX + 1):
            with pytest.raises(NoRoom):
                next_loader(store).load_next()

    next_loader(store)
    assert [row_of(store, batch)[name] for name in ("deaths", "attempts", "tried_by")] == [
        0,
        0,
        None,
    ]


def test_a_batch_that_fails_is_no_death_and_says_if_memory_was_short(
    store: Store, body: Body, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = sent(store, 0)

    def short(*_: object) -> None:
        raise MemoryError("malloc of size 64 failed")

    monkeypatch.setattr(RawBodies, "plain", short)

    [failed] = next_loader(store).load_next()

    reason = "needs more memory than the loader had: malloc of size 64 failed"
    assert failed == Failed(batch, reason)
    next_loader(store)
    assert row_of(store, batch)["deaths"] == 0


def test_long_batches_are_claimed_one_by_one_and_only_where_they_belong(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = sent(store, 1)
    monkeypatch.setattr(claims, "SHORT_BYTES_MAX", len(ndjson(record(RayID="0" * 16))))
    large = [send(store, gzipped(ndjson(record(), record(RayID=f"{n}")))) for n in range(2)]
    at_work = Claims(store.catalog, "a run")

    short = at_work.next_group(Lane.SHORT)
    long = at_work.next_group(Lane.LONG)

    assert [each["batch_id"] for each in short] == [small]
    assert [each["batch_id"] for each in long] == [large[0].batch_id]  # type: ignore[union-attr]
    assert at_work.next_group(Lane.SHORT) == []
    at_work.gave_way(short)
    at_work.done(short)
    assert at_work.next_group(Lane.SHORT) == []
    assert [each["batch_id"] for each in at_work.next_group(Lane.LONG)] == [small]
