"""`raytrail replay`: selects batches, decodes them again, and prints the result."""

import re
from collections.abc import Iterator
from dataclasses import asdict
from datetime import date
from typing import Any

from queries.escape import for_terminal
from queries.shell_content import SHELL_CONTENT
from raytrail.commands.plurals import counted
from raytrail.errors import CannotDo
from store.replay.results import ReplayResult
from store.replay.selection import Selection
from store.store import Store

# `status` shows 16 digits of an id; fewer than 8 are probably a typing error.
BATCH_ID = re.compile(r"[0-9a-f]{8,64}")

# A disk that lost its raw files leaves thousands of batches unchanged; a person reads a few.
LEFT_SHOWN = 20


def selection(
    *, dataset: str, batch: str, since: str, until: str, only_rejected: bool
) -> Selection:
    """The options as a value; CannotDo names the accepted values."""
    if batch and not BATCH_ID.fullmatch(batch):
        raise CannotDo("--batch: give the id of a batch, or its first 8 digits or more (0-9, a-f)")
    return Selection(
        dataset=dataset or None,
        batch=batch or None,
        since=_day("--since", since),
        until=_day("--until", until),
        only_rejected=only_rejected,
    )


def run(store: Store, wanted: Selection, *, is_trial: bool) -> ReplayResult:
    """Replay, and publish `audit.duckdb` unless a loader does it."""
    done = store.replay().run(wanted, is_trial=is_trial)
    if done.sequence is not None:
        store.publish_unless_loading(SHELL_CONTENT)
    return done


def is_wrong(done: ReplayResult) -> bool:
    """Whether a batch that was loaded before could not be loaded again.

    An unread batch that stays unread is not counted, nor one removed by retention or erasure.
    """
    return any(each.was_loaded and not each.is_gone for each in done.left)


def as_object(done: ReplayResult, *, is_trial: bool) -> dict[str, Any]:
    return {"dry_run": is_trial, **asdict(done)}


def lines(done: ReplayResult, *, is_trial: bool) -> Iterator[str]:
    batches = counted(done.batches, "batch")
    if is_trial:
        yield f"{batches} would be replayed; nothing was changed"
    else:
        old, new = counted(done.parts_retired, "file"), counted(done.parts_added, "file")
        yield f"{batches} replayed, {old} replaced by {new}"
    yield from counts_and_left(done)


def counts_and_left(done: ReplayResult) -> Iterator[str]:
    """All counts before and after, and the batches that stay as they were."""
    for dataset, before in done.before.items():
        after = done.after[dataset]
        yield for_terminal(dataset)
        for name, count in before.items():
            if count or after[name]:
                same = " (the same)" if count == after[name] else ""
                yield f"    {name.replace('_', ' '):18} {count:,} -> {after[name]:,}{same}"
    for each in done.left[:LEFT_SHOWN]:
        names = ", ".join(batch[:16] for batch in each.batches)
        state = "unchanged" if each.was_loaded else "still unread"
        yield f"{state}: {names} ({for_terminal(each.dataset)}): {for_terminal(each.reason)}"
    if len(done.left) > LEFT_SHOWN:
        yield f"... and {len(done.left) - LEFT_SHOWN:,} more; --json has them all"


def _day(option: str, text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise CannotDo(f"{option}: give the day of receipt, such as 2026-11-18") from error
