"""Disks that err, fill up or go away, under the receiver's own calls (reliability 5.2)."""

from tests.faults import checks
from tests.faults.lab import Lab


def test_d2_a_ledger_that_takes_no_entry_gives_no_receipt(lab: Lab) -> None:
    checks.a_ledger_that_takes_no_entry_gives_no_receipt(lab)


def test_d6_d7_a_failed_sync_is_final(lab: Lab) -> None:
    checks.a_failed_sync_is_final(lab)


def test_d15_short_writes_end_up_whole(lab: Lab) -> None:
    checks.short_writes_end_up_whole(lab)
