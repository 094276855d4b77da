"""A finding if the files of the ledger are missing."""

import contextlib
from pathlib import Path

from raytrail.doctor.checks import Finding, Grade
from store.catalog.agreement.comparison import is_missing
from store.errors import DiskFailed, StoreBusy, StoreDamaged, StoreUnavailable
from store.intake.limits import IntakeLimits
from store.store import Store
from store.timestamps import Clock


def examine(folder: Path, clock: Clock) -> list[Finding]:
    """No finding for a store that cannot be opened; doctor/checks.py reports that."""
    troubles = (StoreUnavailable, StoreBusy, StoreDamaged, DiskFailed)
    with (
        contextlib.suppress(*troubles),
        Store.open(folder, clock, IntakeLimits()) as store,
        store.catalog.read() as connection,
    ):
        if is_missing(connection, store.layout):
            return [
                Finding(
                    about="ledger",
                    grade=Grade.WRONG,
                    text=f"{store.layout.ledger} is missing",
                    means="the next start is refused, and a lost catalog could not be made again",
                    helps="put it back; otherwise stop the service and run `raytrail rebuild`",
                )
            ]
    return []
