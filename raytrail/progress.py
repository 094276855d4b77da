"""Tells a waiting person what is going on, once they have waited longer than two seconds."""

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from store.log import Update

if TYPE_CHECKING:
    from rich.status import Status

# A person does not wonder about a shorter wait.
SLOW_SECONDS = 2.0
# A pipe keeps every line, so progress is printed there only this often.
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
            if sys.stderr.isatty():
                # Late: a command that ends in time does not pay for Rich.
                from rich.console import Console  # noqa: PLC0415

                console = Console(file=sys.stderr, markup=False, highlight=False)
                self._status = self._stack.enter_context(console.status(self._line()))
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
        print(self._line(), file=sys.stderr, flush=True)  # noqa: T201 - it is what a person waits for
        self._printed_at = time.monotonic()

    def _line(self) -> str:
        return f"{self._text} ..."
