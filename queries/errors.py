"""The errors that questions raise.

RaytrailError
├── QueryRefused        user: the user name, period or statement is invalid; says how to correct it
└── QueryFailed         operator: the question was valid, but it passed a limit or DuckDB failed
    └── PartUnreadable  operator: it needs a Parquet part that cannot be read; the text names it
"""

from typing import TYPE_CHECKING

from schema.errors import RaytrailError

if TYPE_CHECKING:
    from store.reading.snapshot import Snapshot


class QueryRefused(RaytrailError):
    """The question is not valid; the text says what to change."""


class QueryFailed(RaytrailError):
    """The question cannot be answered in full, so it is not answered at all."""


class PartUnreadable(QueryFailed):
    """The question needs rows of a file that cannot be read, so it is not answered at all.

    `snapshot` has that file among its damaged ones: without them the question may be answered.
    """

    def __init__(self, sentence: str, snapshot: "Snapshot") -> None:
        super().__init__(sentence)
        self.snapshot = snapshot
