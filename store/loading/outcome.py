"""What became of one batch that the loader tried."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """One loaded batch; counts, and what was kept out, add up to its lines. `parts` may be shared."""

    batch_id: str
    dataset: str
    lines: int
    rows: int
    rejected_lines: int
    blank_lines: int
    parts: int


@dataclass(frozen=True, slots=True)
class Unread:
    """A batch that cannot be decoded; its bytes stay as evidence."""

    batch_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Failed:
    """A batch that met a fault of Raytrail; it is tried again after all others."""

    batch_id: str
    reason: str


Outcome = Loaded | Unread | Failed
