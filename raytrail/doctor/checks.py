"""`raytrail doctor`: checks the store and its disk, and suggests what to do.

Each finding says what was found, what it means, and which command helps.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from raytrail.commands.plurals import counted
from raytrail.decoder import Decoder
from raytrail.doctor.finding import Finding, Grade
from raytrail.doctor.hints import READABLE_SHAPES, foreign_text, moving_text, names, shape_hint
from store.errors import DiskFailed, NoRoom, StoreBusy, StoreDamaged, StoreUnavailable
from store.files import durable
from store.files.layout import Layout
from store.intake.limits import IntakeLimits
from store.reading.degraded import LAG_SECONDS_MAX, Reason
from store.reading.status import DatasetStatus, Status
from store.store import Store
from store.timestamps import Clock

ASK_WHY_REJECTED = 'raytrail sql "SELECT dataset, reason, count(*) FROM rejected GROUP BY ALL"'
ASK_FOR_ORIGINALS = 'raytrail sql "SELECT extra FROM {dataset} WHERE extra IS NOT NULL LIMIT 10"'

# Other findings say more about these: whether a loader runs, which files they are, what is published.
TOLD_ELSEWHERE = {"lag", "stray", "tables"}


# What else is looked at in an opened store.
Examination = Callable[[Store], Iterator[Finding]]


def examine(
    place: Path | Layout,
    limits: IntakeLimits,
    clock: Clock,
    decoder: Decoder,
    others: Sequence[Examination] = (),
) -> Iterator[Finding]:
    """Every finding, those of `others` last. A store that cannot be opened or read is a finding
    too, and the last one.
    """
    yield _decoder(decoder)
    try:
        with Store.open(place, clock, limits) as store:
            status = store.status()
            store.layout.require_store()
            yield Finding(about="store", grade=Grade.FINE, text=_store_text(status))
            yield _disk(store)
            yield _lag(store, status)
            yield from _scrub(status)
            yield from _degraded(store.degraded())
            for name, found in status.datasets.items():
                yield from _dataset(name, found)
            for other in others:
                yield from other(store)
    except (StoreUnavailable, StoreBusy, StoreDamaged, DiskFailed) as error:
        yield Finding(
            about="store",
            grade=Grade.WRONG,
            text=str(error),
            means="nothing can be received, loaded or queried",
            helps="set the right folder with --data or RAYTRAIL_DATA; see docs/operations.md",
        )


def _store_text(status: Status) -> str:
    entries = counted(status.sequence, "ledger entry")
    return f"{counted(status.batches, 'batch')}, {counted(status.files, 'file')}, {entries}"


def _decoder(decoder: Decoder) -> Finding:
    text = f"{decoder.name}: {decoder.reason}"
    if decoder.name == "native":
        return Finding(about="decoder", grade=Grade.FINE, text=text)
    return Finding(
        about="decoder",
        grade=Grade.NOTE,
        text=text,
        means="rows are the same, but loading takes several times as long",
        helps="install a Rust toolchain, then run `make setup` again",
    )


def _disk(store: Store) -> Finding:
    try:
        store.limits.reserve.require(store.layout.raw)
    except NoRoom as error:
        return Finding(
            about="disk",
            grade=Grade.WRONG,
            text=str(error),
            means="batches are refused with 503; Logpush sends them again for a limited time",
            helps="free some space, or lower RAYTRAIL_RESERVE_BYTES and RAYTRAIL_RESERVE_PERCENT",
        )
    return Finding(about="disk", grade=Grade.FINE, text="free space is above the reserve")


def _lag(store: Store, status: Status) -> Finding:
    waiting = status.pending
    text = (
        f"{counted(waiting.batches, 'batch')} waiting, the oldest for {waiting.lag_seconds:.1f} s"
    )
    if waiting.lag_seconds <= LAG_SECONDS_MAX:
        return Finding(about="lag", grade=Grade.FINE, text=text)
    no_loader = not durable.is_locked(store.layout.loader_lock)
    means = "no loader is running" if no_loader else "batches arrive faster than they are loaded"
    return Finding(
        about="lag",
        grade=Grade.WRONG,
        text=text,
        means=f"{means}; nothing is lost, but queries do not see these records yet",
        helps="`raytrail serve`, or `raytrail load` once" if no_loader else "`raytrail status`",
    )


def _scrub(status: Status) -> Iterator[Finding]:
    """Nothing on a store that no service has begun to read; a late scrub is a degraded reason."""
    complete = status.scrub.complete
    if complete and complete.ended_at:
        text = (
            f"all of {counted(complete.files, 'file')} read by {complete.ended_at:%Y-%m-%d %H:%M}"
        )
        yield Finding(about="scrub", grade=Grade.FINE, text=text)


def _degraded(reasons: tuple[Reason, ...]) -> Iterator[Finding]:
    for reason in reasons:
        if reason.code not in TOLD_ELSEWHERE:
            yield Finding(
                about=reason.code,
                grade=Grade.WRONG,
                text=reason.text,
                means="batches are received, but this work waits",
                helps="the log of `raytrail serve` says more; see docs/operations.md",
            )


def _dataset(name: str, found: DatasetStatus) -> Iterator[Finding]:
    if found.oldest_unread:
        oldest = found.oldest_unread
        first = f"{oldest.batch_id[:16]} of {oldest.received_at}: {oldest.reason}"
        yield Finding(
            about="unread",
            grade=Grade.WRONG,
            dataset=name,
            alarm=f"unread/{name}",
            amount=found.unread_batches,
            text=f"{counted(found.unread_batches, 'unread batch')}; the oldest is {first}",
            means="their bytes are kept, but none of their records can be found",
            helps=f"`raytrail replay --batch {oldest.batch_id[:16]}`, after an upgrade if need be",
        )
    if found.rejected_lines:
        yield Finding(
            about="rejected",
            grade=Grade.WRONG,
            dataset=name,
            alarm=f"rejected/{name}",
            amount=found.rejected_lines,
            text=f"{counted(found.rejected_lines, 'line')} rejected: not valid records",
            means="they are kept in `rejected` with number, reason and bytes; trails lack them",
            helps=f"`{ASK_WHY_REJECTED}`; fix the Logpush job, then `raytrail replay --rejected --dataset {name}`",
        )
    yield from _shapes(name, found.shapes)
    yield from _foreign(name, found.foreign)
    yield from _fields(name, found.fields)


def _shapes(name: str, shapes: Mapping[str, int]) -> Iterator[Finding]:
    for shape, batches in shapes.items():
        if shape == "ndjson":
            continue
        readable = shape in READABLE_SHAPES
        yield Finding(
            about="shape",
            grade=Grade.NOTE if readable else Grade.WRONG,
            dataset=name,
            alarm=f"shape/{name}/{shape}",
            amount=batches,
            text=f"{batches:,} batches are {shape}, not one JSON object on each line",
            means="their records are read nevertheless" if readable else "their lines are rejected",
            helps=shape_hint(shape),
        )


def _foreign(name: str, foreign: Mapping[str, int]) -> Iterator[Finding]:
    for looks_like, records in foreign.items():
        there = f"/logpush/{looks_like}" if looks_like else "/logpush, which recognizes datasets"
        yield Finding(
            about="foreign",
            grade=Grade.WRONG,
            dataset=name,
            alarm=f"foreign/{name}/{looks_like or 'unknown'}",
            amount=records,
            text=foreign_text(looks_like, records),
            means="they are kept whole in `extra`, but not in the columns of their dataset, and no trail has them",
            helps=f"point their Logpush job at {there}{moving_text(name, looks_like)}",
        )


def _fields(name: str, fields: Mapping[str, Mapping[str, int]]) -> Iterator[Finding]:
    if unknown := fields.get("unknown"):
        yield Finding(
            about="unknown",
            grade=Grade.NOTE,
            dataset=name,
            text=f"fields without a column: {names(unknown)}",
            means="they are kept in `extra`",
            helps=f"upgrade Raytrail, then `raytrail replay --dataset {name}`",
        )
    if misfits := fields.get("misfit"):
        yield Finding(
            about="misfits",
            grade=Grade.NOTE,
            dataset=name,
            text=f"values that do not fit their columns: {names(misfits)}",
            means="their columns are empty there, and the originals are kept in `extra`",
            helps=f"`{ASK_FOR_ORIGINALS.format(dataset=name)}`",
        )
