"""What a command wrote and how it ended."""

from collections.abc import Callable
from typing import NamedTuple

from raytrail.command_line import typer_app

# All commands, as Typer knows them.
app = typer_app.app()


class Ended(NamedTuple):
    returncode: int
    stdout: str
    stderr: str


Command = Callable[..., Ended]
