"""One Parquet file of a snapshot, and what it says where it cannot be read."""

import os
from dataclasses import dataclass
from pathlib import Path

from schema.our_names import OURS
from schema.unknown_dataset import DUCKDB_NAMES
from store.files import trouble
from store.files.expected_file import ExpectedFile
from store.files.layout import OTHER_DAY, REJECTED
from store.files.trouble import Trouble
from store.parquet import footer_check
from store.parquet.footer import NamedFile

_WITHOUT = "_without_damaged"


@dataclass(frozen=True, slots=True, kw_only=True)
class LivePart:
    """A live Parquet file as the catalog names it. `day` may be a month or `__other__`.

    `facts` is the number under which the catalog has the facts of its users, 0 if it has no users,
    and None if its rows have to be read.
    """

    file: ExpectedFile
    dataset: str
    day: str
    time_min: str | None
    time_max: str | None
    format: int | None = None
    facts: int | None = None

    def trouble_at_a_glance(self, path: Path) -> Trouble | None:
        """What size, permission and footer of its absolute path show, without reading any row."""
        found = trouble.size_trouble_at(path, self.file)
        if found is None and not os.access(path, os.R_OK):
            return trouble.NOT_PERMITTED
        return found or footer_check.trouble_of(self.at(path))

    def at(self, path: Path) -> NamedFile:
        return NamedFile(
            path=path,
            sha256=self.file.sha256,
            dataset=self.dataset,
            day=self.day,
            format=self.format,
        )


@dataclass(frozen=True, slots=True)
class DamagedPart:
    """A part that questions are not answered from. `is_listed`: the catalog lists it as damaged.

    A part without permission, or one that cannot be read for the moment, is never listed.
    """

    part: LivePart
    trouble: Trouble
    found_at: str | None = None

    @property
    def path(self) -> str:
        return self.part.file.path

    @property
    def is_listed(self) -> bool:
        return self.found_at is not None

    @property
    def opening(self) -> str:
        """How the sentence begins, by which an error of DuckDB is recognised."""
        return f"{self.path} {self.trouble.reason}: "

    def omission(self) -> str:
        """For an answer that leaves it out."""
        return f"{self._rows()} are left out, because {self.path} {self.trouble.reason}"

    def sentence(self, others: int = 0) -> str:
        """For a question that needs its rows; `others` more files of the same days are damaged."""
        part = self.part
        more = f" (and {others:,} more such files: `FROM damaged`)" if others else ""
        helps = self.trouble.helps or "`raytrail fsck --deep` says how to get them back"
        return (
            f"{self.opening}{self._rows()} cannot be read{more}; {helps}; --without-damaged, or"
            f" {without_damaged(part.dataset)} in SQL, answers without them"
        )

    def _rows(self) -> str:
        part = self.part
        noun = "row" if part.file.rows == 1 else "rows"
        day = f"date={OTHER_DAY}" if part.day == OTHER_DAY else part.day
        return f"{part.file.rows or 0:,} {noun} of {part.dataset} of {day}"


def view_of(dataset: str) -> str:
    """The name of a dataset's view.

    A store of an older version may have a dataset that is named like a view of this one, such as
    `sessions`: it is shown as `_sessions`. No dataset has such a name.
    """
    is_taken = dataset in OURS or DUCKDB_NAMES.fullmatch(dataset) or dataset.endswith(_WITHOUT)
    return f"_{dataset}" if is_taken and dataset != REJECTED else dataset


def without_damaged(dataset: str) -> str:
    """The name of the view that leaves damaged parts out."""
    return f"{view_of(dataset)}{_WITHOUT}"
