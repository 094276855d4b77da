"""One line becomes one row, or is rejected with a reason a person understands.

Every member of the record ends in its column exactly, or in `extra` as it was sent, or both.
`extra` is a JSON object of, in the sender's order: unknown fields, misfits, the originals of
approximations, and members that a later one of the same name overruled. Space around keys and
values is not kept.
"""

from dataclasses import dataclass, field
from typing import Any

import orjson

from schema.coercion import COERCERS, Coercer
from schema.columns import nanoseconds_column
from schema.dataset import Dataset, FieldType
from schema.identity import identify
from schema.lines import LINE_BYTES_MAX, Line
from schema.members import object_of
from schema.outcome import Approximate, Exact, Instant, Misfit, Outcome
from schema.sent import Sent, sent

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


@dataclass(frozen=True, slots=True)
class Rejected:
    reason: str


@dataclass(slots=True)
class Row:
    """`cells` says what a column holds, NULL where it says nothing. The rest is for counting."""

    cells: dict[str, Any] = field(default_factory=dict)
    misfits: list[str] = field(default_factory=list)
    approximations: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    duplicates: int = 0

    def hold(self, name: str, value: Exact) -> None:
        if isinstance(value, Instant):
            self.cells[name] = value.microseconds
            self.cells[nanoseconds_column(name)] = value.nanoseconds or None
        else:
            self.cells[name] = value

    def place(self, name: str, outcome: Outcome) -> bool:
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
        if spare or source.duplicates:
            row.hold("extra", object_of(source.left_over(spare)))
        row.hold("event_time", self._event_time(row))
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

    def _event_time(self, row: Row) -> int | None:
        """The dataset's first time field that holds one."""
        times = (row.cells.get(name) for name in self._dataset.event_time)
        return next((time for time in times if time is not None), None)
