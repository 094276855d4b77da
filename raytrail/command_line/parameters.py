"""How a command declares its options and arguments, without Typer.

`Annotated[str, Option("--user", help="...")]` says the same as with `typer.Option`. Typer reads it
where a line needs more than plain reading; see plain_line.py.
"""

from collections.abc import Callable
from dataclasses import dataclass


class WrongValue(ValueError):
    """Says what is wrong with the value of an option."""


@dataclass(frozen=True, slots=True)
class Option:
    """`name` is that of the parameter unless it is given. `check` raises WrongValue, or returns the
    value. Numbers are between `least` and `most`.
    """

    name: str = ""
    metavar: str | None = None
    help: str = ""
    check: Callable[[str], str] | None = None
    least: int | None = None
    most: int | None = None


@dataclass(frozen=True, slots=True)
class Argument:
    metavar: str | None = None
    help: str = ""
