"""A JSON object taken apart is the same object, byte for byte."""

import json
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema.fields.members import elements, members, name_of, object_of, slice_of

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
KEYS = st.text(st.characters(exclude_categories=["Cs"]))
SPACES = st.sampled_from(["", " ", "\t", "\r\n", " \t\r\n "])
PAIRS = st.lists(st.tuples(KEYS, VALUES), max_size=6)


@st.composite
def written(draw: st.DrawFn, value: object) -> str:
    """Any way to write a value: with or without escapes, spread out or not."""
    return json.dumps(
        value,
        ensure_ascii=draw(st.booleans()),
        separators=(draw(SPACES) + "," + draw(SPACES), draw(SPACES) + ":" + draw(SPACES)),
    )


@st.composite
def sent_objects(draw: st.DrawFn) -> tuple[bytes, list[tuple[str, str]]]:
    """An object's text, and the key and value texts it was put together from."""
    pairs = [(draw(written(key)), draw(written(value))) for key, value in draw(PAIRS)]
    body = ",".join(
        f"{draw(SPACES)}{key}{draw(SPACES)}:{draw(SPACES)}{value}{draw(SPACES)}"
        for key, value in pairs
    )
    text = f"{draw(SPACES)}{{{body or draw(SPACES)}}}{draw(SPACES)}"
    return text.encode(), pairs


@given(sent_objects())
def test_each_member_is_the_very_bytes_it_was_sent_as(
    sent: tuple[bytes, list[tuple[str, str]]],
) -> None:
    text, pairs = sent

    assert members(text) == [(key[1:-1].encode(), value.encode()) for key, value in pairs]


@given(sent_objects())
def test_members_put_together_again_are_what_the_parser_sees(
    sent: tuple[bytes, list[tuple[str, str]]],
) -> None:
    text, pairs = sent
    again = object_of(map(slice_of, members(text)))

    assert orjson.loads(again or "{}") == orjson.loads(text)
    assert [name_of(key) for key, _ in members(text)] == [json.loads(key) for key, _ in pairs]


@given(st.lists(VALUES, max_size=5), st.data())
def test_each_element_of_an_array_is_the_very_bytes_it_was_sent_as(
    values: list[Any], data: st.DataObject
) -> None:
    texts = [data.draw(written(value)) for value in values]
    space = data.draw(SPACES)

    array = f"{space}[{space}{f'{space},{space}'.join(texts)}{space}]{space}".encode()

    assert elements(array) == [text.encode() for text in texts]


def test_a_key_is_compared_by_what_it_means() -> None:
    ((key, value),) = members(rb'{"Ray\u0049D": "\u0049"}')

    assert (key, value) == (rb"Ray\u0049D", rb'"\u0049"')
    assert name_of(key) == "RayID"


@pytest.mark.parametrize(
    "value",
    [b'"}"', b'"\\""', b'"\\\\"', b'{"a":"]"}', b'[{"a":["}",{}]},"{"]', b"[[[[[]]]]]", b"-0.0e-0"],
)
def test_brackets_and_quotes_inside_strings_end_nothing(value: bytes) -> None:
    text = b'{"first":' + value + b',"second":' + value + b"}"
    orjson.loads(text)

    assert members(text) == [(b"first", value), (b"second", value)]


def test_equal_names_are_all_given_in_order() -> None:
    assert members(b'{"a":1,"b":2,"a":3}') == [(b"a", b"1"), (b"b", b"2"), (b"a", b"3")]


@pytest.mark.parametrize("depth", [1, 2, 1023])
def test_nesting_costs_no_recursion(depth: int) -> None:
    value = b"[" * depth + b"]" * depth
    text = b'{"deep":' + value + b"}"
    orjson.loads(text)

    assert members(text) == [(b"deep", value)]


@pytest.mark.parametrize(
    "value",
    [
        b"[[]]",
        b'{"a":{}}',
        b'"\\\\"',
        b'"' + b"\\\\" * 200_000 + b'"',
        b"[" + b"[[]]," * 50_000 + b"0]",
    ],
    ids=["arrays", "objects", "escapes", "long text", "long array"],
)
def test_a_line_at_the_limit_takes_time_in_proportion_to_its_length(value: bytes) -> None:
    """Quadratic time on any of these would be minutes."""
    count = 2**20 // (len(value) + 5)
    text = b"{" + b",".join([b'"a":' + value] * count) + b"}"
    orjson.loads(text)

    assert members(text) == [(b"a", value)] * count


def test_no_members_make_no_object() -> None:
    assert object_of([]) is None
