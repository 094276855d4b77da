"""A finding for each file in `stray/`."""

from collections.abc import Iterator

from raytrail.commands.plurals import counted
from raytrail.doctor.finding import Finding, Grade
from store import strays
from store.store import Store
from store.strays import Stray


def examine(store: Store) -> Iterator[Finding]:
    for each in strays.listed(store):
        yield Finding(
            about="stray",
            grade=Grade.WRONG,
            alarm=each.file.alarm,
            text=f"{each.file.original}: {what(each)}",
            means="the catalog does not know this file, so no question reads it",
            helps=f"`raytrail stray list`; `raytrail stray drop {each.file.id}` deletes it",
        )


def what(stray: Stray) -> str:
    """What the file is, as far as it tells."""
    part = stray.part
    if part is None:
        return f"{stray.file.bytes:,} bytes, not a readable Parquet file"
    return f"{counted(part.rows, 'row')} of {part.dataset}, {part.day}"
