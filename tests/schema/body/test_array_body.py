"""The elements of an array are its lines, and damage costs one of them, not the rest."""

import json
from collections.abc import Iterable
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from schema.body import array_body, lines, long_element
from schema.body.array_body import LEADING_SPACE_BYTES_MAX, is_array_of_records
from schema.body.lines import BOM, LINE_BYTES_MAX, OVERLONG_BYTES_KEPT, Line, lines_of
from schema.body.record_blocks import record_blocks
from tests.schema.strategies import TEXT, VALUES


def read(chunks: Iterable[bytes]) -> list[Line]:
    return [line for block in record_blocks(chunks) for line in lines_of(block)]


def contents(body: bytes) -> list[bytes]:
    found = read([body])
    assert [line.number for line in found] == list(range(1, len(found) + 1))
    assert all(line.length == len(line.content) or line.is_overlong for line in found)
    return [line.content for line in found]


@pytest.mark.parametrize(
    ("body", "elements"),
    [
        (b"[]", []),
        (b" [ \n ] \n", []),
        (b"[{}]", [b"{}"]),
        (b'[{"a":1},{"b":[1,{"c":"],"}]},{"d":"\\"]"}]', None),
        (b'[{"a":1},\n{"a":2},\n{"a":3}\n]\n', None),
        (b'[\r\n{"a":1},\r\n{"a":2}\r\n]\r\n', None),
        (b'\t[ {"a":1} , {"a":2} ]', None),
        (BOM + b'[{"a":1}]', [b'{"a":1}']),
        (b'[\n  {\n    "a": 1\n  },\n  {\n    "a": 2\n  }\n]\n', None),
        (b'[{"a":{"b":{"c":{"d":{"e":[[[[{}]]]]}}}}},{}]', None),
        (b'[{"a":1},2,"x,y",null,[3]]', None),
    ],
)
def test_each_element_is_a_line(body: bytes, elements: list[bytes] | None) -> None:
    found = contents(body)

    if elements is None:
        assert [json.loads(line) for line in found] == json.loads(body)
    else:
        assert found == elements


def test_an_element_keeps_the_bytes_it_was_sent_as() -> None:
    assert contents(b'[ {"a" : 1.0} ,{\n"b":\t2\r\n}\t]') == [
        b'{"a" : 1.0}',
        b'{\n"b":\t2\r\n}',
    ]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"[{},]", [b"{}"]),
        (b"[{},\n]\n", [b"{}"]),
        (b"[{},,{}]", [b"{}", b"", b"{}"]),
        (b'[{"a":1}', [b'{"a":1}']),
        (b'[{"a":1},', [b'{"a":1}']),
        (b'[{"a":1},{"b":', [b'{"a":1}', b'{"b":']),
        (b'[{"a":1} {"b":2},{}]', [b'{"a":1} {"b":2}', b"{}"]),
        (b'[{"a":1}}},{}]', [b'{"a":1}}}', b"{}"]),
        (b'[{"a":"b\n{"c":1},{"d":2}]', [b'{"a":"b', b'{"c":1}', b'{"d":2}']),
        (b'[{"a":"b\n,{"c":1}]', [b'{"a":"b', b'{"c":1}']),
        (b'[{"a":"b\\\n{"c":1}]', [b'{"a":"b\\', b'{"c":1}']),
        (b'[{"a":1,"b\n\n,,{"c":1}]', [b'{"a":1,"b', b"", b'{"c":1}']),
    ],
)
def test_damage_costs_one_element(body: bytes, expected: list[bytes]) -> None:
    assert contents(body) == expected


@pytest.mark.parametrize(
    ("rest", "expected"),
    [
        (b"", []),
        (b" \r\n", []),
        (b"\n\n", [b""]),
        (b'\n{"b":2}\nx', [b'{"b":2}', b"x"]),
        (b' {"b":2}\n', [b'{"b":2}\n'.strip()]),
        (b'[{"b":2},{}]', [b'{"b":2}', b"{}"]),
        (b'\r\n [\n{"b":2}\n] \n[]\n[{}]\nx', [b'{"b":2}', b"{}", b"x"]),
        (b"[1,{}]", [b"[1,{}]"]),
        (b',[{"b":2}]', [b',[{"b":2}]']),
        (b"]", [b"]"]),
    ],
)
def test_what_follows_the_array_is_read_as_another_array_or_as_lines(
    rest: bytes, expected: list[bytes]
) -> None:
    assert contents(b'[{"a":1}]' + rest) == [b'{"a":1}', *expected]


@pytest.mark.parametrize(
    "body", [b"[1,2]\n{}", b'["a"]\n', b"[[{}]]\n", b"[\n", b"[", b"[ x", b"[,{}]", b"[null]"]
)
def test_an_array_of_anything_else_is_a_line_of_an_ordinary_body(body: bytes) -> None:
    assert contents(body) == body.removesuffix(b"\n").split(b"\n")


def test_a_body_that_begins_with_endless_space_is_read_as_lines() -> None:
    few, many = b" " * (LEADING_SPACE_BYTES_MAX - 2), b" " * LEADING_SPACE_BYTES_MAX

    assert [line.content for line in read([few, b"[{}", b",{}]"])] == [b"{}", b"{}"]
    assert [line.content for line in read([many, b"[{}", b",{}]"])] == [many + b"[{},{}]"]


@pytest.mark.parametrize(
    ("start", "told"),
    [
        (b"", None),
        (b" \n", None),
        (b"[", None),
        (b" [\r\n", None),
        (b"[{", True),
        (b"[]", True),
        (b"\n[ \n{", True),
        (b"{", False),
        (b"[[", False),
        (b"[1", False),
        (b"x", False),
        (BOM + b"[{", False),
    ],
)
def test_an_array_is_told_by_its_first_two_characters(start: bytes, told: bool | None) -> None:
    assert is_array_of_records(start) is told


def test_an_element_at_the_limit_is_whole_and_one_over_is_not() -> None:
    whole = b'{"a":"%s"}' % (b"x" * (LINE_BYTES_MAX - 8))
    over = b'{"a":"%s"}' % (b"y" * (LINE_BYTES_MAX - 7))

    first, second, third = read([b"[" + whole + b",", over + b",{}]"])

    assert first == Line(1, whole, LINE_BYTES_MAX)
    assert second == Line(2, over[:OVERLONG_BYTES_KEPT], LINE_BYTES_MAX + 1)
    assert third == Line(3, b"{}", 2)


RECORDS = st.lists(st.dictionaries(TEXT, VALUES, max_size=3), min_size=1, max_size=6)


@given(
    RECORDS,
    st.sampled_from([None, 0, 2]),
    st.sampled_from(["", " ", "\r\n", "\n\t"]),
    st.sampled_from([b"", b"\n"]),
)
def test_any_records_are_found_again(
    records: list[dict[str, Any]], indent: int | None, space: str, ends: bytes
) -> None:
    separators = (f"{space},{space}", f"{space}:{space}")
    body = json.dumps(records, indent=indent, separators=separators).encode() + ends

    assert [json.loads(line) for line in contents(body)] == records


TOKENS = st.sampled_from(
    [b"[", b"]", b"{", b"}", b",", b'"', b"\\", b"\n", b" ", b"a", b'{"a":1}', b'"b\n', b"[[{}]]"]
)
BODIES = st.lists(TOKENS, max_size=24).map(lambda tokens: b"[{" + b"".join(tokens))


@given(BODIES, st.data())
@example(b'[{"a":"\\\\"},{"b":1}]', None)
@example(b'[{"a":1}] \n[ {"b":1}] [] []x', None)
@example(b'[{"a":"\\"', None)
@example(b'[{"aaaaaaaaa\\"b":1},{}]', None)
@example(b'[{"a":1}           ,           {}, {"b":1}            x,{}]', None)
def test_where_the_chunks_are_cut_does_not_matter(body: bytes, data: st.DataObject | None) -> None:
    with pytest.MonkeyPatch.context() as patch:
        # Small enough that the limits fall inside these bodies.
        for module in (lines, long_element):
            patch.setattr(module, "LINE_BYTES_MAX", 9)
            patch.setattr(module, "OVERLONG_BYTES_KEPT", 3)
        patch.setattr(array_body, "LINE_BYTES_MAX", 9)
        whole = read([body])
        for place in range(len(body) + 1):
            assert read([body[:place], body[place:]]) == whole
        assert read(body[place : place + 1] for place in range(len(body))) == whole
        if data:
            cuts = sorted(data.draw(st.lists(st.integers(0, len(body)))))
            assert read(body[a:b] for a, b in pairwise([0, *cuts, len(body)])) == whole


BETWEEN = b"[], \t\r\n"


@given(BODIES)
def test_no_byte_is_lost_but_what_stands_between_elements(body: bytes) -> None:
    joined = b"".join(contents(body))

    assert joined.translate(None, BETWEEN) == body.translate(None, BETWEEN)


@given(BODIES, st.sampled_from([1, 12]))
def test_how_large_blocks_are_does_not_matter(body: bytes, block_bytes: int) -> None:
    whole = read([body])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(array_body, "BLOCK_BYTES", block_bytes)
        assert read([body]) == whole


@pytest.mark.parametrize(
    "body",
    [
        b"[" + b'{"a":' * 100_000,
        b"[{" * 250_000,
        b"[{" + b'"' * 500_000,
        b"[{" + b'"\\' * 250_000,
        b'[{"' + b'"\n' * 100_000,
        b"[" + b"{}," * 150_000,
        b"[{}" + b"," * 200_000,
        b"[{" + b"}" * 500_000,
    ],
    ids=lambda body: repr(body[:12]),
)
def test_a_hostile_array_takes_time_in_proportion_to_its_length(body: bytes) -> None:
    """Less than a second. A search that began again at each chunk would take minutes."""
    step = 2**8

    for _ in record_blocks(body[place : place + step] for place in range(0, len(body), step)):
        pass
