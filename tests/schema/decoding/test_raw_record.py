"""The short way to a member's bytes gives what the long way gives."""

import json

import orjson
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from schema.decoding.raw_record import HTML_ESCAPES, Compact, Scanned, sent

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)


@given(
    record=st.dictionaries(TEXT, VALUES, max_size=8),
    names=st.sets(TEXT),
    is_html_safe=st.booleans(),
    end=st.sampled_from([b"", b"\r"]),
)
@example(record={"&": "<\u2028", "a": [r"\u0026&"]}, names=set(), is_html_safe=True, end=b"")
def test_both_ways_agree_on_a_record_as_we_would_write_it(
    record: dict[str, object], names: set[str], *, is_html_safe: bool, end: bytes
) -> None:
    text = orjson.dumps(record) + end
    for character, escape in HTML_ESCAPES if is_html_safe else ():
        text = text.replace(character, escape)
    short, long = sent(orjson.loads(text), text), Scanned(text)

    assert isinstance(short, Compact)
    assert short.duplicates == long.duplicates == 0
    for name in record:
        assert short.raw(name) == long.raw(name)
    names |= set(list(record)[::2])
    assert short.left_over(names) == long.left_over(names)


@pytest.mark.parametrize(
    "text",
    [
        b'{"a": 1}',
        b'{"a":1.00}',
        b'{"a":1E2}',
        b'{"a":"\\u0041"}',
        b'{"\\u0061":1}',
        b'{"a":1,"a":1}',
        b'{"a":-0}',
        b'{"a":123456789012345678901}',
        rb'{"a":"&\u0026"}',
        rb'{"a":"\u003C"}',
        b'{"a":' + b"[" * 300 + b"]" * 300 + b"}",
    ],
)
def test_a_record_written_otherwise_is_searched_for_its_bytes(text: bytes) -> None:
    assert isinstance(sent(orjson.loads(text), text), Scanned)


def test_of_equal_names_the_last_counts_and_the_earlier_are_left_over() -> None:
    text = rb'{"a":1,"b":2,"\u0061":3,"a":4}'
    source = sent(orjson.loads(text), text)

    assert source.duplicates == 2
    assert source.raw("a") == b"4"
    assert source.left_over(set()) == [b'"a":1', rb'"\u0061":3']
    assert source.left_over({"a"}) == [b'"a":1', rb'"\u0061":3', b'"a":4']


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 9)), min_size=1))
def test_the_value_that_counts_is_the_one_the_parser_keeps(pairs: list[tuple[str, int]]) -> None:
    text = ("{" + ", ".join(f"{json.dumps(key)}:{value}" for key, value in pairs) + "}").encode()
    record = orjson.loads(text)
    source = sent(record, text)

    assert {name: int(source.raw(name)) for name in record} == record
    assert source.duplicates == len(pairs) - len(record)
    assert len(source.left_over(())) == source.duplicates
