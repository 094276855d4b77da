"""What is said about published tables: after publishing, in `status`, and by `doctor`."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from publishing import catching_up, state
from publishing.publisher import Publisher
from publishing.state import PublishedState
from queries.escape import for_terminal
from raytrail.commands.plurals import counted
from raytrail.doctor.finding import Finding, Grade
from raytrail.setting_files.published_tables import Follower
from store.reading.shell.options import ShellOptions
from store.store import Store

MEANS = "engines see an earlier state of the store, or fail where its files are gone"


@dataclass(frozen=True, slots=True)
class Publication:
    """What is published, and why it is not what the store holds; an empty text if it is."""

    state: PublishedState
    behind: str

    def as_object(self) -> dict[str, Any]:
        return {**as_object(self.state), "behind": self.behind or None}

    def line(self) -> str:
        """For `status`."""
        tables = counted(len(self.state.tables), "table")
        rest = f"; behind: {for_terminal(self.behind)}" if self.behind else ""
        return f"published {tables}, as of ledger entry {self.state.sequence:,}{rest}"


def of_store(store: Store, root: Path | None) -> Publication | None:
    """None if nothing was ever published, or all of it was withdrawn.

    `root` is the data folder as engines see it, None if it is the same here.
    """
    found = state.read(store.layout)
    return None if found is None else Publication(found, _behind(store, root, found))


def examine(store: Store, options: ShellOptions) -> Iterator[Finding]:
    """For `doctor`. Tables that are published by hand may be behind."""
    found = of_store(store, options.root)
    if found is None:
        return
    follows = isinstance(options.tables, Follower) and options.tables.is_on
    behind = Grade.WRONG if follows or found.state.failure else Grade.NOTE
    yield Finding(
        about="published",
        grade=behind if found.behind else Grade.FINE,
        text=found.behind or found.line().partition(" ")[2],
        means=MEANS if found.behind else "",
        helps="`raytrail publish`; RAYTRAIL_PUBLISH=true lets the tables follow by themselves, and"
        " `raytrail publish --withdraw` deletes them"
        if found.behind
        else "",
    )
    for dataset, why in found.state.refused.items():
        yield Finding(
            about="published",
            grade=Grade.WRONG,
            dataset=dataset,
            text=why,
            means="this dataset has no published table",
        )


def as_object(found: PublishedState) -> dict[str, Any]:
    return {
        "sequence": found.sequence,
        "digest": found.digest,
        "published_at": found.published_at,
        "tables": {
            name: {**asdict(each), "folder": f"{found.root}/published/{name}"}
            for name, each in found.tables.items()
        },
        "refused": dict(found.refused),
    }


def lines(found: PublishedState) -> Iterator[str]:
    for name, each in found.tables.items():
        shown = f"{counted(each.files, 'file')}, {counted(each.rows, 'row')}"
        yield f"{name:20} {shown}: {for_terminal(found.root)}/published/{name}"
    if not found.tables and not found.refused:
        yield "no requests and no logins to publish"
    for name, why in found.refused.items():
        yield f"{name:20} not published: {why}"


def _behind(store: Store, root: Path | None, found: PublishedState) -> str:
    if found.failure:
        return found.failure
    publisher = Publisher(store=store, root=root)
    if catching_up.is_current(publisher, found):
        return ""
    if found.root != str(publisher.seen_root):
        return f"the data folder is {publisher.seen_root} now, and the tables name {found.root}"
    return "files of the store have changed since"
