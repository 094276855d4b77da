"""From a body to a receipt: drafted, examined, stored, entered, in this order.

| the process dies after ... | on disk                          | what the next start does      |
|----------------------------|----------------------------------|-------------------------------|
| draft                      | a draft with one name            | removes it                    |
| link and folder sync       | raw file, draft as second name   | enters it                     |
| ledger entry committed     | the batch, maybe a draft's name  | removes the name              |

The ledger alone decides, inside the catalog's transaction, whether a batch is a duplicate; the
presence of a file never does.
"""

from collections import deque
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, RowMapping, bindparam, select

from schema.errors import BodyUnreadable
from schema.unknown_dataset import UNKNOWN
from store import timestamps
from store.catalog import ledger
from store.catalog.agreement import receipts
from store.catalog.catalog import Catalog
from store.catalog.tables import batches
from store.errors import StoreUnavailable
from store.files import durable
from store.files.layout import Layout
from store.intake import dataset_names
from store.intake.dataset_names import Place
from store.intake.draft import Draft, Origin, received_day
from store.intake.examination import Damaged, Examined, Whole
from store.intake.fresh_bodies import FreshBodies
from store.intake.limits import IntakeLimits
from store.intake.outcome import Outcome, Receipt, Refused, TrialUpload
from store.intake.quarantine import Quarantine
from store.timestamps import Clock

# Built once, since each body needs it.
_KNOWN = select(batches).where(
    batches.c.dataset == bindparam("of_dataset"), batches.c.content == bindparam("of_content")
)


class Intake:
    """How one process puts bodies into the store. Every method blocks: call it in a thread.

    `take` is the whole way. A receiver, whose body arrives bit by bit, calls the steps of `take`
    itself: `open`, `feed` for each piece, `settle`, and `close` in any case.
    """

    def __init__(
        self, layout: Layout, catalog: Catalog, clock: Clock, limits: IntakeLimits
    ) -> None:
        self._layout = layout
        self._catalog = catalog
        self._clock = clock
        self._limits = limits
        self._quarantine = Quarantine(layout, catalog)
        # Drafts that could not be entered or removed, for `recovery.finish_left`.
        self.left: deque[Path] = deque()
        # The folder of the day, once this process has synced its name.
        self._synced_folder: Path | None = None

    def take(
        self,
        pieces: Iterable[bytes],
        origin: Origin,
        *,
        claims_gzip: bool,
        declared_bytes: int = 0,
        fresh: FreshBodies | None = None,
    ) -> Outcome:
        """Make one body durable. A new batch that is small enough is also kept in `fresh`.

        Raises BodyTooLarge, and for a fetched body past a limit BodyUnreadable: nothing of it was
        kept, and the caller can fetch less at once.
        """
        with closing(
            self.open(origin, claims_gzip=claims_gzip, declared_bytes=declared_bytes)
        ) as draft:
            if fresh:
                draft.keep_plain(fresh.body_bytes_max)
            for piece in pieces:
                draft.feed(piece)
                if origin.is_fetched and draft.passes_a_limit:
                    raise BodyUnreadable("exceeds a limit when decompressed")
            outcome = self.settle(draft)
        plain = draft.plain
        if fresh and plain and isinstance(outcome, Receipt) and outcome.will_be_loaded:
            fresh.keep(outcome.batch_id, plain)
        return outcome

    def open(self, origin: Origin, *, claims_gzip: bool, declared_bytes: int = 0) -> Draft:
        """Begin a draft, if the disk has room for it. Raises NoRoom before anything is written."""
        self._catalog.folder.demand()
        self._limits.reserve.require(self._layout.raw, declared_bytes)
        folder = self._layout.raw / received_day(self._clock())
        if folder != self._synced_folder or not folder.exists():
            durable.make_folder(folder)
            self._synced_folder = folder
        draft = Draft(
            folder,
            origin,
            self._limits.envelope,
            body_bytes_max=self._limits.body_bytes_max,
            claims_gzip=claims_gzip,
        )
        draft.on_left = self.left.append
        return draft

    def settle(self, draft: Draft) -> Outcome:
        """Decide what a body is, once it was fed whole, and make that durable."""
        examined = draft.examined()
        if examined.is_test_upload():
            return TrialUpload()
        if not examined.body_bytes:
            # Logpush never sends an empty body; a 200 would hide a fault.
            return Refused(examined.sha256, "the body is empty")
        if isinstance(examined.condition, Damaged):
            reason = examined.condition.reason
            if not self._quarantine.refuse(draft.path, examined.sha256, reason, self._clock()):
                return Refused(examined.sha256, reason)
        draft.expect_entry()
        receipt = self.store(draft.path, examined, draft.origin, self._clock(), is_upload=True)
        draft.entered()
        sent_to = draft.origin.dataset
        return replace(receipt, looks_like=examined.looks_like(sent_to)) if sent_to else receipt

    def store(
        self,
        draft: Path,
        examined: Examined,
        origin: Origin,
        received_at: datetime,
        *,
        is_upload: bool = False,
    ) -> Receipt:
        """Link a synced draft to its hash and enter it. Safe to repeat at any point.

        Only an upload counts as a resend; recovery repeats what this store did not finish, and the
        entry says so.
        """
        target = draft.parent / f"{examined.sha256}.gz"
        durable.link(draft, target)
        name = origin.dataset or examined.dataset() or UNKNOWN
        with self._catalog.enter() as connection:
            known = _known_batch(connection, name, examined.content)
            if known is None:
                place = dataset_names.place(connection, name, origin, received_at)
                if place.sent_as:
                    known = _known_batch(connection, UNKNOWN, examined.content)
            if known is None:
                self._demand_linked(draft, target)
                facts = self._facts(target, examined, place, received_at)
                if origin.is_fetched:
                    facts["is_fetched"] = True
                if not is_upload:
                    facts["recovered"] = True
                return self._enter(connection, facts)
            ledger.confirm(connection)
            self._drop_surplus(connection, target, known, examined, received_at)
            if is_upload:
                receipts.count_resend(connection, known["sequence"], known["dataset"])
        receipt = Receipt(examined.sha256, examined.body_bytes, True, known["reason"])
        return _with_place(receipt, known)

    def _facts(
        self, target: Path, examined: Examined, place: Place, received_at: datetime
    ) -> dict[str, Any]:
        return {
            "batch_id": examined.sha256,
            **place.facts(),
            "content": examined.content,
            "body_bytes": examined.body_bytes,
            "inflated_bytes": _inflated_bytes(examined),
            "received_at": timestamps.to_text(received_at),
            "raw_path": self._layout.relative(target),
            "reason": _unread_reason(examined),
        }

    def _enter(self, connection: Connection, facts: Mapping[str, Any]) -> Receipt:
        receipts.enter(connection, ledger.append(connection, "batch", self._clock(), facts))
        receipt = Receipt(facts["batch_id"], facts["body_bytes"], False, facts["reason"])
        return _with_place(receipt, facts)

    def _drop_surplus(
        self,
        connection: Connection,
        target: Path,
        known: RowMapping,
        examined: Examined,
        received_at: datetime,
    ) -> None:
        """A resend left a second raw file: note its hash if it is new, then remove the file."""
        path = self._layout.relative(target)
        if examined.sha256 != known["batch_id"]:
            # The same lines, compressed again: the ledger keeps both evidence hashes.
            facts = {
                "batch": known["sequence"],
                "batch_id": examined.sha256,
                "received_at": timestamps.to_text(received_at),
            }
            ledger.append(connection, "resend", self._clock(), facts)
        is_kept = batches.c.raw_retired_sequence.is_(None)
        named = select(batches.c.sequence).where(batches.c.raw_path == path, is_kept).limit(1)
        if connection.execute(named).first() is None:
            durable.remove(target)

    def _demand_linked(self, draft: Path, target: Path) -> None:
        """Another process may have dropped the name as a duplicate's between link and lock."""
        if not target.exists():
            durable.link(draft, target)
        if not target.exists():
            raise StoreUnavailable(f"{target.name} disappeared before it was entered in the ledger")


def _known_batch(connection: Connection, name: str, content: str) -> RowMapping | None:
    """The batch of these lines that was sent to this name, wherever it went."""
    named = {"of_dataset": name, "of_content": content}
    known = connection.execute(_KNOWN, named).mappings().first()
    return known or dataset_names.held_in_unknown(connection, name, content)


def _with_place(receipt: Receipt, batch: Mapping[Any, Any]) -> Receipt:
    return replace(receipt, stored_as=batch["dataset"]) if batch.get("sent_as") else receipt


def _inflated_bytes(examined: Examined) -> int | None:
    match examined.condition:
        case Whole(inflated_bytes):
            return inflated_bytes
        case _:
            return None


def _unread_reason(examined: Examined) -> str | None:
    """An unknown dataset is no reason: its records are kept whole, in `extra`."""
    match examined.condition:
        case Whole():
            return None
        case fault:
            return fault.reason
