"""Compares the footer of a file with the catalog for a question, without loading pyarrow.

Our keys are near the end of a Parquet file, so they are searched there instead of decoding all of
its metadata: 30 microseconds a file. Only pyarrow may call a file another one than the catalog
names: bytes that merely look like our keys cost time, and no answer.
"""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from store.errors import FileUnreadable, StoreDamaged, StoreTooNew
from store.files import trouble
from store.files.trouble import Trouble, TroubleKind
from store.parquet.footer import Footer, NamedFile

# The last bytes of every Parquet file.
MAGIC = b"PAR1"
# They follow the length of the metadata.
_END_BYTES = 4 + len(MAGIC)

# Behind our keys are the writer's name and two bytes for each column; a list of merged files may
# need more.
TAIL_BYTES = 8 * 1024

# Each key-value pair is a Thrift structure with two texts. We write this key first.
_FIRST_KEY = b"\x18\x0fraytrail.format\x18"
_TEXT, _END_OF_PAIR = 0x18, 0x00


class FooterMark(NamedTuple):
    """By what a footer is known again: the last `bytes` of the file, which are its metadata, their
    length and MAGIC, and the SHA-256 of them.
    """

    bytes: int
    sha256: str


def mark_of(path: Path) -> FooterMark | None:
    """None for a file that does not end as Parquet does. OSError as of reading it."""
    with path.open("rb", buffering=0) as file:
        size = os.fstat(file.fileno()).st_size
        end = _last(file.fileno(), size, _END_BYTES)
        length = int.from_bytes(end[: -len(MAGIC)], "little") + _END_BYTES
        if not end.endswith(MAGIC) or length > size:
            return None
        return FooterMark(length, hashlib.sha256(_last(file.fileno(), size, length)).hexdigest())


def footer_columns(mark: FooterMark | None) -> dict[str, int | str | None]:
    """A mark as the columns of `files` have it."""
    length, sha256 = mark or (None, None)
    return {"footer_bytes": length, "footer_sha256": sha256}


def trouble_of(named: NamedFile) -> Trouble | None:
    """Why a file cannot be the one that the catalog names; None if it may be."""
    try:
        metadata = _metadata(named.path)
    except OSError as error:
        return Trouble.of(error)
    if metadata is None:
        return trouble.CHANGED
    try:
        footer = Footer.read(named.path.name, metadata)
        is_right = not any(footer.differences(named))
    except (StoreDamaged, StoreTooNew):
        is_right = False
    return None if is_right else _confirmed(named)


def _confirmed(named: NamedFile) -> Trouble | None:
    # Late: a question whose files are right does not load pyarrow for this.
    from store.parquet.file_reader import footer_of, read_metadata  # noqa: PLC0415

    try:
        footer = footer_of(named.path.name, read_metadata(named.path))
    except FileUnreadable:
        return trouble.NOT_PERMITTED
    except (StoreDamaged, StoreTooNew) as error:
        return Trouble(TroubleKind.DAMAGED, f"is not what was written: {error}")
    differences = "; ".join(footer.differences(named))
    if not differences:
        return None
    return Trouble(TroubleKind.DAMAGED, f"is another file than was written: {differences}")


def _metadata(path: Path) -> dict[bytes, bytes] | None:
    """The keys and values from our first key on; None if the file does not end as Parquet does."""
    with path.open("rb", buffering=0) as file:
        size = os.fstat(file.fileno()).st_size
        tail = _last(file.fileno(), size, TAIL_BYTES)
        if not tail.endswith(MAGIC):
            return None
        length = int.from_bytes(tail[-_END_BYTES : -len(MAGIC)], "little") + _END_BYTES
        at = tail.rfind(_FIRST_KEY)
        if at < 0 and len(tail) < length <= size:
            tail = _last(file.fileno(), size, length)
            at = tail.rfind(_FIRST_KEY)
    try:
        return {} if at < 0 else dict(_pairs(tail, at))
    except IndexError:
        return {}


def _last(fd: int, size: int, wanted: int) -> bytes:
    start = max(size - wanted, 0)
    return os.pread(fd, size - start, start)


def _pairs(held: bytes, at: int) -> Iterator[tuple[bytes, bytes]]:
    while held[at] == _TEXT:
        key, at = _text(held, at + 1)
        if held[at] != _TEXT:
            return
        value, at = _text(held, at + 1)
        yield key, value
        if held[at] != _END_OF_PAIR:
            return
        at += 1


def _text(held: bytes, at: int) -> tuple[bytes, int]:
    """A text that begins with its length: seven bits in each byte, the lowest first."""
    length = shift = 0
    while True:
        byte = held[at]
        at += 1
        length |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:  # noqa: PLR2004
            break
    return held[at : at + length], at + length
