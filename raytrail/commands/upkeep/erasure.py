"""`raytrail erase`: whom to forget and why, and in words what went, what stayed and what is left."""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

from queries.definitions import shell_statements
from queries.escape import for_terminal
from raytrail.errors import CannotDo
from store.erasure.erasure import Erasure, ErasureResult, preview, user_digest
from store.erasure.identifier import Identifier
from store.erasure.occurrences import NO_DATASET, DatasetCounts, Occurrences
from store.erasure.verification import Remnant, RemnantKind, find_remnants
from store.reading import views
from store.store import Store

# What is left can be a line for each file of a year; a person reads a few.
LEFT_SHOWN = 20

MEANS = {
    RemnantKind.ROW: "came while the erasure was at work; erase once more",
    RemnantKind.LINE: "came while the erasure was at work; erase once more",
    RemnantKind.HELD: "goes when its hold is released and the erasure is run again",
    RemnantKind.MENTION: "other people's rows that have the name in some value; they stay",
    RemnantKind.RAW: "came while the erasure was at work; erase once more",
    RemnantKind.HELD_RAW: "holds rows under a hold, and goes with them",
    RemnantKind.NEW_RAW: "came while the erasure was at work; erase once more",
    RemnantKind.QUARANTINED: "came while the erasure was at work; erase once more",
    RemnantKind.UNREADABLE: "cannot be looked through: it is damaged, or somebody is writing it",
    RemnantKind.STRAY: "a process that died left it, or one makes it now; the loader sweeps it",
    RemnantKind.LEDGER: "the ledger is for ever: an older version, or a reason, has the name in it",
    RemnantKind.CATALOG: "a name, a field or a reason that holds it; see docs/operations.md",
    RemnantKind.BYTES: "bytes that hold the name; erase once more, when nobody reads the catalog",
    RemnantKind.NAME: "a name of a file that somebody else gave",
}


@dataclass(frozen=True, slots=True)
class Told:
    """What `erase` has to say; each part is None where it was not asked for."""

    occurrences: Occurrences | None = None
    erased: ErasureResult | None = None
    left: tuple[Remnant, ...] | None = None
    # What the operator alone is told, and once.
    salt: bytes | None = None
    # Received and not loaded yet, so that nobody has looked into them.
    waiting_batches: int = 0

    @property
    def is_wrong(self) -> bool:
        """Whether something of the person is left, or would be."""
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
        raise CannotDo("--user: the user exactly as logged, in UTF-8") from error


def check(store: Store, user: Identifier) -> Told:
    """Only look whether anything is left."""
    return Told(left=tuple(find_remnants(store.layout, store.catalog, user.user)))


def trial(store: Store, user: Identifier) -> Told:
    """Say what would go; nothing is changed."""
    return Told(occurrences=preview(store, user), waiting_batches=store.progress().pending.batches)


def erasure(
    store: Store, user: Identifier, reason: str, salt: bytes, tell_salt: Callable[[str], None]
) -> Erasure:
    if not reason.strip():
        raise CannotDo("--reason: why, for the ledger; it is kept for ever and names nobody")
    return Erasure(
        store=store,
        identifier=user,
        reason=reason,
        salt=salt,
        before_commit=lambda: tell_salt(salt.hex()),
    )


def run(wanted: Erasure) -> Told:
    """Erase, show that in `audit.duckdb`, and look through everything that is left."""
    store, erased = wanted.store, wanted.run()
    views.publish_unless_loading(store.layout, store.snapshot, shell_statements())
    wanted.purge()
    return Told(
        occurrences=erased.occurrences,
        erased=erased,
        left=tuple(find_remnants(store.layout, store.catalog, wanted.identifier.user)),
        salt=wanted.salt if erased.sequence is not None else None,
    )


def as_object(told: Told, user: Identifier) -> dict[str, Any]:
    """For scripts. It names nobody: who asked knows the name."""
    facts: dict[str, Any] = {"dry_run": told.erased is None and told.left is None}
    if told.occurrences is not None:
        found = told.occurrences
        facts["datasets"] = {name: asdict(share) for name, share in found.by_dataset().items()}
        facts["waiting_batches"] = told.waiting_batches
        facts["raw_bodies"] = [body.path for body in found.bodies]
        facts["raw_bodies_kept"] = [body.path for body in found.kept_bodies]
        facts["quarantined_bodies"] = [body.path for body in found.quarantined]
        facts["mentions"] = [
            {"path": path, "dataset": dataset, "rows": rows}
            for path, dataset, rows in _mentions(found)
        ]
    if told.erased is not None:
        facts["sequence"] = told.erased.sequence
        facts["salt"] = told.salt.hex() if told.salt else None
        facts["user_digest"] = user_digest(told.salt, user.user) if told.salt else None
    if told.left is not None:
        facts["left"] = [asdict(trace) for trace in told.left]
    return facts


def lines(told: Told) -> Iterator[str]:
    if told.occurrences is not None:
        yield from _went(told.occurrences, is_done=told.erased is not None)
    if told.waiting_batches:
        yield f"{told.waiting_batches:,} batches are not loaded yet and were not looked at"
    if told.erased is not None and told.erased.sequence is not None:
        yield f"the receipt is ledger entry {told.erased.sequence:,}"
    if told.left is not None:
        yield from _left(told.left)


def _went(found: Occurrences, *, is_done: bool) -> Iterator[str]:
    if found.is_nothing:
        yield "nothing was found that has to go" if is_done else "nothing would go"
    elif is_done:
        yield "erased, and removed from disk:"
    else:
        yield "would go; nothing was changed:"
    for dataset, share in found.by_dataset().items():
        yield for_terminal(dataset if dataset != NO_DATASET else "(no batch tells the dataset)")
        yield from _share(share)
    if found.quarantined:
        yield f"bodies in quarantine   {len(found.quarantined):,}"
    if found.released_holds:
        yield f"released holds blanked {len(found.released_holds):,}"


def _share(share: DatasetCounts) -> Iterator[str]:
    told = (
        (share.rows, f"rows, out of {share.files:,} files"),
        (share.rejected_lines, "rejected lines"),
        (share.raw_bodies, "raw bodies"),
        (share.raw_bodies_kept, "raw bodies stay, since they hold rows under a hold"),
        (share.mentions, "rows of others mention the name, and stay"),
        *((rows, f"rows stay, under hold {hold}") for hold, rows in share.kept_by_hold.items()),
    )
    for count, text in told:
        if count:
            yield f"    {count:,} {text}"


def _mentions(found: Occurrences) -> Iterator[tuple[str, str, int]]:
    for each in found.files:
        if each.found and each.found.mentions:
            yield each.file["path"], each.file["dataset"], each.found.mentions


def _left(left: tuple[Remnant, ...]) -> Iterator[str]:
    """What was found, the same kinds together, and what each kind means."""
    if not left:
        yield "looked through everything: nothing is left"
    for kind in RemnantKind:
        alike = [trace for trace in left if trace.kind is kind]
        if alike:
            yield f"left: {kind.value} ({MEANS[kind]})"
        for trace in alike[:LEFT_SHOWN]:
            yield f"    {for_terminal(trace.path)}: {trace.count:,}"
        if len(alike) > LEFT_SHOWN:
            yield f"    ... and {len(alike) - LEFT_SHOWN:,} more; --json has them all"
