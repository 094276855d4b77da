"""What the receipt of an erasure covers and does not cover, as a text and for scripts."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from queries.escape import for_terminal
from store.backup.places import BackupPlace
from store.erasure.receipts import COVERS, DOES_NOT_COVER, KEEPING_OUT, NOT_KEEPING_OUT


@dataclass(frozen=True, slots=True)
class ReceiptScope:
    """`until` ends the keep-out of this erasure; None if it has none."""

    until: str | None
    backups: tuple[BackupPlace, ...] = ()


def scope_lines(kept_out: ReceiptScope | None) -> Iterator[str]:
    """Without a receipt, what a check has searched and what it has not."""
    verb = "covers" if kept_out else "was searched"
    yield f"what {'the receipt ' if kept_out else ''}{verb}:"
    yield from (f"    {text}" for text in COVERS.values())
    yield f"what {'it does not cover' if kept_out else 'was not searched'}:"
    yield from (f"    {text}" for text in DOES_NOT_COVER.values())
    if kept_out:
        yield _keeping_out(kept_out)
        yield from _backups(kept_out.backups)


def scope_object(kept_out: ReceiptScope | None) -> dict[str, Any]:
    facts: dict[str, Any] = {"covers": dict(COVERS), "does_not_cover": dict(DOES_NOT_COVER)}
    if kept_out:
        facts["kept_out_until"] = kept_out.until
        facts["keeping_out"] = _keeping_out(kept_out)
        facts["backups"] = [asdict(place) for place in kept_out.backups]
    return facts


def _backups(places: tuple[BackupPlace, ...]) -> Iterator[str]:
    """The backups that this store made, which may have the person."""
    if places:
        yield "backups that this store made, and that have the person until the next backup into them:"
    for place in places:
        told = "knows this erasure" if place.is_told else "cannot be reached"
        yield f"    {for_terminal(place.path)}, of {place.taken_at}: {told}"
    if not all(place.is_told for place in places):
        yield "    restore those with --erasures; `raytrail erasures list` prints the list"


def _keeping_out(kept_out: ReceiptScope) -> str:
    return KEEPING_OUT.format(until=kept_out.until) if kept_out.until else NOT_KEEPING_OUT
