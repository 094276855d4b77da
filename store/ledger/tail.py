"""The end of the ledger's files, found without reading them whole."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import BinaryIO

import orjson

from store.errors import StoreDamaged
from store.files.disk_errors import disk_errors
from store.files.layout import Layout
from store.ledger.entry import GENESIS, End, Entry
from store.ledger.ledger_files import UNSYNCED_LINES_MAX, ledger_files
from store.ledger.line import LineDamaged, decode

# How much of a file's end is read first; more is read until a whole line is found.
TAIL_BYTES = 8 * 1024

# Entries whose line is written before their commit, so that a crash may leave it alone.
RECEIPTS = frozenset({"batch", "resend"})


@dataclass(frozen=True, slots=True)
class Tail:
    """`bytes` of the newest file, `path`, are lines up to `entry`; what follows is no entry.

    `entry` is None before the first one.
    """

    path: Path
    bytes: int
    entry: Entry | None

    @property
    def end(self) -> End:
        return self.entry.end if self.entry else End(0, GENESIS)


def tail(layout: Layout, before: int | None = None, unsynced: int = 1) -> Tail | None:
    """The last entry, or the last one with a sequence below `before`; None without any file.

    Of the newest `unsynced` lines, those from the first damaged one on are left out. Raises
    StoreDamaged at any other damaged line that is read.
    """
    paths = ledger_files(layout)
    if not paths:
        return None
    for path, end, entry in _backward(paths, unsynced):
        if before is None or entry.sequence < before:
            return Tail(paths[-1], end if path == paths[-1] else 0, entry)
    return Tail(paths[-1], 0, None)


def entries_backward(layout: Layout) -> Iterator[Entry]:
    """Every entry, the newest first, as `tail` reads them at a start."""
    backward = _backward(ledger_files(layout), UNSYNCED_LINES_MAX)
    return (entry for _, _, entry in backward)


def newest_act(layout: Layout, after: int) -> int | None:
    """The number of the newest entry behind `after` that is more than a receipt, if there is one.

    For readers: lines are not compared with their digests, and one that is no line is passed over.
    """
    for path in reversed(ledger_files(layout)):
        with disk_errors(f"reading ledger/{path.name}"), path.open("rb") as file:
            for _, line in _lines_backward(file):
                try:
                    header = orjson.loads(line)["header"]
                    sequence, kind = int(header["sequence"]), header["kind"]
                except (orjson.JSONDecodeError, KeyError, TypeError, ValueError):
                    continue
                if sequence <= after:
                    return None
                if kind not in RECEIPTS:
                    return sequence
    return None


def _backward(paths: Sequence[Path], unsynced: int) -> Iterator[tuple[Path, int, Entry]]:
    """Each entry, with its file and where its line ends, the newest first."""
    for path in reversed(paths):
        with disk_errors(f"reading ledger/{path.name}"), path.open("rb") as file:
            lines = ((start + len(line), _read(line)) for start, line in _lines_backward(file))
            newest = list(islice(lines, unsynced if path == paths[-1] else 0))
            damaged = [number for number, (_, read) in enumerate(newest) if _is_damaged(read)]
            kept = newest[damaged[-1] + 1 :] if damaged else newest
            for end, read in chain(kept, lines):
                if isinstance(read, LineDamaged):
                    raise StoreDamaged(f"ledger/{path.name}: line to byte {end}: {read}") from read
                yield path, end, read


def _read(line: bytes) -> Entry | LineDamaged:
    try:
        return decode(line)
    except LineDamaged as error:
        return error


def _is_damaged(read: Entry | LineDamaged) -> bool:
    return isinstance(read, LineDamaged)


def _lines_backward(file: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Each line and where it begins, the last one first."""
    start, held = file.seek(0, 2), b""
    while start or held:
        cut = held.rfind(b"\n", 0, -1)
        if cut < 0 and start:
            step = min(start, max(TAIL_BYTES, len(held)))
            start -= step
            file.seek(start)
            held = file.read(step) + held
            continue
        yield start + cut + 1, held[cut + 1 :]
        held = held[: cut + 1]
