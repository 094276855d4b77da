"""How long jobs report progress: to the operator's log, and to the person who waits."""

from collections.abc import Callable
from typing import Protocol

# Shows a waiting person how far a job is.
Update = Callable[[str], None]


class Log(Protocol):
    """The part of a structlog logger that rooms below the front door use."""

    def info(self, event: str, **facts: object) -> object: ...
    def warning(self, event: str, **facts: object) -> object: ...
    def error(self, event: str, **facts: object) -> object: ...
    def exception(self, event: str, **facts: object) -> object: ...
