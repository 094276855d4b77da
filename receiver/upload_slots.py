"""How many uploads a process takes at once, and which of them gives way to another sender.

A body that does not arrive holds its place until its deadline. So at the limit the body that has
kept us waiting for the longest, for the bytes that came, gives way to the new one.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from anyio import CancelScope, current_time

from receiver.errors import TryLater

# Uploads at once in one process. Each needs the memory of a step and a thread; further senders get
# a 503 and try again.
UPLOADS_MAX = 40

# Threads for uploads alone: /metrics, tokens and notices have others, so they do not wait for
# uploads on a slow disk. One for each upload, which never uses two at once.
UPLOAD_THREADS_MAX = UPLOADS_MAX

# Of one token. A sender that stalls all of them leaves the rest to the other tokens.
UPLOADS_OF_TOKEN_MAX = 32

# Logpush sends a body within a second or two. One that kept us waiting for longer than the first,
# at less than the second, gives way when somebody else wants its place.
STALL_SECONDS = 3.0
STALL_BYTES_PER_SECOND = 16 * 1024


@dataclass(eq=False, slots=True)
class Slot:
    """One upload's place. Only the time in which we wait for the sender counts."""

    token: bytes
    scope: CancelScope | None = None
    received: int = 0
    waited_seconds: float = 0.0
    waiting_since: float | None = None

    async def read(self, pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        """The pieces of the body. Raises TryLater when this upload has to give way."""
        while True:
            self.waiting_since = current_time()
            with CancelScope() as scope:
                self.scope = scope
                piece = await anext(pieces, None)
            if scope.cancelled_caught:
                raise TryLater("the body came too slowly while other senders waited")
            self.waited_seconds += current_time() - self.waiting_since
            self.waiting_since = None
            if piece is None:
                return
            self.received += len(piece)
            yield piece

    def is_stalled(self, now: float) -> bool:
        waited = self._waited(now)
        is_slow = self.received < STALL_BYTES_PER_SECOND * waited
        return self.waiting_since is not None and waited > STALL_SECONDS and is_slow

    def slowness(self, now: float) -> float:
        return self._waited(now) / (self.received + 1)

    def _waited(self, now: float) -> float:
        running = 0.0 if self.waiting_since is None else now - self.waiting_since
        return self.waited_seconds + running


class UploadSlots:
    def __init__(self) -> None:
        self._taken: list[Slot] = []

    def take(self, token: bytes) -> Slot:
        """A place for an upload with this token. Raises TryLater if there is none."""
        of_token = [each for each in self._taken if each.token == token]
        if len(of_token) >= UPLOADS_OF_TOKEN_MAX:
            self._make_way(of_token)
        elif len(self._taken) >= UPLOADS_MAX:
            self._make_way(self._taken)
        slot = Slot(token)
        self._taken.append(slot)
        return slot

    def give_back(self, slot: Slot) -> None:
        if slot in self._taken:
            self._taken.remove(slot)

    def _make_way(self, among: list[Slot]) -> None:
        now = current_time()
        stalled = [each for each in among if each.is_stalled(now)]
        if not stalled:
            raise TryLater("too many uploads at once")
        slowest = max(stalled, key=lambda each: each.slowness(now))
        self._taken.remove(slowest)
        if slowest.scope is not None:
            slowest.scope.cancel()
