"""What a command wrote and how it ended."""

from collections.abc import Callable
from typing import NamedTuple


class Ended(NamedTuple):
    returncode: int
    stdout: str
    stderr: str


Command = Callable[..., Ended]
