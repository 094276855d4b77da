"""A damaged file that cannot be made again now stays, with the reason, and is tried again later."""

import pytest
from sqlalchemy import update

from store.catalog import damage
from store.catalog.tables import batches
from store.files import durable
from store.files.trouble import MISSING
from store.replay import replay as replaying
from store.replay.remake import RETRY_SECONDS, SOON_SECONDS, NotRemade, Remade, Remaking
from store.store import Store
from tests.store.compaction.test_compactor import live
from tests.store.conftest import Built
from tests.store.replay.test_linked_batches import batch, line, merged, rays, two_batches

OTHER_DAY = {"EdgeStartTimestamp": "2026-11-19T00:00:00Z"}


class Seconds:
    """What the monotonic clock says."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


def remaking(store: Store, seconds: Seconds) -> Remaking:
    return Remaking(store.file_swap(), store.limits, seconds)


def lose(store: Store, day: str = "2026-11-20") -> str:
    """Delete the one file of a day and list it as damaged; its path."""
    [path] = [str(file["path"]) for file in live(store) if file["day"] == day]
    (store.layout.root / path).unlink()
    with store.catalog.write() as connection:
        damage.record(connection, path, MISSING, found_at=store.clock(), found_by="a test")
    return path


def is_listed(store: Store, path: str) -> bool:
    with store.catalog.read() as connection:
        return path in damage.paths(connection)


def test_while_another_replay_runs_the_file_waits_and_is_tried_again_soon(
    built: Built, seconds: Seconds
) -> None:
    store, _ = built(two_batches)
    path = lose(store)
    work = remaking(store, seconds)

    with durable.lock(store.layout.replay_lock):
        refused = work.once()
    assert isinstance(refused, NotRemade)
    assert (refused.path, is_listed(store, path)) == (path, True)
    assert "another replay is running" in refused.reason

    seconds.now = SOON_SECONDS
    assert work.once() is None
    seconds.now = SOON_SECONDS + 1
    assert isinstance(work.once(), Remade)
    assert (rays(store), is_listed(store, path)) == (["a1", "b1"], False)


def test_a_file_whose_rows_lead_to_a_batch_never_loaded_stays_until_the_next_hour(
    store: Store, seconds: Seconds
) -> None:
    batch(store, line("a1"), line("shared", **OTHER_DAY))
    other = batch(store, line("shared", **OTHER_DAY))
    merged(store)
    path = lose(store)
    of_other = update(batches).where(batches.c.batch_id == other)
    with store.catalog.write() as connection:
        connection.execute(of_other.values(state="entered"))
    work = remaking(store, seconds)

    refused = work.once()
    assert isinstance(refused, NotRemade)
    assert (refused.path, is_listed(store, path)) == (path, True)
    assert f"names batch {other[:16]}, which was never loaded" in refused.reason

    with store.catalog.write() as connection:
        connection.execute(of_other.values(state="loaded"))
    seconds.now = RETRY_SECONDS
    assert work.once() is None
    seconds.now = RETRY_SECONDS + 1
    assert isinstance(work.once(), Remade)
    assert (rays(store), is_listed(store, path)) == (["a1", "shared", "shared"], False)


def test_a_file_with_more_raw_bytes_than_the_service_decodes_by_itself_stays(
    built: Built, seconds: Seconds, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, _ = built(two_batches)
    path = lose(store)
    monkeypatch.setattr(replaying, "LOST_BYTES_MAX", 1)

    refused = remaking(store, seconds).once()

    assert isinstance(refused, NotRemade)
    assert (refused.path, is_listed(store, path)) == (path, True)
    assert "run `raytrail replay` with its dataset and days" in refused.reason
