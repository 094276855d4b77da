"""A finding for each file in `stray/`."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

from raytrail.commands.plurals import counted
from raytrail.doctor.checks import Finding, Grade
from store import strays
from store.errors import DiskFailed, StoreBusy, StoreDamaged, StoreUnavailable
from store.intake.limits import IntakeLimits
from store.store import Store
from store.strays import Stray
from store.timestamps import Clock


def examine(folder: Path, clock: Clock) -> list[Finding]:
    """No finding for a store that cannot be opened; doctor/checks.py reports that."""
    troubles = (StoreUnavailable, StoreBusy, StoreDamaged, DiskFailed)
    with (
        contextlib.suppress(*troubles),
        Store.open(folder, clock, IntakeLimits()) as store,
    ):
        return list(_findings(store))
    return []


def _findings(store: Store) -> Iterator[Finding]:
    for each in strays.listed(store):
        yield Finding(
            about="stray",
            grade=Grade.WRONG,
            alarm=each.file.alarm,
            text=f"{each.file.original}: {what(each)}",
            means="the catalog does not know this file, so no question reads it",
            helps=f"`raytrail stray list`; `raytrail stray drop {each.file.id}` deletes it",
        )


def what(stray: Stray) -> str:
    """What the file is, as far as it tells."""
    part = stray.part
    if part is None:
        return f"{stray.file.bytes:,} bytes, not a readable Parquet file"
    return f"{counted(part.rows, 'row')} of {part.dataset}, {part.day}"
