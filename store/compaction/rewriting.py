"""Finished files become other finished files with the same rows, but for those that are left out.

Read whole (and unchanged, by hash), merged in order, written, read again. Nothing names the new
files until somebody commits them, and nobody may before `demand_whole`: every row that came in
went out, was folded into its double, or was left out on purpose, each value as it was.
"""

from collections import Counter
from collections.abc import Callable, Generator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from store.catalog.counts import CatalogRow
from store.compaction import folding
from store.compaction.merge import merged
from store.compaction.merge_inputs import Inputs, Pace, Stretch
from store.compaction.merge_output import SortedOutput, SortedPart, Target
from store.errors import RewriteRefused
from store.files import durable
from store.files.layout import Layout
from store.parquet.file_reader import SortedRun, held_columns, opened, reading
from store.parquet.part_file import ROW_GROUP_ROWS
from store.parquet.row_hashes import Digest, row_hashes
from store.parquet.row_order import SORT_COLUMNS, shaped, with_dictionaries

# Tells which rows to leave out, as a mask; None where all stay.
LeftOut = Callable[[pa.Table], pa.Array | pa.ChunkedArray | None]


def nothing(_table: pa.Table) -> None:
    """Leaves nothing out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rewritten:
    """`left_out` is the digest of the rows that went, `kept` of those that stayed. `folded` lines
    were folded just now; `also_in` says of each part how many it has of all that ever were.
    """

    parts: tuple[SortedPart, ...]
    also_in: tuple[int, ...]
    rows_in: int
    folded: int
    kept: Digest
    left_out: Digest


@dataclass(slots=True)
class _Tally:
    """Rows as they pass: each line that stands in them counted with its batch, and each row
    summed up with all its values.
    """

    digest: Digest = field(default_factory=Digest)
    batches: Counter[str] = field(default_factory=Counter)

    @property
    def also_in(self) -> int:
        """How many lines were folded into these rows."""
        return self.batches.total() - self.digest.rows

    def __add__(self, other: "_Tally") -> "_Tally":
        return _Tally(self.digest + other.digest, self.batches + other.batches)

    def add(self, table: pa.Table) -> None:
        if table.num_rows:
            self.digest += Digest.of(_full_hashes(table))
            counted = table["batch_id"].value_counts()
            batches, times = counted.field("values"), counted.field("counts")
            self.batches.update(dict(zip(batches.to_pylist(), times.to_pylist(), strict=True)))
            self.batches.update(folding.places(table))


@dataclass(frozen=True, slots=True, kw_only=True)
class Rewriting:
    """`tell` is called with the number of rows written so far, and may take its time.

    Without `originals` nothing is folded and nothing marked: every row that stays is as it was.
    """

    layout: Layout
    originals: folding.Lines | None
    tell: Callable[[int], None] = lambda _rows: None

    def run(
        self, inputs: Sequence[CatalogRow], target: Target, leave_out: LeftOut = nothing
    ) -> Rewritten:
        read, folded, gone = _Tally(), _Tally(), _Tally()
        is_sorted = set(SORT_COLUMNS) <= set(target.schema.names)
        originals = self.originals if is_sorted else None
        durable.make_folder(target.folder.parent)
        durable.make_folder(target.folder)
        with ExitStack() as stack:
            runs = self._runs(inputs, target.schema, read, stack)
            output = stack.enter_context(SortedOutput(target))
            written = 0
            for table in merged(runs):
                mask = leave_out(shaped(table, target.schema))
                if mask is not None:
                    gone.add(table.filter(mask))
                    table = table.filter(pc.invert(mask))  # noqa: PLW2901
                if originals is not None:
                    found = folding.fold(table, target.dataset, originals)
                    folded.add(found.folded)
                    table = found.table  # noqa: PLW2901
                if table.num_rows:
                    output.add(table.drop_columns([folding.VALUES]))
                written += table.num_rows
                self.tell(written)
            parts = output.finish()
        read_again = [self._read_again(each) for each in parts]
        kept = sum(read_again, _Tally())
        _demand_whole(read, kept, folded, gone)
        return Rewritten(
            parts=tuple(parts),
            also_in=tuple(each.also_in for each in read_again),
            rows_in=read.digest.rows,
            folded=folded.digest.rows,
            kept=kept.digest,
            left_out=gone.digest,
        )

    def _runs(
        self, inputs: Sequence[CatalogRow], schema: pa.Schema, read: _Tally, stack: ExitStack
    ) -> list[SortedRun]:
        found = Inputs.of(self.layout, inputs)
        held, stretches = found.held(schema), found.stretches()
        pace = found.pace(stretches, held)
        runs = []
        for stretch in stretches:
            slices = self._slices(stretch, held, pace, read)
            stack.callback(slices.close)
            runs.append(SortedRun(slices, stretch.rows, pace.step_rows))
        return runs

    def _slices(
        self, stretch: Stretch, schema: pa.Schema, pace: Pace, read: _Tally
    ) -> Generator[pa.Table]:
        """Rows that follow one another, in the columns of `schema`, and counted."""

        def counted(batch: pa.RecordBatch) -> pa.Table:
            table = with_dictionaries(pa.Table.from_batches([batch]))
            table = _with_values(shaped(table, schema))
            read.add(table)
            return table

        groups = None if stretch.row_group is None else [stretch.row_group]
        for each in stretch.files:
            path = self.layout.root / each["path"]
            with opened(path, each["sha256"], pace.folded_bytes_max) as file:
                columns = held_columns(file)
                # Mapped, so that no name here keeps a slice in memory that is handed on.
                yield from map(
                    counted,
                    file.iter_batches(
                        pace.slice_rows, row_groups=groups, columns=columns, use_threads=False
                    ),
                )

    def _read_again(self, made: SortedPart) -> _Tally:
        tally = _Tally()
        with opened(made.part.path, made.part.sha256) as file:
            columns = held_columns(file)
            for batch in file.iter_batches(ROW_GROUP_ROWS, columns=columns, use_threads=False):
                tally.add(_with_values(pa.Table.from_batches([batch])))
        return tally


def united_schema(layout: Layout, inputs: Sequence[CatalogRow]) -> pa.Schema:
    """Every column of any of these files, texts as texts; and what compaction adds.

    RewriteRefused where a column has two types: that is for a version that knows both.
    """
    schemas = []
    for each in inputs:
        path = layout.root / each["path"]
        with reading(path):
            schemas.append(pq.read_schema(path))
    if set(SORT_COLUMNS) <= set(schemas[0].names):
        schemas.append(folding.MARKS)
    try:
        return pa.unify_schemas(schemas)
    except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
        raise RewriteRefused(f"{inputs[0]['path']} and its like: {error}") from error


def _with_values(table: pa.Table) -> pa.Table:
    names = set(table.column_names) - {*folding.PROVENANCE, *folding.MARKS.names}
    return table.append_column(folding.VALUES, row_hashes(table, names))


def _full_hashes(table: pa.Table) -> pa.ChunkedArray:
    return row_hashes(table, (folding.VALUES, *folding.PROVENANCE))


def _demand_whole(read: _Tally, kept: _Tally, folded: _Tally, gone: _Tally) -> None:
    """Nothing lost, nothing doubled, no value changed; else nothing of it may be shown."""
    if read.digest != kept.digest + folded.digest + gone.digest:
        raise RewriteRefused(
            f"{read.digest.rows} rows were read, {kept.digest.rows} written,"
            f" {folded.digest.rows} folded, {gone.digest.rows} left out; or a value changed"
        )
    if read.batches != kept.batches + gone.batches:
        raise RewriteRefused("rows of a batch are missing or doubled")
