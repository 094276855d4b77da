"""One file that must be on disk, as the catalog names it."""

from typing import NamedTuple

# The folders below the data folder that hold such files.
TOPS = ("parts", "raw")


class ExpectedFile(NamedTuple):
    """`path` is relative to the data folder. Only parts have `rows`."""

    path: str
    sha256: str
    bytes: int
    rows: int | None

    @property
    def is_part(self) -> bool:
        return self.rows is not None
