"""The names under which one person's records are found, each with its grade and its evidence.

The grades, strongest first: `asked` is the name as it was given; `equal` differs from it only in
letter case, outer space or Unicode form; `setting` was linked by an operator; `inferred` follows
from logins. Every grade is about a name and the name that was asked for: never about two names
that share a third one.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from queries.errors import QueryRefused
from store import names

# Of one person, in one answer. People have a handful. On a host without Access a client may send any
# number of spellings, and each name makes every question slower.
NAMES_MAX = 200


class Grade(StrEnum):
    """How a name is known to belong to the person, strongest first."""

    ASKED = "asked"
    EQUAL = "equal"
    SETTING = "setting"
    INFERRED = "inferred"


# A name may belong to the person, and is no spelling of the asked one.
MAPPED = frozenset({Grade.SETTING, Grade.INFERRED})

_STRENGTH = {grade: place for place, grade in enumerate(Grade)}


@dataclass(frozen=True, slots=True)
class PersonName:
    """One name with its rows in the whole store; `evidence` says why it is this person's."""

    name: str
    grade: Grade
    evidence: str
    requests: int = 0
    logins: int = 0


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Names beyond NAMES_MAX, which an answer does not cover."""

    names: int = 0
    requests: int = 0
    logins: int = 0


@dataclass(frozen=True, slots=True)
class NotCovered:
    """A name that is told, and that no answer covers: it belongs to `of`, not to the asked name."""

    name: str
    of: str
    grade: Grade
    evidence: str
    requests: int = 0
    logins: int = 0


@dataclass(frozen=True, slots=True)
class Person:
    """Whom a question is about. The first of `names` is the one that was asked for.

    `not_covered` has at most NAMES_MAX names, and `not_covered_left_out` counts the others.
    """

    asked: str
    names: tuple[PersonName, ...]
    left_out: LeftOut = LeftOut()
    not_covered: tuple[NotCovered, ...] = ()
    not_covered_left_out: int = 0

    @classmethod
    def only(cls, name: str) -> "Person":
        """A person with this one name. Raises QueryRefused for an empty name."""
        return cls.of(name, ())

    @classmethod
    def of(
        cls,
        asked: str,
        found: Iterable[PersonName],
        is_other: Callable[[str], bool] = lambda _name: False,
    ) -> "Person":
        """The asked name and others: of each only the strongest grade, and at most NAMES_MAX.

        Of too many, those of a stronger grade are kept, then those with more logins, which a client
        cannot make up, then those with more requests. Names that are somebody else's (`is_other`)
        are left out; beyond NAMES_MAX that is not asked.
        """
        demand_name(asked)
        strongest = dict[str, PersonName]()
        for each in sorted(found, key=_order):
            strongest.setdefault(each.name, each)
        first = strongest.pop(asked, PersonName(asked, Grade.ASKED, ""))
        kept = [PersonName(asked, Grade.ASKED, "", first.requests, first.logins)]
        left = list[PersonName]()
        for each in strongest.values():
            if len(kept) == NAMES_MAX:
                left.append(each)
            elif not is_other(each.name):
                kept.append(each)
        left_out = LeftOut(
            len(left), sum(each.requests for each in left), sum(each.logins for each in left)
        )
        return cls(asked, tuple(kept), left_out)

    def without(self, found: Iterable[NotCovered]) -> "Person":
        """The same person, with names that are not covered; each once."""
        strongest = dict[str, NotCovered]()
        for each in sorted(found, key=_order):
            strongest.setdefault(each.name, each)
        told = tuple(strongest.values())
        return replace(
            self,
            not_covered=told[:NAMES_MAX],
            not_covered_left_out=max(len(told) - NAMES_MAX, 0),
        )

    @property
    def users(self) -> list[str]:
        """The names that can be in a row: what a question binds as `$who`."""
        return [each.name for each in self.names if names.is_utf8(each.name)]

    @property
    def others(self) -> tuple[PersonName, ...]:
        """The names that were not asked for."""
        return self.names[1:]


def demand_name(user: str) -> None:
    """Raises QueryRefused for an empty name."""
    if not user:
        raise QueryRefused("the user name is empty")


def _order(each: PersonName | NotCovered) -> tuple[int, int, int, str]:
    return (_STRENGTH[each.grade], -each.logins, -each.requests, each.name)
