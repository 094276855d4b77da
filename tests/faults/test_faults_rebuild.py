"""Rows G1, G4 to G7 of the fault matrix: the checks that broken programs must fail."""

from tests.faults import rebuild_checks
from tests.faults.lab import Lab


def test_g1_g5_a_lost_catalog_is_rebuilt_as_it_was(lab: Lab) -> None:
    rebuild_checks.a_lost_catalog_is_rebuilt_as_it_was(lab)


def test_g4_g6_g7_without_the_ledger_nothing_removed_comes_back(lab: Lab) -> None:
    rebuild_checks.without_the_ledger_nothing_removed_comes_back(lab)
