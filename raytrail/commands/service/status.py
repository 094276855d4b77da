"""`raytrail status` in words: one line a dataset, and below it only what there is to say."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from queries.escape import cut, for_terminal
from raytrail.decoder import Decoder
from raytrail.doctor.hints import foreign_text, shape_hint
from store.compaction.progress import RewriteProgress
from store.reading.status import DatasetStatus, Status

# More names than this nobody reads; --json has them all.
NAMES_SHOWN = 20
NAME_CHARACTERS_SHOWN = 60


def as_object(
    status: Status, decoder: Decoder, at_work: RewriteProgress | None = None
) -> dict[str, Any]:
    facts = asdict(status)
    pending = facts.pop("pending")
    return {
        **facts,
        "pending_batches": pending["batches"],
        "lag_seconds": pending["lag_seconds"],
        "decoder": decoder._asdict(),
        "rewriting": asdict(at_work) if at_work else None,
    }


def lines(
    status: Status, decoder: Decoder, at_work: RewriteProgress | None = None
) -> Iterator[str]:
    behind = status.pending
    yield f"ledger    {status.sequence} entries, newest {status.digest[:16] or '-'}"
    yield f"batches   {status.batches}, {behind.batches} waiting for the loader" + (
        f" ({behind.lag_seconds:.1f} s behind)" if behind.batches else ""
    )
    unmerged = (
        f", {status.unmerged_files:,} of them not merged yet" if status.unmerged_files else ""
    )
    yield f"parts     {status.files} files, {status.parquet_bytes:,} bytes{unmerged}"
    if at_work:
        share = f"{at_work.rows:,} of {at_work.of:,} rows"
        yield f"at work   {for_terminal(at_work.dataset)} {for_terminal(at_work.label)}: {share}"
    yield f"decoder   {decoder.name} ({decoder.reason})"
    for name, found in status.datasets.items():
        yield (
            f"{for_terminal(name):18} {found.rows:,} rows, {found.rejected_lines:,} rejected lines,"
            f" {found.batches:,} batches, {found.unread_batches:,} unread"
        )
        for about, text in _details(found):
            yield f"    {about:10} {text}"


def _details(found: DatasetStatus) -> Iterator[tuple[str, str]]:
    resent = f"; {found.resends:,} batches sent again" if found.resends else ""
    inflated = f"{found.inflated_bytes:,} inflated"
    yield "received", f"{found.body_bytes:,} bytes, {inflated}{resent}"
    yield from _loaded(found)
    if found.pending.batches:
        behind = f"{found.pending.lag_seconds:.1f} s behind"
        yield "waiting", f"{found.pending.batches:,} batches, {behind}"
    if found.oldest_unread:
        oldest = found.oldest_unread
        reason = for_terminal(oldest.reason)
        yield "unread", f"oldest {oldest.batch_id[:16]} of {oldest.received_at}: {reason}"
    for shape, batches in found.shapes.items():
        if shape != "ndjson":
            yield "shape", f"{batches:,} batches of {shape}: {shape_hint(shape)}"
    for looks_like, records in found.foreign.items():
        yield "foreign", foreign_text(looks_like, records)
    for about, kind in (("unknown", "unknown"), ("misfits", "misfit"), ("rounded", "approximate")):
        if times := found.fields.get(kind):
            yield about, names(times)
    if found.overruled_members:
        yield "overruled", f"{found.overruled_members:,} members by a later one of the same name"
    if found.decoded_rows:
        told = (f"{rows:,} rows by {name}" for name, rows in found.decoded_rows.items())
        yield "decoded", ", ".join(told)


def _loaded(found: DatasetStatus) -> Iterator[tuple[str, str]]:
    """What the rows that are held do not tell."""
    if found.loaded_rows != found.rows:
        folded = f"{found.folded_rows:,} lines are the same as one of those that are held"
        yield "loaded", f"{found.loaded_rows:,} rows ever; {folded}"


def names(times: Mapping[str, int]) -> str:
    """Fields and how often each, the most frequent first, as far as anybody reads."""
    shown = [
        f"{for_terminal(cut(name, NAME_CHARACTERS_SHOWN))} ({count:,})"
        for name, count in times.items()
        if name
    ]
    more = len(shown) - NAMES_SHOWN
    text = ", ".join(shown[:NAMES_SHOWN])
    text += f" and {more:,} more names" if more > 0 else ""
    return text + (f"; {times['']:,} under further names" if "" in times else "")
