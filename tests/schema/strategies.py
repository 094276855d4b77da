"""Lines as senders may write them: well-meant ones, odd ones and junk."""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import orjson
from hypothesis import strategies as st

from schema.dataset import Dataset, Field, FieldType, IdentityRule
from schema.decoding.raw_record import HTML_ESCAPES
from schema.fields.event_time import UNITS

# One field of each type, so that a small record meets every rule.
EACH = Dataset(
    name="each",
    scope="zone",
    event_time=("Timestamp",),
    identity=(
        IdentityRule(source="request_header", field="Object", key="cf-access-user"),
        IdentityRule(source="email", field="String"),
    ),
    fields=tuple(Field(name=kind.name.capitalize(), type=kind, meaning="-") for kind in FieldType),
)
TYPES = {field.name: field.type for field in EACH.fields}

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
TIMES = st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31)).map(  # noqa: DTZ001
    lambda at: at.isoformat() + "Z"
) | st.integers(0, 2**62)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**65), 2**65)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.decimals(allow_nan=False, allow_infinity=False).map(float)
    | TEXT
    | TIMES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
NAMES = st.sampled_from(sorted(TYPES)) | st.sampled_from(["user_id", "extra", "New"]) | TEXT


@st.composite
def sent_members(draw: st.DrawFn) -> list[tuple[str, str]]:
    """The key and value texts of a record in any spelling, members possibly repeated."""
    is_ascii = draw(st.booleans())
    separators = draw(st.sampled_from([(",", ":"), (" , ", "\t:\r")]))
    return [
        (
            json.dumps(name, ensure_ascii=is_ascii),
            json.dumps(value, ensure_ascii=is_ascii, separators=separators),
        )
        for name, value in draw(st.lists(st.tuples(NAMES, VALUES), max_size=8))
    ]


def object_text(members: Iterable[tuple[str, str]], comma: str = ",", colon: str = ":") -> str:
    return "{" + comma.join(f"{key}{colon}{value}" for key, value in members) + "}"


SENT_LINES = sent_members().map(lambda members: object_text(members).encode())

JUNK = st.binary(max_size=40) | st.sampled_from(
    [
        b"{}",
        b"{",
        b'{"RayID":',
        b'"a"}',
        b" ",
        b"\r",
        b"\n",
        b"\n\n",
        b"\xef\xbb\xbf",
        b"\xff",
        b"nul",
    ]
)

# Where one unit of time ends and the next begins, and where columns end.
EDGES = [limit for limit, _ in UNITS] + [0, 2**53, 2**63, -(2**63)]
INTEGERS = st.sampled_from(EDGES).flatmap(lambda edge: st.integers(edge - 2, edge + 2))
TIME_TEXTS = [
    "0000-01-01T00:00:00Z",
    "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59.999999999Z",
    "2026-02-29T00:00:00Z",
    "2026-11-31T00:00:00Z",
    "2026-11-22T24:00:00Z",
    "2026-11-22T23:59:60Z",
    "2026-11-22T09:59:00Z\n",
    "2026-11-22T09:59:00.Z",
    "2026-11-22T09:59:00.1234567890Z",
    "2026-11-22T09:59:00.1234567891Z",
    "2026-11-22t09:59:00z",
    "2026-11-22 09:59:00",
    "2026-11-22T09:59:00+01:00",
    "٢٠٢٦-11-22T09:59:00Z",
    "1795000000.5",
    "",
]
FRACTIONS = st.text("0123456789", min_size=1, max_size=10).map("2026-11-22T09:59:00.{}Z".format)
USERS: st.SearchStrategy[Any] = st.sampled_from(["", "srhea", 7, None, ["a"], [], ["a", "b"], {}])
HEADERS = st.dictionaries(
    st.sampled_from(["cf-access-user", "CF-Access-User", "a&b", "<>"]), USERS, max_size=3
)
FITTING: dict[FieldType, st.SearchStrategy[Any]] = {
    FieldType.STRING: TEXT | st.sampled_from(["a&b", "\u2028<", r"\u0026", "&amp;"]),
    FieldType.INT: st.integers(-(2**63), 2**63 - 1) | INTEGERS,
    FieldType.FLOAT: st.floats(allow_nan=False, allow_infinity=False) | INTEGERS,
    FieldType.BOOL: st.booleans(),
    FieldType.TIMESTAMP: TIMES | FRACTIONS | INTEGERS | st.sampled_from(TIME_TEXTS),
    FieldType.OBJECT: HEADERS | st.dictionaries(TEXT, VALUES, max_size=2),
    FieldType.STRINGS: st.lists(TEXT, max_size=3),
    FieldType.INTS: st.lists(st.integers(-(2**63), 2**63 - 1) | INTEGERS, max_size=3),
    FieldType.OBJECTS: st.lists(HEADERS, max_size=2),
    FieldType.UNKNOWN: VALUES,
}


@st.composite
def plain_lines(draw: st.DrawFn) -> list[bytes]:
    """Lines of one job: the same few fields in each, most values as they should be."""
    names = draw(st.lists(st.sampled_from([*TYPES, *TYPES, "New"]), unique=True, max_size=6))
    escapes = HTML_ESCAPES if draw(st.booleans()) else ()
    lines = []
    for _ in range(draw(st.integers(1, 12))):
        is_usual = draw(st.integers(0, 5))
        record = {
            name: draw(FITTING[TYPES[name]] if name in TYPES and is_usual else VALUES)
            for name in names[: None if is_usual else draw(st.integers(0, 6))]
        }
        try:
            line = orjson.dumps(record)
        except TypeError:
            line = json.dumps(record).encode()
        for character, escape in escapes:
            line = line.replace(character, escape)
        lines.append(line)
    return lines
