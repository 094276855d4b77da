"""Decodes one line to one row, or rejects it with a reason for a person.

Every member of the record is stored in its column exactly, or in `extra` as it was sent, or both.
`extra` is a JSON object of unknown fields, values that do not fit, the originals of approximate
values, and members replaced by a later one of the same name, in the order they were sent. Space
around keys and values is not kept.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import orjson

from schema.body.lines import LINE_BYTES_MAX, Line
from schema.columns import nanoseconds_column
from schema.dataset import Dataset, FieldType
from schema.decoding.json_errors import reason_of
from schema.decoding.raw_record import Sent, sent
from schema.fields.coercion import COERCERS, Coercer
from schema.fields.coercion_result import Approximate, CoercionResult, Exact, Instant, Misfit
from schema.fields.event_time import parse_time
from schema.fields.identity import identify
from schema.fields.members import object_of

JSON_WORDS = {
    list: "array",
    str: "string",
    int: "number",
    float: "number",
    bool: "boolean",
    type(None): "null",
}

# Types whose values are always exact, so that most members of a line need no further check.
PLAIN = {FieldType.STRING: str, FieldType.BOOL: bool}

# Types of results that are exact and fill one cell.
SIMPLE = frozenset({str, int, float, bool, list})

# Types whose rule needs the bytes that were sent; for others they are not looked up.
READS_RAW = frozenset(
    {
        FieldType.FLOAT,
        FieldType.TIMESTAMP,
        FieldType.OBJECT,
        FieldType.OBJECTS,
        FieldType.UNKNOWN,
    }
)

# A line of a record that is printed over several lines: a single bracket, or a member.
PRINTED_LINE = re.compile(
    rb'[ \t\r]*+(?:[\[{]|[\]}][ \t]*+,?|"[^"\\]*+(?:\\.[^"\\]*+)*+"[ \t]*+:.*+)[ \t\r]*+'
)
PRINTED_REASON = "part of a record printed over several lines: send each record on one line"

# How Cloudflare's names of time fields end, in upper or lower case.
TIME_NAME = re.compile(r"(?:timestamp|timestampms|datetime)\Z", re.ASCII | re.IGNORECASE)

# Cloudflare started in 2010. An earlier time is a duration, a counter or "never".
GUESSED_TIME_MIN = int(datetime(2010, 1, 1, tzinfo=UTC).timestamp()) * 10**6

# Cloudflare may add a field or two between our versions. Three or more unknown members that
# outnumber the known ones mean another dataset.
FOREIGN_MEMBERS_MIN = 3


@dataclass(frozen=True, slots=True)
class Rejected:
    reason: str


@dataclass(slots=True)
class Row:
    """`cells` holds the values of columns; a missing one is NULL. The rest is for counting.

    `is_foreign`: the dataset has fields, at least three members are unknown to it, and these are
    more than the known ones. Members of the same name count once.
    """

    cells: dict[str, Any] = field(default_factory=dict)
    misfits: list[str] = field(default_factory=list)
    approximations: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    duplicates: int = 0
    is_foreign: bool = False

    def hold(self, name: str, value: Exact) -> None:
        if isinstance(value, Instant):
            self.cells[name] = value.microseconds
            self.cells[nanoseconds_column(name)] = value.nanoseconds or None
        else:
            self.cells[name] = value

    def place(self, name: str, outcome: CoercionResult) -> bool:
        """Store a value in its cell as far as it fits; True if the cell holds it exactly."""
        if isinstance(outcome, Misfit):
            self.misfits.append(name)
            return False
        if isinstance(outcome, Approximate):
            self.approximations.append(name)
            self.hold(name, outcome.value)
            return False
        self.hold(name, outcome)
        return True


def record_of(line: Line) -> dict[str, Any] | Rejected:
    if line.is_overlong:
        return Rejected(f"longer than {LINE_BYTES_MAX} bytes")
    try:
        record = orjson.loads(line.content)
    except orjson.JSONDecodeError as error:
        if PRINTED_LINE.fullmatch(line.content):
            return Rejected(PRINTED_REASON)
        return Rejected(reason_of(error, line.content))
    if type(record) is not dict:
        return Rejected(f"expected an object, found {JSON_WORDS[type(record)]}")
    return record


@dataclass(frozen=True, slots=True, kw_only=True)
class _Column:
    plain: type | None
    coerce: Coercer
    reads_raw: bool


class RowReader:
    """Reads lines of one dataset; keeps no state between lines."""

    def __init__(self, dataset: Dataset) -> None:
        self._dataset = dataset
        self._columns = {
            entry.name: _Column(
                plain=PLAIN.get(entry.type),
                coerce=COERCERS[entry.type],
                reads_raw=entry.type in READS_RAW,
            )
            for entry in dataset.fields
        }

    def read(self, line: Line) -> Row | Rejected:
        record = record_of(line)
        return record if isinstance(record, Rejected) else self.row(record, line.content)

    def row(self, record: dict[str, Any], text: bytes) -> Row:
        """`record` is the parsed `text`."""
        row = Row()
        source = sent(record, text)
        row.duplicates = source.duplicates
        spare = self._place_members(row, record, source)
        row.is_foreign = self._is_foreign(len(row.unknown), len(record))
        if spare or source.duplicates:
            row.hold("extra", object_of(source.left_over(spare)))
        row.hold("event_time", self._event_time(row, record, source))
        user_id, user_source = identify(self._dataset.identity, record, text)
        row.hold("user_id", user_id)
        row.hold("user_source", user_source)
        return row

    def _place_members(self, row: Row, record: dict[str, Any], source: Sent) -> set[str]:
        """Fill the cells; return the names of members that no cell holds exactly."""
        spare = set()
        cells = row.cells
        for name, value in record.items():
            column = self._columns.get(name)
            if column is None:
                row.unknown.append(name)
                spare.add(name)
            elif type(value) is column.plain:
                cells[name] = value
            elif value is not None:
                raw = source.raw(name) if column.reads_raw else b""
                outcome = column.coerce(value, raw)
                if type(outcome) in SIMPLE:
                    cells[name] = outcome
                elif not row.place(name, outcome):
                    spare.add(name)
        return spare

    def _is_foreign(self, unknown: int, members: int) -> bool:
        outnumber = unknown > members - unknown
        return outnumber and unknown >= FOREIGN_MEMBERS_MIN and bool(self._columns)

    def _event_time(self, row: Row, record: Mapping[str, Any], source: Sent) -> int | None:
        """The first time field of the dataset that has a value, or a guess if it has no fields."""
        if self._dataset.guesses_time:
            return guessed_time(self._dataset.event_time, record, source)
        times = (row.cells.get(name) for name in self._dataset.event_time)
        return next((time for time in times if time is not None), None)


def guessed_time(names: Iterable[str], record: Mapping[str, Any], source: Sent) -> int | None:
    """The time of a record without a described dataset: microseconds since 1970, or None.

    1. Of `names`, in their order: the first member of such a name whose value is a time.
    2. Else of all members, in the record's order: the first whose name ends in `timestamp`,
       `timestampms` or `datetime` (ASCII case is ignored), and whose value is a time from
       2010-01-01T00:00:00Z on.

    A value is a time if parse_time does not return Misfit; digits below the microsecond are cut
    off. Members inside values do not count. Of members whose unescaped names are equal, the value
    of the last counts, at the place of the first.
    """
    named = (_time(name, record, source) for name in names if name in record)
    ending = (_time(name, record, source) for name in record if TIME_NAME.search(name))
    first = next((time for time in named if time is not None), None)
    if first is not None:
        return first
    return next((time for time in ending if time is not None and time >= GUESSED_TIME_MIN), None)


def _time(name: str, record: Mapping[str, Any], source: Sent) -> int | None:
    outcome = parse_time(record[name], source.raw(name))
    time = outcome.value if isinstance(outcome, Approximate) else outcome
    return time.microseconds if isinstance(time, Instant) else None
