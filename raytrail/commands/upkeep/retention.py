"""`raytrail retain`: deletes expired rows and raw bodies, and prints what was deleted.

A process that holds the lock of the file swap calls `Retention(swap, lifetimes).run()` instead.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from queries.escape import for_terminal
from queries.shell_content import SHELL_CONTENT
from raytrail.retention_settings import FOREVER
from store import timestamps
from store.lifetimes import Lifetimes
from store.retention import confirmation
from store.retention.confirmation import Confirmation
from store.retention.plan import DatasetExpiry, RetentionPlan
from store.retention.retention import Retention, RetentionResult
from store.store import Store
from store.uptime import system_uptime


@dataclass(frozen=True, slots=True)
class AlreadyRunning:
    """Another process merges, removes or erases; nothing was done, and nothing is wrong."""


def plan(store: Store, lifetimes: Lifetimes) -> RetentionPlan:
    """What a run would do now; changes nothing, and works while another process runs."""
    return Retention(store.file_swap(), lifetimes, system_uptime).plan()


def run(
    store: Store,
    lifetimes: Lifetimes,
    given: Confirmation = confirmation.NONE,
    tell: Callable[[int], None] = lambda _rows: None,
) -> RetentionResult | AlreadyRunning:
    """Delete what has expired, and publish `audit.duckdb` unless a loader does it.

    RetentionRefused when the removal needs a consent that `given` lacks.
    `tell` is called with the number of rows of each rewritten file. If it raises, the files
    rewritten so far stay, and the next run does the rest.
    """
    swap = store.file_swap(tell)
    retention = Retention(swap, lifetimes, system_uptime)
    # Before the lock, so that the compactor goes on even if it is the one that has it.
    retention.judge_clock(given)
    with swap.locked() as has_lock:
        if not has_lock:
            return AlreadyRunning()
        done = retention.run(given)
    if done.sequence is not None:
        store.publish_unless_loading(SHELL_CONTENT)
    return done


def as_object(
    found: RetentionPlan, given: Confirmation, sequence: int | None, *, is_trial: bool
) -> dict[str, Any]:
    """`count` is the number for `--yes-remove`; `doubts` are empty when no consent is needed."""
    return {
        "dry_run": is_trial,
        "already_running": False,
        "sequence": sequence,
        "count": found.count,
        "rows": found.rows,
        "rows_live": found.rows_live,
        "raw_bodies": found.bodies,
        "raw_bodies_kept": found.bodies_kept,
        "unreadable_files": [file["path"] for file in found.unreadable],
        "raw_bodies_needed": found.bodies_needed,
        "doubts": list(found.doubts(given)) if is_trial else [],
        "datasets": {each.dataset: _facts(each) for each in found.datasets},
    }


def _facts(each: DatasetExpiry) -> dict[str, Any]:
    return {
        "days": each.days,
        "cutoff": timestamps.to_text(each.cutoff) if each.cutoff else None,
        "rows": each.rows,
        "files_whole": each.files_whole,
        "files_rewritten": each.files_rewritten,
        "raw_bodies": len(each.bodies),
        "raw_bytes": each.body_bytes,
        "stray_files": len(each.strays),
        "held_rows": each.held_rows,
        "held_raw_bodies": dict(each.held_bodies),
    }


def lines(found: RetentionPlan, given: Confirmation, *, is_trial: bool) -> Iterator[str]:
    for each in found.datasets:
        limit = FOREVER if each.days is None else f"for {each.days:,} days"
        yield f"{for_terminal(each.dataset)}, kept {limit}"
        yield f"    rows        {each.rows:,}"
        files = f"{each.files_whole:,} whole, {each.files_rewritten:,} rewritten"
        yield f"    files       {files}"
        yield f"    raw bodies  {len(each.bodies):,}, {each.body_bytes:,} bytes"
        if each.strays:
            yield f"    in stray/   {len(each.strays):,} files"
        for hold_id in sorted(each.held_rows.keys() | each.held_bodies.keys()):
            kept = f"{each.held_rows.get(hold_id, 0):,} rows"
            raw = f"{each.held_bodies.get(hold_id, 0):,} raw bodies"
            yield f"    kept by {hold_id}: {kept}, {raw}"
    for file in found.unreadable:
        path = for_terminal(file["path"])
        yield f"{path} cannot be read: expired rows in it stay until it is whole again"
    if found.bodies_needed:
        needed = f"{found.bodies_needed:,} expired raw bodies"
        yield f"{needed} stay: a damaged file may be made again from them"
    rows = f"{found.rows:,} of {found.rows_live:,} rows"
    bodies = f"{found.bodies:,} of {found.bodies_kept:,} raw bodies"
    if not is_trial:
        yield f"{rows} and {bodies} removed"
        return
    yield f"{rows} and {bodies} would be removed; nothing was changed"
    doubts = found.doubts(given)
    if doubts:
        yield f"this removal would be refused: {'; '.join(doubts)}"
