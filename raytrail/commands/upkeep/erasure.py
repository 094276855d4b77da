"""`raytrail erase`: erases one person, after their data was counted and the count confirmed."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from queries.shell_content import SHELL_CONTENT
from raytrail.commands.plurals import counted
from raytrail.commands.upkeep.receipt_words import ReceiptScope
from raytrail.errors import CannotDo
from store.backup import erasure_list, places, unresolved
from store.erasure import evidence
from store.erasure.erasure import Erasure, ErasureResult, Unconfirmed, UnknownPerson, preview
from store.erasure.identifier import Identifier
from store.erasure.occurrences import Occurrences
from store.erasure.remnants.remnant import Remnant
from store.erasure.verification import find_remnants
from store.keepout import register
from store.lifetimes import KEEP_OUT_DAYS
from store.reading.shell.published import published
from store.store import Store

# A busy loader publishes every four seconds; one that cannot publish is told by what is left.
PUBLISHED_SECONDS_MAX = 10.0
LOOK_SECONDS = 0.1

# Of files that cannot be read, in an error.
NAMED_MAX = 5


@dataclass(frozen=True, slots=True)
class Result:
    """What `erase` found or did; a part that was not asked for is None."""

    occurrences: Occurrences | None = None
    erased: ErasureResult | None = None
    left: tuple[Remnant, ...] | None = None
    # What the receipt covers; None without one.
    scope: ReceiptScope | None = None
    # Shown to the operator once, and stored nowhere.
    salt: bytes | None = None
    # Batches that are not loaded yet, and so were not searched.
    waiting_batches: int = 0
    # Why nothing was erased, and what to do.
    refusal: str = ""
    # Whether an earlier erasure of this person, which was killed, is complete now.
    is_completed: bool = False
    # What keeps deleted rows where Raytrail cannot reach; empty if nothing does.
    beyond: str = ""

    @property
    def is_wrong(self) -> bool:
        """Whether data of the person is left, or would be."""
        if self.left is not None or self.occurrences is None:
            return bool(self.left)
        found = self.occurrences
        has_mentions = any(share.mentions for share in found.by_dataset().values())
        unsearched = found.unsearchable or found.unreadable or found.unsearchable_lines
        return found.is_incomplete or has_mentions or bool(unsearched)


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """The reason for the receipt, and the count that a person confirmed, if they did.

    Older records of the person are not loaded for `keep_out_days`.
    """

    reason: str
    count: int | None = None
    keep_out_days: int = KEEP_OUT_DAYS


def identifier(user: str) -> Identifier:
    try:
        return Identifier.of(user)
    except (ValueError, TypeError) as error:
        raise CannotDo("--user: give the user name exactly as logged") from error


def check(store: Store, user: Identifier) -> Result:
    """Search for data that is left."""
    return Result(left=tuple(find_remnants(store.layout, store.catalog, user.user)))


def trial(store: Store, user: Identifier) -> Result:
    """Show what would be erased; nothing is changed."""
    waiting = store.progress().pending.batches
    found = preview(store, user)
    if not waiting and not evidence.knows(found):
        raise CannotDo(_unknown(store, user, found))
    return Result(occurrences=found, waiting_batches=waiting)


def erasure(
    store: Store, user: Identifier, given: Consent, salt: bytes, tell_salt: Callable[[str], None]
) -> Erasure:
    if not given.reason.strip():
        raise CannotDo(
            "--reason: give a reason for the ledger; it is stored permanently, so do not name the person"
        )
    return Erasure(
        store=store,
        identifier=user,
        reason=given.reason,
        salt=salt,
        keep_out_days=given.keep_out_days,
        is_confirmed=lambda count: count == given.count,
        before_commit=lambda: tell_salt(salt.hex()),
    )


def run(wanted: Erasure, given: Consent) -> Result:
    """Erase, publish `audit.duckdb`, and search everything that is left.

    CannotDo if nothing in the store has the name. If the count is not confirmed, the result has a
    `refusal` and nothing was erased.
    """
    store = wanted.store
    match wanted.run():
        case Unconfirmed(found):
            return Result(occurrences=found, refusal=unconfirmed(found.count, given))
        case UnknownPerson(found):
            is_unfinished = wanted.is_unfinished()
            unresolved.settle(store.layout, [wanted.identifier.user])
            if wanted.is_purge_due() or found.listing:
                _finish(wanted)
            if not is_unfinished:
                raise CannotDo(_unknown(store, wanted.identifier, found) + _rewritten(found))
            beyond = store.catalog.keeps_deleted
            return Result(left=_left(wanted), is_completed=True, beyond=beyond)
        case ErasureResult() as erased:
            _finish(wanted)
            unresolved.settle(store.layout, [wanted.identifier.user])
            return Result(
                occurrences=erased.occurrences,
                erased=erased,
                left=_left(wanted),
                scope=_scope(wanted, erased.sequence),
                beyond=store.catalog.keeps_deleted,
                salt=wanted.salt if erased.sequence is not None else None,
            )


def _finish(wanted: Erasure) -> None:
    store = wanted.store
    store.publish_unless_loading(SHELL_CONTENT)
    _wait_for_loader(store)
    _finish_tables(store)
    wanted.purge()


def _finish_tables(store: Store) -> None:
    """CannotDo if published tables still tell of the person; then the same command completes it.

    A loader lets tables follow as well, but later, and with settings that may be others.
    """
    if not store.layout.published.exists():
        return
    from publishing import publisher, state

    why = store.shell.tables(store)
    if publisher.is_of_removed(store, state.read(store.layout)):
        raise CannotDo(
            f"the rows are erased, but published/ may still have the name: {why or 'it is in use'};"
            " run the same command again"
        )


def _wait_for_loader(store: Store) -> None:
    """A running loader publishes by itself, and `audit.duckdb` has the name until then."""
    newest, deadline = store.snapshot().sequence, time.monotonic() + PUBLISHED_SECONDS_MAX
    while time.monotonic() < deadline:
        shown = published(store.layout)
        if shown is None or shown.sequence >= newest:
            return
        time.sleep(LOOK_SECONDS)


def _scope(wanted: Erasure, erasure: int | None) -> ReceiptScope | None:
    """Also tells every backup that can be reached that it is older than this erasure."""
    if erasure is None:
        return None
    store = wanted.store
    with store.catalog.read() as connection:
        until = register.until(connection, erasure)
    known = erasure_list.of_store(store.catalog)
    if until is None:
        # The backups have the name itself, so a digest beside them reveals nothing.
        users = [wanted.identifier.user]
        told = register.facts(wanted.salt, users, KEEP_OUT_DAYS, store.clock())
        known = tuple(
            each.with_digests(told) if each.sequence == erasure else each for each in known
        )
    return ReceiptScope(until, places.tell(store.catalog, known))


def _left(wanted: Erasure) -> tuple[Remnant, ...]:
    store = wanted.store
    return tuple(find_remnants(store.layout, store.catalog, wanted.identifier.user))


def unconfirmed(count: int, given: Consent) -> str:
    if given.count is None:
        return f"nothing was erased; look at what was found, then confirm with --yes-remove {count}"
    return (
        f"nothing was erased: --yes-remove {given.count} is not the number to be erased now;"
        f" look at what was found, then confirm with --yes-remove {count}"
    )


def _unknown(store: Store, person: Identifier, found: Occurrences) -> str:
    """Without the name, which a log of errors would keep."""
    unread = "".join(f"; {file['path']} cannot be read" for file in found.unreadable[:NAMED_MAX])
    return (
        "nothing was erased, and no receipt was written: no row, rejected line or body of this store"
        f" has this user name; {similar(store, person.user)}{unread}"
    )


def _rewritten(found: Occurrences) -> str:
    count = len(found.listing)
    listing = f"{counted(count, 'file')} of an earlier version listed texts that no row has"
    return f"; {listing}, and {'was' if count == 1 else 'were'} written again" if count else ""


def similar(store: Store, user: str) -> str:
    """A hint for a name that no row has."""
    files = store.file_swap().live_files()
    names = ", ".join(evidence.similar_names(store.layout, files, user))
    return f"similar names: {names}" if names else "no logged name is similar"
