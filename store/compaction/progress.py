"""Progress of the rewrite that is running, for `raytrail status`.

It is written into the rewrite lock's file and counts only while that lock is held. Nothing depends
on it, so it is not synced.
"""

import contextlib
from dataclasses import asdict, dataclass
from typing import Any

import orjson

from store.files import durable
from store.files.layout import Layout


class Stopped(Exception):
    """Raised by `on_progress` to end a job before it is complete; none of its files become live."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RewriteProgress:
    """`rows` of `of` were written by `told_at`."""

    dataset: str
    label: str
    rows: int
    of: int
    told_at: str


def write(layout: Layout, current: RewriteProgress) -> None:
    """The caller holds the lock. A full disk is ignored."""
    with contextlib.suppress(OSError):
        layout.rewrite_lock.write_bytes(orjson.dumps(asdict(current)))


def read(layout: Layout) -> RewriteProgress | None:
    """The running rewrite; None if there is none, or it has not written its progress."""
    if not durable.is_locked(layout.rewrite_lock):
        return None
    try:
        told: dict[str, Any] = orjson.loads(layout.rewrite_lock.read_bytes())
        return RewriteProgress(**told)
    except (OSError, ValueError, TypeError):
        return None  # Half written, or written by another version.


def clear(layout: Layout) -> None:
    """Remove the progress of an earlier rewrite."""
    with contextlib.suppress(OSError):
        layout.rewrite_lock.write_bytes(b"")
