"""Reading `ledger/`: whole, torn at its end, and damaged in the middle."""

from datetime import datetime
from pathlib import Path

import pytest

from store.errors import StoreDamaged
from store.files.layout import Layout
from store.ledger import ledger_files
from store.ledger.entry import End, Entry
from store.ledger.ledger_files import file_name, read_entries
from store.ledger.line import LineDamaged, decode, encode

NOON = datetime(2026, 11, 22, 12)  # noqa: DTZ001 (as the store's clock has it)


def chained(number: int) -> list[Entry]:
    found = [Entry.after(End(), "batch", NOON, {"batch_id": "0", "rows": None})]
    while len(found) < number:
        payload = {"batch_id": str(len(found)), "dataset": "http_requests"}
        found.append(Entry.after(found[-1].end, "batch", NOON, payload))
    return found


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    found = Layout(tmp_path)
    found.ledger.mkdir()
    return found


def write(layout: Layout, entries: list[Entry], end: bytes = b"") -> Path:
    path = layout.ledger / file_name(entries[0].sequence)
    path.write_bytes(b"".join(map(encode, entries)) + end)
    return path


def test_a_line_is_canonical_json_with_header_and_payload() -> None:
    [entry] = chained(1)

    assert encode(entry) == (
        b'{"digest":"' + entry.digest.encode() + b'","header":{"kind":"batch","payload_sha256":'
        b'"17aab9dc1ce339eb71dc9eaaca43251e4cba01aedc2274e3f6d1d872e65e0836"'
        b',"previous":"' + b"0" * 64 + b'","recorded_at":"2026-11-22T12:00:00.000000Z",'
        b'"sequence":1},"payload":{"batch_id":"0","rows":null}}\n'
    )
    assert decode(encode(entry)) == entry


def test_a_line_with_any_byte_changed_is_damaged() -> None:
    line = encode(chained(2)[1])

    for place in range(len(line)):
        changed = bytearray(line)
        changed[place] ^= 1
        with pytest.raises(LineDamaged):
            decode(bytes(changed))


def test_a_ledger_that_was_never_begun_has_no_entries(tmp_path: Path) -> None:
    assert list(read_entries(Layout(tmp_path))) == []


def test_entries_come_back_in_order_from_several_files(layout: Layout) -> None:
    entries = chained(5)
    write(layout, entries[:2])
    write(layout, entries[2:])

    assert list(read_entries(layout)) == entries


@pytest.mark.parametrize("end", [b'{"digest":"ab', b"\0" * 100, b"torn\n"])
def test_a_torn_last_line_is_left_out(layout: Layout, end: bytes) -> None:
    write(layout, chained(2), end)

    assert list(read_entries(layout)) == chained(2)


def test_lines_that_a_power_cut_may_have_damaged_are_left_out(layout: Layout) -> None:
    """None of them was synced, so a later one may be whole."""
    entries = chained(3)
    write(layout, entries).write_bytes(encode(entries[0]) + b"{}\n" + encode(entries[2]))

    assert list(read_entries(layout)) == entries[:1]


def test_a_damaged_line_before_many_others_is_an_error_that_names_it(
    layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger_files, "UNSYNCED_LINES_MAX", 1)
    entries = chained(3)
    path = write(layout, entries)
    path.write_bytes(encode(entries[0]) + b"{}\n" + encode(entries[2]))

    with pytest.raises(StoreDamaged, match=r"^ledger/000000000001\.ndjson: line 2: it is not an"):
        list(read_entries(layout))


def test_an_older_file_that_is_torn_is_an_error(layout: Layout) -> None:
    entries = chained(4)
    write(layout, entries[:2], b"torn")
    write(layout, entries[2:])

    with pytest.raises(StoreDamaged, match="line 3"):
        list(read_entries(layout))


def test_a_missing_file_is_an_error(layout: Layout) -> None:
    entries = chained(4)
    write(layout, entries[:1])
    write(layout, entries[2:])

    with pytest.raises(StoreDamaged, match="entry 3 does not follow entry 1"):
        list(read_entries(layout))
