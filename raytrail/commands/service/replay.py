"""`raytrail replay`: which batches were asked for, and in words what became of them."""

import re
from collections.abc import Iterator
from dataclasses import asdict
from datetime import date
from typing import Any

from queries.definitions import shell_statements
from queries.escape import for_terminal
from raytrail.errors import CannotDo
from store.reading import views
from store.replay.results import ReplayResult
from store.replay.selection import Selection
from store.store import Store

# As `status` shows an id; fewer letters would rather be a slip than a choice.
BATCH_ID = re.compile(r"[0-9a-f]{8,64}")

# A disk that lost its raw files leaves thousands of batches as they are; a person reads a few.
LEFT_SHOWN = 20


def selection(
    *, dataset: str, batch: str, since: str, until: str, only_rejected: bool
) -> Selection:
    """What was typed as a value; CannotDo says what is accepted."""
    if batch and not BATCH_ID.fullmatch(batch):
        raise CannotDo("--batch: a batch's id, or its first 8 letters or more")
    return Selection(
        dataset=dataset or None,
        batch=batch or None,
        since=_day("--since", since),
        until=_day("--until", until),
        only_rejected=only_rejected,
    )


def run(store: Store, wanted: Selection, *, is_trial: bool) -> ReplayResult:
    """Replay; where no loader is at work to do it, show the result in `audit.duckdb` as well."""
    done = store.replay().run(wanted, is_trial=is_trial)
    if done.sequence is not None:
        views.publish_unless_loading(store.layout, store.snapshot, shell_statements())
    return done


def is_wrong(done: ReplayResult) -> bool:
    """Whether something that was loaded could not be loaded again; unread ones were no better, and
    what retention or an erasure let go of is as it should be.
    """
    return any(each.was_loaded and not each.is_gone for each in done.left)


def as_object(done: ReplayResult, *, is_trial: bool) -> dict[str, Any]:
    return {"dry_run": is_trial, **asdict(done)}


def lines(done: ReplayResult, *, is_trial: bool) -> Iterator[str]:
    if is_trial:
        yield f"{done.batches:,} batches would be replayed; nothing was changed"
    else:
        parts = f"{done.parts_added:,} parts in the place of {done.parts_retired:,}"
        yield f"{done.batches:,} batches replayed, {parts}"
    for dataset, before in done.before.items():
        after = done.after[dataset]
        yield for_terminal(dataset)
        for name, count in before.items():
            if count or after[name]:
                same = " (the same)" if count == after[name] else ""
                yield f"    {name.replace('_', ' '):18} {count:,} -> {after[name]:,}{same}"
    for each in done.left[:LEFT_SHOWN]:
        names = ", ".join(batch[:16] for batch in each.batches)
        state = "left as it was" if each.was_loaded else "still unread"
        yield f"{state}: {names} ({for_terminal(each.dataset)}): {for_terminal(each.reason)}"
    if len(done.left) > LEFT_SHOWN:
        yield f"... and {len(done.left) - LEFT_SHOWN:,} more; --json has them all"


def _day(option: str, text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise CannotDo(f"{option}: a day such as 2026-11-18, by which a batch came") from error
