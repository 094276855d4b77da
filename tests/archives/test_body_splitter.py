"""Files are split into bodies at line ends, depending only on their bytes."""

import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archives.body_splitter import bodies, body_bytes, pieces
from schema.errors import BodyDamaged, BodyUnreadable

LINES = st.lists(st.binary(max_size=30).map(lambda line: line.replace(b"\n", b" ")), max_size=30)
SIZES = st.integers(40, 200)


def chunked(content: bytes, cuts: list[int]) -> list[bytes]:
    places = sorted(min(cut, len(content)) for cut in cuts)
    ends = [*places, len(content)]
    return [content[a:b] for a, b in zip([0, *places], ends, strict=True)]


@given(LINES, SIZES, st.lists(st.integers(0, 900)), st.booleans())
def test_bodies_are_whole_lines_and_do_not_depend_on_read_sizes(
    lines: list[bytes], size: int, cuts: list[int], is_gzip: bool
) -> None:
    plain = b"".join(line + b"\n" for line in lines)
    content = gzip.compress(plain, mtime=0) if is_gzip else b"\n" + plain
    expected = plain if is_gzip else b"\n" + plain

    found = list(bodies(chunked(content, cuts), size))

    assert found == list(bodies([content], size))
    unpacked = [gzip.decompress(body) for body in found]
    assert b"".join(unpacked) == expected
    assert all(body.endswith(b"\n") for body in unpacked)
    assert all(len(body) >= size for body in unpacked[:-1])
    assert all(len(body) < size + 31 for body in unpacked)


@given(LINES, SIZES, st.lists(st.integers(0, 900)))
def test_pieces_are_whole_lines(lines: list[bytes], size: int, cuts: list[int]) -> None:
    plain = b"\n" + b"".join(line + b"\n" for line in lines) + b"last"

    found = list(pieces(chunked(plain, cuts), size))

    assert b"".join(found) == plain
    assert all(piece.endswith(b"\n") for piece in found[:-1])


def test_bodies_before_the_damage_are_returned() -> None:
    whole = gzip.compress(b"".join(b"line %d\n" % number for number in range(10_000)), mtime=0)
    found = list[bytes]()

    with pytest.raises(BodyDamaged):
        found.extend(bodies([whole[:-1000]], 1000))

    assert gzip.decompress(found[0]).startswith(b"line 0\n")


def test_a_line_longer_than_a_body_cannot_be_split() -> None:
    with pytest.raises(BodyUnreadable, match="no line ends"):
        list(bodies([b"a" * 500], 100))


def test_bodies_leave_room_under_a_lower_limit() -> None:
    assert body_bytes(1000) == 500
    assert body_bytes(10**12) == 64 * 2**20
