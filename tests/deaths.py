"""The durable calls at which a test lets the system die, one after the other."""

import random
from collections.abc import Callable, Iterator
from itertools import count

import pytest

from tests.dying import Dying, Killed, Place


class Deaths:
    """Iterate to get one `Dying` a round; the last one lives, and so does the first of a sample.

    The long form dies at every call. The short form dies once at each place of the product that
    makes a call; which of the calls of a place is drawn.
    """

    def __init__(
        self,
        chance: random.Random,
        *,
        is_long: bool,
        error: Callable[[], BaseException] = Killed,
        once: bool = False,
    ) -> None:
        self._chance = chance
        self._is_long = is_long
        self._error = error
        self._once = once
        self.happened = 0

    def erring(self, error: Callable[[], BaseException]) -> "Deaths":
        """The same calls; one fails with this error, and the next ones work."""
        return Deaths(self._chance, is_long=self._is_long, error=error, once=True)

    def __iter__(self) -> Iterator[Dying]:
        for system in self._every_call() if self._is_long else self._every_place():
            yield system
            self.happened += system.hit is not None

    def _every_call(self) -> Iterator[Dying]:
        for n in count(1):
            system = self._dying(n)
            yield system
            if system.hit is None:
                return

    def _every_place(self) -> Iterator[Dying]:
        tried = set[Place]()
        while True:
            lived = self._dying(None)
            yield lived
            # What an earlier death left can bring calls at new places.
            untried = sorted(set(lived.places) - tried)
            if not untried:
                return
            self._chance.shuffle(untried)
            for place in untried:
                system = self._dying(self._one_of(lived.places, place))
                yield system
                tried |= {place, system.hit or place}

    def _one_of(self, places: list[Place], place: Place) -> int:
        return self._chance.choice([n for n, found in enumerate(places, 1) if found == place])

    def _dying(self, n: int | None) -> Dying:
        return Dying(n, self._error, once=self._once)


@pytest.fixture
def deaths(chance: random.Random, is_long: bool) -> Deaths:
    return Deaths(chance, is_long=is_long)
