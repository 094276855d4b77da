"""The files that a rewriting reads: where rows are in order in them, and how many are held at once."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Self

import pyarrow as pa
import pyarrow.parquet as pq

from store.catalog.counts import CatalogRow
from store.compaction import deduplication
from store.compaction.tiers import PART, chains, tier_of
from store.errors import RewriteRefused
from store.files.layout import Layout
from store.parquet.file_reader import empty_columns, footer_of, metadata_of, schema_of
from store.parquet.footer import Lineage, NamedFile
from store.parquet.part_file import ROW_GROUP_ROWS
from store.parquet.row_order import SORT_COLUMNS

# Where the row groups at hand, one of each stretch, take no more than this, they are read whole:
# nothing is then read twice, and no reader stays open, which takes as much as what it reads.
WHOLE_BYTES_MAX = 768 * 1024 * 1024

# What goes on in one step, over all stretches; and what is read of them at once, if not all. More
# would hardly be faster; it is there up to four times: read, in order, waiting, and in a row group.
STEP_BYTES_MAX = 96 * 1024 * 1024
STEP_ROWS_MIN = 128

# A slice brings along the whole dictionaries of its row group. Of a column that takes more than
# this there they are most of the slice, so its texts are read unfolded.
FOLDED_BYTES_MAX = 256 * 1024

# Asked for by name, so they are there even where all of them are NULL.
_ALWAYS = {
    *SORT_COLUMNS,
    *deduplication.PROVENANCE,
    *deduplication.IDENTITY,
    *deduplication.MARKS.names,
}


@dataclass(frozen=True, slots=True)
class Stretch:
    """Rows in order: those of some files, one behind the other, or of one row group of one file."""

    files: tuple[CatalogRow, ...]
    rows: int
    row_group: int | None = None


@dataclass(frozen=True, slots=True)
class Pace:
    """How many rows of each stretch are read at once, and how many go on at once."""

    slice_rows: int
    step_rows: int

    @property
    def folded_bytes_max(self) -> int | None:
        return None if self.slice_rows >= ROW_GROUP_ROWS else FOLDED_BYTES_MAX


@dataclass(frozen=True, slots=True)
class Inputs:
    """Files of one dataset and their footers."""

    files: tuple[CatalogRow, ...]
    footers: tuple[pq.FileMetaData, ...]

    @classmethod
    def of(cls, layout: Layout, files: Sequence[CatalogRow]) -> Self:
        footers = (metadata_of(NamedFile.of(layout.root, each)) for each in files)
        return cls(tuple(files), tuple(footers))

    def schema(self) -> pa.Schema:
        """Every column of any of these files, as it is in memory; and what compaction adds.

        RewriteRefused where a column has two types: that is for a version that knows both.
        """
        schemas = [schema_of(footer) for footer in self.footers]
        if set(SORT_COLUMNS) <= set(schemas[0].names):
            schemas.append(deduplication.MARKS)
        try:
            return pa.unify_schemas(schemas)
        except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
            raise RewriteRefused(
                f"{self.files[0]['path']} and files merged with it: {error}"
            ) from error

    def lineage(self, sequence: int) -> Lineage:
        """Where rows of a file that is made of these come from."""
        names = (file["path"] for file in self.files)
        lineages = (
            footer_of(name, footer).lineage
            for name, footer in zip(names, self.footers, strict=True)
        )
        decoders = {each for lineage in lineages if lineage for each in lineage.decoders}
        return Lineage(
            sequence=sequence,
            merged=tuple(file["path"] for file in self.files),
            decoders=tuple(sorted(decoders)),
        )

    def held(self, schema: pa.Schema) -> pa.Schema:
        """The columns with a value in any of the files; the others need not be carried along."""
        empty = set(schema.names) - _ALWAYS
        for footer in self.footers:
            empty -= set(footer.schema.to_arrow_schema().names) - empty_columns(footer)
        return pa.schema(field for field in schema if field.name not in empty)

    def stretches(self) -> list[Stretch]:
        """A chain is in order from end to end. The loader sorts each row group by itself."""
        footers = dict(zip((file["path"] for file in self.files), self.footers, strict=True))
        return [
            stretch
            for chain in chains(self.files)
            for stretch in _stretches(chain, footers[chain[0]["path"]])
        ]

    def pace(self, stretches: Sequence[Stretch], schema: pa.Schema) -> Pace:
        row_bytes = self.row_bytes(schema)
        step_rows = max(STEP_BYTES_MAX // (max(len(stretches), 1) * row_bytes), STEP_ROWS_MIN)
        at_hand = sum(min(each.rows, ROW_GROUP_ROWS) for each in stretches)
        is_whole = at_hand * row_bytes <= WHOLE_BYTES_MAX
        return Pace(ROW_GROUP_ROWS if is_whole else step_rows, step_rows)

    def row_bytes(self, schema: pa.Schema) -> int:
        """What a row takes in memory, no less: its values as they are encoded, and what they add
        to that once decoded.
        """
        groups = [
            footer.row_group(each)
            for footer in self.footers
            for each in range(footer.num_row_groups)
        ]
        encoded: int = sum(group.total_byte_size for group in groups)
        rows: int = sum(group.num_rows for group in groups)
        return encoded // max(rows, 1) + sum(map(_value_bytes, schema.types))


def _stretches(chain: Sequence[CatalogRow], footer: pq.FileMetaData) -> Iterator[Stretch]:
    if tier_of(chain[0]) != PART:
        yield Stretch(tuple(chain), sum(file["rows"] for file in chain))
        return
    for group in range(footer.num_row_groups):
        yield Stretch(tuple(chain), footer.row_group(group).num_rows, group)


def _value_bytes(kind: pa.DataType) -> int:
    """A number; or where a text, a list or a value of a dictionary begins."""
    is_wide = pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_timestamp(kind)
    return 8 if is_wide else 4
