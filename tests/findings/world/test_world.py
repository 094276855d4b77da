"""The made-up company itself: the same seed gives the same bytes."""

from collections import Counter
from dataclasses import replace

import orjson
import pytest

from tests.findings.world.shapes import SHAPES
from tests.findings.world.world import INCIDENTS, NEAR_MISSES, World, world

SMALL = replace(SHAPES["offices"], people=40, requests_a_day=12.0)


@pytest.fixture(scope="module")
def small() -> World:
    return world(SMALL, 11)


@pytest.fixture(scope="module")
def records(small: World) -> list[dict[str, object]]:
    return [
        orjson.loads(line)
        for batch in small.batches
        if batch.dataset == "http_requests"
        for line in batch.body.splitlines()
    ]


def test_the_same_seed_gives_the_same_bytes_and_another_one_others(small: World) -> None:
    assert world(SMALL, 11).batches == small.batches
    assert world(SMALL, 12).batches != small.batches


@pytest.mark.parametrize("name", ["offices", "global", "hospital", "no_logins"])
def test_each_shape_has_incidents_of_each_rule(name: str) -> None:
    made = world(replace(SHAPES[name], requests_a_day=5.0), 7)

    planted = Counter(one.rule for one in made.truth.incidents)
    of_logins = set() if made.shape.has_logins else INCIDENTS.keys() - planted.keys()
    assert INCIDENTS.keys() - of_logins <= planted.keys()
    assert len({one.kind for one in made.truth.near_misses}) >= len(NEAR_MISSES) - 1


def test_the_truth_names_requests_that_were_logged(
    small: World, records: list[dict[str, object]]
) -> None:
    rays = {record["RayID"] for record in records}
    of_requests = [
        one
        for one in small.truth.incidents
        if any(one.rays) and one.rule != "login_without_requests"
    ]

    assert of_requests
    assert not [one for one in of_requests if not one.rays <= rays]


def test_requests_end_with_the_last_day(small: World, records: list[dict[str, object]]) -> None:
    begun = [int(str(record["EdgeStartTimestamp"])) for record in records]

    assert max(begun) - min(begun) < 66 * 24 * 3600 * 1_000_000_000
