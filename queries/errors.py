"""What this room raises on purpose.

RaytrailError
├── QueryRefused        person: the user, period or statement is none we answer; says what is
└── QueryFailed         operator: the question was fine, but it took too much, or DuckDB gave up
    └── PartUnreadable  operator: a Parquet part is gone or damaged; `path` says which
"""

from pathlib import Path

from schema.errors import RaytrailError


class QueryRefused(RaytrailError):
    """Asked differently it would be answered; the text says how."""


class QueryFailed(RaytrailError):
    """No answer rather than half of one."""


class PartUnreadable(QueryFailed):
    """Never answered with the rows that are left.

    A part that is gone may have been retired under a very slow reader: ask once more on a
    fresh snapshot, then tell the operator.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path}: missing or damaged; `raytrail verify` tells more")
        self.path = path
