"""Processes that die between any two calls, and power that fails with them (reliability 5.1)."""

import pytest

from tests.faults import checks
from tests.faults.lab import Lab


def test_k2_k3_k4_k5_a_retry_before_any_recovery_is_stored_once(lab: Lab) -> None:
    checks.a_retry_before_any_recovery_is_stored_once(lab)


def test_k4_k5_what_is_left_is_swept_and_never_believed(lab: Lab) -> None:
    checks.what_dead_processes_left_is_swept_and_entered(lab)


def test_k7_a_receipt_is_in_the_ledger_before_anybody_hears_of_it(lab: Lab) -> None:
    checks.a_receipt_is_in_the_ledger(lab)


def test_k17_a_power_cut_at_any_call_loses_nothing_acknowledged(lab: Lab) -> None:
    checks.a_power_cut_loses_nothing_acknowledged(lab)


@pytest.mark.slow
def test_k17_a_power_cut_while_loading_loses_no_row(lab: Lab) -> None:
    checks.a_power_cut_while_loading_loses_no_row(lab)


def test_k17_every_durable_verb_makes_its_calls_in_order(lab: Lab) -> None:
    checks.every_verb_makes_its_calls_in_order(lab)


def test_k17_a_batch_makes_its_calls_in_order(lab: Lab) -> None:
    checks.a_batch_makes_its_calls_in_order(lab)
