"""Decides which pairs of a login name and a request name are one person's.

A pair needs weight of its own, and no rival: another pair with the same login name, or the same
request name, that fits nearly as well. No pair is better than a wrong one.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

# One agreeing login is chance.
AGREEING_MIN = 2

# Where nobody else is, two agreeing logins minutes after each login are enough. Where others are,
# one of them must not fit by chance: e^4 to 1, for each of them.
WEIGHT_MIN_ALONE = 1.5
WEIGHT_MIN = 4.0

# Of the arrivals that say something, so many may speak against a pair: logs lose records, and a
# first request may be late. Of two people who always come in the same minute, the one is there
# before the other's login in a quarter of the cases and more.
DOUBT_MAX = 0.15

# A rival: within e^4 to 1 of the pair, or with more than half of its weight.
MARGIN = 4.0
RIVAL_SHARE = 0.5

# A rival at one address where the pair agrees as well, with so much of the pair's weight there, as at
# a kiosk, or of two people who come together. It is none for a pair that the other addresses support
# without this one.
WEIGHT_MIN_HERE = 2.0
RIVAL_SHARE_HERE = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What the logins of one name at one address say of a request name. Times are microseconds."""

    login_name: str
    request_name: str
    address: str
    crowd: int
    weight: float
    agreeing: int
    against: int
    first_us: int | None
    last_us: int | None


@dataclass(frozen=True, slots=True)
class Pair:
    """A login name and a request name, with the evidence at each address of the login name."""

    login_name: str
    request_name: str
    evidence: tuple[Evidence, ...]

    @property
    def weight(self) -> float:
        return sum(each.weight for each in self.evidence)

    @property
    def agreeing(self) -> int:
        return sum(each.agreeing for each in self.evidence)

    @property
    def against(self) -> int:
        return sum(each.against for each in self.evidence)

    @property
    def where_agreeing(self) -> dict[str, Evidence]:
        return {each.address: each for each in self.evidence if each.agreeing}

    def elsewhere(self, address: str) -> "Pair":
        """The same pair without the evidence at one address."""
        rest = tuple(each for each in self.evidence if each.address != address)
        return Pair(self.login_name, self.request_name, rest)

    def is_supported(self) -> bool:
        """Whether the evidence is enough, if there is no rival."""
        said = self.agreeing + self.against
        if self.agreeing < AGREEING_MIN or self.against > DOUBT_MAX * said:
            return False
        crowd = max(each.crowd for each in self.where_agreeing.values())
        needed = WEIGHT_MIN_ALONE if crowd == 1 else WEIGHT_MIN + math.log(crowd)
        return self.weight >= needed

    def is_rivalled_by(self, other: "Pair") -> bool:
        limit = min(self.weight - MARGIN, RIVAL_SHARE * self.weight)
        return other.weight > limit or other.is_supported() or any(self._rivals_at(other))

    def _rivals_at(self, other: "Pair") -> Iterator[bool]:
        mine = self.where_agreeing
        for address, theirs in other.where_agreeing.items():
            if address in mine and theirs.agreeing >= AGREEING_MIN:
                here = mine[address].weight
                fits = theirs.weight >= max(WEIGHT_MIN_HERE, RIVAL_SHARE_HERE * here)
                yield fits and not self.elsewhere(address).is_supported()


def decided(found: Iterable[Evidence]) -> tuple[Pair, ...]:
    """The pairs that are supported and without a rival, by name."""
    grouped = defaultdict[tuple[str, str], list[Evidence]](list)
    for each in found:
        grouped[each.login_name, each.request_name].append(each)
    pairs = [Pair(login, request, tuple(held)) for (login, request), held in grouped.items()]
    of_name = defaultdict[tuple[str, str], list[Pair]](list)
    for pair in pairs:
        of_name["login", pair.login_name].append(pair)
        of_name["request", pair.request_name].append(pair)
    return tuple(
        sorted(
            (
                pair
                for pair in pairs
                if pair.is_supported()
                and not any(
                    pair.is_rivalled_by(other)
                    for other in (
                        *of_name["login", pair.login_name],
                        *of_name["request", pair.request_name],
                    )
                    if other is not pair
                )
            ),
            key=lambda pair: (pair.login_name, pair.request_name),
        )
    )
