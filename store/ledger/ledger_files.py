"""The files of `ledger/`: every entry as a line, in files named by their first sequence number.

A power cut may damage the lines of the newest file that were not synced yet, and may leave a later
one whole. Nobody was told that these are kept. They are left out here, and replaced when the next
entry is appended.
"""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from store.errors import StoreDamaged
from store.files.disk_errors import disk_errors
from store.files.layout import Layout
from store.ledger.entry import End, Entry
from store.ledger.line import LineDamaged, decode

SUFFIX = ".ndjson"

# More than the receipts that wait for a sync at once: some forty in each receiver.
UNSYNCED_LINES_MAX = 256


def file_name(first_sequence: int) -> str:
    return f"{first_sequence:012d}{SUFFIX}"


def ledger_files(layout: Layout) -> list[Path]:
    """The files, oldest first; none if the ledger was never begun, or is missing."""
    try:
        # Every receipt asks, and a glob takes ten times as long.
        names = [path.name for path in layout.ledger.iterdir()]
    except FileNotFoundError:
        return []
    return [layout.ledger / name for name in sorted(names) if name.endswith(SUFFIX)]


def read_entries(layout: Layout) -> Iterator[Entry]:
    """Every entry, oldest first, each compared with its digests and with the entry before it.

    What a power cut may have damaged is left out. Raises StoreDamaged at a line that is damaged, missing or out of
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
        for number, line in enumerate(file, 1):
            try:
                entry = decode(line)
            except LineDamaged as error:
                following = sum(1 for _ in islice(file, UNSYNCED_LINES_MAX))
                if is_newest and following < UNSYNCED_LINES_MAX:
                    return
                raise StoreDamaged(f"ledger/{path.name}: line {number}: {error}") from error
            yield entry
