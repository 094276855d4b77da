"""A body is recognised by the records it begins with, in whatever shape they come."""

import time

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema.dataset import datasets
from schema.recognition import RECOGNITION_BYTES_MAX, RECOGNITION_VALUES_MAX, recognised
from tests.factories import login, ndjson, record

RECORD = orjson.dumps(record())
PRINTED = orjson.dumps(record(), option=orjson.OPT_INDENT_2)


@pytest.mark.parametrize(
    "body",
    [
        RECORD,
        RECORD + b"\n" + RECORD,
        b"\xef\xbb\xbf" + RECORD,
        b"\r\n\n  " + RECORD,
        b'{"broken":\n' + RECORD,
        b'{"cut off": "in the mid\n' + RECORD,
        b'"text"\n17\nnull\n' + RECORD,
        b'{"a":1}\n' + RECORD,
        b"[" + RECORD + b"," + RECORD + b"]",
        b"[\n" + RECORD + b",\n" + RECORD + b"\n]",
        PRINTED,
        b"[\n" + PRINTED + b",\n" + PRINTED + b"\n]",
        RECORD + RECORD,
        RECORD + b"\n" + b"\xff\xfe\xff",
    ],
)
def test_a_record_tells_its_dataset_in_any_shape(body: bytes) -> None:
    assert recognised(body) == "http_requests"


@pytest.mark.parametrize(
    "body", [b"", b"\n", b"no json", b"[", b"[]", b"{}", b"[[]]", b'{"a":1}\n', b"a,b\n1,2\n"]
)
def test_what_has_no_known_record_is_nobodys(body: bytes) -> None:
    assert recognised(body) is None


def test_the_first_record_that_anybody_knows_decides() -> None:
    assert recognised(ndjson(login(), record())) == "access_requests"
    assert recognised(ndjson({"a": 1}, login(), record())) == "access_requests"


def test_only_so_many_values_are_looked_at() -> None:
    stranger = b'{"a":1}\n'

    assert recognised(stranger * (RECOGNITION_VALUES_MAX - 1) + RECORD) == "http_requests"
    assert recognised(stranger * RECOGNITION_VALUES_MAX + RECORD) is None


def test_only_so_many_bytes_are_looked_at() -> None:
    space = RECOGNITION_BYTES_MAX - len(RECORD)

    assert recognised(b" " * space + RECORD) == "http_requests"
    assert recognised(b" " * (space + 1) + RECORD) is None


@pytest.mark.parametrize(
    "start",
    [b"[", b"{", b'{"a":', b'"', b"[1,", b"1", b",", b'{"a":[', b"\n", b"[\n", b'{"a":1,\n', b"\\"],
)
def test_a_hostile_start_costs_next_to_nothing(start: bytes) -> None:
    def seconds(body: bytes) -> float:
        started = time.process_time()
        assert recognised(body) is None
        return time.process_time() - started

    nothing = min(seconds(b" " * RECOGNITION_BYTES_MAX) for _ in range(3))
    hostile = min(seconds(start * (RECOGNITION_BYTES_MAX // len(start))) for _ in range(3))
    # Looking again at each byte would take thousands of times as long.
    assert hostile < nothing * 50


@given(st.binary(max_size=500))
def test_no_bytes_raise(body: bytes) -> None:
    assert recognised(body) in {None, *datasets()}
