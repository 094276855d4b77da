"""What decoding a batch found, kept for the person who has to fix the Logpush job.

The counts of a batch stand in its row of `batches`. The names of the fields that caused trouble
stand in `fields`, once for each dataset. The column `tally` of a batch says what it added there,
so that a replay can subtract exactly that and add what it finds itself.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import orjson
from sqlalchemy import Connection, bindparam, delete, select, update

from schema.dataset import recognise
from schema.decoding.result import UNKNOWN_NAMES_MAX, Tally
from store.catalog import counts
from store.catalog.counts import CatalogRow, Key
from store.catalog.tables import batches, fields
from store.keepout.rules import NOTHING, Excluded

MISFIT, APPROXIMATE, UNKNOWN = "misfit", "approximate", "unknown"
KINDS = (MISFIT, APPROXIMATE, UNKNOWN)

# A sender may invent any number of names; ten times the fields of the widest dataset are enough
# to fix a job. Further names are counted together, under an empty name.
FIELD_NAMES_MAX = 1_000
UNNAMED = ""

# Columns of `batches` that a ledger entry has only where they are not zero or empty.
NOTED_COUNTS = (
    "misfits",
    "approximations",
    "unknown_members",
    "overruled_members",
    "foreign_lines",
)
NOTED = ("shape", "decoder", "foreign_dataset", *NOTED_COUNTS)

Times = Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """How one batch was decoded: the sum of its tallies, its shape, and the decoder.

    `foreign_dataset` is the dataset that the first foreign line looks like, if any. In a dataset
    without a data file no line is foreign by itself: then all rows are, if the start of the body is
    recognised as `likely`, another dataset.
    """

    shape: str
    decoder: str
    lines: int
    blank: int
    rows: int
    rejected: int
    misfits: Times
    approximations: Times
    unknown: Times
    unknown_unnamed: int
    overruled: int
    foreign: int
    foreign_dataset: str | None
    # Of its lines, those that are no rows because their person was erased.
    excluded: Excluded = NOTHING

    @classmethod
    def of(
        cls,
        tallies: Iterable[Tally],
        *,
        shape: str,
        decoder: str,
        likely: str | None = None,
        excluded: Excluded = NOTHING,
    ) -> Self:
        parts = list(tallies)
        rows = sum(tally.rows for tally in parts) - excluded.records
        unknown = _summed(tally.unknown for tally in parts)
        named = dict(list(unknown.items())[:UNKNOWN_NAMES_MAX])
        unnamed = unknown.total() - sum(named.values())
        return cls(
            shape=shape,
            decoder=decoder,
            lines=sum(tally.lines for tally in parts),
            blank=sum(tally.blank for tally in parts),
            rows=rows,
            rejected=sum(tally.rejected for tally in parts) - excluded.lines,
            misfits=_summed(tally.misfits for tally in parts),
            approximations=_summed(tally.approximations for tally in parts),
            unknown=named,
            unknown_unnamed=unnamed + sum(tally.unknown_unnamed for tally in parts),
            overruled=sum(tally.duplicates for tally in parts),
            foreign=rows if likely else sum(tally.foreign for tally in parts),
            foreign_dataset=likely
            or next(
                (looks_like(tally.foreign_sample) for tally in parts if tally.foreign_sample), None
            ),
            excluded=excluded,
        )

    def columns(self) -> dict[str, Any]:
        """The columns of `batches` that hold it; names of fields are kept elsewhere."""
        return {
            "rows": self.rows,
            "rejected_lines": self.rejected,
            "blank_lines": self.blank,
            "shape": self.shape,
            "decoder": self.decoder,
            "misfits": sum(self.misfits.values()),
            "approximations": sum(self.approximations.values()),
            "unknown_members": sum(self.unknown.values()) + self.unknown_unnamed,
            "overruled_members": self.overruled,
            "foreign_lines": self.foreign,
            "foreign_dataset": self.foreign_dataset,
        }

    def line_counts(self) -> dict[str, int]:
        return {
            "lines": self.lines,
            "rows": self.rows,
            "rejected_lines": self.rejected,
            "blank_lines": self.blank,
        }

    def ledger_facts(self) -> dict[str, Any]:
        """What the ledger says of it beside the counts of lines: what is not zero or empty."""
        return {name: value for name, value in self.columns().items() if value and name in NOTED}

    def trouble(self) -> dict[str, Counter[str]]:
        """How often each field caused which kind of trouble."""
        unknown = Counter(self.unknown)
        unknown[UNNAMED] += self.unknown_unnamed
        found = zip(KINDS, (self.misfits, self.approximations, unknown), strict=True)
        return {kind: +Counter(times) for kind, times in found}


def looks_like(line: bytes) -> str | None:
    """The dataset whose keys a line has, if any."""
    try:
        record = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    known = recognise(record) if isinstance(record, dict) else None
    return known.name if known else None


def record(connection: Connection, dataset: str, diagnoses: Mapping[int, Diagnosis]) -> None:
    """Store the diagnoses of batches of one dataset, by sequence.

    The caller holds the write lock, and commits them together with the parts of these batches.
    """
    if not diagnoses:
        return
    names = _FieldNames(connection, dataset)
    rows = []
    for sequence, each in diagnoses.items():
        placed = names.place(each, sequence)
        tally = orjson.dumps(placed).decode() if placed else None
        rows.append({"of_sequence": sequence, "tally": tally, **each.columns()})
    columns: dict[str, Any] = {name: bindparam(name) for name in rows[0] if name != "of_sequence"}
    is_batch = batches.c.sequence == bindparam("of_sequence")
    connection.execute(update(batches).where(is_batch).values(columns), rows)
    counts.change(connection, _sum_of_batches({**row, "dataset": dataset} for row in rows))
    names.write()


def withdraw(connection: Connection, dataset: str, rows: Sequence[CatalogRow]) -> None:
    """Subtract what `record` added for these batches of one dataset, given their rows.

    The rows themselves are not changed: `record` overwrites them next.
    """
    rest = [{**row, "body_bytes": 0, "inflated_bytes": 0, "resends": 0} for row in rows]
    counts.change(connection, Counter({key: -n for key, n in _sum_of_batches(rest).items()}))
    names = _FieldNames(connection, dataset)
    for row in rows:
        names.take_out(orjson.loads(row["tally"] or "{}"), row["sequence"])
    names.write()
    connection.execute(delete(fields).where(fields.c.dataset == dataset, fields.c.times <= 0))


class _FieldNames:
    """The names of one dataset in `fields`, of which there may be FIELD_NAMES_MAX a kind."""

    def __init__(self, connection: Connection, dataset: str) -> None:
        self._connection = connection
        self._dataset = dataset
        self._known: dict[str, set[str]] = {}
        # By kind and field: the change of the count, and the first batch it is from.
        self._changes: dict[tuple[str, str], tuple[int, int]] = {}

    def place(self, diagnosis: Diagnosis, sequence: int) -> dict[str, dict[str, int]]:
        """Count the names of one batch; names past the limit count as unnamed."""
        placed: dict[str, dict[str, int]] = {}
        for kind, times in diagnosis.trouble().items():
            for name, count in times.items():
                field = name if self._has_room(kind, name) else UNNAMED
                under = placed.setdefault(kind, {})
                under[field] = under.get(field, 0) + count
                self._change(kind, field, count, sequence)
        return placed

    def take_out(self, placed: Mapping[str, Times], sequence: int) -> None:
        for kind, times in placed.items():
            for field, count in times.items():
                self._change(kind, field, -count, sequence)

    def write(self) -> None:
        rows = [
            {
                "dataset": self._dataset,
                "kind": kind,
                "field": field,
                "times": times,
                "first_batch": first,
            }
            for (kind, field), (times, first) in self._changes.items()
        ]
        if rows:
            self._connection.execute(counts.statement("count_field"), rows)

    def _change(self, kind: str, field: str, times: int, sequence: int) -> None:
        before, first = self._changes.get((kind, field), (0, sequence))
        self._changes[kind, field] = (before + times, min(first, sequence))

    def _has_room(self, kind: str, name: str) -> bool:
        if kind not in self._known:
            of_kind = (fields.c.dataset == self._dataset, fields.c.kind == kind)
            query = select(fields.c.field).where(*of_kind)
            self._known[kind] = set(self._connection.scalars(query)) - {UNNAMED}
        known = self._known[kind]
        if name and len(known) < FIELD_NAMES_MAX:
            known.add(name)
        return name in known


def _sum_of_batches(rows: Iterable[CatalogRow]) -> Counter[Key]:
    total: Counter[Key] = Counter()
    for row in rows:
        total.update(counts.of_batch(row))
    return total


def _summed(times: Iterable[Times]) -> Counter[str]:
    total: Counter[str] = Counter()
    for each in times:
        total.update(each)
    return total
