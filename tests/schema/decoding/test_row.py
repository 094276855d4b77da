"""One line is one row, and what no cell holds exactly stands in `extra` as it was sent."""

import pytest

from schema.body.lines import LINE_BYTES_MAX, Line
from schema.dataset import datasets
from schema.decoding.row import Rejected, Row, RowReader

READER = RowReader(datasets()["http_requests"])


def read(text: str) -> Row | Rejected:
    content = text.encode()
    return READER.read(Line(1, content, len(content)))


def row(text: str) -> Row:
    found = read(text)
    assert isinstance(found, Row)
    return found


def test_what_fits_is_in_its_cell_and_nothing_is_extra() -> None:
    found = row(
        '{"RayID":"a","EdgeResponseStatus":200,"CacheTieredFill":false,"BotTags":["x"],'
        '"EdgeResponseCompressionRatio":2.5,"RequestHeaders":{"cf-access-user":"srhea"},'
        '"EdgeEndTimestamp":1500000000000000001,"BotScore":null}'
    )

    cells = {name: value for name, value in found.cells.items() if value is not None}
    assert cells == {
        "RayID": "a",
        "EdgeResponseStatus": 200,
        "CacheTieredFill": False,
        "BotTags": ["x"],
        "EdgeResponseCompressionRatio": 2.5,
        "RequestHeaders": '{"cf-access-user":"srhea"}',
        "EdgeEndTimestamp": 1_500_000_000_000_000,
        "EdgeEndTimestamp_ns": 1,
        "event_time": 1_500_000_000_000_000,
        "user_id": "srhea",
        "user_source": "request_header",
    }
    assert (found.misfits, found.approximations, found.unknown) == ([], [], [])


@pytest.mark.parametrize(
    ("text", "extra"),
    [
        ('{"RayID":"a"}', None),
        ('{"New":null}', '{"New":null}'),
        ('{"RayID":1,"New":1.0,"BotScore":"7"}', '{"RayID":1,"New":1.0,"BotScore":"7"}'),
        ('{ "New" : [ 1 ] , "RayID" : "a" }', '{"New":[ 1 ]}'),
        (r'{"Ray\u0049D":1,"\u004eew":2}', r'{"Ray\u0049D":1,"\u004eew":2}'),
        ('{"RayID":1,"RayID":"a"}', '{"RayID":1}'),
        ('{"RayID":"a","RayID":1}', '{"RayID":"a","RayID":1}'),
        ('{"RayID":"a","b":1,"RayID":"a","b":2}', '{"RayID":"a","b":1,"b":2}'),
        ('{"EdgeStartTimestamp":"2024-02-17 23:52:01"}', None),
    ],
)
def test_extra_holds_the_senders_own_bytes_in_the_senders_order(
    text: str, extra: str | None
) -> None:
    expected = text if "EdgeStartTimestamp" in text else extra

    assert row(text).cells.get("extra") == expected


def test_a_member_named_like_a_column_of_ours_cannot_pass_for_it() -> None:
    text = (
        '{"user_id":"forged","user_source":"request_header","event_time":1,"extra":"forged",'
        '"batch_id":"forged","line_number":7,"EdgeStartTimestamp_ns":7}'
    )
    found = row(text)

    assert found.cells == {"user_id": None, "user_source": None, "event_time": None, "extra": text}


def test_the_first_time_field_that_holds_a_time_is_the_events() -> None:
    assert row('{"EdgeStartTimestamp":1,"EdgeEndTimestamp":2}').cells["event_time"] == 1_000_000
    assert row('{"EdgeStartTimestamp":"?","EdgeEndTimestamp":2}').cells["event_time"] == 2_000_000
    assert row('{"EdgeStartTimestamp":0}').cells["event_time"] == 0
    assert row('{"EdgeStartTimestamp":null}').cells["event_time"] is None


def test_trouble_is_counted_by_field() -> None:
    found = row('{"RayID":1,"EdgeStartTimestamp":"2024-02-17 23:52:01","New":1,"New":2}')

    assert found.misfits == ["RayID"]
    assert found.approximations == ["EdgeStartTimestamp"]
    assert found.unknown == ["New"]
    assert found.duplicates == 1


@pytest.mark.parametrize(
    ("text", "is_foreign"),
    [
        ('{"A":1,"B":1,"C":1}', True),
        ('{"A":1,"B":1}', False),
        ('{"A":1,"B":1,"C":1,"RayID":"a","ClientIP":"b"}', True),
        ('{"A":1,"B":1,"C":1,"RayID":"a","ClientIP":"b","BotScore":"x"}', False),
        ('{"A":1,"B":1,"A":1,"A":1}', False),
        ('{"A":1,"B":1,"C":1,"RayID":"a","RayID":"b","RayID":"c"}', True),
        ("{}", False),
    ],
)
def test_a_row_is_foreign_when_most_of_its_members_are_not_the_datasets(
    text: str, is_foreign: bool
) -> None:
    assert row(text).is_foreign == is_foreign


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[]", "expected an object, found array"),
        ('"a"', "expected an object, found string"),
        ("1", "expected an object, found number"),
        ("1.5", "expected an object, found number"),
        ("true", "expected an object, found boolean"),
        ("null", "expected an object, found null"),
        ('{"a"', "not JSON: unexpected end of data"),
        ('{"a":NaN}', "not JSON: unexpected character, expected a JSON value"),
        ('{"a":1e999}', "not JSON: number is infinity when parsed as double"),
        ('{"a":"\\ud800"}', "not JSON: no low surrogate in string"),
        ('{"\\ud800":1}', "not JSON: no low surrogate in string"),
        ('{"a":"\x01"}', "not JSON: unexpected control character in string"),
        ("\ufeff{}", "not JSON: UTF-8 byte order mark (BOM) is not supported"),
    ],
)
def test_a_line_that_is_no_json_object_is_rejected_with_a_reason(text: str, reason: str) -> None:
    assert read(text) == Rejected(reason)


@pytest.mark.parametrize(
    "text",
    [
        *["{", "}", "},", "  {", "\t} ,\r", "[", "]", "],"],
        *['"a": 1', '  "a": "b",', '"a":{', '"a": [', r'"\"a" : "b, c",\r', '"a":', '"":1},'],
    ],
)
def test_a_line_of_a_printed_record_is_rejected_with_what_to_do(text: str) -> None:
    assert read(text) == Rejected(
        "part of a record printed over several lines: send each record on one line"
    )


@pytest.mark.parametrize("text", ["{ x", "}}", ",", '"a" 1', '"a', "a: 1", "{,", "1,", '"a",'])
def test_a_line_that_is_part_of_nothing_we_know_is_just_no_json(text: str) -> None:
    found = read(text)

    assert isinstance(found, Rejected)
    assert found.reason.startswith("not JSON: ")


@pytest.mark.parametrize("part", ['"', " ", "\\", '"a":', "{", "}"])
def test_a_hostile_line_is_soon_known_for_what_it_is(part: str) -> None:
    assert isinstance(read('"' + part * (LINE_BYTES_MAX // len(part) - 1)), Rejected)


@pytest.mark.parametrize("content", [b"\xff", b"\xc0\x80", b"\xed\xa0\x80", b"{\x00}"])
def test_bytes_that_are_not_text_are_rejected(content: bytes) -> None:
    assert isinstance(READER.read(Line(1, content, len(content))), Rejected)


def test_an_overlong_line_is_rejected_unread() -> None:
    line = Line(1, b"{}", LINE_BYTES_MAX + 1)

    assert READER.read(line) == Rejected("longer than 1048576 bytes")


def test_a_nul_in_a_text_is_data() -> None:
    assert row('{"RayID":"\\u0000"}').cells["RayID"] == "\0"


@pytest.mark.parametrize("depth", [1, 300, 1022])
def test_a_deep_value_is_kept_as_text(depth: int) -> None:
    value = '{"a":' * depth + "1" + "}" * depth

    assert row(f'{{"RequestHeaders":{value}}}').cells["RequestHeaders"] == value


def test_a_line_that_nests_beyond_the_parser_is_rejected() -> None:
    assert read('{"a":' + "[" * 100_000 + "]" * 100_000 + "}") == Rejected(
        "not JSON: depth limit exceeded"
    )
