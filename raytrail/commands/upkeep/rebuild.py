"""`raytrail rebuild`: makes the catalog again, and says what it has and what could not be known."""

import sys
from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

from raytrail.command_line.parameters import Option
from raytrail.commands.options import (
    DataOption,
    JsonOption,
    layout_of,
    read_store_settings,
    tell,
)
from raytrail.commands.plurals import counted
from raytrail.errors import FINE, FOUND_SOMETHING_WRONG, CannotDo
from raytrail.progress import shown_if_slow

if TYPE_CHECKING:
    from store.rebuild.rebuild import Rebuilt

# Of the ledger's entry: after "the catalog was made again, because".
WHY = "`raytrail rebuild` was run"


def rebuild(
    data: DataOption = None,
    *,
    without_ledger: Annotated[
        bool,
        Option(
            "--without-ledger",
            help="Where ledger/ is missing or older than the data, make new entries for what is on disk",
        ),
    ] = False,
    enter: Annotated[
        list[str] | None,
        Option(
            help="Load a raw body that has no rows; 'all' for every one. Repeatable",
            metavar="BATCH",
        ),
    ] = None,
    leave_out: Annotated[
        list[str] | None,
        Option(
            help="Delete a raw body that has no rows; 'all' for every one. Repeatable",
            metavar="BATCH",
        ),
    ] = None,
    json: JsonOption = False,
) -> None:
    """Make the catalog again from the ledger's files, the parts and the raw bodies.

    The store must not be in use. The old catalog is kept beside the new one.
    """
    from raytrail.catalog_rebuild import rebuild_and_enter
    from store.rebuild.lost_ledger.decisions import Decisions
    from store.timestamps import system_clock

    if (enter or leave_out) and not without_ledger:
        raise CannotDo("--enter and --leave-out decide what a rebuild --without-ledger does")
    settings = read_store_settings()
    decided = Decisions(enter=tuple(enter or ()), leave_out=tuple(leave_out or ()))
    with shown_if_slow("rebuilding the catalog"):
        done = rebuild_and_enter(
            layout_of(settings, data),
            system_clock,
            settings.intake_limits(),
            why=WHY,
            decisions=decided if without_ledger else None,
        )
    tell(as_object(done) if json else lines(done))
    sys.exit(FINE if done.is_whole else FOUND_SOMETHING_WRONG)


def as_object(done: "Rebuilt") -> dict[str, Any]:
    return {"whole": done.is_whole, **asdict(done)}


def lines(done: "Rebuilt") -> Iterator[str]:
    from queries.escape import for_terminal

    upto = f"up to ledger entry {done.sequence:,} ({done.digest[:16]})"
    held = f"{counted(done.batches, 'batch')}, {counted(done.files, 'file')}"
    yield f"rebuilt the catalog: {held}, {upto}"
    if done.kept:
        yield f"the old catalog is kept as {done.kept}; remove it when you no longer need it"
    for sentence in done.duplicates:
        yield f"duplicate: {for_terminal(sentence)}"
    for sentence in done.unknown:
        yield f"unknown: {for_terminal(sentence)}"
    for sentence in done.notes:
        yield f"note: {for_terminal(sentence)}"
    yield "the next loader writes audit.duckdb again; check the store with `raytrail fsck --deep`"
