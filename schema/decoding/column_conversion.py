"""Converts many values of one field to Arrow at once.

Each function takes the values of a field, one for each record, and the writer of each record. It
returns the field's columns, with NULL for missing values and for values that need the slower
rules in coercion.py. A value that is converted here is converted as coercion.py would.
"""

from collections.abc import Callable, Mapping, Sequence
from itertools import chain
from typing import Any, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

from schema.columns import ARROW_TYPES, TIME
from schema.dataset import FieldType
from schema.decoding.raw_record import Writer
from schema.fields.event_time import DAYS_TO_1970, UNITS

Values: TypeAlias = Sequence[Any]
Writers: TypeAlias = Sequence[Writer]
Columns: TypeAlias = list[pa.Array]
ColumnConverter: TypeAlias = Callable[[Values, Writers], Columns]

NOTHING = type(None)

# Outside this range a double cannot hold every integer.
DOUBLE_INT_MIN, DOUBLE_INT_MAX = -(2**53), 2**53

# The form of RFC 3339 that Logpush writes, with or without a fraction of a second.
UTC_TEXT = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?Z$"
TO_SECOND = len("2026-11-22T09:59:00")


def _int_scalar(number: int) -> pa.Scalar:
    # Arrow accepts Python's numbers too, but detecting their type takes longer than the arithmetic.
    return pa.scalar(number, pa.int64())


ZERO, THOUSAND, NO_INT = _int_scalar(0), _int_scalar(1000), pa.scalar(None, pa.int64())
NO_TEXT = pa.scalar(None, pa.string())
YEAR_1 = _int_scalar((1 - DAYS_TO_1970) * 86_400 * 10**6).cast(TIME)


def _only(kind: type, values: Values) -> Values:
    return [value if type(value) is kind else None for value in values]


def _texts(values: Values, _writers: Writers) -> Columns:
    try:
        # Arrow refuses every JSON value but text for a text column.
        return [pa.array(values, pa.string())]
    except pa.ArrowException:
        return [pa.array(_only(str, values), pa.string())]


def _bools(values: Values, _writers: Writers) -> Columns:
    try:
        # Arrow refuses every JSON value but booleans for a boolean column.
        return [pa.array(values, pa.bool_())]
    except pa.ArrowException:
        return [pa.array(_only(bool, values), pa.bool_())]


def _ints(values: Values, _writers: Writers) -> Columns:
    if not set(map(type, values)) <= {int, NOTHING}:
        values = _only(int, values)
    return [_int64(values)]


def _int64(values: Values) -> pa.Array:
    try:
        return pa.array(values, pa.int64())
    except (pa.ArrowException, OverflowError):
        return pa.nulls(len(values), pa.int64())


def _floats(values: Values, _writers: Writers) -> Columns:
    """In a canonical record a double keeps every digit: written again, it is the text that was sent."""
    plain = [
        value
        if type(value) is float
        or (type(value) is int and DOUBLE_INT_MIN <= value <= DOUBLE_INT_MAX)
        else None
        for value in values
    ]
    return [pa.array(plain, pa.float64())]


def _json(kind: type) -> ColumnConverter:
    def read(values: Values, writers: Writers) -> Columns:
        texts = [
            write(value) if type(value) is kind else None
            for value, write in zip(values, writers, strict=True)
        ]
        return [pa.array(texts, pa.string())]

    return read


def _any_json(values: Values, writers: Writers) -> Columns:
    texts = [
        None if value is None else write(value)
        for value, write in zip(values, writers, strict=True)
    ]
    return [pa.array(texts, pa.string())]


def _lists(kind: type, arrow_type: pa.DataType) -> ColumnConverter:
    def read(values: Values, _writers: Writers) -> Columns:
        if not set(map(type, values)) <= {list, NOTHING}:
            values = _only(list, values)
        if not set(map(type, chain.from_iterable(filter(None, values)))) <= {kind}:
            return [pa.nulls(len(values), arrow_type)]
        try:
            return [pa.array(values, arrow_type)]
        except (pa.ArrowException, OverflowError):
            return [pa.nulls(len(values), arrow_type)]

    return read


def _times(values: Values, _writers: Writers) -> Columns:
    kinds = set(map(type, values)) - {NOTHING}
    if kinds == {int}:
        return _unix_times(_int64(values))
    texts = values if kinds == {str} else _only(str, values)
    return _utc_times(pa.array(texts, pa.string()))


def _unix_times(numbers: pa.Array) -> Columns:
    """Times of one unit, which the smallest and the largest value determine as in parse_time."""
    bounds = pc.min_max(numbers).as_py()
    least, most = bounds["min"], bounds["max"]
    if least is None:
        return _no_times(len(numbers))
    start = 0
    for limit, nanoseconds in UNITS:
        if start <= least and most < limit:
            microseconds = pc.multiply(numbers, _int_scalar(nanoseconds // 1000))
            return [microseconds.cast(TIME), _no_nanoseconds(len(numbers))]
        start = limit
    if least < start:
        return _no_times(len(numbers))
    microseconds, nanoseconds_after = _split(numbers)
    return [microseconds.cast(TIME), nanoseconds_after]


def _utc_times(texts: pa.Array) -> Columns:
    is_plain = pc.match_substring_regex(texts, UTC_TEXT)
    plain = texts if pc.all(is_plain).as_py() else pc.if_else(is_plain, texts, NO_TEXT)
    try:
        seconds = pc.utf8_slice_codeunits(plain, 0, TO_SECOND).cast(TIME)
    except pa.ArrowInvalid:
        # The 31st of June, or 23:59:60.
        return _no_times(len(texts))
    if pc.any(pc.less(seconds, YEAR_1)).as_py():
        return _no_times(len(texts))
    if pc.max(pc.binary_length(plain)).as_py() in {None, TO_SECOND + 1}:
        return [seconds, _no_nanoseconds(len(texts))]
    digits = pc.utf8_slice_codeunits(plain, TO_SECOND + 1, TO_SECOND + 10)
    fraction = pc.ascii_rpad(pc.utf8_rtrim(digits, "Z"), 9, "0").cast(pa.int64())
    microseconds, nanoseconds = _split(fraction)
    return [pc.add(seconds.cast(pa.int64()), microseconds).cast(TIME), nanoseconds]


def _split(numbers: pa.Array) -> tuple[pa.Array, pa.Array]:
    """Each number divided by a thousand, and the remainder, NULL for 0."""
    thousands = pc.divide(numbers, THOUSAND)
    rest = pc.subtract(numbers, pc.multiply(thousands, THOUSAND))
    return thousands, pc.if_else(pc.equal(rest, ZERO), NO_INT, rest).cast(pa.int16())


def _no_nanoseconds(rows: int) -> pa.Array:
    return pa.nulls(rows, pa.int16())


def _no_times(rows: int) -> Columns:
    return [pa.nulls(rows, TIME), pa.nulls(rows, pa.int16())]


# The converter for each type of field.
COLUMN_CONVERTERS: Mapping[FieldType, ColumnConverter] = {
    FieldType.STRING: _texts,
    FieldType.INT: _ints,
    FieldType.FLOAT: _floats,
    FieldType.BOOL: _bools,
    FieldType.TIMESTAMP: _times,
    FieldType.OBJECT: _json(dict),
    FieldType.STRINGS: _lists(str, ARROW_TYPES[FieldType.STRINGS]),
    FieldType.INTS: _lists(int, ARROW_TYPES[FieldType.INTS]),
    FieldType.OBJECTS: _json(list),
    FieldType.UNKNOWN: _any_json,
}
