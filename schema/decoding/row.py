"""One line becomes one row, or is rejected with a reason a person understands.

Every member of the record ends in its column exactly, or in `extra` as it was sent, or both.
`extra` is a JSON object of, in the sender's order: unknown fields, misfits, the originals of
approximations, and members that a later one of the same name overruled. Space around keys and
values is not kept.
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

# Types whose every value is exact: most members of a line need no closer look than this.
PLAIN = {FieldType.STRING: str, FieldType.BOOL: bool}

# Outcomes that are exact and one cell wide.
SIMPLE = frozenset({str, int, float, bool, list})

# Types whose rule looks at the sender's bytes; the others are spared the looking up.
READS_RAW = frozenset(
    {
        FieldType.FLOAT,
        FieldType.TIMESTAMP,
        FieldType.OBJECT,
        FieldType.OBJECTS,
        FieldType.UNKNOWN,
    }
)

# A line of a record that was printed for people: a bracket alone, or a member.
PRINTED_LINE = re.compile(
    rb'[ \t\r]*+(?:[\[{]|[\]}][ \t]*+,?|"[^"\\]*+(?:\\.[^"\\]*+)*+"[ \t]*+:.*+)[ \t\r]*+'
)
PRINTED_REASON = "part of a record printed over several lines: send each record on one line"

# How Cloudflare's names for a time end, in any case that ASCII has.
TIME_NAME = re.compile(r"(?:timestamp|timestampms|datetime)\Z", re.ASCII | re.IGNORECASE)

# Cloudflare began in 2010. What reads as an earlier time is a duration, a counter or "never".
GUESSED_TIME_MIN = int(datetime(2010, 1, 1, tzinfo=UTC).timestamp()) * 10**6

# Cloudflare may add a field or two between our versions; three that outnumber the known ones
# are another dataset's.
FOREIGN_MEMBERS_MIN = 3


@dataclass(frozen=True, slots=True)
class Rejected:
    reason: str


@dataclass(slots=True)
class Row:
    """`cells` says what a column holds, NULL where it says nothing. The rest is for counting.

    `is_foreign`: the dataset has fields, does not know three members or more, and knows fewer
    than it does not know. Members of the same name are one.
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
        """Put a value in its cell as far as it fits; True if nothing of it is left over."""
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
        return Rejected(f"not JSON: {error.msg}")
    if type(record) is not dict:
        return Rejected(f"expected an object, found {JSON_WORDS[type(record)]}")
    return record


@dataclass(frozen=True, slots=True, kw_only=True)
class _Column:
    plain: type | None
    coerce: Coercer
    reads_raw: bool


class RowReader:
    """Reads lines of one dataset; holds nothing between them."""

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
        """`record` is what `text` was parsed to."""
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
        """Fill the cells; return the names of the members that no cell holds exactly."""
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
        """The dataset's first time field that holds one, or a guess where it has no fields."""
        if self._dataset.guesses_time:
            return guessed_time(self._dataset.event_time, record, source)
        times = (row.cells.get(name) for name in self._dataset.event_time)
        return next((time for time in times if time is not None), None)


def guessed_time(names: Iterable[str], record: Mapping[str, Any], source: Sent) -> int | None:
    """When a record happened whose fields nobody described: microseconds since 1970, or None.

    1. Of `names`, in their order: the first that names a member whose value is a time.
    2. Else of all members, in the record's order: the first whose name, with A to Z lowered and
       no other letter changed, ends in `timestamp`, `timestampms` or `datetime`, and whose value
       is a time not before 2010-01-01T00:00:00Z.

    A time is what parse_time does not call a Misfit; digits below the microsecond are cut,
    towards the past. Members inside values do not count. Of members whose names are equal once
    unescaped the last one's value counts, at the first one's place.
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
