"""All readers give the same piece for the same lines, whatever the lines are."""

import json
from datetime import datetime
from decimal import Decimal
from functools import cache

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schema.body.lines import LINE_BYTES_MAX, whole_lines
from schema.dataset import datasets
from schema.decoding import column_decoder
from schema.decoding.column_decoder import read_columns
from schema.decoding.result import UNKNOWN_NAMES_MAX, Provenance
from tests.schema.readers import decode_by_all
from tests.schema.samples import HOSTILE, SAMPLES, files, needs_samples, read
from tests.schema.strategies import EACH, EDGES, JUNK, SENT_LINES, TIME_TEXTS, plain_lines

PROVENANCE = Provenance(batch_id="b", received_at=datetime(2026, 11, 22))  # noqa: DTZ001

FOLDERS = sorted(path.name for path in SAMPLES.glob("*") if path.is_dir())

# All the starts of a line together are as long as its square: 2,000 bytes, or 320 where a person
# waits for the tests.
LINE_BYTES = 20 * settings().max_examples

DAMAGE = [b"\n", b'"', b"}", b"\\", b"0", b" ", b"null", b",", rb"\u0026"]


def agree(*chunks: bytes, dataset: str | None = None) -> None:
    decode_by_all(chunks, datasets()[dataset] if dataset else EACH, PROVENANCE)


@given(plain_lines(), st.sampled_from([b"\n", b"\r\n", b" \n\n"]))
@settings(max_examples=3 * settings().max_examples, deadline=None)
def test_readers_agree_on_a_job_that_means_well(lines: list[bytes], end: bytes) -> None:
    agree(end.join(lines))


@given(
    st.lists(st.one_of(plain_lines(), SENT_LINES.map(lambda line: [line]), JUNK.map(lambda b: [b])))
)
def test_readers_agree_on_a_mixture_in_small_batches(parts: list[list[bytes]]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(column_decoder, "BATCH_LINES", 4)
        patch.setattr(column_decoder, "SHAPES_MAX", 2)
        agree(b"\n".join(line for lines in parts for line in lines))


@given(plain_lines(), st.booleans())
def test_readers_agree_on_an_array(lines: list[bytes], is_printed: bool) -> None:
    between = b",\n" if is_printed else b","
    agree(b"[" + between.join(lines) + b"]\n" + lines[0])


@given(plain_lines(), st.sampled_from([None, 0, 2]))
def test_readers_agree_on_an_array_printed_over_lines(
    lines: list[bytes], indent: int | None
) -> None:
    agree(json.dumps([json.loads(line) for line in lines], indent=indent).encode())


@pytest.mark.parametrize("last", "2378")
@pytest.mark.parametrize("whole", [2**49, 2**49 + 1, 2**50 + 2, 2**52 - 1])
def test_readers_agree_on_which_of_two_shortest_texts_a_double_has(whole: int, last: str) -> None:
    """A double halfway between two of sixteen digits is written with the even one."""
    agree(b'{"Float":%d.%s}' % (whole, last.encode()))


@pytest.mark.parametrize("power", [-1017, -24, -1, 89, 1023])
def test_readers_agree_on_powers_of_two(power: int) -> None:
    """Below one of them doubles are nearer to each other: its shortest text may not be the nearest."""
    shortest, nearest = repr(2.0**power), f"{2.0**power:.15e}"
    agree(b'{"Float":%s}\n{"Float":%s}' % (shortest.encode(), nearest.encode()))


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1), st.integers(14, 17))
def test_readers_agree_on_doubles_of_any_precision(numbers: list[float], places: int) -> None:
    texts = [repr(number) for number in numbers] + [f"{number:.{places}e}" for number in numbers]
    agree(b"\n".join(b'{"Float":%s}' % text.encode() for text in texts))


@given(st.lists(st.decimals(allow_nan=False, allow_infinity=False, places=1), min_size=1))
def test_readers_agree_on_decimals(numbers: list[Decimal]) -> None:
    agree(b"\n".join(b'{"Float":%s}' % str(number).encode() for number in numbers))


def test_readers_agree_on_overlong_lines_and_elements() -> None:
    over = b'{"String":"%s"}' % (b"x" * LINE_BYTES_MAX)

    agree(over + b"\n{}\n" + over)
    agree(b"[" + over + b",\n{\n},{}," + over + b"]")


@pytest.mark.parametrize("names", [UNKNOWN_NAMES_MAX - 1, UNKNOWN_NAMES_MAX + 40])
def test_readers_name_the_same_unknown_members(names: int) -> None:
    """The first hundred count, so that the order of plain and odd lines matters."""
    lines = [
        b'{"RayID":"r"%s,"n%d":%d}' % (b" " * (number % 3 == 0), number, number)
        for number in [*range(names), 3, names - 1]
    ]
    agree(b"\n".join(lines), dataset="http_requests")


@pytest.mark.parametrize("rows", [255, 256, 257, 600])
@pytest.mark.parametrize("odd", [b"", b"x", b'{"RayID": 1}', b'{"RayID":1}', b'{"New":1}'])
def test_readers_agree_where_batches_end(rows: int, odd: bytes) -> None:
    lines = [b'{"RayID":"%d","EdgeStartTimestamp":%d}' % (row, row) for row in range(rows)]
    for place in (0, 255, rows):
        lines.insert(place, odd)
    agree(b"\n".join(lines), dataset="http_requests")


def test_a_batch_ends_by_its_bytes_too() -> None:
    agree(b"\n".join([b'{"RayID":"%s"}' % (b"x" * 2**19)] * 5), dataset="http_requests")


GOOD = {
    "String": "a",
    "Int": 1,
    "Float": 2.5,
    "Bool": True,
    "Timestamp": "2026-11-22T09:59:00Z",
    "Object": {},
    "Strings": ["b"],
    "Ints": [3],
    "Objects": [{}],
    "Unknown": "?",
}

# JSON texts, most of which are trouble in some column.
TEXTS = [
    *["null", "true", "false", '""', '"1"', "[]", "{}", "[[]]", "[null]", "[{}]", '["a",1]'],
    *["0", "-0", "-1", "1.0", "-0.0", "1e2", "1E400", "0.1", "123456789.123456789012"],
    *["[1]", "[1.0]", "[true]", "[9223372036854775808]", "[-9223372036854775808]"],
    *[str(edge + step) for edge in EDGES for step in (-1, 0, 1)],
    *[orjson.dumps(time).decode() for time in TIME_TEXTS],
    *[f'"2026-11-22T09:59:00.{"1234567891"[:digits]}Z"' for digits in range(11)],
]


@pytest.mark.parametrize("text", TEXTS)
def test_readers_agree_on_a_value_in_every_column(text: str) -> None:
    good = orjson.dumps(GOOD)
    odd = b"{%s}" % ",".join(f'"{name}":{text}' for name in GOOD).encode()

    for lines in ([odd], [odd, odd], [odd, good], [good, odd, good, odd]):
        agree(b"\n".join(lines))


def test_readers_agree_on_a_batch_of_several_units_of_time() -> None:
    lines = [b'{"Timestamp":%d}' % edge for edge in (-1, 1, 10**12, 10**15, 10**18 + 1)]
    for left in lines:
        for right in lines:
            agree(left + b"\n" + right)


def test_rows_read_as_columns_stay_in_the_order_of_their_lines() -> None:
    lines = [b'{"RayID":"r"}', b'{"RayID": "r"}', b"x", b'{"New":1}'] * 200
    piece = read_columns(
        [whole_lines(1, b"\n".join(lines))], datasets()["http_requests"], PROVENANCE
    )

    numbers = piece.table["line_number"].to_pylist()
    assert numbers == sorted(numbers)
    assert len(numbers) == 600


def test_readers_agree_on_which_time_is_the_events() -> None:
    starts, ends = ("null", "1", '"?"', '"2026-11-22 09:59:00"'), ("null", "2", '"!"', "-3")
    lines = [
        f'{{"EdgeEndTimestamp":{end},"EdgeStartTimestamp":{start}}}'.encode()
        for start in starts
        for end in ends
    ]
    for line in lines:
        agree(line, dataset="http_requests")
    agree(b"\n".join(lines), dataset="http_requests")


@needs_samples
@pytest.mark.parametrize("folder", sorted({*FOLDERS} - {*HOSTILE}))
def test_readers_agree_on_every_sample(folder: str) -> None:
    for path in files(f"{folder}/**/*"):
        owners = [name for name in datasets() if name in path.parts]
        agree(read(path), dataset=owners[0] if owners else "http_requests")


@needs_samples
@pytest.mark.parametrize("folder", FOLDERS)
def test_readers_agree_on_samples_that_end_at_any_byte(folder: str) -> None:
    lines = [read(path).partition(b"\n")[0][:LINE_BYTES] for path in files(f"{folder}/**/*")]
    starts = [line[:end] for line in lines for end in range(len(line))]
    agree(b"\n".join(starts), dataset="http_requests")


@needs_samples
@pytest.mark.parametrize("folder", FOLDERS)
@given(st.data())
@settings(max_examples=settings().max_examples // 4, deadline=None)
def test_readers_agree_on_damaged_samples(folder: str, data: st.DataObject) -> None:
    lines = data.draw(st.lists(st.sampled_from(short_lines(folder)), min_size=1, max_size=4))
    body = b"\n".join(damaged(data, line) for line in lines)
    agree(body, dataset="http_requests")
    agree(b"[{" + body.replace(b"\n", b","), dataset="http_requests")


@cache
def short_lines(folder: str) -> list[bytes]:
    """The first lines of each file."""
    return [
        line
        for path in files(f"{folder}/**/*")
        for line in read(path)[:LINE_BYTES].split(b"\n")[:5]
    ]


def damaged(data: st.DataObject, text: bytes) -> bytes:
    """With some bytes flipped, taken out, doubled or cut off."""
    changed = bytearray(text)
    for _ in range(data.draw(st.integers(0, 4))):
        place = data.draw(st.integers(0, max(len(changed) - 1, 0)))
        length = data.draw(st.sampled_from([1, 1, 1, 5, 80]))
        piece = bytes(changed[place : place + length])
        changed[place : place + length] = data.draw(
            st.sampled_from([b"", piece * 2, *DAMAGE]) | st.binary(min_size=1, max_size=2)
        )
    return bytes(changed[: data.draw(st.sampled_from([len(changed), len(changed) // 2]))])
