"""How long somebody waits for another, in steps that a test can take without waiting."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

# A person notices no difference, and the catalog no load.
STEP_SECONDS = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    seconds_max: float
    sleep: Callable[[float], None] = time.sleep

    def tries(self) -> Iterator[None]:
        """One try at once, and more with a pause before each until patience is at its end."""
        yield
        for _ in range(int(self.seconds_max / STEP_SECONDS)):
            self.sleep(STEP_SECONDS)
            yield
