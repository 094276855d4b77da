"""One file that must be on disk, as the catalog names it."""

from collections.abc import Mapping
from typing import Any, NamedTuple, Self

# The folders below the data folder that hold such files.
TOPS = ("parts", "raw")


class ExpectedFile(NamedTuple):
    """`path` is relative to the data folder. Only parts have `rows`."""

    path: str
    sha256: str
    bytes: int
    rows: int | None

    @classmethod
    def of(cls, row: Mapping[Any, Any]) -> Self:
        """A part by its row of `files`."""
        return cls(row["path"], row["sha256"], row["bytes"], row["rows"])

    @property
    def is_part(self) -> bool:
        return self.rows is not None
