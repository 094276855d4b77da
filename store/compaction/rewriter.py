"""Rewrites files into new sorted files with the same rows, except excluded ones, and verifies them.

Inputs are checked by hash, merged in order and written; the new files are then read again. Before
they are returned for a commit, `_demand_whole` proves that each input row was written, folded into
its duplicate or excluded, with all values unchanged.
"""

from collections import Counter
from collections.abc import Callable, Generator
from contextlib import ExitStack
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from store.compaction import deduplication
from store.compaction.merge import merge_runs
from store.compaction.merge_inputs import Inputs, Pace, Stretch
from store.compaction.merge_output import SortedOutput, SortedPart, Target
from store.errors import RewriteRefused
from store.files import durable
from store.files.layout import Layout
from store.parquet.file_reader import opened
from store.parquet.footer import NamedFile
from store.parquet.part_file import ROW_GROUP_ROWS
from store.parquet.row_hashes import Digest, row_hashes
from store.parquet.row_order import SORT_COLUMNS, shaped, with_dictionaries
from store.parquet.sorted_run import SortedRun

# Returns a mask of the rows to exclude; None if there are none.
RowFilter = Callable[[pa.Table], pa.Array | pa.ChunkedArray | None]


def exclude_nothing(_table: pa.Table) -> None:
    """Keeps every row."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RewriteResult:
    """Digests of the rows `kept` and `excluded`. `folded` counts lines folded by this rewrite;
    `also_in` counts for each part all lines ever folded into its rows, `probable` its rows that are
    marked as probable duplicates.
    """

    parts: tuple[SortedPart, ...]
    also_in: tuple[int, ...]
    probable: tuple[int, ...]
    rows_in: int
    folded: int
    kept: Digest
    excluded: Digest


@dataclass(slots=True)
class _Tally:
    """Counts the lines of each batch, folded ones too, and sums up a digest of all rows."""

    digest: Digest = field(default_factory=Digest)
    batches: Counter[str] = field(default_factory=Counter)
    probable: int = 0

    @property
    def also_in(self) -> int:
        """The number of lines that were folded into these rows."""
        return self.batches.total() - self.digest.rows

    def __add__(self, other: "_Tally") -> "_Tally":
        return _Tally(
            self.digest + other.digest,
            self.batches + other.batches,
            self.probable + other.probable,
        )

    def add(self, table: pa.Table) -> None:
        if table.num_rows:
            self.digest += Digest.of(_full_hashes(table))
            counted = table["batch_id"].value_counts()
            batches, times = counted.field("values"), counted.field("counts")
            self.batches.update(dict(zip(batches.to_pylist(), times.to_pylist(), strict=True)))
            self.batches.update(deduplication.folded_batches(table))
            self.probable += deduplication.probable_rows(table)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rewriter:
    """`on_progress` is called with the rows written so far, and may block.

    Without `originals` no row is folded or marked as a probable duplicate.
    """

    layout: Layout
    originals: deduplication.RawLineReader | None
    on_progress: Callable[[int], None] = lambda _rows: None

    def run(
        self, inputs: Inputs, target: Target, exclude: RowFilter = exclude_nothing
    ) -> RewriteResult:
        read, folded, gone = _Tally(), _Tally(), _Tally()
        content = target.content
        is_sorted = set(SORT_COLUMNS) <= set(content.schema.names)
        originals = self.originals if is_sorted else None
        durable.make_folder(target.folder.parent)
        durable.make_folder(target.folder)
        with ExitStack() as stack:
            runs = self._runs(inputs, content.schema, read, stack)
            output = stack.enter_context(SortedOutput(target))
            written = 0
            for table in merge_runs(runs):
                mask = exclude(shaped(table, content.schema))
                if mask is not None:
                    gone.add(table.filter(mask))
                    table = table.filter(pc.invert(mask))  # noqa: PLW2901
                if originals is not None:
                    found = deduplication.deduplicate(table, content.dataset, originals)
                    folded.add(found.folded)
                    table = found.table  # noqa: PLW2901
                if table.num_rows:
                    output.add(table.drop_columns([deduplication.VALUES]))
                written += table.num_rows
                self.on_progress(written)
            parts = output.finish()
        read_again = [self._read_again(each) for each in parts]
        kept = sum(read_again, _Tally())
        _demand_whole(read, kept, folded, gone)
        return RewriteResult(
            parts=tuple(parts),
            also_in=tuple(each.also_in for each in read_again),
            probable=tuple(each.probable for each in read_again),
            rows_in=read.digest.rows,
            folded=folded.digest.rows,
            kept=kept.digest,
            excluded=gone.digest,
        )

    def _runs(
        self, inputs: Inputs, schema: pa.Schema, read: _Tally, stack: ExitStack
    ) -> list[SortedRun]:
        held, stretches = inputs.held(schema), inputs.stretches()
        pace = inputs.pace(stretches, held)
        runs = []
        for stretch in stretches:
            slices = self._slices(stretch, held, pace, read)
            stack.callback(slices.close)
            runs.append(SortedRun(slices, stretch.rows, pace.step_rows))
        return runs

    def _slices(
        self, stretch: Stretch, schema: pa.Schema, pace: Pace, read: _Tally
    ) -> Generator[pa.Table]:
        """The rows of a stretch in order, in the columns of `schema`; counts them in `read`."""

        def counted(rows: pa.Table) -> pa.Table:
            table = _with_values(shaped(with_dictionaries(rows), schema))
            read.add(table)
            return table

        groups = None if stretch.row_group is None else [stretch.row_group]
        for each in stretch.files:
            with opened(NamedFile.of(self.layout.root, each), pace.folded_bytes_max) as file:
                # `map`, since a loop variable would keep the last slice in memory.
                yield from map(counted, file.tables(pace.slice_rows, file.held_columns(), groups))

    def _read_again(self, made: SortedPart) -> _Tally:
        tally = _Tally()
        with opened(made.part.named) as file:
            for table in file.tables(ROW_GROUP_ROWS, file.held_columns()):
                tally.add(_with_values(table))
        return tally


def _with_values(table: pa.Table) -> pa.Table:
    names = set(table.column_names) - {*deduplication.PROVENANCE, *deduplication.MARKS.names}
    return table.append_column(deduplication.VALUES, row_hashes(table, names))


def _full_hashes(table: pa.Table) -> pa.ChunkedArray:
    return row_hashes(table, (deduplication.VALUES, *deduplication.PROVENANCE))


def _demand_whole(read: _Tally, kept: _Tally, folded: _Tally, gone: _Tally) -> None:
    """RewriteRefused if a row was lost or doubled, or a value changed."""
    if read.digest != kept.digest + folded.digest + gone.digest:
        raise RewriteRefused(
            f"{read.digest.rows} rows were read, {kept.digest.rows} written,"
            f" {folded.digest.rows} folded, {gone.digest.rows} left out; or a value changed"
        )
    if read.batches != kept.batches + gone.batches:
        raise RewriteRefused("rows of a batch are missing or doubled")
