"""A body that is being received: written beside its final place, and examined meanwhile.

A draft's name ends in its origin, such as the dataset that the sender named. A body that was
stored, but not entered before the process died, is entered later with that origin. The draft's
lock tells a sweeper that a process is still writing.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from schema.body.limits import EnvelopeLimits
from store.errors import BodyTooLarge
from store.files import durable
from store.files.disk_errors import disk_errors
from store.files.durable import READ_BYTES_AT_ONCE
from store.files.layout import draft_path
from store.intake.examination import Examination, Examined

# Stands for "no dataset in the URL" in a draft's name; it is not a valid dataset name.
UNNAMED = "_"
# Follows the dataset in the name of a draft that was fetched; dataset names have no `+`.
_FETCHED = "+fetched"


@dataclass(frozen=True, slots=True)
class Origin:
    """The dataset that the sender named, if any, and whether Raytrail fetched the body itself.

    `token` is the start of the SHA-256 of the sender's token, where that is known.
    """

    dataset: str | None
    is_fetched: bool = False
    token: str = ""

    @property
    def label(self) -> str:
        return (self.dataset or UNNAMED) + _FETCHED * self.is_fetched

    @classmethod
    def from_label(cls, label: str) -> "Origin":
        dataset = label.removesuffix(_FETCHED)
        return cls(None if dataset == UNNAMED else dataset, dataset != label)


class Draft:
    """Feed it the body, ask for `examined`, then close it."""

    def __init__(
        self,
        folder: Path,
        origin: Origin,
        limits: EnvelopeLimits,
        *,
        body_bytes_max: int,
        claims_gzip: bool,
    ) -> None:
        self.origin = origin
        self.path = draft_path(folder, origin.label)
        self._fd = durable.create_locked(self.path)
        self._examination = Examination(limits, claims_gzip=claims_gzip)
        self._body_bytes_max = body_bytes_max
        self._body_bytes = 0
        self._waits_for_entry = False
        # Called with the path if the draft stays on disk when it is closed.
        self.on_left: Callable[[Path], None] = lambda _path: None

    def feed(self, piece: bytes) -> None:
        self._body_bytes += len(piece)
        if self._body_bytes > self._body_bytes_max:
            raise BodyTooLarge("the body", self._body_bytes_max)
        durable.write_all(self._fd, piece)
        self._examination.feed(piece)

    def keep_plain(self, bytes_max: int) -> None:
        """Keep the inflated body in memory, unless it is larger than this."""
        self._examination.keep_plain(bytes_max)

    @property
    def plain(self) -> list[bytes] | None:
        """The whole inflated body once it is examined, if it was kept."""
        return self._examination.plain

    @property
    def passes_a_limit(self) -> bool:
        """Whether the body is already known to exceed a limit."""
        return self._examination.passes_a_limit

    def examined(self) -> Examined:
        """What the whole body is, once every byte of it is on disk."""
        examined = self._examination.result()
        durable.sync(self._fd, self.path.name)
        return examined

    def expect_entry(self) -> None:
        """Until `entered`, recovery needs the draft's name to know the dataset."""
        self._waits_for_entry = True

    def entered(self) -> None:
        self._waits_for_entry = False

    def close(self) -> None:
        """Remove the draft's name; other names of the same file stay.

        A body that was linked but could not be entered keeps its draft's name for recovery.
        """
        is_left = True
        try:
            is_stored = os.fstat(self._fd).st_nlink > 1
            if not (self._waits_for_entry and is_stored):
                # Not synced: a draft that returns after a power cut is swept at the next start.
                durable.remove(self.path, synced=False)
                is_left = False
        finally:
            os.close(self._fd)
            if is_left:
                self.on_left(self.path)


def examine(path: Path, limits: EnvelopeLimits) -> Examined:
    """Examine a file on disk."""
    examination = Examination(limits)
    with disk_errors(f"reading {path.name}"), path.open("rb") as file:
        while piece := file.read(READ_BYTES_AT_ONCE):
            examination.feed(piece)
    return examination.result()


def received_day(moment: datetime) -> str:
    return moment.date().isoformat()
