"""A company's 63 days with incidents in the last three weeks, and the truth about them."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from tests.findings.world.days import Days
from tests.findings.world.logs import Batch, Log
from tests.findings.world.people import cast, offices
from tests.findings.world.planted import (
    login_misses,
    place_hits,
    place_misses,
    prepared,
    taking_hits,
    taking_misses,
    time_hits,
)
from tests.findings.world.planted.place_hits import Plant
from tests.findings.world.planted.plan import Nobody, Plan
from tests.findings.world.shapes import Shape
from tests.findings.world.truth import Truth

# What needs the log of logins.
OF_LOGINS = {"request_without_login", "after_logout", "login_without_requests"}
INCIDENTS = {**place_hits.PLANTS, **time_hits.PLANTS, **taking_hits.PLANTS}
NEAR_MISSES = (*place_misses.PLANTS, *taking_misses.PLANTS, *login_misses.PLANTS)


@dataclass(frozen=True, slots=True)
class World:
    shape: Shape
    batches: Sequence[Batch]
    truth: Truth
    hosts: Sequence[str]
    silent_hours: Sequence[tuple[float, float]]

    @property
    def records(self) -> int:
        return sum(batch.body.count(b"\n") for batch in self.batches)


def world(shape: Shape, seed: int) -> World:
    """The same shape and seed give the same bytes."""
    log = Log(shape, seed)
    people = cast(shape, seed)
    days = Days(shape, seed, log, offices(shape))
    plan = Plan(shape, seed, log, days, people)
    prepared.prepare(plan)
    for person in people:
        days.run(person)
    prepared.heavy_days(plan)
    prepared.kiosk(plan)
    for rule, incident in INCIDENTS.items():
        if shape.has_logins or rule not in OF_LOGINS:
            _plant(plan, incident, shape.incidents)
    for near_miss in NEAR_MISSES:
        _plant(plan, near_miss, shape.near_misses)
    return World(shape, list(log.batches()), plan.truth(), plan.hosts, plan.silent_hours)


def _plant(plan: Plan, plant: Plant, times: int) -> None:
    for number in range(times):
        # A small company has nobody for some of them.
        with suppress(Nobody):
            plant(plan, number)
