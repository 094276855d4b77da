"""How long one process waits for another, in steps that a test can take without waiting."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

# Too short for a person to notice, too long to load the catalog.
STEP_SECONDS = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Backoff:
    seconds_max: float
    sleep: Callable[[float], None] = time.sleep

    def attempts(self) -> Iterator[None]:
        """One attempt at once, then one after each pause until `seconds_max` have passed."""
        yield
        for _ in range(int(self.seconds_max / STEP_SECONDS)):
            self.sleep(STEP_SECONDS)
            yield
