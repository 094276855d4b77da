"""What an import did, for a person and for a program."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from archives.import_run import ImportPlan, ImportResult
from queries.escape import for_terminal


def as_object(done: ImportResult) -> dict[str, Any]:
    damaged = [{"uri": uri, "reason": reason} for uri, reason in done.damaged]
    return {**asdict(done), "damaged": damaged}


def lines(done: ImportResult) -> Iterator[str]:
    yield f"{done.read:,} files read of {done.objects:,}; {done.skipped:,} were imported before"
    yield f"{done.batches:,} batches are new, {done.duplicates:,} were in the store already"
    if done.cut:
        yield f"{done.cut:,} files were larger than a body may be, and cut"
    if done.trials:
        yield f"{done.trials:,} files were Cloudflare's test uploads"
    if not done.is_loaded:
        yield "the service that runs on this store makes rows of them"
    for uri, reason in done.damaged:
        yield for_terminal(f"damaged: {uri}: {reason}")


def plan_object(planned: ImportPlan) -> dict[str, Any]:
    return {
        "dry_run": True,
        "objects": planned.objects,
        "skipped": planned.skipped,
        "to_read": len(planned.todo),
        "bytes": planned.bytes,
    }


def plan_lines(planned: ImportPlan) -> Iterator[str]:
    yield f"{len(planned.todo):,} files to read, {planned.bytes:,} bytes, of {planned.objects:,}"
    yield f"{planned.skipped:,} were imported before, and did not change"
