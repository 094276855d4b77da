"""How a value fares on its way into a column.

A bare value is exact: the column holds it and nothing is lost. The other two say so.
(Bare, because most values are exact and there are 75 of them in a line.)
"""

from dataclasses import dataclass
from typing import NamedTuple, TypeAlias


class Instant(NamedTuple):
    """A moment in UTC: microseconds since 1970, and 0 to 999 nanoseconds after them."""

    microseconds: int
    nanoseconds: int


Exact: TypeAlias = str | int | float | bool | Instant | list[str] | list[int] | None


@dataclass(frozen=True, slots=True)
class Approximate:
    """The column holds the nearest thing it can; `extra` must hold the original as well."""

    value: Exact


@dataclass(frozen=True, slots=True)
class Misfit:
    """The column holds NULL; `extra` must hold the original."""


MISFIT = Misfit()

CoercionResult: TypeAlias = Exact | Approximate | Misfit
