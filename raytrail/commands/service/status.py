"""What `raytrail status` prints: a line for each dataset, and below it only what is not normal."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from queries.escape import for_terminal
from raytrail.commands.plurals import counted
from raytrail.decoder import Decoder
from raytrail.doctor.hints import foreign_text, names, shape_hint
from store.compaction.progress import RewriteProgress
from store.keepout.register import KeptOutState
from store.reading.degraded import Reason
from store.reading.status import DatasetStatus, Status
from store.registers.scrubs import ScrubState

if TYPE_CHECKING:
    from raytrail.commands.publishing.words import Publication


def as_object(
    status: Status,
    decoder: Decoder,
    at_work: RewriteProgress | None = None,
    degraded: Sequence[Reason] = (),
    published: "Publication | None" = None,
) -> dict[str, Any]:
    facts = asdict(status)
    pending = facts.pop("pending")
    facts["scrub"] = status.scrub.facts()
    return {
        **facts,
        "pending_batches": pending["batches"],
        "lag_seconds": pending["lag_seconds"],
        "decoder": decoder._asdict(),
        "rewriting": asdict(at_work) if at_work else None,
        "degraded": [asdict(reason) for reason in degraded],
        "published": published.as_object() if published else None,
    }


def lines(
    status: Status,
    decoder: Decoder,
    at_work: RewriteProgress | None = None,
    degraded: Sequence[Reason] = (),
    published: "Publication | None" = None,
) -> Iterator[str]:
    behind = status.pending
    yield f"ledger    {counted(status.sequence, 'entry')}, newest {status.digest[:16] or '-'}"
    yield f"batches   {status.batches:,}, {behind.batches:,} waiting for the loader" + (
        f" ({behind.lag_seconds:.1f} s behind)" if behind.batches else ""
    )
    unmerged = (
        f", {status.unmerged_files:,} of them not merged yet" if status.unmerged_files else ""
    )
    yield f"parts     {counted(status.files, 'file')}, {status.parquet_bytes:,} bytes{unmerged}"
    if status.stray_files:
        yield f"stray     {counted(status.stray_files, 'file')}; see `raytrail stray list`"
    if status.rebuilt:
        at, unknown = status.rebuilt.at[:19], status.rebuilt.unknown
        rest = f"; {counted(unknown, 'thing')} could not be known" if unknown else ""
        yield f"rebuilt   the catalog, {at}Z: {status.rebuilt.why}{rest}"
    yield from _kept_out(status.kept_out)
    if at_work:
        share = f"{at_work.rows:,} of {at_work.of:,} rows"
        yield f"at work   {for_terminal(at_work.dataset)} {for_terminal(at_work.label)}: {share}"
    yield from _scrub(status.scrub)
    if published:
        yield published.line()
    for reason in degraded:
        yield f"degraded  {reason.code}: {for_terminal(reason.text)}"
    yield f"decoder   {decoder.name} ({decoder.reason})"
    for name, found in status.datasets.items():
        yield (
            f"{for_terminal(name):18} {counted(found.rows, 'row')}{_repeats(found)},"
            f" {counted(found.rejected_lines, 'rejected line')},"
            f" {counted(found.batches, 'batch')}, {found.unread_batches:,} unread"
        )
        for about, text in _details(found):
            yield f"    {about:10} {text}"


def _kept_out(found: KeptOutState) -> Iterator[str]:
    """Nothing on a store that keeps nobody out and never did."""
    until = f"; {counted(found.erasures, 'erasure')} in force until {found.until}"
    if found.erasures or found.records or found.rejected_lines:
        yield (
            f"kept out  {counted(found.records, 'record')} and"
            f" {counted(found.rejected_lines, 'rejected line')} of erased persons, not loaded"
            f"{until if found.erasures else ''}"
        )


def _repeats(found: DatasetStatus) -> str:
    repeats = found.probable_duplicates
    return f" ({counted(repeats, 'probable duplicate')})" if repeats else ""


def _scrub(state: ScrubState) -> Iterator[str]:
    """Nothing on a store that no service has begun to read."""
    damaged = f"{counted(state.damaged, 'damaged file')}"
    if state.complete and state.complete.ended_at:
        until = f"{state.complete.ended_at:%Y-%m-%d %H:%M}"
        yield f"scrub     all of {counted(state.complete.files, 'file')} read by {until}, {damaged}"
    elif state.newest:
        yield f"scrub     {counted(state.newest.files, 'file')} read so far, {damaged}"


def _details(found: DatasetStatus) -> Iterator[tuple[str, str]]:
    resent = f"; {counted(found.resends, 'batch')} sent again" if found.resends else ""
    inflated = f"{found.inflated_bytes:,} inflated"
    yield "received", f"{found.body_bytes:,} bytes, {inflated}{resent}"
    yield from _loaded(found)
    if found.pending.batches:
        behind = f"{found.pending.lag_seconds:.1f} s behind"
        yield "waiting", f"{counted(found.pending.batches, 'batch')}, {behind}"
    if found.oldest_unread:
        oldest = found.oldest_unread
        reason = for_terminal(oldest.reason)
        yield "unread", f"oldest {oldest.batch_id[:16]} of {oldest.received_at}: {reason}"
    for shape, batches in found.shapes.items():
        if shape != "ndjson":
            yield "shape", f"{counted(batches, 'batch')} of {shape}: {shape_hint(shape)}"
    for looks_like, records in found.foreign.items():
        yield "foreign", foreign_text(looks_like, records)
    for about, kind in (("unknown", "unknown"), ("misfits", "misfit"), ("rounded", "approximate")):
        if times := found.fields.get(kind):
            yield about, names(times)
    if found.overruled_members:
        yield "overruled", f"{found.overruled_members:,} members by a later one of the same name"
    if found.decoded_rows:
        told = (f"{counted(rows, 'row')} by {name}" for name, rows in found.decoded_rows.items())
        yield "decoded", ", ".join(told)


def _loaded(found: DatasetStatus) -> Iterator[tuple[str, str]]:
    """How many rows were ever loaded, when that is not the number of stored rows."""
    if found.loaded_rows != found.rows:
        folded = f"{counted(found.folded_rows, 'line')} equal to a stored row"
        yield "loaded", f"{counted(found.loaded_rows, 'row')} in total; {folded}"
