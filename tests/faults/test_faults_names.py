"""Rows N1 to N4 of the fault matrix: the checks that broken programs must fail."""

from tests.faults import name_checks
from tests.faults.lab import Lab


def test_n1_n2_a_name_is_found_however_it_is_written(lab: Lab) -> None:
    name_checks.a_name_is_found_however_it_is_written(lab)


def test_n3_n4_other_spellings_are_named_and_held(lab: Lab) -> None:
    name_checks.other_spellings_are_named_and_held(lab)
