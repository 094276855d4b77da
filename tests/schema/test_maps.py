"""Maps of headers and cookies keep what they were sent, whatever their values are."""

from datetime import datetime
from io import BytesIO

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from schema.dataset import FieldType, datasets
from schema.decoding.result import Piece, Provenance
from tests.schema.readers import decode_by_all

HTTP = datasets()["http_requests"]
MAPS = ("RequestHeaders", "ResponseHeaders", "Cookies", "ResponseFields")
PROVENANCE = Provenance(batch_id="b", received_at=datetime(2026, 11, 22))  # noqa: DTZ001

VALUES = [
    '"srhea"',
    '""',
    '"a, b; c=\\"d\\""',
    '["a","b"]',
    "[]",
    "42",
    "1.50",
    "123456789012345678901234567890",
    "true",
    "null",
    '{"inner":{"deeper":["x",1,null]}}',
    '[{"a":1},["b"]]',
    '"\\u00fc\\ud83d\\ude00"',
    '"\N{LATIN SMALL LETTER U WITH DIAERESIS}\N{LINE SEPARATOR}"',
]


def decoded(*lines: str) -> Piece:
    (piece,) = decode_by_all(["\n".join(lines).encode()], HTTP, PROVENANCE)
    return piece


def column(piece: Piece, name: str) -> list[str | None]:
    found: list[str | None] = piece.table[name].to_pylist()
    return found


def test_the_four_maps_of_http_requests_are_objects() -> None:
    types = {field.name: field.type for field in HTTP.fields}

    assert {types[name] for name in MAPS} == {FieldType.OBJECT}


@pytest.mark.parametrize("name", MAPS)
@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize("pair", ['{{"x-name":{}}}', '{{ "x-name" : {} , "Other":"o" }}'])
def test_a_map_keeps_every_kind_of_value_as_it_was_sent(name: str, value: str, pair: str) -> None:
    text = pair.format(value)

    piece = decoded(f'{{"{name}":{text}}}')

    assert column(piece, name) == [text]
    assert column(piece, "extra") == [None]
    assert not piece.tally.misfits


@pytest.mark.parametrize("name", MAPS)
def test_values_of_every_kind_stand_mixed_in_one_batch(name: str) -> None:
    maps = [f'{{"x":{value}}}' for value in VALUES]

    piece = decoded(*(f'{{"{name}":{text}}}' for text in maps))

    assert column(piece, name) == maps
    assert piece.table.schema.field(name).type == pa.string()


def test_a_name_sent_twice_in_a_map_is_kept_twice() -> None:
    text = '{"accept":"a","Accept":"b","accept":"c"}'

    assert column(decoded(f'{{"RequestHeaders":{text}}}'), "RequestHeaders") == [text]


@pytest.mark.parametrize("name", ["cf-access-user", "CF-Access-User", "Cf-access-USER"])
@pytest.mark.parametrize(
    ("field", "source"), [("RequestHeaders", "request_header"), ("Cookies", "cookie")]
)
@pytest.mark.parametrize(
    ("value", "user"), [('"srhea"', "srhea"), ('["srhea"]', "srhea"), ("42", "42"), ("{}", None)]
)
def test_a_person_is_found_under_any_case_of_the_name(
    name: str, field: str, source: str, value: str, user: str | None
) -> None:
    piece = decoded(f'{{"{field}":{{"accept":"*/*","{name}":{value}}}}}')

    assert column(piece, "user_id") == [user]
    assert column(piece, "user_source") == [source if user else None]


def test_response_maps_name_nobody() -> None:
    pair = '{"cf-access-user":"srhea"}'

    piece = decoded(f'{{"ResponseHeaders":{pair},"ResponseFields":{pair}}}')

    assert column(piece, "user_id") == [None]


@pytest.mark.parametrize("rows", [1, 1000])
def test_an_empty_map_in_every_record_of_a_batch_does_not_matter(rows: int) -> None:
    """Writers of Parquet that take maps for structs fail on one without members."""
    maps = ",".join(f'"{name}":{{}}' for name in MAPS)
    empty = decoded(*[f"{{{maps}}}"] * rows)
    full = decoded('{"RequestHeaders":{"cf-access-user":"srhea"},"RayID":"a"}')

    file = BytesIO()
    pq.write_table(pa.concat_tables([empty.table, full.table]), file)
    table = pq.read_table(file)

    for name in MAPS:
        assert table[name].to_pylist()[:rows] == ["{}"] * rows
    assert table["RequestHeaders"].to_pylist()[rows:] == ['{"cf-access-user":"srhea"}']
    assert table["user_id"].to_pylist() == [None] * rows + ["srhea"]
    assert empty.table.schema == full.table.schema
