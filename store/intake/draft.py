"""A body on its way in: written beside where it will lie, examined while it is written.

A draft's name ends in its origin, the dataset the sender named above all, so that a body which was stored but
not yet entered when the process died is entered later under the right name. Its lock
tells a sweeper that somebody is still writing.
"""

import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from schema.body.limits import EnvelopeLimits
from store.errors import BodyTooLarge
from store.files import durable
from store.files.durable import READ_BYTES_AT_ONCE
from store.files.layout import draft_path
from store.intake.examination import Examination, Examined

# Stands for "no dataset in the URL" in a draft's name; no dataset can be called so.
UNNAMED = "_"
# Follows the dataset in the name of a draft whose body we fetched; no dataset's name holds it.
_FETCHED = "+fetched"


@dataclass(frozen=True, slots=True)
class Origin:
    """The dataset that somebody named, if anybody did, and whether we went and got the body."""

    dataset: str | None
    is_fetched: bool = False

    @property
    def label(self) -> str:
        return (self.dataset or UNNAMED) + _FETCHED * self.is_fetched

    @classmethod
    def told_by(cls, label: str) -> "Origin":
        dataset = label.removesuffix(_FETCHED)
        return cls(None if dataset == UNNAMED else dataset, dataset != label)


class Draft:
    """Feed it the body, then ask for `examined`. Leaving the block removes the draft's name;
    whatever was linked from it stays.
    """

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

    def feed(self, piece: bytes) -> None:
        self._body_bytes += len(piece)
        if self._body_bytes > self._body_bytes_max:
            raise BodyTooLarge("the body", self._body_bytes_max)
        durable.write_all(self._fd, piece)
        self._examination.feed(piece)

    def keep_plain(self, bytes_max: int) -> None:
        """Have the inflated body at hand later, if it is no larger than this."""
        self._examination.keep_plain(bytes_max)

    @property
    def plain(self) -> list[bytes] | None:
        """All the inflated body once it is examined, if it was to be kept."""
        return self._examination.plain

    @property
    def passes_a_limit(self) -> bool:
        """Whether what was fed already unfolds to more than may be read."""
        return self._examination.passes_a_limit

    def examined(self) -> Examined:
        """The verdict on the whole body, once every byte of it is on disk."""
        examined = self._examination.result()
        durable.sync(self._fd, self.path.name)
        return examined

    def expect_entry(self) -> None:
        """From here until `entered`, the name is what tells recovery the dataset."""
        self._waits_for_entry = True

    def entered(self) -> None:
        self._waits_for_entry = False

    def close(self) -> None:
        """Take the draft's name away; whatever was linked from it stays.

        A body that was linked and could not be entered keeps its draft's name for recovery.
        """
        try:
            is_stored = os.fstat(self._fd).st_nlink > 1
            if not (self._waits_for_entry and is_stored):
                # Not synced: a draft that comes back after a power cut is swept at a start.
                durable.remove(self.path, synced=False)
        finally:
            os.close(self._fd)


def examine(path: Path, limits: EnvelopeLimits) -> Examined:
    """Examine a file that lies on disk already."""
    examination = Examination(limits)
    with durable.disk_errors(f"reading {path.name}"), path.open("rb") as file:
        while piece := file.read(READ_BYTES_AT_ONCE):
            examination.feed(piece)
    return examination.result()


def received_day(moment: datetime) -> str:
    return moment.date().isoformat()
