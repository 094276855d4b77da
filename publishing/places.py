"""Where the published tables lie, and which datasets they are of."""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

from publishing.errors import NotPublished
from store.files.layout import Layout

# Requests, and the logins that tell who made them.
DATASETS = ("http_requests", "access_requests", "access_requests_rest", "access_login_events")

# Iceberg's clients take a location for a URL, and do not agree on what is escaped in it.
_NOT_IN_A_LOCATION = "#?%"


@dataclass(frozen=True, slots=True)
class Places:
    """`seen_root` is the absolute path of the data folder as engines see it."""

    layout: Layout
    seen_root: Path

    @classmethod
    def of(cls, layout: Layout, seen_root: Path) -> Self:
        """NotPublished where the path of the data folder cannot be the location of a table."""
        if any(character in str(seen_root) for character in _NOT_IN_A_LOCATION):
            raise NotPublished(
                f"{seen_root}: a table cannot lie in a folder with one of {_NOT_IN_A_LOCATION} in"
                " its path"
            )
        return cls(layout, seen_root)

    def table(self, dataset: str) -> Path:
        return self.layout.published / dataset

    def metadata(self, dataset: str) -> Path:
        return self.table(dataset) / "metadata"

    def location(self, path: Path) -> str:
        """A file or folder of the store as engines name it."""
        return f"file://{self.seen_root / self.layout.relative(path)}"
