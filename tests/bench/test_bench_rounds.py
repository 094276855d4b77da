"""Engines in their processes, and what the bench makes of their answers."""

from dataclasses import replace
from pathlib import Path

import pytest

from bench import adapter, pool
from bench import bodies as made_bodies
from bench.bodies import Body, alone, bodies
from bench.engine import Answer, Missing
from bench.engines import OURS, PLAIN
from bench.pool import worker, workers
from bench.rounds import Task, WrongAnswer, interleaved, interleaved_over
from bench.tables import Goal
from bench.traffic import Traffic

RECORDS, BATCHES = 150, 2
PYTHON = OURS[1]


@pytest.fixture(autouse=True)
def _folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(made_bodies, "FOLDER", tmp_path / "bodies")
    monkeypatch.setattr(pool, "WORK", tmp_path / "work")


@pytest.fixture
def sent() -> list[Body]:
    return bodies(Traffic(), RECORDS, BATCHES)


@pytest.mark.service
def test_engines_that_agree_are_timed_and_the_first_round_is_dropped(sent: list[Body]) -> None:
    with workers((PYTHON, PLAIN), [0]) as (ready, missing):
        timings = interleaved(ready, sent, 2, None)

    assert not missing
    for timing in timings.values():
        assert len(timing.samples) == 2
        assert timing.records == RECORDS * BATCHES
        assert timing.samples[0].answer.rows == RECORDS * BATCHES
        assert 0 < timing.best_seconds <= timing.seconds


@pytest.mark.service
def test_engines_that_disagree_are_no_result(sent: list[Body]) -> None:
    with workers((PYTHON, PLAIN), [0]) as (ready, _):
        tasks = [Task(each.engine, each, alone(sent[: 1 + n])) for n, each in enumerate(ready)]

        with pytest.raises(WrongAnswer, match="disagree"):
            interleaved_over(tasks, 1, None)


@pytest.mark.service
def test_engines_over_different_traffic_need_not_agree(sent: list[Body]) -> None:
    with workers((PYTHON, PLAIN), [0]) as (ready, _):
        tasks = [
            Task(each.engine, each, alone(sent[: 1 + n]), traffic=str(n))
            for n, each in enumerate(ready)
        ]

        timings = interleaved_over(tasks, 1, None)

    assert [timing.records for timing in timings.values()] == [RECORDS, 2 * RECORDS]


def test_answers_of_other_rows_bytes_users_or_times_disagree() -> None:
    answer = Answer(rows=2, response_bytes=3, users=1, parquet_bytes=9, last=5)

    assert answer.agrees(replace(answer, parquet_bytes=10))
    assert answer.agrees(replace(answer, last=None))
    for other in ({"rows": 3}, {"response_bytes": 4}, {"users": 2}, {"last": 6}):
        assert not answer.agrees(replace(answer, **other))


@pytest.mark.skipif(adapter.missing("native") is None, reason="the native decoder is here")
def test_an_engine_that_is_not_there_says_why() -> None:
    with pytest.raises(Missing, match="not built"), worker(OURS[0], [0]):
        pass


@pytest.mark.parametrize(
    ("goal", "is_met"),
    [
        (Goal("a", 1.5, 1.5), True),
        (Goal("a", 1.5, 1.49), False),
        (Goal("a", 1.5, 1.5, at_most=True), True),
        (Goal("a", 1.5, 1.51, at_most=True), False),
        (Goal("a", 1.5, None), None),
    ],
)
def test_a_goal_is_met_at_its_limit_and_not_past_it(goal: Goal, is_met: bool | None) -> None:
    assert goal.is_met() is is_met


def test_a_goal_is_met_within_the_tolerance() -> None:
    assert Goal("a", 1.5, 1.36).is_met(0.1)
    assert not Goal("a", 1.5, 1.34).is_met(0.1)
    assert Goal("a", 1.5, 1.64, at_most=True).is_met(0.1)
