"""How the facts of a file's users are computed, as a value: this room knows no question."""

from enum import Enum
from typing import Protocol

from store.catalog.users.packed_facts import UserFacts
from store.files.layout import Layout


class Failure(Enum):
    """Why a file has no facts."""

    # Memory or room was missing, or the file could not be read: another time it may be possible.
    PASSING = "passing"
    # The same file gives the same error again.
    LASTING = "lasting"


class FactReading(Protocol):
    """Computes the facts of one finished file of http_requests; `columns` is its fingerprint.

    It raises nothing, whatever the reason: no merge waits for it.
    """

    def __call__(
        self, layout: Layout, path: str, columns: str | None, /
    ) -> UserFacts | Failure: ...
