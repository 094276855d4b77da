"""`raytrail stray`: what the files in `stray/` are."""

from collections.abc import Iterator
from typing import Any

from queries.escape import for_terminal
from raytrail.doctor.strays import what
from store import timestamps
from store.strays import Stray


def as_object(stray: Stray) -> dict[str, Any]:
    file, part = stray.file, stray.part
    return {
        "id": file.id,
        "path": file.path,
        "original": file.original,
        "moved_at": timestamps.to_text(file.moved_at) if file.moved_at else None,
        "bytes": file.bytes,
        "dataset": part.dataset if part else None,
        "day": part.day if part else None,
        "rows": part.rows if part else None,
        "acknowledged": stray.acknowledged,
    }


def lines(stray: Stray) -> Iterator[str]:
    file = stray.file
    moved = f"moved here {file.moved_at:%Y-%m-%d %H:%M:%S}" if file.moved_at else "moved here"
    yield f"{file.id}  {for_terminal(file.original)}"
    yield f"    {for_terminal(what(stray))}; {file.bytes:,} bytes, {moved}"
    if stray.acknowledged is not None:
        yield f"    acknowledged: {for_terminal(stray.acknowledged)}"
