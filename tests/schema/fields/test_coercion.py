"""What each type of column takes, what it takes with a loss, and what it leaves to `extra`."""

from decimal import Decimal

import orjson
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from schema.dataset import FieldType
from schema.fields.coercion import coerce
from schema.fields.coercion_result import MISFIT, Approximate, CoercionResult, Instant, Misfit

EVERY_TYPE = pytest.mark.parametrize("field_type", FieldType, ids=lambda kind: kind.value)


def held(field_type: FieldType, raw: str) -> CoercionResult:
    return coerce(field_type, orjson.loads(raw), raw.encode())


def same(left: object, right: object) -> bool:
    """Equal and of one type, since to Python 1 == 1.0 == True."""
    return type(left) is type(right) and left == right


@EVERY_TYPE
def test_null_is_null_everywhere_and_loses_nothing(field_type: FieldType) -> None:
    assert held(field_type, "null") is None


@pytest.mark.parametrize(
    ("field_type", "raw", "value"),
    [
        (FieldType.STRING, '""', ""),
        (FieldType.STRING, '"\\u0000\\ud83d\\ude00"', "\0\N{GRINNING FACE}"),
        (FieldType.INT, "0", 0),
        (FieldType.INT, "-0", 0),
        (FieldType.INT, "9223372036854775807", 2**63 - 1),
        (FieldType.INT, "-9223372036854775808", -(2**63)),
        (FieldType.FLOAT, "3.72", 3.72),
        (FieldType.FLOAT, "1", 1.0),
        (FieldType.FLOAT, "1.50", 1.5),
        (FieldType.FLOAT, "15E-1", 1.5),
        (FieldType.FLOAT, "9007199254740992", 2.0**53),
        (FieldType.FLOAT, "100000000000000000000", 1e20),
        (FieldType.FLOAT, "0.00e99999999999999999999", 0.0),
        (FieldType.FLOAT, "-0E-99999999999999999999", -0.0),
        (FieldType.BOOL, "true", True),
        (FieldType.BOOL, "false", False),
        (FieldType.TIMESTAMP, '"1970-01-01T00:00:01.000000002Z"', Instant(1_000_000, 2)),
        (FieldType.TIMESTAMP, "1", Instant(1_000_000, 0)),
        (FieldType.OBJECT, '{ "a" : 1.0 }', '{ "a" : 1.0 }'),
        (FieldType.STRINGS, "[]", []),
        (FieldType.STRINGS, '["a","b"]', ["a", "b"]),
        (FieldType.INTS, "[7,-8]", [7, -8]),
        (FieldType.OBJECTS, '[{"a":1},{}]', '[{"a":1},{}]'),
        (FieldType.UNKNOWN, '"x"', '"x"'),
        (FieldType.UNKNOWN, "1e2", "1e2"),
        (FieldType.UNKNOWN, "[ ]", "[ ]"),
    ],
)
def test_a_value_that_fits_is_held_exactly(field_type: FieldType, raw: str, value: object) -> None:
    assert same(held(field_type, raw), value)


@pytest.mark.parametrize(
    ("field_type", "raw", "value"),
    [
        (FieldType.FLOAT, "0.1234567890123456789", 0.12345678901234568),
        (FieldType.FLOAT, "9007199254740993", 2.0**53),
        (FieldType.FLOAT, "18446744073709551615", 2.0**64),
        (FieldType.FLOAT, "123456789012345678901234567890", 1.2345678901234568e29),
        (FieldType.FLOAT, "1e-400", 0.0),
        (FieldType.FLOAT, "1e-99999999999999999999", 0.0),
        (FieldType.TIMESTAMP, '"1970-01-01T00:00:01"', Instant(1_000_000, 0)),
    ],
)
def test_a_value_that_fits_nearly_is_held_and_flagged(
    field_type: FieldType, raw: str, value: float | Instant
) -> None:
    outcome = held(field_type, raw)

    assert outcome == Approximate(value)


@pytest.mark.parametrize(
    ("field_type", "raws"),
    [
        (FieldType.STRING, ["1", "true", "[]", "{}", '["a"]']),
        (FieldType.INT, ["1.0", "1.5", "1e3", '"1"', "true", "[]", "9223372036854775808"]),
        (FieldType.INT, ["18446744073709551615", "18446744073709551616", "-9223372036854775809"]),
        (FieldType.FLOAT, ['"1.5"', "true", "[]", "{}"]),
        (FieldType.BOOL, ["0", "1", '"true"', "[]"]),
        (FieldType.TIMESTAMP, ["true", "[]", "{}", '"soon"', "1e9"]),
        (FieldType.OBJECT, ["[]", '"{}"', "1", "false"]),
        (FieldType.STRINGS, ['["a",null]', '["a",1]', '"a"', "{}", "[[]]"]),
        (FieldType.INTS, ["[1,null]", "[1.0]", "[true]", "[9223372036854775808]", "1", "{}"]),
        (FieldType.OBJECTS, ["{}", '"[]"', "0"]),
    ],
)
def test_a_value_that_does_not_fit_is_left_alone(field_type: FieldType, raws: list[str]) -> None:
    for raw in raws:
        assert held(field_type, raw) == MISFIT, raw


INTEGERS = st.integers() | st.integers(300, 400).map(lambda digits: 10**digits)
for edge in (0, 2**53, 2**63, 2**64, -(2**63)):
    INTEGERS |= st.integers(edge - 3, edge + 3)


@given(INTEGERS)
@example(2**64)
@example(10**300)
def test_an_integer_is_held_as_an_integer_or_not_at_all(integer: int) -> None:
    raw = str(integer)
    try:
        outcome = held(FieldType.INT, raw)
    except orjson.JSONDecodeError:
        # No double reaches so far; the line is rejected as a whole.
        assert abs(integer) > 10**308
        return

    fits = -(2**63) <= integer < 2**63
    assert same(outcome, integer) if fits else outcome == MISFIT


@given(
    st.from_regex(r"-?(0|[1-9][0-9]{0,25})(\.[0-9]{1,25})?([eE][+-]?[0-9]{1,3})?", fullmatch=True)
)
def test_a_float_column_is_exact_only_if_writing_it_out_gives_the_number_sent(raw: str) -> None:
    try:
        outcome = held(FieldType.FLOAT, raw)
    except orjson.JSONDecodeError:
        assert abs(Decimal(raw)) > Decimal("1e308")
        return

    value = outcome.value if isinstance(outcome, Approximate) else outcome
    assert isinstance(value, float)
    assert value == float(raw)
    if isinstance(outcome, Approximate):
        assert Decimal(raw) != Decimal(repr(value))
    else:
        # An integer may be the double itself; a fraction is the shortest text that names it.
        assert Decimal(raw) in (Decimal(repr(value)), Decimal(value))


JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(JSON_VALUES)
def test_no_value_raises_in_any_column(value: object) -> None:
    raw = orjson.dumps(value)

    for field_type in FieldType:
        outcome = coerce(field_type, orjson.loads(raw), raw)

        exact = {str, int, float, bool, list, Instant, type(None)}
        assert type(outcome) in {*exact, Approximate, Misfit}
