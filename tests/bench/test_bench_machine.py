"""What the bench says of the machine that it measures on."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bench.machine import ONE_CORE, Spinner, cores

ROOT = Path(__file__).parents[2]
_PINNED = """
import os, sys
os.sched_setaffinity(0, {cores})
from bench.__main__ import main
sys.exit(main(["awkward"]))
"""


def said_on(*pinned: int) -> str:
    program = _PINNED.format(cores=set(pinned))
    ran = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return ran.stdout


@pytest.mark.service
def test_on_one_core_the_bench_says_that_it_sees_nobody_else() -> None:
    assert ONE_CORE in said_on(cores()[0])


@pytest.mark.service
@pytest.mark.skipif(len(cores()) < 2, reason="one core here")
def test_on_two_cores_it_does_not_say_so() -> None:
    assert ONE_CORE not in said_on(*cores()[:2])


@pytest.mark.service
def test_on_one_core_nobody_is_looked_for() -> None:
    before = os.sched_getaffinity(0)
    spinner = Spinner()
    os.sched_setaffinity(0, {cores()[0]})
    try:
        spinner.look()
    finally:
        os.sched_setaffinity(0, before)
        spinner.close()

    assert not spinner.gains
    assert not spinner.is_disturbed
