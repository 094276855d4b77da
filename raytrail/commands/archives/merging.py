"""Merges what an import loaded, so that the first question reads few files."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from queries.escape import for_terminal
from raytrail.commands.plurals import counted
from raytrail.commands.service import compaction
from raytrail.commands.service.compaction import Refused
from store.errors import DiskFailed, NoRoom, StoreBusy, StoreUnavailable
from store.log import Update
from store.store import Store


@dataclass(frozen=True, slots=True)
class MergedFiles:
    """The store's live files before and after, and why some of them were not merged."""

    files_before: int
    files_after: int
    refused: tuple[str, ...] = ()

    def as_object(self) -> dict[str, Any]:
        return asdict(self)

    def lines(self) -> Iterator[str]:
        if self.files_after < self.files_before:
            yield f"{counted(self.files_before, 'file')} merged into {self.files_after:,}"
        for reason in self.refused:
            yield f"not merged: {for_terminal(reason)}"


def merge_imported(store: Store, tell: Update) -> MergedFiles:
    """Run every merge that is due. The import is whole without it, so a failure is only reported.

    A compactor that is already running merges the new files itself.
    """
    tell("merging the new files")
    before = len(store.file_swap().live_files())
    try:
        outcomes = compaction.run(store, lambda rows: tell(f"merging, {rows:,} rows")) or []
        refused = tuple(
            f"{each.dataset} {each.label}: {each.reason}"
            for each in outcomes
            if isinstance(each, Refused)
        )
    except (DiskFailed, NoRoom, StoreBusy, StoreUnavailable) as error:
        refused = (str(error),)
    return MergedFiles(before, len(store.file_swap().live_files()), refused)
