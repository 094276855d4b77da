"""Peers are given the groups that Raytrail makes, and Raytrail is judged by the better of the two."""

import gzip
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from bench import adapter, pool
from bench import bodies as made_bodies
from bench.bodies import Body, alone, bodies
from bench.columns import peer_fields
from bench.engine import Answer, Missing, Peer
from bench.engines import CHDB, PEERS, PLAIN, engine
from bench.groups import together
from bench.measure.versus import against, best, grouped, peer_tasks, ratio
from bench.mixes import OFFICES
from bench.pool import Sample, worker
from bench.rounds import Timing
from store.loading import claims

RECORDS = 150
OURS = "raytrail native"


@pytest.fixture(autouse=True)
def _folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(made_bodies, "FOLDER", tmp_path / "bodies")
    monkeypatch.setattr(pool, "WORK", tmp_path / "work")


@pytest.fixture
def sent() -> list[Body]:
    return bodies(OFFICES, RECORDS, 3)


def size(sent: list[Body]) -> int:
    return sum(len(gzip.decompress(body.path.read_bytes())) for body in sent)


def limit(monkeypatch: pytest.MonkeyPatch, name: str, value: int) -> None:
    """The loader's own limit, and what the bench knows of it."""
    monkeypatch.setattr(claims, name, value)
    monkeypatch.setattr(adapter, name, value)


def rows_of_parts(folder: Path, sent: list[Body]) -> list[int]:
    with adapter.open_store(folder) as store:
        for body in sent:
            adapter.enter(store, body.path.read_bytes())
        adapter.load(store, 1)
        return sorted(pq.read_metadata(path).num_rows for path in adapter.parts(store))


def test_bodies_are_grouped_as_the_loader_groups_them(
    sent: list[Body], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit(monkeypatch, "GROUP_BYTES_MAX", size(sent[:2]))

    assert together(sent) == [sent[:2], sent[2:]]
    assert rows_of_parts(tmp_path / "two", sent) == [RECORDS, 2 * RECORDS]

    limit(monkeypatch, "GROUP_BYTES_MAX", size(sent[:2]) - 1)

    assert together(sent)[0] == sent[:1]


def test_a_group_has_so_many_bodies_at_most(
    sent: list[Body], monkeypatch: pytest.MonkeyPatch
) -> None:
    limit(monkeypatch, "GROUP_BATCHES_MAX", 2)

    assert together(sent) == [sent[:2], sent[2:]]

    limit(monkeypatch, "GROUP_BATCHES_MAX", 3)

    assert together(sent) == [sent]


@pytest.mark.parametrize("name", PEERS)
def test_a_peer_writes_one_sorted_file_of_a_group(
    name: str, sent: list[Body], tmp_path: Path
) -> None:
    try:
        peer = engine(name, peer_fields("sent"), 1)
    except Missing as error:
        pytest.skip(str(error))
    assert isinstance(peer, Peer)
    peer.prepare(sent, tmp_path / "alone")
    peer.run()
    each_alone = peer.answer()

    peer.prepare_groups([sent[:2], sent[2:]], tmp_path / "grouped")
    peer.run()

    assert peer.answer().agrees(each_alone)
    assert peer.answer().last == each_alone.last
    files = sorted((tmp_path / "grouped").glob("*.parquet"))
    assert [pq.read_metadata(file).num_rows for file in files] == [2 * RECORDS, RECORDS]
    for file in files:
        columns = pq.read_table(file, columns=["user_id", "EdgeStartTimestamp"]).to_pydict()
        named = [
            row
            for row in zip(columns["user_id"], columns["EdgeStartTimestamp"], strict=True)
            if row[0] is not None
        ]
        assert named
        assert named == sorted(named)


@pytest.mark.service
def test_groups_that_are_bodies_alone_are_not_measured_twice(sent: list[Body]) -> None:
    with worker(PLAIN, [0]) as started:
        twice = list(peer_tasks(started, sent, [sent]))
        once = list(peer_tasks(started, sent, alone(sent)))

    assert [task.name for task in twice] == [PLAIN, grouped(PLAIN)]
    assert [task.records for task in twice] == [3 * RECORDS, 3 * RECORDS]
    assert [task.name for task in once] == [PLAIN]


def timing(seconds: float) -> Timing:
    sample = Sample(seconds, seconds, 0, {}, Answer(100, 1, 1, 1))
    return Timing(100, (sample,), is_disturbed=False)


def test_we_are_judged_by_the_better_of_a_peers_two_ways() -> None:
    slow, fast = timing(2.0), timing(1.0)

    assert best({CHDB: slow, grouped(CHDB): fast}, CHDB) is fast
    assert best({CHDB: fast, grouped(CHDB): slow}, CHDB) is fast
    assert best({CHDB: slow}, CHDB) is slow
    assert best({OURS: fast}, CHDB) is None
    assert against({OURS: fast}, OURS, slow) == pytest.approx(2.0)
    assert against({OURS: fast}, OURS, None) is None
    assert against({}, OURS, slow) is None
    assert ratio(fast, slow) == "2.00x"
    assert ratio(fast, None) == "-"
