"""Values that DuckDB hands over in no test of the analyst's, and those only Python has."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from queries.outputs.json_values import json_value


@dataclass(frozen=True)
class Pair:
    left: object
    right: object


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (2**64 - 1, 2**64 - 1),
        (2**64, str(2**64)),
        (-(2**63), -(2**63)),
        (-(2**63) - 1, str(-(2**63) - 1)),
        (float("inf"), "Infinity"),
        (timedelta(microseconds=-1500), "PT-0.0015S"),
        (timedelta(), "PT0S"),
        (timedelta(days=40), "PT3456000S"),
        (b" ~\x7f\xff", r" ~\x7F\xFF"),
        ((1, {2: b"x"}), [1, {"2": "x"}]),
        (Pair(1, [Pair(None, True)]), {"left": 1, "right": [{"left": None, "right": True}]}),
        (object, "<class 'object'>"),
    ],
)
def test_each_kind_of_value_has_one_json_form(value: object, written: object) -> None:
    assert json_value(value) == written


ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.binary()
    | st.decimals()
    | st.datetimes()
    | st.dates()
    | st.times()
    | st.timedeltas()
    | st.uuids(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(ANYTHING)
def test_every_value_can_be_written_as_json(value: object) -> None:
    assert orjson.loads(orjson.dumps(json_value(value))) is not Ellipsis


@given(st.binary())
def test_bytes_survive_the_conversion_to_json(value: bytes) -> None:
    written = json_value(value)

    assert written.isascii()
    assert written.encode().decode("unicode_escape").encode("latin-1") == value


@given(st.datetimes())
def test_a_time_is_rfc_3339_in_utc(value: datetime) -> None:
    read = datetime.fromisoformat(json_value(value))

    assert read == value.replace(tzinfo=UTC)
