"""How far the merge, retention or erasure is that is at work now, for whoever looks at the store.

Told inside the lock that whoever rewrites files holds: it vanishes with its holder, however that
one ends. Nothing depends on it, so nothing here is synced.
"""

import contextlib
from dataclasses import asdict, dataclass
from typing import Any

import orjson

from store.files import durable
from store.files.layout import Layout


@dataclass(frozen=True, slots=True, kw_only=True)
class UnderWay:
    """`rows` of `of` are read; `told_at` is when the holder last said so."""

    dataset: str
    label: str
    rows: int
    of: int
    told_at: str


def tell(layout: Layout, at_work: UnderWay) -> None:
    """The caller holds the lock. A disk that is full is no reason to stop."""
    with contextlib.suppress(OSError):
        layout.rewrite_lock.write_bytes(orjson.dumps(asdict(at_work)))


def look(layout: Layout) -> UnderWay | None:
    """What is under way; None when nobody is at work, or has not said at what."""
    if not durable.is_locked(layout.rewrite_lock):
        return None
    try:
        told: dict[str, Any] = orjson.loads(layout.rewrite_lock.read_bytes())
        return UnderWay(**told)
    except (OSError, ValueError, TypeError):
        return None  # Read in the middle of its being written, or written by another version.


def forget(layout: Layout) -> None:
    """What is told next is of another job."""
    with contextlib.suppress(OSError):
        layout.rewrite_lock.write_bytes(b"")
