"""What `raytrail import` prints for a person and for a program."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from archives.archive import LeftOut
from archives.import_run import ImportPlan, ImportResult
from queries.escape import for_terminal
from raytrail.commands.archives.merging import MergedFiles
from raytrail.commands.plurals import counted

# A person needs some names to see what kind of files they are; --json has all of them.
LEFT_OUT_SHOWN = 5


def as_object(done: ImportResult, merged: MergedFiles | None) -> dict[str, Any]:
    damaged = [{"uri": uri, "reason": reason} for uri, reason in done.damaged]
    facts = {name: value for name, value in asdict(done).items() if name != "new_batches"}
    return {**facts, "damaged": damaged, "merged": merged.as_object() if merged else None}


def lines(done: ImportResult, merged: MergedFiles | None) -> Iterator[str]:
    yield f"{done.read:,} of {counted(done.objects, 'file')} read; {done.skipped:,} imported before"
    yield f"{counted(done.batches, 'new batch')}; {done.duplicates:,} already in the store"
    yield from _left_out(done.left_out)
    if done.doubled:
        yield (
            f"lines without a Ray ID or other id that the store has twice now: {done.doubled:,};"
            " sent again, or second requests; merging marks them probable_duplicate"
        )
    if done.cut:
        yield f"{counted(done.cut, 'file')} larger than the body limit, imported in pieces"
    if done.trials:
        yield f"{counted(done.trials, 'file')} skipped: Cloudflare's test uploads"
    if not done.is_loaded:
        yield (
            "the running service loads the new batches; `raytrail status` counts probable duplicates"
            " among them once files are merged"
        )
    if merged:
        yield from merged.lines()
    for uri, reason in done.damaged:
        yield for_terminal(f"damaged: {uri}: {reason}")


def plan_object(planned: ImportPlan) -> dict[str, Any]:
    return {
        "dry_run": True,
        "objects": planned.objects,
        "skipped": planned.skipped,
        "to_read": len(planned.todo),
        "bytes": planned.bytes,
        "left_out": [asdict(each) for each in planned.left_out],
    }


def plan_lines(planned: ImportPlan) -> Iterator[str]:
    files = f"{len(planned.todo):,} of {counted(planned.objects, 'file')}"
    yield f"{files} to read, {planned.bytes:,} bytes"
    yield f"{planned.skipped:,} imported before and unchanged"
    yield from _left_out(planned.left_out)


def _left_out(files: Sequence[LeftOut]) -> Iterator[str]:
    if files:
        yield f"{counted(len(files), 'file')} left out; to import one, name it by itself:"
    for each in files[:LEFT_OUT_SHOWN]:
        yield for_terminal(f"  {each.uri}: {each.reason}")
    if len(files) > LEFT_OUT_SHOWN:
        yield f"  and {len(files) - LEFT_OUT_SHOWN:,} more; --json lists all"
