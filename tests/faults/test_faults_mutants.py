"""Broken on purpose, every program is caught; else the checks would prove nothing."""

from typing import Any

import pytest

from tests.faults import checks
from tests.faults.lab import Lab
from tests.faults.matrix import ROWS
from tests.faults.mutants import MUTANTS, Mutant


def _cases() -> list[Any]:
    slow = {checks.a_power_cut_while_loading_loses_no_row}
    return [
        pytest.param(each, id=each.name, marks=[pytest.mark.slow] if each.caught_by in slow else [])
        for each in MUTANTS
    ]


@pytest.mark.parametrize("mutant", _cases())
def test_a_broken_program_is_caught(lab: Lab, mutant: Mutant) -> None:
    with lab.patch.context() as patch:
        mutant.breaks(patch)
        with pytest.raises(Exception) as caught:  # noqa: PT011 (asserted below)
            mutant.caught_by(lab)

    # An error of the program counts too, but not one of the mutant's own making.
    assert not isinstance(caught.value, (TypeError, NameError, AttributeError)), caught.value


def test_every_mutant_breaks_rows_that_are_there() -> None:
    assert {row for mutant in MUTANTS for row in mutant.rows} <= ROWS.keys()


def test_no_two_mutants_are_called_alike() -> None:
    assert len({mutant.name for mutant in MUTANTS}) == len(MUTANTS)
