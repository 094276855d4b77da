"""Lines are cut at newlines only, wherever the chunks were cut."""

from collections.abc import Iterable, Iterator

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from schema.body import lines
from schema.body.lines import BOM, LINE_BYTES_MAX, OVERLONG_BYTES_KEPT, Line, lines_of
from schema.body.record_blocks import record_blocks as cut_body

PIECES = st.sampled_from(
    [b"\n", b"\r", b" ", b"a", b"{}", BOM, b"\x00", b"\x85", b"\x1c", b"0123456"]
)


def split_lines(chunks: Iterable[bytes]) -> list[Line]:
    return [line for block in cut_body(chunks) for line in lines_of(block)]


def contents(*chunks: bytes) -> list[bytes]:
    return [line.content for line in split_lines(chunks)]


@given(st.lists(PIECES).map(b"".join), st.data())
@example(b"", None)
def test_where_the_chunks_were_cut_does_not_matter(body: bytes, data: st.DataObject | None) -> None:
    places = st.lists(st.integers(0, len(body)))
    cuts = sorted(data.draw(places)) if data else []
    chunks = [body[a:b] for a, b in zip([0, *cuts], [*cuts, len(body)], strict=True)]

    with pytest.MonkeyPatch.context() as patch:
        # Small enough that the limit falls inside these bodies.
        patch.setattr(lines, "LINE_BYTES_MAX", 6)
        patch.setattr(lines, "OVERLONG_BYTES_KEPT", 2)
        found = split_lines(chunks)

    expected = body.removeprefix(BOM).split(b"\n")
    if not expected[-1]:
        expected.pop()
    assert [line.number for line in found] == list(range(1, len(expected) + 1))
    assert [line.length for line in found] == [len(line) for line in expected]
    assert [line.content for line in found] == [
        line if len(line) <= 6 else line[:2] for line in expected
    ]


def test_only_a_newline_ends_a_line() -> None:
    separators = "\r\v\f\x1c\x1d\x1e\x85\u2028\u2029".encode()

    assert contents(b"a" + separators + b"b\nc\r\nd") == [b"a" + separators + b"b", b"c\r", b"d"]


@pytest.mark.parametrize("cut", range(5))
def test_one_byte_order_mark_is_stripped_at_the_start_only(cut: int) -> None:
    body = BOM + b"a\n" + BOM + b"b"

    assert contents(body[:cut], body[cut:]) == [b"a", BOM + b"b"]


@pytest.mark.parametrize(("body", "expected"), [(b"", []), (BOM, []), (BOM[:2], [BOM[:2]])])
def test_very_short_bodies_are_split_into_lines(body: bytes, expected: list[bytes]) -> None:
    assert contents(body) == expected
    assert contents(*(body[i : i + 1] for i in range(len(body)))) == expected


def test_a_line_at_the_limit_is_whole_and_one_over_is_not() -> None:
    whole, over = b"x" * LINE_BYTES_MAX, b"y" * (LINE_BYTES_MAX + 1)

    first, second, third = split_lines([whole + b"\n" + over + b"\nz"])

    assert first == Line(1, whole, LINE_BYTES_MAX)
    assert not first.is_overlong
    assert second == Line(2, b"y" * OVERLONG_BYTES_KEPT, LINE_BYTES_MAX + 1)
    assert second.is_overlong
    assert third == Line(3, b"z", 1)


def test_a_line_without_an_end_is_counted_not_kept() -> None:
    """Keeping it, or joining it again at each chunk, would take minutes or all memory."""

    def endless() -> Iterator[bytes]:
        chunk = b"x" * 2**14
        yield from (chunk for _ in range(2**14))
        yield b"\nnext"

    first, second = split_lines(endless())

    assert (len(first.content), first.length) == (OVERLONG_BYTES_KEPT, 2**28)
    assert second == Line(2, b"next", 4)


@pytest.mark.parametrize("content", [b"", b" ", b"\t\r ", b"\r"])
def test_a_line_of_json_space_is_blank(content: bytes) -> None:
    assert Line(1, content, len(content)).is_blank


@pytest.mark.parametrize("content", [b"{}", b"\x00", b"\x0b", b"\xc2\xa0"])
def test_anything_else_in_a_line_is_not_blank(content: bytes) -> None:
    assert not Line(1, content, len(content)).is_blank


def test_an_overlong_line_of_spaces_is_not_passed_over_as_blank() -> None:
    (line,) = split_lines([b" " * (LINE_BYTES_MAX + 1)])

    assert not line.is_blank
