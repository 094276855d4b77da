"""Findings that a person has acknowledged, so that they no longer need anybody."""

import contextlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from raytrail.doctor.finding import Finding, Grade
from raytrail.errors import CannotDo
from store.errors import DiskFailed, StoreBusy, StoreDamaged, StoreUnavailable
from store.files.layout import Layout
from store.intake.limits import IntakeLimits
from store.registers import acknowledgements
from store.registers.acknowledgements import Acknowledgement, Said
from store.store import Store
from store.timestamps import Clock


def applied(place: Path | Layout, clock: Clock, findings: Sequence[Finding]) -> list[Finding]:
    """The findings, of which acknowledged ones are notes unless there is more than there was."""
    troubles = (StoreUnavailable, StoreBusy, StoreDamaged, DiskFailed)
    with (
        contextlib.suppress(*troubles),
        Store.open(place, clock, IntakeLimits()) as store,
        store.catalog.read() as connection,
    ):
        known = acknowledgements.listed(connection)
        return [_graded(each, known.get(each.alarm)) for each in findings]
    return list(findings)


def acknowledge(store: Store, findings: Sequence[Finding], wanted: str, reason: str) -> list[str]:
    """Acknowledge the alarm with this id, or every alarm below it; returns their ids.

    CannotDo if there is no such alarm now.
    """
    found = [each for each in findings if _is_meant(each, wanted)]
    if not found:
        ids = [each.alarm for each in findings if each.alarm and each.grade is Grade.WRONG]
        there = f"the alarms are {', '.join(ids)}" if ids else "there is none that can be"
        raise CannotDo(f"no alarm {wanted!r} to acknowledge: {there}")
    now, said = store.clock(), Said(reason)
    with store.catalog.write() as connection:
        for each in found:
            acknowledgements.acknowledge(connection, each.alarm, each.amount, said, now)
    return [each.alarm for each in found]


def _is_meant(finding: Finding, wanted: str) -> bool:
    if not finding.alarm or finding.grade is not Grade.WRONG:
        return False
    return finding.alarm == wanted or finding.alarm.startswith(f"{wanted}/")


def _graded(finding: Finding, known: Acknowledgement | None) -> Finding:
    if known is None or finding.grade is not Grade.WRONG:
        return finding
    if not known.covers(finding.amount):
        return replace(finding, text=f"{finding.text}; {known.amount:,} of them are acknowledged")
    told = f"acknowledged {known.acknowledged_at[:10]}: {known.reason}"
    return replace(finding, grade=Grade.NOTE, text=f"{finding.text}; {told}", helps="")
