"""Random sequences of everything a store does, with deaths in between: each line is stored once."""

import random
from collections import Counter
from dataclasses import dataclass
from typing import Any

import hypothesis
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import (
    run_state_machine_as_test,
)

from store.catalog.scope import Scope
from tests.system.life import Life

STEPS_A_RUN = 40


@dataclass(frozen=True, slots=True)
class Extent:
    """How long to walk: until each kind of death is common enough, or `steps_max` is reached."""

    runs: int
    steps_min: int
    steps_max: int
    deaths_min: int


SHORT = Extent(runs=4, steps_min=200, steps_max=1_000, deaths_min=1)
LONG = Extent(runs=25, steps_min=2_000, steps_max=8_000, deaths_min=11)


def live(
    monkeypatch: pytest.MonkeyPatch,
    walk: int,
    *,
    runs: int,
    steps_a_run: int,
    phases: tuple[Phase, ...] = tuple(Phase),
) -> Counter[str]:
    """Walk through so many lives and count what happened. The same `walk` gives the same lives."""
    Life.steps, Life.patch = Counter(), monkeypatch
    run_state_machine_as_test(
        hypothesis.seed(walk)(Life),
        settings=settings(
            max_examples=runs,
            stateful_step_count=steps_a_run,
            phases=phases,
            deadline=None,
            print_blob=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
    return Life.steps


def test_some_random_lives_keep_every_line_once(monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    assert live(monkeypatch, seed, runs=3, steps_a_run=15).total() > 3


@pytest.mark.sequences
def test_many_random_lives_keep_every_line_once(
    monkeypatch: pytest.MonkeyPatch, chance: random.Random, is_long: bool
) -> None:
    extent = LONG if is_long else SHORT
    steps: Counter[str] = Counter()
    while not _is_enough(steps, extent):
        walk = chance.getrandbits(64)
        steps += live(monkeypatch, walk, runs=extent.runs, steps_a_run=STEPS_A_RUN)

    print(f"{steps.total():,} steps: {dict(steps)}")
    assert _rarest(steps) >= extent.deaths_min


def _is_enough(steps: Counter[str], extent: Extent) -> bool:
    if steps.total() < extent.steps_min:
        return False
    return _rarest(steps) >= extent.deaths_min or steps.total() >= extent.steps_max


def _rarest(steps: Counter[str]) -> int:
    """How often the rarest kind of death happened."""
    doings = ("receiving", "loading", "compacting", "retaining", "erasing")
    return min(steps[f"death while {doing}"] for doing in doings)


def test_the_walk_notices_a_doubled_line(monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    """The model proves nothing unless it sees a fault."""
    real = Life.rows

    def doubled(self: Life, scope: Scope | None = None) -> list[dict[str, Any]]:
        rows = real(self, scope)
        return rows + rows[:1]

    monkeypatch.setattr(Life, "rows", doubled)
    with pytest.raises(AssertionError):
        live(monkeypatch, seed, runs=20, steps_a_run=15, phases=(Phase.generate,))
