"""`raytrail erase`: erases one person and prints what was erased, what stays and what is left."""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

from queries.definitions import shell_statements
from queries.escape import for_terminal
from raytrail.commands.plurals import counted
from raytrail.errors import CannotDo
from store.erasure.erasure import Erasure, ErasureResult, preview, user_digest
from store.erasure.identifier import Identifier
from store.erasure.occurrences import NO_DATASET, DatasetCounts, Occurrences
from store.erasure.verification import Remnant, RemnantKind, find_remnants
from store.reading import views
from store.store import Store

# There can be one line for each file of a year; a person reads a few.
LEFT_SHOWN = 20

ARRIVED = "arrived during the erasure; run the erasure again"

MEANS = {
    RemnantKind.ROW: ARRIVED,
    RemnantKind.LINE: ARRIVED,
    RemnantKind.HELD: "kept by a hold; release the hold, then run the erasure again",
    RemnantKind.MENTION: "rows of other people that mention the name; they stay",
    RemnantKind.RAW: ARRIVED,
    RemnantKind.HELD_RAW: "contains rows under a hold, and is erased with them",
    RemnantKind.NEW_RAW: ARRIVED,
    RemnantKind.QUARANTINED: ARRIVED,
    RemnantKind.UNREADABLE: "cannot be searched: it is damaged, or another process is writing it",
    RemnantKind.STRAY: "a draft of a process that died or still runs; the loader removes it",
    RemnantKind.LEDGER: "ledger entries cannot be changed; an older version wrote the name, or a reason contains it",
    RemnantKind.CATALOG: "a name, field or reason in the catalog contains it; see docs/operations.md",
    RemnantKind.BYTES: "deleted bytes in the catalog; run the erasure again when no other process reads it",
    RemnantKind.NAME: "the name of a file that another program made",
}


@dataclass(frozen=True, slots=True)
class Result:
    """What `erase` found or did; a part that was not asked for is None."""

    occurrences: Occurrences | None = None
    erased: ErasureResult | None = None
    left: tuple[Remnant, ...] | None = None
    # Shown to the operator once, and stored nowhere.
    salt: bytes | None = None
    # Batches that are not loaded yet, and so were not searched.
    waiting_batches: int = 0

    @property
    def is_wrong(self) -> bool:
        """Whether data of the person is left, or would be."""
        if self.left is not None or self.occurrences is None:
            return bool(self.left)
        shares = self.occurrences.by_dataset().values()
        return bool(self.occurrences.kept_bodies) or any(
            share.mentions or share.kept_by_hold for share in shares
        )


def identifier(user: str) -> Identifier:
    try:
        return Identifier.of(user)
    except (ValueError, TypeError) as error:
        raise CannotDo("--user: give the user name exactly as logged, in UTF-8") from error


def check(store: Store, user: Identifier) -> Result:
    """Search for data that is left."""
    return Result(left=tuple(find_remnants(store.layout, store.catalog, user.user)))


def trial(store: Store, user: Identifier) -> Result:
    """Show what would be erased; nothing is changed."""
    return Result(
        occurrences=preview(store, user), waiting_batches=store.progress().pending.batches
    )


def erasure(
    store: Store, user: Identifier, reason: str, salt: bytes, tell_salt: Callable[[str], None]
) -> Erasure:
    if not reason.strip():
        raise CannotDo(
            "--reason: give a reason for the ledger; it is stored permanently, so do not name the person"
        )
    return Erasure(
        store=store,
        identifier=user,
        reason=reason,
        salt=salt,
        before_commit=lambda: tell_salt(salt.hex()),
    )


def run(wanted: Erasure) -> Result:
    """Erase, publish `audit.duckdb`, and search everything that is left."""
    store, erased = wanted.store, wanted.run()
    views.publish_unless_loading(store.layout, store.snapshot, shell_statements())
    wanted.purge()
    return Result(
        occurrences=erased.occurrences,
        erased=erased,
        left=tuple(find_remnants(store.layout, store.catalog, wanted.identifier.user)),
        salt=wanted.salt if erased.sequence is not None else None,
    )


def as_object(result: Result, user: Identifier) -> dict[str, Any]:
    """For scripts. The object does not contain the name."""
    facts: dict[str, Any] = {"dry_run": result.erased is None and result.left is None}
    if result.occurrences is not None:
        found = result.occurrences
        facts["datasets"] = {name: asdict(share) for name, share in found.by_dataset().items()}
        facts["waiting_batches"] = result.waiting_batches
        facts["raw_bodies"] = [body.path for body in found.bodies]
        facts["raw_bodies_kept"] = [body.path for body in found.kept_bodies]
        facts["quarantined_bodies"] = [body.path for body in found.quarantined]
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
    return facts


def lines(result: Result) -> Iterator[str]:
    if result.occurrences is not None:
        yield from _went(result.occurrences, is_done=result.erased is not None)
    if result.waiting_batches:
        waiting = counted(result.waiting_batches, "batch")
        yield f"{waiting} not loaded yet and not searched"
    if result.erased is not None and result.erased.sequence is not None:
        yield f"the receipt is ledger entry {result.erased.sequence:,}"
    if result.left is not None:
        yield from _left(result.left)


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
    for each in found.files:
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
