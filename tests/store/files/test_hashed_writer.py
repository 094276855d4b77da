"""The draft of a part: what was written is read back and compared."""

import os
from pathlib import Path

import pytest

from store.errors import DiskFailed
from store.files import hashed_writer as sinks
from store.files.hashed_writer import HashedWriter


def test_bytes_written_in_any_pieces_are_read_back_unchanged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sinks, "BYTES_AT_ONCE", 4)
    sink = HashedWriter(tmp_path / "draft")

    for piece in (b"ab", b"", b"cdef", b"g"):
        assert sink.write(piece) == len(piece)
        sink.flush()
    digest = sink.verify()
    sink.close()

    assert (tmp_path / "draft").read_bytes() == b"abcdefg"
    assert (sink.bytes, len(digest)) == (7, 64)


def test_bytes_that_changed_on_disk_are_an_error(tmp_path: Path) -> None:
    sink = HashedWriter(tmp_path / "draft")
    sink.write(b"abc")
    sink.verify()
    fd = os.open(tmp_path / "draft", os.O_WRONLY)
    os.pwrite(fd, b"x", 1)
    os.close(fd)

    with pytest.raises(DiskFailed, match="reads back other bytes"):
        sink.verify()
    sink.close()


def test_a_closed_draft_refuses_writes_and_can_be_closed_again(tmp_path: Path) -> None:
    sink = HashedWriter(tmp_path / "draft")
    sink.close()
    sink.close()

    with pytest.raises(ValueError, match="closed"):
        sink.write(b"late")
