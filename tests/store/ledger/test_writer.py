"""Appending to the files of the ledger: their sizes, and what lies behind the tail."""

from pathlib import Path

import pytest

from store.files.layout import Layout
from store.ledger.ledger_files import ledger_files, read_entries
from store.ledger.line import encode
from store.ledger.tail import entries_backward, tail
from store.ledger.writer import LedgerWriter, begin
from tests.store.ledger.test_ledger_files import NOON, chained


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    return Layout(tmp_path)


def test_a_full_file_is_followed_by_one_named_by_its_first_entry(layout: Layout) -> None:
    entries = chained(10)
    with LedgerWriter(layout, begin(layout), file_bytes_max=1_000) as writer:
        writer.append(entries[:5])
        writer.append(entries[5:])
        writer.sync()

    names = [path.name for path in ledger_files(layout)]
    assert names[0] == "000000000001.ndjson"
    assert len(names) > 2
    assert list(read_entries(layout)) == entries
    assert list(entries_backward(layout)) == entries[::-1]
    for path in ledger_files(layout):
        assert path.read_bytes().startswith(encode(entries[int(path.stem) - 1]))


def test_the_tail_is_found_before_any_entry_and_across_files(layout: Layout) -> None:
    assert tail(layout) is None
    begun = begin(layout)
    assert tail(layout) == begun
    entries = chained(8)
    with LedgerWriter(layout, begun, file_bytes_max=1_000) as writer:
        writer.append(entries)

    for entry in entries:
        found = tail(layout, before=entry.sequence + 1)
        assert found is not None
        assert found.entry == entry


def test_a_long_line_is_read_whole_from_the_end(layout: Layout) -> None:
    [first, *_] = chained(1)
    long = type(first).after(first.end, "loaded", NOON, {"files": ["x" * 100] * 1_000})
    with LedgerWriter(layout, begin(layout)) as writer:
        writer.append([first, long])

    found = tail(layout)
    assert found is not None
    assert found.entry == long
