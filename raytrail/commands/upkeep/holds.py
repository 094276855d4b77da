"""`raytrail hold`: adds, lists and releases legal holds, and prints them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from queries.escape import for_terminal
from queries.identity.person import MAPPED, NAMES_MAX, Grade
from queries.identity.person_words import NAMES_SHOWN, quoted
from queries.period import Period
from raytrail.commands.people import other_names
from raytrail.commands.people.other_names import OtherNames
from raytrail.commands.plurals import counted
from raytrail.commands.upkeep import erasure
from raytrail.errors import CannotDo
from raytrail.setting_files.people import Pairs
from store import names, timestamps
from store.retention import holds
from store.retention.hold_coverage import HoldCoverage, covered
from store.retention.holds import Criteria, Hold
from store.store import Store


def criteria(*, user: str, host: str, period: Period, is_exact: bool) -> Criteria:
    """The options as a value. CannotDo for a user that no row can have."""
    if not names.is_utf8(user):
        raise CannotDo("--user: no row can have this name, because it is not UTF-8")
    return Criteria(
        user=user or None,
        host=host or None,
        since=period.since,
        until=period.until,
        is_exact=is_exact,
    )


@dataclass(frozen=True, slots=True)
class NewHold:
    """A hold, and what it covers on the day on which it was placed."""

    hold: Hold
    coverage: HoldCoverage
    waiting_batches: int
    # Names of the person that it does not cover.
    not_covered: OtherNames = other_names.NONE


def add(
    store: Store, wanted: Criteria, reason: str, linked: Pairs = (), *, is_for_later: bool
) -> NewHold:
    """Place a hold. CannotDo if it fits no row today, unless it is only meant for later rows."""
    holds.demand_complete(wanted, reason)
    waiting = store.progress().pending.batches
    found = covered(store.layout, store.file_swap().live_files(), wanted)
    if found.is_nothing and not is_for_later:
        raise CannotDo(_fits_nothing(store, wanted, waiting))
    with store.catalog.write() as connection:
        hold = holds.place(connection, store.layout, store.clock, wanted, reason)
    return NewHold(hold, found, waiting, _not_covered(store, wanted, linked))


def _not_covered(store: Store, wanted: Criteria, linked: Pairs) -> OtherNames:
    """Mapped names, and other spellings if the hold is on one spelling only."""
    users = [wanted.user] if wanted.user else []
    grades = MAPPED | ({Grade.EQUAL} if wanted.is_exact else set())
    return other_names.other_names(store, users, linked, grades)


def _fits_nothing(store: Store, wanted: Criteria, waiting: int) -> str:
    hints = [erasure.similar(store, wanted.user)] if wanted.user else []
    if waiting:
        hints.append(_not_searched(waiting))
    hints.append("if its rows are still to come, add --nothing-yet")
    return f"no row matches this hold today, so it was not added; {'; '.join(hints)}"


def _not_searched(waiting: int) -> str:
    return f"{counted(waiting, 'batch')} not loaded yet {'was' if waiting == 1 else 'were'} not searched"


def new_object(added: NewHold) -> dict[str, Any]:
    return {
        **as_object(added.hold),
        "rows": added.coverage.rows,
        "files": added.coverage.files,
        "unreadable_files": added.coverage.unreadable_files,
        "waiting_batches": added.waiting_batches,
        "spellings": [
            {"user": user, "rows": rows} for user, rows in added.coverage.spellings[:NAMES_MAX]
        ],
        "spellings_left_out": len(added.coverage.spellings[NAMES_MAX:]),
        "not_covered": other_names.objects(added.not_covered),
    }


def coverage_line(added: NewHold) -> str:
    found = added.coverage
    rows = f"{counted(found.rows, 'row')} in {counted(found.files, 'file')}"
    told = [
        f"the hold covers {rows if found.rows else 'no row'} today, and every later row that matches"
    ]
    if found.unreadable_files:
        told.append(f"{counted(found.unreadable_files, 'file')} cannot be read and may have more")
    if added.waiting_batches:
        told.append(_not_searched(added.waiting_batches))
    return "; ".join(told)


def name_lines(added: NewHold) -> Iterator[str]:
    """The spellings that the hold covers today, and names of the person that it does not cover."""
    spellings = added.coverage.spellings
    if any(user != added.hold.user for user, _ in spellings):
        yield "it covers these spellings:"
        for user, rows in spellings[:NAMES_SHOWN]:
            yield f"    {quoted(user)}: {counted(rows, 'row')}"
        if len(spellings) > NAMES_SHOWN:
            rest = spellings[NAMES_SHOWN:]
            rows = sum(rows for _, rows in rest)
            yield f"    ... and {counted(len(rest), 'more spelling')}, {counted(rows, 'row')}"
    if added.not_covered.names:
        yield "it does not cover other names of the person; add a hold for each:"
        yield from other_names.lines(added.not_covered)
    if added.not_covered.trouble:
        trouble = for_terminal(added.not_covered.trouble)
        yield f"which other names the person has could not be found: {trouble}"


def release(store: Store, hold_id: str, reason: str) -> Hold:
    with store.catalog.write() as connection:
        return holds.release(connection, store.clock, hold_id, reason)


def listed(store: Store) -> tuple[Hold, ...]:
    with store.catalog.read() as connection:
        return holds.list_all(connection)


def as_object(hold: Hold) -> dict[str, Any]:
    return {
        "id": hold.id,
        "user": hold.user,
        "is_exact": hold.is_exact,
        "host": hold.host,
        "since": _text(hold.since),
        "until": _text(hold.until),
        "reason": hold.reason,
        "placed_at": _text(hold.placed_at),
        "released_at": _text(hold.released_at),
        "release_reason": hold.release_reason,
    }


def lines(found: tuple[Hold, ...]) -> Iterator[str]:
    """The active holds, then the released ones; a reason may contain any text, so it is escaped."""
    if not found:
        yield "no holds"
    for hold in sorted(found, key=lambda each: each.released_at is not None):
        asked = ", ".join(
            f"{name} {for_terminal(value)}{_spellings(hold, name)}"
            for name, value in hold.as_columns().items()
        )
        yield f"{hold.id}  {asked}"
        yield f"    placed {_text(hold.placed_at)}: {for_terminal(hold.reason)}"
        if hold.released_at is not None:
            why = for_terminal(hold.release_reason or "")
            yield f"    released {_text(hold.released_at)}: {why}"


def _spellings(hold: Hold, name: str) -> str:
    if name != "user":
        return ""
    return " (exactly)" if hold.is_exact else " (in any letter case, outer space and Unicode form)"


def _text(time: datetime | None) -> str | None:
    return timestamps.to_text(time) if time else None
