"""The table in docs/schema.md that says what is stored for which value, held cell by cell."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import orjson
import pytest

from schema.columns import nanoseconds_column
from schema.dataset import Dataset, Field, FieldType
from schema.decoding.result import Piece, Provenance
from tests.schema.readers import decode_by_all

DOCUMENT = Path(__file__).parents[2] / "docs" / "schema.md"
PROVENANCE = Provenance(batch_id="b", received_at=datetime(2026, 11, 22))  # noqa: DTZ001
NOBODY = "no such field"
HEADER = ["value", "example", *(kind.value for kind in FieldType), NOBODY]

# The field that has each type, and a name that no field has.
NAMES = {**{kind.value: kind.name.title() for kind in FieldType}, NOBODY: "Nobody"}
VALUES = Dataset(
    name="values",
    scope="zone",
    event_time=(),
    identity=(),
    fields=tuple(Field(name=NAMES[kind.value], type=kind, meaning="-") for kind in FieldType),
)

# Compact JSON is taken apart another way than JSON with space in it.
LAYOUTS = {"compact": (",", ":"), "spaced": (" , ", " : ")}
TIME = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)(?:\.(\d{1,9}))?")


class Entry(NamedTuple):
    """One row of the table: the JSON text, and what the table says of it under each type."""

    text: str
    cells: dict[str, str]


def entries() -> Iterator[Entry]:
    lines = DOCUMENT.read_text(encoding="utf-8").splitlines()
    start = lines.index(f"| {' | '.join(HEADER)} |") + 2
    for line in lines[start:]:
        if not line.startswith("|"):
            return
        _, text, *cells = (cell.strip() for cell in line.strip("|").split("|"))
        yield Entry(text.strip("`"), dict(zip(NAMES, cells, strict=True)))


def decoded(entry: Entry, layout: str) -> Piece:
    """One record that holds the value in a field of every type, and in one that nobody knows."""
    comma, colon = LAYOUTS[layout]
    members = comma.join(f'"{name}"{colon}{entry.text}' for name in NAMES.values())
    (piece,) = decode_by_all([f"{{{members}}}".encode()], VALUES, PROVENANCE)
    return piece


def stored(word: str, text: str, kind: str) -> Any:
    """What the column holds where the table says `word` of the value `text`."""
    if word in {"extra", "NULL"}:
        return None
    if word == "text":
        return text
    if match := TIME.fullmatch(word):
        fraction = (match[2] or "").ljust(9, "0")
        moment = datetime.fromisoformat(match[1]) + timedelta(microseconds=int(fraction[:6]))
        return moment, int(fraction[6:]) or None
    assert word in ({"kept", "nearest"} if kind == FieldType.FLOAT.value else {"kept"})
    value = orjson.loads(text)
    assert value is not None
    return float(value) if kind == FieldType.FLOAT.value else value


def column(row: dict[str, Any], kind: str) -> Any:
    value = row[NAMES[kind]]
    if kind != FieldType.TIMESTAMP.value or value is None:
        return value
    return value, row[nanoseconds_column(NAMES[kind])]


def test_the_table_has_a_column_for_every_type_and_a_row_for_every_kind_of_value() -> None:
    values = [
        orjson.loads(entry.text) for entry in entries() if "rejected" not in entry.cells.values()
    ]

    assert len(values) > 40
    assert {type(value) for value in values} == {str, int, float, bool, type(None), dict, list}
    for kind in HEADER[2:-1]:
        assert {entry.cells[kind] for entry in entries()} > {"NULL", "rejected"}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("entry", list(entries()), ids=lambda entry: entry.text)
def test_what_the_table_says_of_a_value_is_what_is_stored(entry: Entry, layout: str) -> None:
    piece = decoded(entry, layout)
    if "rejected" in entry.cells.values():
        assert set(entry.cells.values()) == {"rejected"}
        assert (piece.table.num_rows, piece.rejected.num_rows) == (0, 1)
        return

    (row,) = piece.table.to_pylist()
    left_over = []
    for kind, cell in entry.cells.items():
        word, _, and_extra = cell.partition(", ")
        assert and_extra == "extra" if word == "nearest" else not and_extra or TIME.fullmatch(word)
        if kind == NOBODY:
            assert cell == "extra"
        else:
            found, expected = column(row, kind), stored(word, entry.text, kind)
            assert (found, type(found)) == (expected, type(expected)), kind
        if "extra" in {word, and_extra}:
            left_over.append(f'"{NAMES[kind]}":{entry.text}')
    assert row["extra"] == f"{{{','.join(left_over)}}}"
