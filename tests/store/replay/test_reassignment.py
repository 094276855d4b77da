"""Batches that came under a wrong name move to their dataset: all of them, or nothing."""

from collections.abc import Callable

import pytest

from store.errors import ReplayRefused
from store.fsck.tables.table_check import check_tables
from store.intake.outcome import Receipt
from store.replay.results import ReplayResult
from store.replay.selection import Selection
from store.store import Store
from tests.dying import Dying, Killed, dying
from tests.factories import Clock, compact, gzipped, load, ndjson, record, send
from tests.store.compaction.test_compactor import rows
from tests.store.conftest import Built
from tests.store.replay.test_linked_batches import meanwhile
from tests.store.replay.test_replay import demand_sound, named, on_disk

WRONG, RIGHT = "http_request", "http_requests"


def sent(store: Store, dataset: str, *numbers: int, odd: bytes = b"") -> str:
    """A batch of requests with these numbers as Ray IDs."""
    body = gzipped(ndjson(*(record(RayID=f"{number:02}") for number in numbers)) + odd)
    receipt = send(store, body, dataset)
    assert isinstance(receipt, Receipt)
    return receipt.batch_id


def reassign(
    store: Store, selection: Selection, *, into: str = RIGHT, is_trial: bool = False
) -> ReplayResult:
    return store.reassignment(into).run(selection, is_trial=is_trial)


def rays(store: Store, dataset: str = RIGHT) -> list[str]:
    return sorted(str(row["RayID"]) for row in rows(store, dataset))


def demand_moved(store: Store, stayed: int = 0) -> None:
    demand_sound(store)
    assert not list(check_tables(store.layout, store.catalog, store.clock()))
    assert len(rows(store, WRONG)) == stayed


def sharing_a_part(store: Store) -> tuple[str, str]:
    """Two batches that were loaded together, the second with a rejected line."""
    ids = sent(store, WRONG, 1, 2), sent(store, WRONG, 3, odd=b"no json\n")
    load(store)
    return ids


def merged(store: Store) -> tuple[str, str]:
    """Two batches in one merged file."""
    first = sent(store, WRONG, 1, 2)
    load(store)
    second = sent(store, WRONG, 3, odd=b"no json\n")
    load(store)
    assert isinstance(store.clock, Clock)
    store.clock.move(days=2)
    compact(store)
    return first, second


@pytest.mark.parametrize("build", [sharing_a_part, merged])
def test_one_batch_moves_and_the_others_of_its_file_stay(
    built: Built, build: Callable[[Store], tuple[str, str]]
) -> None:
    store, (_, second) = built(build)

    done = reassign(store, Selection(batch=second[:12]))

    assert done.moved == 1
    assert rays(store) == ["03"]
    assert [row["user_id"] for row in rows(store)] == ["srhea"]
    assert [row["dataset"] for row in rows(store, "rejected")] == [RIGHT]
    demand_moved(store, stayed=2)
    assert done.before[WRONG]["rows"] - done.after[WRONG]["rows"] == 1
    assert done.after[RIGHT]["rows"] == 1
    status = store.status().datasets
    assert (status[WRONG].batches, status[RIGHT].batches) == (1, 1)
    assert (status[WRONG].rejected_lines, status[RIGHT].rejected_lines) == (0, 1)
    assert (status[WRONG].foreign, status[RIGHT].foreign) == ({RIGHT: 2}, {})


@pytest.mark.parametrize("build", [sharing_a_part, merged])
def test_all_that_was_sent_to_the_name_moves_if_it_looks_like_the_dataset(
    built: Built, build: Callable[[Store], tuple[str, str]]
) -> None:
    store, _ = built(build)
    send(store, gzipped(b'{"Other":1}\n'), WRONG)
    load(store)

    done = reassign(store, Selection(dataset=WRONG, looks_like=RIGHT))

    assert done.moved == 2
    assert rays(store) == ["01", "02", "03"]
    demand_moved(store, stayed=1)
    assert store.status().datasets[WRONG].foreign == {}


def test_lines_that_the_dataset_has_already_stay_where_they_are(store: Store) -> None:
    first, second = sharing_a_part(store)
    sent(store, RIGHT, 1, 2)
    other = sent(store, "http_requets", 3, odd=b"no json\n")
    load(store)

    done = reassign(store, Selection(dataset=WRONG, looks_like=RIGHT))

    assert done.moved == 1
    assert [(each.batches, each.is_gone) for each in done.left] == [((first,), True)]
    assert f"has these lines already, as batch {first[:16]}" in done.left[0].reason
    assert rays(store) == ["01", "02", "03"]
    demand_moved(store, stayed=2)
    again = reassign(store, Selection(dataset="http_requets", looks_like=RIGHT))
    assert (again.moved, len(again.left), other) == (0, 1, second)


def test_lines_that_arrive_in_the_dataset_during_the_move_are_not_doubled(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, _ = sharing_a_part(store)

    def arrive() -> None:
        sent(store, RIGHT, 1, 2)
        load(store)

    meanwhile(monkeypatch, arrive)
    with pytest.raises(ReplayRefused, match="nothing was moved, try again"):
        reassign(store, Selection(batch=first))

    assert rays(store) == ["01", "02"]
    demand_moved(store, stayed=3)
    again = reassign(store, Selection(batch=first))
    assert (again.moved, again.left[0].is_gone) == (0, True)


def test_a_trial_and_a_batch_without_a_raw_body_change_nothing(store: Store) -> None:
    first, _ = sharing_a_part(store)
    before = store.status()

    trial = reassign(store, Selection(batch=first), is_trial=True)
    for path in store.layout.raw.rglob(f"{first}.gz"):
        path.unlink()
    done = reassign(store, Selection(batch=first))

    assert (trial.moved, trial.after[RIGHT]["rows"]) == (1, 2)
    assert (done.moved, done.sequence) == (0, None)
    assert store.status() == before


def test_a_moved_batch_can_be_replayed_and_moved_back(store: Store) -> None:
    sharing_a_part(store)
    reassign(store, Selection(dataset=WRONG, looks_like=RIGHT))

    replayed = store.replay().run(Selection(dataset=RIGHT))
    back = reassign(store, Selection(dataset=RIGHT), into="http_requests_2")

    assert (replayed.batches, back.moved) == (2, 2)
    assert len(rows(store, "http_requests_2")) == 3
    demand_moved(store)


@pytest.mark.deaths
def test_after_a_kill_at_any_call_all_rows_are_in_one_dataset_or_in_the_other(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, _ = sharing_a_part(store)
    n, died = 0, True
    while died:
        n += 1
        died = False
        with dying(monkeypatch, Dying(n)):
            try:
                reassign(store, Selection(batch=first))
            except Killed:
                died = True
        found = (rays(store), len(rows(store, WRONG)))
        assert found in [([], 3), (["01", "02"], 1)], f"killed at call {n}"
        store.loader().tidy()
        assert on_disk(store) == named(store), "uncommitted parts are deleted"
        demand_sound(store)
    assert n > 10
    assert rays(store) == ["01", "02"]
    demand_moved(store, stayed=1)
