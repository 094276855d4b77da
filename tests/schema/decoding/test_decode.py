"""The whole way: every line is counted once, every member is kept, nothing raises."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import orjson
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema.body.lines import JSON_SPACE, LINE_BYTES_MAX, OVERLONG_BYTES_KEPT, lines_of
from schema.body.record_blocks import record_blocks as cut_body
from schema.columns import REJECTED_SCHEMA, arrow_schema
from schema.dataset import Dataset, FieldType, datasets
from schema.decoding.decode import Decoding
from schema.decoding.result import UNKNOWN_NAME_CHARS_MAX, UNKNOWN_NAMES_MAX, Piece, Provenance
from schema.fields.coercion import coerce
from schema.fields.coercion_result import MISFIT, Approximate, Instant
from schema.fields.event_time import parse_time
from tests.schema.readers import NO_LIMITS, assert_same_piece, decode_by_all
from tests.schema.strategies import EACH, JUNK, SENT_LINES, TYPES, object_text, sent_members

HTTP = datasets()["http_requests"]
RECEIVED_AT = datetime(2026, 11, 22, 10, 0, 0, 123456)  # noqa: DTZ001 - UTC, as columns hold it
PROVENANCE = Provenance(batch_id="b1", received_at=RECEIVED_AT)


def pieces(*chunks: bytes, dataset: Dataset = HTTP, limits: Decoding = NO_LIMITS) -> list[Piece]:
    return decode_by_all(chunks, dataset, PROVENANCE, limits)


def one(*chunks: bytes, dataset: Dataset = HTTP) -> Piece:
    (piece,) = pieces(*chunks, dataset=dataset)
    return piece


def cells(line: bytes, dataset: Dataset = HTTP) -> dict[str, Any]:
    found: list[dict[str, Any]] = one(line, dataset=dataset).table.to_pylist()
    return {name: value for name, value in found[0].items() if value is not None}


def joined(tables: Iterable[pa.Table], schema: pa.Schema) -> pa.Table:
    return pa.concat_tables([schema.empty_table(), *tables]).combine_chunks()


def test_a_body_without_a_line_has_no_pieces() -> None:
    assert pieces() == pieces(b"") == pieces(b"\xef\xbb\xbf") == []


def test_a_record_becomes_a_row_with_its_proof() -> None:
    assert cells(b'{"RayID":"r","EdgeStartTimestamp":"2026-11-22T09:59:00Z"}\n') == {
        "event_time": datetime(2026, 11, 22, 9, 59),  # noqa: DTZ001
        "RayID": "r",
        "EdgeStartTimestamp": datetime(2026, 11, 22, 9, 59),  # noqa: DTZ001
        "batch_id": "b1",
        "line_number": 1,
        "received_at": RECEIVED_AT,
    }


def test_a_rejected_line_is_kept_with_its_proof() -> None:
    assert one(b"\n[1] \r\n").rejected.to_pylist() == [
        {
            "dataset": "http_requests",
            "batch_id": "b1",
            "line_number": 2,
            "received_at": RECEIVED_AT,
            "reason": "expected an object, found array",
            "line": b"[1] \r",
            "line_bytes": 5,
        }
    ]


def test_a_receipt_with_a_zone_is_the_same_moment() -> None:
    east = RECEIVED_AT.replace(tzinfo=UTC).astimezone(timezone(timedelta(hours=9)))
    provenance = Provenance(batch_id="b1", received_at=east)

    (piece,) = decode_by_all([b"{}"], HTTP, provenance)

    assert piece.table["received_at"].to_pylist() == [RECEIVED_AT]


def test_a_line_over_the_limit_is_rejected_and_its_neighbours_are_read() -> None:
    fits = b'{"RayID":"' + b"x" * (LINE_BYTES_MAX - 12) + b'"}'
    over = b'{"RayID":"' + b"x" * (LINE_BYTES_MAX - 11) + b'"}'
    piece = one(b"\n".join([fits, over, b"{}"]))

    assert piece.table["line_number"].to_pylist() == [1, 3]
    (rejected,) = piece.rejected.to_pylist()
    assert rejected["line"] == over[:OVERLONG_BYTES_KEPT]
    assert rejected["line_bytes"] == LINE_BYTES_MAX + 1
    assert rejected["reason"] == "longer than 1048576 bytes"


@pytest.mark.parametrize("start", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("last", [b"", b"\n", b"\r\n"])
@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_how_lines_end_and_a_body_begins_changes_nothing(
    start: bytes, end: bytes, last: bytes
) -> None:
    lines = [b'{"RayID":"a"}', b"", b'{"RayID":1,"New":2}']
    found, expected = one(start + end.join(lines) + last), one(b"\n".join(lines))

    assert_same_piece(found, expected)


def test_the_elements_of_an_array_are_rows() -> None:
    found, expected = (
        one(body) for body in (b'[{"RayID":"a"},{"b":1}]', b'{"RayID":"a"}\n{"b":1}')
    )

    assert_same_piece(found, expected)


def test_a_tally_names_the_fields_that_gave_trouble() -> None:
    tally = one(
        b'{"RayID":1,"New":1}\n\n{"RayID":2,"EdgeStartTimestamp":"2026-11-22 09:59:00"}\nx\n'
        b'{"New":1,"New":2}'
    ).tally

    assert (tally.lines, tally.blank, tally.rows, tally.rejected) == (5, 1, 3, 1)
    assert tally.misfits == {"RayID": 2}
    assert tally.approximations == {"EdgeStartTimestamp": 1}
    assert tally.unknown == {"New": 2}
    assert tally.unknown_unnamed == 0
    assert tally.duplicates == 1


def test_rows_that_look_like_another_datasets_are_counted_and_the_first_is_shown() -> None:
    body = b'{"RayID":"a"}\n {"A":1,"B":2,"C":3}\r\n[]\n\n{"D":1,"E":2,"F":3}\n'

    tally = one(body).tally

    assert (tally.rows, tally.foreign) == (3, 2)
    assert tally.foreign_sample == b' {"A":1,"B":2,"C":3}\r'
    assert (one(b"{}").tally.foreign, one(b"{}").tally.foreign_sample) == (0, b"")


def test_made_up_names_are_bounded_in_number_and_length() -> None:
    names = [f"n{number:03}" for number in range(UNKNOWN_NAMES_MAX + 2)]
    lines = [orjson.dumps({name: 1}) for name in [*names, names[0], names[-1]]]
    tally = one(b"\n".join(lines)).tally

    assert len(tally.unknown) == UNKNOWN_NAMES_MAX
    assert tally.unknown[names[0]] == 2
    assert tally.unknown_unnamed == 3

    long = "x" * UNKNOWN_NAME_CHARS_MAX
    assert one(orjson.dumps({long: 1, long + "y": 2})).tally.unknown == {long: 2}


def test_a_piece_ends_by_its_lines() -> None:
    found = pieces(*[b"{}\nx\n\n"] * 5, limits=Decoding(piece_lines=6))

    assert [piece.tally.lines for piece in found] == [6, 6, 3]
    numbers = [number for piece in found for number in piece.table["line_number"].to_pylist()]
    assert numbers == [1, 4, 7, 10, 13]


def test_a_piece_ends_by_its_bytes() -> None:
    body = [b'{"RayID":"0123456"}\n', b"{}\n", b'{"RayID":"01234567"}\n', b"{}"]

    found = pieces(*body, limits=Decoding(piece_bytes=21))

    assert [piece.tally.lines for piece in found] == [2, 1, 1]


@pytest.mark.parametrize("rows", [255, 256, 257, 600])
def test_no_row_is_lost_between_batches(rows: int) -> None:
    table = one(b"{}\n" * rows).table

    assert table["line_number"].to_pylist() == list(range(1, rows + 1))


def test_all_formats_of_one_instant_in_one_batch_are_one_instant() -> None:
    instants = ['"2024-02-17T23:52:01.5Z"', '"2024-02-18T00:52:01.500+0100"', "1708213921.5"]
    instants += ["1708213921500", "1708213921500000", '"1708213921500000000"']
    lines = "".join(f'{{"EdgeStartTimestamp":{instant}}}\n' for instant in instants)
    table = one(lines.encode()).table

    assert set(table["event_time"].to_pylist()) == {
        datetime(2024, 2, 17, 23, 52, 1, 500_000)  # noqa: DTZ001
    }
    assert table["EdgeStartTimestamp"].equals(table["event_time"])
    assert table["EdgeStartTimestamp_ns"].null_count == table["extra"].null_count == len(instants)


@pytest.mark.parametrize(
    "integer", [2**63, -(2**63) - 1, 2**64 - 1, 2**64, 10**200], ids=lambda n: f"{n:.0e}"
)
def test_an_integer_past_its_column_stands_in_extra_to_the_last_digit(integer: int) -> None:
    found = cells(f'{{"EdgeResponseBytes":{integer}}}'.encode())

    assert "EdgeResponseBytes" not in found
    assert found["extra"] == f'{{"EdgeResponseBytes":{integer}}}'


def test_a_huge_number_without_a_double_costs_its_line_only() -> None:
    piece = one(b'{"EdgeResponseBytes":' + b"9" * 400 + b"}\n{}")

    assert (piece.tally.rejected, piece.tally.rows) == (1, 1)


def is_held(name: str, text: str, row: dict[str, Any]) -> bool:
    """Whether the member's column says exactly what was sent."""
    cell, kind = row.get(name), TYPES.get(name)
    value = json.loads(text, parse_float=Decimal)
    if kind is None or cell is None:
        return kind is not None and value is None
    if kind in {FieldType.OBJECT, FieldType.OBJECTS, FieldType.UNKNOWN}:
        return bool(cell == text)
    if kind is FieldType.TIMESTAMP:
        # Whether it is the right time is for the tests of times to say.
        return isinstance(parse_time(orjson.loads(text), text.encode()), Instant)
    if kind is FieldType.FLOAT:
        is_small = type(value) is int and -(2**63) <= value < 2**64
        return bool(value == (cell if is_small else Decimal(repr(cell))))
    return type(value) is type(cell) and bool(value == cell)


@given(sent_members(), st.sampled_from([",", " ,\t"]), st.sampled_from([":", "\r : "]))
def test_every_member_is_in_its_column_exactly_or_in_extra_as_sent(
    members: list[tuple[str, str]], comma: str, colon: str
) -> None:
    (row,) = one(object_text(members, comma, colon).encode(), dataset=EACH).table.to_pylist()
    names = [json.loads(key) for key, _ in members]
    last = {name: position for position, name in enumerate(names)}

    left_over = [
        member
        for position, (name, member) in enumerate(zip(names, members, strict=True))
        if position != last[name] or not is_held(name, member[1], row)
    ]

    assert row["extra"] == (object_text(left_over) if left_over else None)


@given(SENT_LINES)
def test_a_column_holds_what_the_rule_of_its_type_says_of_the_last_value(line: bytes) -> None:
    piece = one(line, dataset=EACH)
    for row in piece.table.to_pylist():
        for name, value in orjson.loads(line).items():
            if TYPES.get(name) in {FieldType.STRING, FieldType.INT, FieldType.BOOL}:
                outcome = coerce(TYPES[name], value, b"")
                assert row[name] == (None if outcome == MISFIT else outcome)
            if TYPES.get(name) is FieldType.TIMESTAMP and isinstance(value, str | int):
                raw = value if isinstance(value, str) else str(value)
                outcome = coerce(FieldType.TIMESTAMP, value, raw.encode())
                instant = outcome.value if isinstance(outcome, Approximate) else outcome
                nanoseconds = row[f"{name}_ns"]
                if isinstance(instant, Instant):
                    assert nanoseconds == (instant.nanoseconds or None)
                    assert row["event_time"] == row[name]
                else:
                    assert row[name] is nanoseconds is row["event_time"] is None


@given(st.lists(JUNK | SENT_LINES, max_size=12), st.integers(1, 4), st.data())
def test_any_bytes_in_any_pieces_count_every_line_and_lose_none(
    parts: list[bytes], piece_lines: int, data: st.DataObject
) -> None:
    body = b"".join(parts)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(body)), max_size=4)))
    chunks = [body[a:b] for a, b in zip([0, *cuts], [*cuts, len(body)], strict=True)]

    whole = pieces(body, dataset=EACH)
    cut = pieces(*chunks, dataset=EACH, limits=Decoding(piece_lines=piece_lines))

    for side, schema in (("table", arrow_schema(EACH)), ("rejected", REJECTED_SCHEMA)):
        left, right = (
            joined((getattr(piece, side) for piece in found), schema) for found in (whole, cut)
        )
        assert left.equals(right)
    lines = [line.content for block in cut_body([body]) for line in lines_of(block)]
    assert sum(piece.tally.lines for piece in cut) == len(lines)
    rejected = [row for piece in cut for row in piece.rejected.to_pylist()]
    for row in rejected:
        assert row["line"] == lines[row["line_number"] - 1]
    numbers = [row["line_number"] for row in rejected]
    numbers += [number for piece in cut for number in piece.table["line_number"].to_pylist()]
    filled = [number for number, line in enumerate(lines, 1) if line.strip(JSON_SPACE)]
    assert sorted(numbers) == filled
