"""POST or PUT /logpush/{dataset}. A 200 is a promise; see docs/durability.md.

The body is streamed: never held whole, never parsed. Every blocking step runs in a thread.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from typing import TypeVar, TypeVarTuple

from anyio import CancelScope, CapacityLimiter, to_thread
from starlette.requests import ClientDisconnect, Request

from receiver.errors import Damaged, NoSuchDataset, TooLarge, TryLater
from receiver.framing import claims_gzip, declared_bytes
from receiver.health.probe import for_sender
from receiver.health.receiving import DISK_FAILED, Receiving
from receiver.upload_slots import UPLOAD_THREADS_MAX, Slot, UploadSlots
from schema.unknown_dataset import dataset_named
from store.errors import BodyTooLarge, DiskFailed, NoRoom, StoreBusy, StoreUnavailable
from store.intake.dataset_names import TOKEN_CHARACTERS
from store.intake.draft import Draft, Origin
from store.intake.intake import Intake
from store.intake.outcome import Outcome, Receipt, Refused, TrialUpload

# A step costs one write, two hashes and one inflate: large enough to be worth a thread, small
# enough that an upload needs little memory.
STEP_BYTES = 512 * 1024

Given = TypeVarTuple("Given")
T = TypeVar("T")


class Upload:
    """Puts bodies into the store, a limited number at once."""

    def __init__(self, intake: Intake, body_bytes_max: int, receiving: Receiving) -> None:
        self._intake = intake
        self._body_bytes_max = body_bytes_max
        self._receiving = receiving
        self._slots = UploadSlots()
        self._threads = CapacityLimiter(UPLOAD_THREADS_MAX)

    async def receive(
        self, request: Request, dataset: str | None, token: bytes
    ) -> Receipt | TrialUpload:
        """Make the request's body durable. Raises RequestRefused if no batch was stored."""
        self._demand_acceptable(request, dataset)
        origin = Origin(dataset, token=token.hex()[:TOKEN_CHARACTERS])
        slot = self._slots.take(token)
        try:
            outcome = await self._take_in(request, origin, slot)
        except BodyTooLarge as error:
            raise TooLarge(str(error), bytes_max=self._body_bytes_max) from error
        except StoreBusy as error:
            raise TryLater(for_sender(error)) from error
        except (NoRoom, StoreUnavailable) as error:
            await to_thread.run_sync(self._receiving.failed, for_sender(error))
            raise TryLater(for_sender(error)) from error
        except (ClientDisconnect, DiskFailed, TryLater):
            raise
        except Exception as error:
            await to_thread.run_sync(self._receiving.failed, for_sender(error))
            raise
        finally:
            self._slots.give_back(slot)
        # Another upload's sync may have failed meanwhile. Linux may have reported to that one alone
        # that writes to their folder were lost.
        self._demand_disk()
        if isinstance(outcome, Refused):
            raise Damaged("the body arrived damaged; send it again", batch=outcome.sha256)
        return outcome

    def _demand_acceptable(self, request: Request, dataset: str | None) -> None:
        if dataset is not None and dataset_named(dataset) is None:
            raise NoSuchDataset("invalid dataset name; Cloudflare's names look like dns_logs")
        claims_gzip(request.headers)
        if declared_bytes(request.headers) > self._body_bytes_max:
            raise TooLarge("the body is over the limit", bytes_max=self._body_bytes_max)
        self._demand_disk()

    def _demand_disk(self) -> None:
        if self._receiving.is_over:
            raise TryLater(DISK_FAILED)

    async def _take_in(self, request: Request, origin: Origin, slot: Slot) -> Outcome:
        pieces = slot.read(request.stream())
        first = await anext(pieces, b"")
        if 0 < declared_bytes(request.headers) <= len(first):
            # It came in one piece. Each change of threads may wait for a core, so there is one.
            return await self._in_thread(self._take_whole, request, origin, first)
        draft = await self._in_thread(self._open, request, origin)
        ignored: tuple[type[Exception], ...] = ()
        try:
            async for step in _steps(first, pieces):
                await self._in_thread(draft.feed, step)
            return await self._in_thread(self._intake.settle, draft)
        except DiskFailed:
            # A disk that now refuses every change must not hide the failed sync.
            ignored = (Exception,)
            raise
        finally:
            # A cancelled request must still close its draft.
            with CancelScope(shield=True), suppress(*ignored):
                await self._in_thread(draft.close)

    def _take_whole(self, request: Request, origin: Origin, body: bytes) -> Outcome:
        """All steps of a body that is here, in this thread."""
        draft = self._open(request, origin)
        ignored: tuple[type[Exception], ...] = ()
        try:
            self._watched(draft.feed, body)
            return self._watched(self._intake.settle, draft)
        except DiskFailed:
            ignored = (Exception,)
            raise
        finally:
            with suppress(*ignored):
                draft.close()

    async def _in_thread(self, call: Callable[[*Given], T], *given: *Given) -> T:
        return await to_thread.run_sync(self._watched, call, *given, limiter=self._threads)

    def _watched(self, call: Callable[[*Given], T], *given: *Given) -> T:
        try:
            return call(*given)
        except DiskFailed:
            # In the thread, because another upload may be answered before the event loop hears of it,
            # and closing the draft may take long on a failing disk.
            self._receiving.end(DISK_FAILED)
            raise

    def _open(self, request: Request, origin: Origin) -> Draft:
        return self._intake.open(
            origin,
            claims_gzip=claims_gzip(request.headers),
            declared_bytes=declared_bytes(request.headers),
        )


async def _steps(first: bytes, pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The body in pieces of about STEP_BYTES, however the network cut it."""
    waiting = bytearray(first)
    async for piece in pieces:
        waiting += piece
        if len(waiting) >= STEP_BYTES:
            yield bytes(waiting)
            waiting.clear()
    if waiting:
        yield bytes(waiting)
