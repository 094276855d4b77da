"""Tells a waiting person what is going on, once they have waited longer than two seconds."""

import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from rich.console import Console

# Up to here a person does not wonder.
SLOW_SECONDS = 2.0


@contextmanager
def shown_if_slow(text: str) -> Iterator[None]:
    """Show `text` on standard error while the block runs, if it runs for long."""
    console = Console(file=sys.stderr, markup=False, highlight=False)
    with ExitStack() as stack:
        lock, is_over = threading.Lock(), False

        def show() -> None:
            with lock:
                if is_over:
                    return
                if console.is_terminal:
                    stack.enter_context(console.status(f"{text} ..."))
                else:
                    console.print(f"{text} ...")

        timer = threading.Timer(SLOW_SECONDS, show)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
            with lock:
                is_over = True
