"""What `raytrail erase` prints: what was erased, what stays and why, and what is left."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from queries.escape import for_terminal
from raytrail.commands.plurals import counted
from raytrail.commands.upkeep.erasure import Result
from raytrail.commands.upkeep.receipt_words import scope_lines, scope_object
from store.erasure.identifier import Identifier
from store.erasure.occurrences import NO_DATASET, DatasetCounts, Occurrences
from store.erasure.person_search import BodyMatch
from store.erasure.receipts import user_digest
from store.erasure.remnants.remnant import Remnant, RemnantKind

# There can be one line for each file of a year; a person reads a few.
LEFT_SHOWN = 20

ARRIVED = "arrived during the erasure; run the erasure again"

MEANS = {
    RemnantKind.ROW: ARRIVED,
    RemnantKind.LINE: ARRIVED,
    RemnantKind.HELD: "kept by a hold; release the hold, then run the erasure again",
    RemnantKind.MENTION: "rows of other people that mention the name; they stay",
    RemnantKind.RAW: ARRIVED,
    RemnantKind.HELD_RAW: "kept by a hold, because rows from it are; erased with them",
    RemnantKind.NEW_RAW: ARRIVED,
    RemnantKind.QUARANTINED: ARRIVED,
    RemnantKind.UNREADABLE: "cannot be searched to its end: it is damaged, in UTF-16, compressed twice, or another process is writing it; the name was not found in the rest",
    RemnantKind.UNSEARCHABLE_LINE: "text in UTF-16, or compressed twice, in which the name was not found",
    RemnantKind.STRAY: "a file that the catalog does not know; the loader moves it to stray/, then run the erasure again",
    RemnantKind.LEDGER: "ledger entries cannot be changed; an older version wrote the name, or a reason contains it",
    RemnantKind.CATALOG: "a name, field or reason in the catalog contains it; see docs/operations.md",
    RemnantKind.LISTED: "the file lists it, though none of its rows has it; an earlier version wrote it; run the erasure again",
    RemnantKind.UNUSED: "an earlier version listed them in the file, they may be of anybody who was erased; run the erasure again",
    RemnantKind.BYTES: "deleted bytes in the catalog; run the erasure again when no other process reads it",
    RemnantKind.FOREIGN: "Raytrail did not write it (a saved report, a spill, a copy), so no erasure changes it; delete it by hand",
    RemnantKind.NAME: "the name of a file that another program made",
}


def as_object(result: Result, user: Identifier) -> dict[str, Any]:
    """For scripts. The object does not contain the name."""
    facts: dict[str, Any] = {
        "dry_run": result.erased is None and result.left is None and not result.refusal,
        "refused": result.refusal or None,
    }
    if result.occurrences is not None:
        found = result.occurrences
        facts["datasets"] = {name: asdict(share) for name, share in found.by_dataset().items()}
        facts["count"] = found.count
        facts["is_incomplete"] = found.is_incomplete
        facts["waiting_batches"] = result.waiting_batches
        facts["raw_bodies"] = [body.path for body in found.bodies]
        facts["raw_bodies_kept"] = [
            {"path": body.path, "holds": sorted(body.holds)} for body in found.kept_bodies
        ]
        facts["quarantined_bodies"] = [body.path for body in found.quarantined]
        facts["unreadable_files"] = [file["path"] for file in found.unreadable]
        facts["unsearchable_bodies"] = [body.path for body in found.unsearchable]
        facts["unsearchable_lines"] = found.unsearchable_lines
        facts["mentions"] = [
            {"path": path, "dataset": dataset, "rows": rows}
            for path, dataset, rows in _mentions(found)
        ]
    if result.erased is not None:
        facts["sequence"] = result.erased.sequence
        facts["salt"] = result.salt.hex() if result.salt else None
        facts["user_digest"] = user_digest(result.salt, user.user) if result.salt else None
    if result.left is not None:
        facts["left"] = [asdict(trace) for trace in result.left]
        facts["scope"] = scope_object(result.scope)
    if result.beyond:
        facts["beyond"] = result.beyond
    return facts


def lines(result: Result) -> Iterator[str]:
    if result.occurrences is not None:
        yield from _went(result.occurrences, is_done=result.erased is not None)
        yield from _kept(result.occurrences, is_done=result.erased is not None)
    if result.waiting_batches:
        waiting = counted(result.waiting_batches, "batch")
        yield f"{waiting} not loaded yet and not searched"
    if result.erased is not None and result.erased.sequence is not None:
        yield f"the receipt is ledger entry {result.erased.sequence:,}"
    if result.is_completed:
        yield "this erasure was killed before its end; it is complete now, and its receipt was written then"
    if result.left is not None:
        yield from _left(result.left)
        yield from scope_lines(result.scope)
    if result.beyond:
        yield result.beyond


def _went(found: Occurrences, *, is_done: bool) -> Iterator[str]:
    if found.is_nothing:
        yield "nothing found to erase"
    elif is_done:
        yield "erased:"
    else:
        yield "would be erased; nothing was changed:"
    for dataset, share in found.by_dataset().items():
        yield for_terminal(dataset if dataset != NO_DATASET else "(dataset unknown)")
        yield from _share(share)
    if found.quarantined:
        yield f"bodies in quarantine   {len(found.quarantined):,}"
    if found.released_holds:
        yield f"released holds blanked {len(found.released_holds):,}"
    if not is_done and found.count:
        yield f"count to confirm: {found.count:,}, with --yes-remove {found.count}"


def _kept(found: Occurrences, *, is_done: bool) -> Iterator[str]:
    """What a hold keeps, and how to complete the erasure."""
    if found.is_incomplete:
        verb = "is" if is_done else "would be"
        yield f"this erasure {verb} incomplete, because of a legal hold:"
        holds = {hold for each in found.all_files if each.found for hold in +each.found.kept}
        holds.update(*(body.holds for body in found.kept_bodies))
        yield from _bodies(found.kept_bodies)
        yield "    to complete it, release the hold when its case is closed, then erase again:"
        for hold in sorted(holds):
            yield f"    raytrail hold release {hold} --reason ..."
    if found.unreadable:
        yield "incomplete: these files cannot be read, so rows of the person may be left in them:"
        for file in found.unreadable[:LEFT_SHOWN]:
            yield f"    {for_terminal(file['path'])}: {counted(file['rows'], 'row')}"
        if len(found.unreadable) > LEFT_SHOWN:
            yield f"    ... and {len(found.unreadable) - LEFT_SHOWN:,} more; --json has them all"
        yield "    to complete it, put them back from a backup, then erase again"
    if found.unsearchable:
        yield "bodies that are damaged, in UTF-16 or compressed twice stay, because the name was not found in what can be read of them:"
        yield from _bodies(found.unsearchable)
    if found.unsearchable_lines:
        lines = counted(found.unsearchable_lines, "rejected line")
        yield f"{lines} in UTF-16, or compressed twice, cannot be searched to the end"


def _bodies(bodies: tuple[BodyMatch, ...]) -> Iterator[str]:
    for body in bodies[:LEFT_SHOWN]:
        kept = f": hold {', '.join(sorted(body.holds))}" if body.holds else ""
        yield f"    {for_terminal(body.path)}{kept}"
    if len(bodies) > LEFT_SHOWN:
        yield f"    ... and {len(bodies) - LEFT_SHOWN:,} more; --json has them all"


def _share(share: DatasetCounts) -> Iterator[str]:
    found = (
        (share.rows, "row", f" in {counted(share.files, 'file')}"),
        (share.rejected_lines, "rejected line", ""),
        (share.raw_bodies, "raw body", ""),
        (share.raw_bodies_kept, "raw body", " kept: rows under a hold"),
        (share.mentions, "row", " of other people kept: the name is mentioned"),
        *((rows, "row", f" kept: hold {hold}") for hold, rows in share.kept_by_hold.items()),
    )
    for count, noun, detail in found:
        if count:
            yield f"    {counted(count, noun)}{detail}"


def _mentions(found: Occurrences) -> Iterator[tuple[str, str, int]]:
    for each in found.all_files:
        if each.found and each.found.mentions:
            yield each.file["path"], each.file["dataset"], each.found.mentions


def _left(left: tuple[Remnant, ...]) -> Iterator[str]:
    """What was found, grouped by kind, and what each kind means."""
    if not left:
        yield "searched everything: nothing is left"
    for kind in RemnantKind:
        alike = [trace for trace in left if trace.kind is kind]
        if alike:
            yield f"left: {kind.value} ({MEANS[kind]})"
        for trace in alike[:LEFT_SHOWN]:
            yield f"    {for_terminal(trace.path)}: {trace.count:,}"
        if len(alike) > LEFT_SHOWN:
            yield f"    ... and {len(alike) - LEFT_SHOWN:,} more; --json has them all"
