"""Checks whether lines are hidden that an earlier version took for copies of others."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

from raytrail.commands.plurals import counted
from raytrail.doctor.checks import Finding, Grade
from store.compaction import folded_rows
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
    ):
        return list(_findings(store))
    return []


def _findings(store: Store) -> Iterator[Finding]:
    found = folded_rows.without_id(store.layout, store.catalog)
    for dataset, folded in sorted(found.items()):
        lines, files = counted(folded.lines, "line"), counted(folded.files, "file")
        yield Finding(
            about="folded",
            grade=Grade.NOTE,
            dataset=dataset,
            text=f"an earlier version folded {lines} without a Ray ID or other id, in {files}",
            means="they may be requests of their own, and trails and totals lack them",
            helps=f"`raytrail replay --dataset {dataset}` brings back those whose raw bodies are kept",
        )
