"""Ends a question by SIGTERM, SIGINT or SIGHUP so that what it has put aside on disk is removed."""

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

ENDING = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


@contextmanager
def clearing_up() -> Iterator[None]:
    """Leave the block by an exception at the first of these signals; the second one kills.

    The process then ends with the status that shells give for the signal.
    """
    if threading.current_thread() is not threading.main_thread():
        yield  # Only the main thread may have handlers, and it is not asking.
        return
    received = list[int]()

    def end(number: int, _frame: object) -> None:
        received.append(number)
        for each in ENDING:
            signal.signal(each, signal.SIG_DFL)
        raise KeyboardInterrupt

    before = {number: signal.signal(number, end) for number in ENDING}
    try:
        yield
    except BaseException:
        # DuckDB makes an error of its own of the exception of a handler.
        if received:
            sys.exit(128 + received[0])
        raise
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
