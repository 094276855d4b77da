"""What `raytrail backfill` prints for a person and for a program."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from archives.backfill import BackfillResult
from queries.escape import for_terminal
from raytrail.commands.plurals import counted
from store.timestamps import to_text


def as_object(done: BackfillResult) -> dict[str, Any]:
    return {**asdict(done), "since": to_text(done.since), "until": to_text(done.until)}


def lines(done: BackfillResult) -> Iterator[str]:
    yield for_terminal(f"{done.zone}: {to_text(done.since)} to {to_text(done.until)}")
    yield (
        f"{counted(done.records, 'record')} fetched, {done.already_held:,} of them already stored;"
        f" {counted(done.batches, 'new batch')}"
    )
    if not done.has_names:
        yield "Logpull gives no RequestHeaders here: these rows have no user and are in no trail"
    if done.incomparable:
        yield (
            f"{counted(done.incomparable, 'stored row')} without a Ray ID or a start time:"
            " the new rows may repeat them"
        )
    if done.windows_done_before:
        yield f"{counted(done.windows_done_before, 'hour')} fetched before and skipped; see --again"
