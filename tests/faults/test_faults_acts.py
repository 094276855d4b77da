"""Rows A2 to A4 and A6 of the fault matrix: the checks that broken programs must fail."""

from tests.faults import act_checks
from tests.faults.lab import Lab


def test_a2_a3_a4_an_erasure_takes_only_what_a_person_confirmed(lab: Lab) -> None:
    act_checks.an_erasure_takes_only_what_a_person_confirmed(lab)


def test_a6_a_hold_says_how_many_rows_it_covers(lab: Lab) -> None:
    act_checks.a_hold_says_how_many_rows_it_covers(lab)
