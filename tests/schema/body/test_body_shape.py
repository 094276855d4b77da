"""What a body is told to be from its start, and what a person is told to do about it."""

import csv
import io
import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema.body.body_shape import SHAPE_BYTES, SHAPE_LINES_MAX, Shape, shape_of
from schema.body.lines import BOM
from schema.dataset import datasets
from tests.schema.samples import HOSTILE, SAMPLES, files, needs_samples, read
from tests.schema.strategies import JUNK, SENT_LINES, TEXT, plain_lines

DOCUMENT = Path(__file__).parents[3] / "docs" / "schema.md"
SHAPES_TABLE = DOCUMENT.read_text(encoding="utf-8").partition("## Shapes of a body")[2]

LONG = b'{"a":"' + b"x" * SHAPE_BYTES


@pytest.mark.parametrize(
    ("body", "shape"),
    [
        (b"", Shape.EMPTY),
        (b" \r\n\n", Shape.EMPTY),
        (BOM, Shape.EMPTY),
        (b" " * SHAPE_BYTES + b"{}", Shape.EMPTY),
        (b"{}", Shape.NDJSON),
        (BOM + b'{"a":1}\r\n{"a":2}', Shape.NDJSON),
        (b'\n\n{"nobody":"knows"}', Shape.NDJSON),
        (LONG, Shape.NDJSON),
        (b'{"a":1', Shape.NDJSON),
        (b'{"a":1,', Shape.NDJSON),
        (b'{"a":\n{"b":1}\n', Shape.NDJSON),
        (b'{"a":"b\n{"a"\n', Shape.NDJSON),
        (b'a,b,c\n{"a":1}\n', Shape.NDJSON),
        (b'# batch\n{"a":1}\n', Shape.NDJSON),
        (b"[]", Shape.ARRAY),
        (b'\n[\n  {\n    "a": 1\n  }\n]', Shape.ARRAY),
        (b'[{"a":1}\n,{"a":2}\n]', Shape.ARRAY),
        (b'{\n  "a": 1\n}\n', Shape.PRINTED),
        (b'{\r\n\t"a": {\r\n\t\t"b": {}\r\n', Shape.PRINTED),
        (b'{\n  "a":\n  {}\n}', Shape.PRINTED),
        (b"{\n}\n{\n}\n", Shape.PRINTED),
        (b'{"a":1,\n"b":2}\n', Shape.PRINTED),
        (b'{"a":1,\n"b":[1,\n2', Shape.PRINTED),
        (b'{"a":{\n' + LONG[1:], Shape.PRINTED),
        (b"192.0.2.1,GET,200\n", Shape.CSV),
        (b'"192.0.2.1","GET /a, b","say ""hi"""\r\n', Shape.CSV),
        (b'"{""cf-access-user"":""srhea""}",200', Shape.CSV),
        (b'a,"b\nc",d\n', Shape.CSV),
        (b"a,,\n", Shape.CSV),
        (b",\n", Shape.CSV),
        (b"ClientIP,RayID\n1,2", Shape.CSV),
        (b"1,2", Shape.CSV),
        (b"a,b", Shape.CSV),
        (b"[1,2]", Shape.TEXT),
        (b"1\n2", Shape.TEXT),
        (b'"a"', Shape.TEXT),
        (b"null", Shape.TEXT),
        (b"[", Shape.TEXT),
        (b"plain", Shape.TEXT),
        (b'192.0.2.1 "GET /a,b" Mozilla (KHTML, like Gecko)', Shape.TEXT),
        (b'a"b,c', Shape.TEXT),
        (b'"a,b', Shape.TEXT),
        (b"<1>host=a ray=b\n", Shape.TEXT),
        (b"{RayID: 1}", Shape.TEXT),
        (b"{{.RayID}}", Shape.TEXT),
        (b'{"a":1}{"a":2}{"a":3}', Shape.TEXT),
        (b'{"a":1},\n{"a":2},\n', Shape.TEXT),
        (b"\x00\xff", Shape.TEXT),
    ],
)
def test_a_shape_is_told_from_the_start(body: bytes, shape: Shape) -> None:
    assert shape_of(body) is shape


def test_one_good_line_among_the_first_makes_a_body_of_lines() -> None:
    bad, good = b"bad\n", b"{}\n"

    assert shape_of(bad * (SHAPE_LINES_MAX - 1) + good) is Shape.NDJSON
    assert shape_of(bad * SHAPE_LINES_MAX + good) is Shape.TEXT


def test_no_more_than_the_start_is_looked_at() -> None:
    space = b" " * (SHAPE_BYTES - 2)

    assert shape_of(space + b"{}") is Shape.NDJSON
    assert shape_of(b" " + space + b"{}") is Shape.TEXT


@pytest.mark.parametrize("shape", Shape)
def test_a_shape_that_is_not_read_comes_with_a_hint(shape: Shape) -> None:
    if shape in {Shape.NDJSON, Shape.ARRAY}:
        assert shape.hint is None
    else:
        assert shape.hint
        assert "output_options." in shape.hint


def test_every_shape_is_in_the_documentation() -> None:
    rows = re.findall(r"^\| `([a-z]+)` \|", SHAPES_TABLE, re.MULTILINE)

    assert rows == [shape.value for shape in Shape]


@given(st.lists(JUNK | SENT_LINES | TEXT.map(str.encode)).map(b"".join))
def test_any_bytes_have_a_shape(body: bytes) -> None:
    assert isinstance(shape_of(body), Shape)


@given(plain_lines(), st.sampled_from([b"\n", b"\r\n"]))
def test_records_on_lines_are_lines_and_in_an_array_an_array(
    lines: list[bytes], end: bytes
) -> None:
    assert shape_of(end.join(lines)) is Shape.NDJSON
    assert shape_of(b"[" + (b"," + end).join(lines) + b"]") is Shape.ARRAY


@given(plain_lines(), st.integers(0, 3))
def test_records_printed_over_lines_are_told(lines: list[bytes], indent: int) -> None:
    printed = "\n".join(json.dumps(json.loads(line) | {"a": 1}, indent=indent) for line in lines)

    assert shape_of(printed.encode()) is Shape.PRINTED


CSV_VALUES = st.integers().map(str) | st.sampled_from(["", "GET", "a b", 'say "hi"', "x, y", " z"])


@given(
    st.lists(st.lists(CSV_VALUES, min_size=2, max_size=5), min_size=1, max_size=5),
    st.booleans(),
)
def test_rows_as_a_csv_writer_writes_them_are_csv(rows: list[list[str]], all_quoted: bool) -> None:
    text = io.StringIO()
    # Go's writer quotes a value that begins with a space, Python's does not.
    minimal = [[value.strip() for value in row] for row in rows]
    if all_quoted:
        csv.writer(text, quoting=csv.QUOTE_ALL).writerows(rows)
    else:
        csv.writer(text).writerows(minimal)

    assert shape_of(text.getvalue().encode()) is Shape.CSV


@pytest.mark.parametrize("part", [b'{"a":', b'{"a":1,\n', b'"",', b'""', b'"', b"a,", b"[", b"{"])
def test_a_hostile_start_costs_little(part: bytes) -> None:
    for _ in range(20):
        shape_of(part * SHAPE_BYTES)


@needs_samples
def test_real_records_are_lines() -> None:
    for name in datasets():
        for path in SAMPLES.glob(f"*/{name}/*"):
            if path.suffix in {".ndjson", ".gz"} and "as-published" not in path.name:
                assert shape_of(read(path)) is Shape.NDJSON, path


@needs_samples
def test_other_logs_are_text() -> None:
    for path in files("elastic-examples/apache_logs", "lnav/access_log/*"):
        assert shape_of(read(path)) is Shape.TEXT, path


@needs_samples
def test_hostile_samples_have_a_shape() -> None:
    for path in files(*(f"{name}/**/*" for name in HOSTILE)):
        assert isinstance(shape_of(read(path)), Shape)
