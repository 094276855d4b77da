"""What comes of reading a few rows of finished files."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, slots=True)
class Rows:
    """All rows that were asked for, in no order."""

    batch: "pa.RecordBatch"


@dataclass(frozen=True, slots=True)
class Refused:
    """The files may be sound, and another reader can answer. `why` is for tests and logs."""

    why: str


@dataclass(frozen=True, slots=True)
class Damaged:
    """A file cannot be what was written, as far as this reader can tell."""

    path: Path
    why: str


Outcome = Rows | Refused | Damaged
