"""The result of fitting a value into a column.

A plain value is exact: the column holds it without loss. It has no wrapper because most of the 75
values in a line are exact. Approximate and Misfit mark the others.
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
    """The column holds the nearest possible value; `extra` must hold the original as well."""

    value: Exact


@dataclass(frozen=True, slots=True)
class Misfit:
    """The column holds NULL; `extra` must hold the original."""


MISFIT = Misfit()

CoercionResult: TypeAlias = Exact | Approximate | Misfit
