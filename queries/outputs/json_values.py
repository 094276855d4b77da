"""Converts any value from DuckDB to JSON without loss."""

import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from store import timestamps

# Many JSON readers turn larger integers into floats; as text every digit is kept.
_INTEGER_MIN, _INTEGER_MAX = -(2**63), 2**64 - 1


def json_value(value: Any) -> Any:
    r"""Numbers stay numbers where JSON holds them exactly; others become text.

    Times become RFC 3339 in UTC, intervals ISO 8601 in seconds. Bytes become text in which
    everything but printable ASCII is `\xNN`, as DuckDB writes a BLOB.
    """
    match value:
        case None | bool() | str():
            return value
        case int() | float():
            return _number(value)
        case Mapping():
            return {str(json_value(key)): json_value(held) for key, held in value.items()}
        case list() | tuple() | set() | frozenset():
            return [json_value(held) for held in value]
        case _ if is_dataclass(value):
            return {field.name: json_value(getattr(value, field.name)) for field in fields(value)}
    return _text(value)


def _text(value: Any) -> str:
    match value:
        case datetime():
            return timestamps.to_text(value)
        case date() | time():
            return value.isoformat()
        case timedelta():
            return f"PT{Decimal(value // timedelta(microseconds=1)).scaleb(-6).normalize():f}S"
        case bytes():
            return _bytes_text(value)
    # Decimal, UUID, and any type that a later DuckDB adds.
    return str(value)


def _number(value: float) -> float | str:
    if isinstance(value, int):
        return value if _INTEGER_MIN <= value <= _INTEGER_MAX else str(value)
    return value if math.isfinite(value) else _not_finite(value)


def _not_finite(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    return "Infinity" if value > 0 else "-Infinity"


def _bytes_text(value: bytes) -> str:
    return "".join(
        chr(byte) if 0x20 <= byte < 0x7F and byte != ord("\\") else f"\\x{byte:02X}"  # noqa: PLR2004 - printable ASCII
        for byte in value
    )
