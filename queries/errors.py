"""The errors that questions raise.

RaytrailError
├── QueryRefused        user: the user name, period or statement is invalid; says how to correct it
└── QueryFailed         operator: the question was valid, but it passed a limit or DuckDB failed
    └── PartUnreadable  operator: a Parquet part is missing or damaged; `path` names it
"""

from pathlib import Path

from schema.errors import RaytrailError


class QueryRefused(RaytrailError):
    """The question is not valid; the text says what to change."""


class QueryFailed(RaytrailError):
    """The question cannot be answered in full, so it is not answered at all."""


class PartUnreadable(QueryFailed):
    """The question is not answered from the rows that are left.

    A missing part may have been retired during a very slow read: ask again on a new snapshot
    before telling the operator.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path}: missing or damaged; run `raytrail fsck --deep`")
        self.path = path
