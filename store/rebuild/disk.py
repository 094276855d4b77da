"""Which files lie in `parts` and `raw`, read once before a rebuild."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from store.files.layout import Layout


@dataclass(frozen=True, slots=True)
class Disk:
    """Paths relative to the data folder."""

    parts: frozenset[str]
    raw: frozenset[str]

    @classmethod
    def of(cls, layout: Layout) -> Self:
        return cls(_below(layout, layout.parts), _below(layout, layout.raw))


def _below(layout: Layout, top: Path) -> frozenset[str]:
    return frozenset(
        layout.relative(Path(folder, name)) for folder, _, names in os.walk(top) for name in names
    )
