"""The files of `ledger/`: every entry as a line, in files named by their first sequence number.

The newest file alone may end in a torn line, which a killed process or a power cut left. Such a
line is left out here, and replaced by the next entry that is appended.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from store.errors import StoreDamaged
from store.files.durable import disk_errors
from store.files.layout import Layout
from store.ledger.entry import End, Entry
from store.ledger.line import LineDamaged, decode

SUFFIX = ".ndjson"

# A new file is begun past this size. Large against a line (a batch has 900 bytes), small enough
# to be read or copied within a second.
FILE_BYTES_MAX = 64 * 1024 * 1024

# How much of a file's end is read first to find its last line; it grows until the line is whole.
TAIL_BYTES = 8 * 1024


@dataclass(frozen=True, slots=True)
class Tail:
    """Where a file ends: its last sound entry, and how many bytes lead up to its end."""

    end: End
    bytes: int


def file_name(first_sequence: int) -> str:
    return f"{first_sequence:012d}{SUFFIX}"


def ledger_files(layout: Layout) -> list[Path]:
    """The files, oldest first; none if the ledger was never begun, or is missing."""
    return sorted(layout.ledger.glob(f"*{SUFFIX}"))


def read_entries(layout: Layout) -> Iterator[Entry]:
    """Every entry, oldest first, each compared with its digests and with the entry before it.

    A torn last line is left out. Raises StoreDamaged at a line that is damaged, missing or out of
    order; the entries before it were yielded.
    """
    end, paths = End(), ledger_files(layout)
    for path in paths:
        for entry in _read(path, is_newest=path == paths[-1]):
            if entry.sequence != end.sequence + 1 or entry.previous != end.digest:
                raise StoreDamaged(
                    f"ledger/{path.name}: entry {entry.sequence} does not follow"
                    f" entry {end.sequence}"
                )
            yield entry
            end = entry.end


def _read(path: Path, *, is_newest: bool) -> Iterator[Entry]:
    with disk_errors(f"reading ledger/{path.name}"), path.open("rb") as file:
        line = file.readline()
        number = 1
        while line:
            following = file.readline()
            try:
                entry = decode(line)
            except LineDamaged as error:
                if is_newest and not following:
                    return
                raise StoreDamaged(f"ledger/{path.name}: line {number}: {error}") from error
            yield entry
            line, number = following, number + 1
