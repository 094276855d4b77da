"""An operating system in which one call does not return until it may go on."""

import os
import threading
from typing import Any


class Hanging:
    """`os`, but for one call. `waiting` counts the threads that have begun it."""

    def __init__(self, call: str) -> None:
        self.go_on = threading.Event()
        self.waiting = 0
        self._lock = threading.Lock()
        self._call = call

    def __getattr__(self, name: str) -> Any:
        real = getattr(os, name)
        if name != self._call:
            return real

        def call(*given: Any) -> Any:
            with self._lock:
                self.waiting += 1
            self.go_on.wait()
            return real(*given)

        return call
