"""One rule for each type of field: which values its column holds.

Every member of a record is stored in its column exactly, or in `extra` with the exact bytes that
were sent. No value is converted to fit: "1", 1.0 and true are not integers, nor is an integer of
more than 64 bits (which the JSON parser silently turns into a float). JSON null is NULL.

Each rule takes the parsed value and the bytes it was parsed from, which are valid JSON.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, TypeAlias

from schema.dataset import FieldType
from schema.fields.coercion_result import MISFIT, Approximate, CoercionResult, Exact, Misfit
from schema.fields.event_time import parse_time

INT64_MIN = -(2**63)
INT64_MAX = 2**63 - 1

Coercer: TypeAlias = Callable[[Any, bytes], CoercionResult]


def coerce(field_type: FieldType, value: Any, raw: bytes) -> CoercionResult:
    return None if value is None else COERCERS[field_type](value, raw)


def _string(value: object, _raw: bytes) -> str | Misfit:
    return value if type(value) is str else MISFIT


def _int(value: object, _raw: bytes) -> int | Misfit:
    # `type`, not `isinstance`: in Python a bool is an int.
    return value if type(value) is int and INT64_MIN <= value <= INT64_MAX else MISFIT


def _bool(value: object, _raw: bytes) -> bool | Misfit:
    return value if type(value) is bool else MISFIT


def _float(value: object, raw: bytes) -> float | Approximate | Misfit:
    if type(value) is int:
        nearest = float(value)
        return nearest if nearest == value else Approximate(nearest)
    if type(value) is float:
        return value if _keeps_every_digit(value, raw.decode()) else Approximate(value)
    return MISFIT


def _keeps_every_digit(value: float, text: str) -> bool:
    """Whether the double, written as text again, is the same number as the text."""
    shortest = repr(value)
    if shortest == text:
        return True
    if value == 0:
        # Decimal refuses exponents over 10**18, and only zeros can have one here.
        return not text.lower().partition("e")[0].strip("-.0")
    return Decimal(shortest) == Decimal(text)


def _object(value: object, raw: bytes) -> str | Misfit:
    return raw.decode() if type(value) is dict else MISFIT


def _objects(value: object, raw: bytes) -> str | Misfit:
    return raw.decode() if type(value) is list else MISFIT


def _strings(value: Any, _raw: bytes) -> list[str] | Misfit:
    if type(value) is list and all(type(element) is str for element in value):
        return value
    return MISFIT


def _ints(value: Any, raw: bytes) -> list[int] | Misfit:
    if type(value) is list and all(_int(element, raw) is not MISFIT for element in value):
        return value
    return MISFIT


def _unknown(_value: object, raw: bytes) -> Exact:
    return raw.decode()


# For values other than null. JSON objects and arrays are stored as the text that was sent.
COERCERS: Mapping[FieldType, Coercer] = {
    FieldType.STRING: _string,
    FieldType.INT: _int,
    FieldType.FLOAT: _float,
    FieldType.BOOL: _bool,
    FieldType.TIMESTAMP: parse_time,
    FieldType.OBJECT: _object,
    FieldType.STRINGS: _strings,
    FieldType.INTS: _ints,
    FieldType.OBJECTS: _objects,
    FieldType.UNKNOWN: _unknown,
}
