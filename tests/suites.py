"""The suites that have a short and a long form, and the seed of a run.

A suite in its short form takes at most two minutes and is part of CI. `--long` runs the long form.
Both draw from one seed, which the first lines of a run print and `--seed` sets.
"""

import os
import random
import secrets

import pytest
from hypothesis import is_hypothesis_test

# Each is a marker, described in pyproject.toml, and has a target `make long-...`.
SUITES = ("deaths", "kills", "soak", "sequences", "disk", "large", "findings")
# The suites whose tests run real processes for minutes. `make test-faults` runs them together.
SLOW = set(SUITES) - {"deaths"}
# The marker of a test that draws examples of a property.
PROPERTIES = "properties"
# For what only the long form runs.
LONG_ONLY = pytest.mark.long_only
SEED_VARIABLE = "TEST_SEED"


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("suites")
    group.addoption("--long", action="store_true", help="run the suites in their long form")
    group.addoption(
        "--seed",
        type=int,
        default=int(os.environ.get(SEED_VARIABLE) or secrets.randbelow(1 << 32)),
        help=f"what the suites draw from (default: ${SEED_VARIABLE}, else random)",
    )


def pytest_report_header(config: pytest.Config) -> str:
    form = "long" if config.option.long else "short"
    return f"seed {config.option.seed}, {form} form (the same again: --seed {config.option.seed})"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        if any(item.get_closest_marker(suite) for suite in SLOW):
            item.add_marker("slow")
        if is_hypothesis_test(getattr(item, "obj", None)):
            item.add_marker(PROPERTIES)
    if not config.option.long:
        items[:] = [item for item in items if not item.get_closest_marker("long_only")]


@pytest.fixture
def is_long(pytestconfig: pytest.Config) -> bool:
    return bool(pytestconfig.option.long)


@pytest.fixture
def seed(request: pytest.FixtureRequest) -> int:
    """A number for this test, which follows from the seed of the run."""
    return random.Random(f"{request.config.option.seed} {request.node.nodeid}").getrandbits(32)


@pytest.fixture
def chance(seed: int) -> random.Random:
    return random.Random(seed)
