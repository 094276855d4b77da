"""Tells a waiting person what is going on, once they have waited longer than two seconds."""

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from rich.console import Console
from rich.status import Status

from store.log import Update

# Up to here a person does not wonder.
SLOW_SECONDS = 2.0
# On a pipe every word stays, so there it is said how far things are only this often.
PIPE_SECONDS = 30.0


@contextmanager
def shown_if_slow(text: str) -> Iterator[Update]:
    """Show `text`, or what it was updated to, on standard error while the block runs for long."""
    shown = _Shown(text)
    timer = threading.Timer(SLOW_SECONDS, shown.begin)
    timer.daemon = True
    timer.start()
    try:
        yield shown.update
    finally:
        timer.cancel()
        shown.end()


class _Shown:
    def __init__(self, text: str) -> None:
        self._console = Console(file=sys.stderr, markup=False, highlight=False)
        self._text = text
        self._lock = threading.Lock()
        self._stack = ExitStack()
        self._status: Status | None = None
        self._printed_at = 0.0
        self._is_over = False

    def begin(self) -> None:
        with self._lock:
            if self._is_over:
                return
            if self._console.is_terminal:
                self._status = self._stack.enter_context(self._console.status(self._line()))
            else:
                self._print()

    def update(self, text: str) -> None:
        with self._lock:
            self._text = text
            if self._status is not None:
                self._status.update(self._line())
            elif self._printed_at and time.monotonic() - self._printed_at > PIPE_SECONDS:
                self._print()

    def end(self) -> None:
        with self._lock:
            self._is_over = True
            self._stack.close()

    def _print(self) -> None:
        self._console.print(self._line())
        self._printed_at = time.monotonic()

    def _line(self) -> str:
        return f"{self._text} ..."
