"""What a backfill did, for a person and for a program."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from archives.backfill import BackfillResult
from queries.escape import for_terminal
from store.timestamps import to_text


def as_object(done: BackfillResult) -> dict[str, Any]:
    return {**asdict(done), "since": to_text(done.since), "until": to_text(done.until)}


def lines(done: BackfillResult) -> Iterator[str]:
    yield for_terminal(f"{done.zone}: {to_text(done.since)} to {to_text(done.until)}")
    yield (
        f"{done.records:,} records came, {done.already_held:,} of them were held already,"
        f" the others are {done.batches:,} batches"
    )
    if not done.has_names:
        yield "Logpull gives no RequestHeaders here: these rows are nobody's, and in no trail"
    if done.incomparable:
        yield (
            f"{done.incomparable:,} rows that are held have no Ray ID or no start:"
            " whether they are among the new ones, nobody can tell"
        )
    if done.windows_done_before:
        yield f"{done.windows_done_before:,} hours were asked for before; --again asks anew"
