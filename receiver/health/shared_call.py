"""A blocking call in a thread of its own, with a time limit for those who wait for it."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Generic, TypeVar

T = TypeVar("T")


class SharedCall(Generic[T]):
    """Whoever asks while the call runs waits for the same answer: a hung disk costs one thread."""

    def __init__(self, call: Callable[[], T]) -> None:
        self._call = call
        self._running: Future[T] | None = None

    async def answer(self, seconds_max: float) -> T:
        """Raises TimeoutError when the call takes longer, and what the call raises."""
        running = self._running
        if running is None or running.done():
            running = self._running = self._begun()
        return await asyncio.wait_for(asyncio.wrap_future(running), seconds_max)

    def _begun(self) -> Future[T]:
        future: Future[T] = Future()
        # From now on nobody who stops waiting can cancel it for the others.
        future.set_running_or_notify_cancel()

        def run() -> None:
            try:
                future.set_result(self._call())
            except Exception as error:  # noqa: BLE001 (raised where the answer is awaited)
                future.set_exception(error)

        threading.Thread(target=run, name="health", daemon=True).start()
        return future
