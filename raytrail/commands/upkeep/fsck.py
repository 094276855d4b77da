"""`raytrail fsck`: runs the checks, prints what was found, and notes it for `raytrail doctor`."""

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict
from typing import Any

from queries.baseline.file_facts import read_facts
from queries.escape import for_terminal
from queries.shell_content import SHELL_CONTENT
from raytrail.commands.plurals import counted
from schema.errors import RaytrailError
from store.fsck import check, last_check
from store.fsck.check import CheckResult
from store.fsck.finding import Finding
from store.fsck.last_check import LastCheck
from store.store import Store

# Findings are checked a second time after this; a file that was just being named has its name by then.
PAUSE_SECONDS = 2.0

# A disk that lost a folder gives thousands; a person reads a few.
FINDINGS_SHOWN = 20


def run(store: Store, *, is_deep: bool, is_repairing: bool) -> CheckResult:
    def pause() -> None:
        time.sleep(PAUSE_SECONDS)

    started_at = store.clock()
    done = check.check(
        store, pause, SHELL_CONTENT, read_facts, is_deep=is_deep, is_repairing=is_repairing
    )
    kinds = Counter(str(each.kind) for each in done.left)
    last = LastCheck(started_at=started_at, is_deep=is_deep, files=done.files, kinds=kinds)
    # A store that cannot be written is checked all the same.
    with suppress(RaytrailError), store.catalog.write() as connection:
        last_check.record(connection, last)
    return done


def is_wrong(done: CheckResult) -> bool:
    return bool(done.left)


def as_object(done: CheckResult, *, is_deep: bool) -> dict[str, Any]:
    return {"wrong": is_wrong(done), "deep": is_deep, **asdict(done)}


def lines(done: CheckResult, *, is_deep: bool) -> Iterator[str]:
    yield from _section("repaired", done.mended)
    yield from _section("found", done.left)
    how = "every byte read" if is_deep else "size and footer read; --deep reads every byte"
    entries = counted(done.entries, "ledger entry")
    looked = f"{entries}, {counted(done.files, 'file')}, {done.bytes:,} bytes, {how}"
    found = f"{len(done.left):,} found" if done.left else "nothing found"
    mended = f", {len(done.mended):,} repaired" if done.mended else ""
    yield f"{found}{mended}: {looked}"


def _section(title: str, findings: Sequence[Finding]) -> Iterator[str]:
    for each in findings[:FINDINGS_SHOWN]:
        yield f"{title:8} {each.kind:17} {for_terminal(each.path)}"
        yield f"{'':8} means  {for_terminal(each.means)}"
        if title == "found":
            yield from _advice(each)
    if len(findings) > FINDINGS_SHOWN:
        yield f"... and {len(findings) - FINDINGS_SHOWN:,} more {title}; --json has them all"


def _advice(finding: Finding) -> Iterator[str]:
    if finding.repair:
        yield f"{'':8} repair {for_terminal(f'--repair: {finding.repair}')}"
    if finding.helps:
        yield f"{'':8} try    {for_terminal(finding.helps)}"
