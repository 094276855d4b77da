"""Searches rows for a person: their own rows, rows that mention them, and rows under a hold."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from store import names
from store.compaction import deduplication
from store.erasure.foreign_text import FOREIGN
from store.erasure.identifier import Identifier
from store.files.layout import REJECTED
from store.parquet.file_reader import FinishedFile
from store.parquet.part_file import ROW_GROUP_ROWS
from store.retention import holds
from store.retention.holds import Hold

# Columns that we write ourselves: a user named `object` or `email` is not mentioned in them.
OURS = frozenset({"batch_id", deduplication.ALSO_IN, "user_source"})

# The only column of rejected lines with text of the sender.
LINE = "line"


# Arrow refuses patterns of a megabyte.
PATTERN_BYTES_MAX = 1_000

# The ids of the holds that keep rows of a batch, by the batch's id.
HeldBatches = dict[str, frozenset[str]]


def add_held(found: HeldBatches, more: Mapping[str, frozenset[str]]) -> None:
    for batch, ids in more.items():
        found[batch] = found.get(batch, frozenset()) | ids


@dataclass(slots=True)
class RowMatches:
    """Counts of one file.

    `rows` are the person's rows that no hold keeps, `held` those that a hold keeps, `kept` the same
    by the hold's id, and `mentions` rows of others. `batches` are the batches of `rows`,
    `held_batches` those of all rows under a hold, of any user, with the ids of the holds.
    """

    rows: int = 0
    held: int = 0
    mentions: int = 0
    kept: Counter[str] = field(default_factory=Counter)
    batches: set[str] = field(default_factory=set)
    held_batches: HeldBatches = field(default_factory=dict)
    # Rejected lines without the name that cannot be searched to their end. See foreign_text.py.
    unsearchable: int = 0
    # Rejected lines by the dataset they were sent to.
    lines: Counter[str] = field(default_factory=Counter)

    @property
    def has_any(self) -> bool:
        return bool(self.rows or self.held or self.mentions)


@dataclass(frozen=True, slots=True)
class RowSearch:
    identifier: Identifier
    holds: Sequence[Hold]

    def rows(self, file: FinishedFile, dataset: str) -> RowMatches:
        """Search every column of every row, one row group at a time."""
        found = RowMatches()
        for table in file.tables(ROW_GROUP_ROWS, file.columns):
            self._add(found, table, dataset)
        return found

    def erasable(self, table: pa.Table, dataset: str) -> pa.ChunkedArray:
        """The person's rows that no hold keeps, as a mask without NULL."""
        theirs = self._theirs(table, dataset)
        held = holds.held_mask(self.holds, table)
        return theirs if held is None else pc.and_(theirs, pc.invert(held))

    def _add(self, found: RowMatches, table: pa.Table, dataset: str) -> None:
        theirs = self._theirs(table, dataset)
        held = holds.held_mask(self.holds, table)
        erasable = theirs
        if held is not None:
            erasable = pc.and_(theirs, pc.invert(held))
            found.held += _count(pc.and_(theirs, held))
            for hold in self.holds:
                mask = holds.matching(hold, table)
                found.kept[hold.id] += _count(pc.and_(theirs, mask))
                batches = batches_in(_provenance(table).filter(mask))
                add_held(found.held_batches, dict.fromkeys(batches, frozenset({hold.id})))
        found.rows += _count(erasable)
        if dataset == REJECTED:
            foreign = pc.match_substring_regex(table[LINE], pattern=FOREIGN).fill_null(False)
            found.unsearchable += _count(pc.and_(foreign, pc.invert(theirs)))
        else:
            found.mentions += _count(pc.and_(self._mentioning(table), pc.invert(theirs)))
        gone = _provenance(table).filter(erasable)
        found.batches |= set(batches_in(gone))
        if dataset == REJECTED and gone.num_rows:
            found.lines.update(gone["dataset"].cast(pa.string()).to_pylist())

    def _theirs(self, table: pa.Table, dataset: str) -> pa.ChunkedArray:
        """Rows with exactly this user. A rejected line has no user, so every one that contains
        the identifier counts.
        """
        if dataset == REJECTED:
            return self._mentioning(table.select([LINE]))
        if "user_id" not in table.column_names or not names.is_utf8(self.identifier.user):
            return none_of(table)
        users = table["user_id"]
        plain = users.cast(pa.string()) if pa.types.is_dictionary(users.type) else users
        return pc.equal(plain, self.identifier.user).fill_null(False)

    def _mentioning(self, table: pa.Table) -> pa.ChunkedArray:
        """Rows with the identifier in any text, list of texts, or bytes."""
        names = (name for name in table.column_names if name not in OURS)
        masks = [mask for name in names if (mask := self._in_column(table[name])) is not None]
        return reduce(pc.or_, masks, none_of(table))

    def _in_column(self, column: pa.ChunkedArray) -> pa.ChunkedArray | None:
        if not _has_texts(column.type) or column.null_count == len(column):
            return None
        masks = [self._in_array(chunk).fill_null(False) for chunk in column.chunks]
        return pa.chunked_array(masks, pa.bool_())

    def _in_array(self, values: Any) -> Any:
        if pa.types.is_dictionary(values.type):
            return self._in_array(values.dictionary).take(values.indices)
        if _is_list(values.type):
            inside = self._in_array(pc.list_flatten(values)).fill_null(False)
            rows = pc.list_parent_indices(values).filter(inside)
            return pc.is_in(pa.array(range(len(values)), rows.type), value_set=rows)
        found = _containing(values, self.identifier.name)
        # Few texts have an escape of one of the name's characters, or letters in UTF-16.
        patterns = self.identifier.hiding_patterns
        masks = [pc.match_substring_regex(values, pattern=pattern) for pattern in patterns]
        # A name without a letter of Latin-1 has no NUL in UTF-16.
        wide = [name for name in self.identifier.wide if b"\0" not in name]
        masks += [pc.match_substring(values, pattern=name) for name in wide]
        hidden = pc.and_not(reduce(pc.or_, masks), found).fill_null(False)
        places = pc.indices_nonzero(hidden).to_pylist()
        if not places:
            return found
        texts = values.take(pa.array(places)).cast(pa.binary()).to_pylist()
        pairs = zip(places, texts, strict=True)
        here = {place for place, text in pairs if self.identifier.is_in([text])}
        return pc.or_(found, pa.array([place in here for place in range(len(values))]))


def batches_in(table: pa.Table) -> Iterator[str]:
    """The batches of these rows, and of the lines folded into them."""
    if table.num_rows:
        yield from pc.unique(table["batch_id"]).to_pylist()
        yield from deduplication.folded_batches(table)


def _provenance(table: pa.Table) -> pa.Table:
    names = {"dataset", "batch_id", deduplication.ALSO_IN}
    return table.select([name for name in table.column_names if name in names])


def _has_texts(kind: pa.DataType) -> bool:
    if pa.types.is_dictionary(kind) or _is_list(kind):
        return _has_texts(kind.value_type)
    tests: Iterable[Any] = (
        pa.types.is_string,
        pa.types.is_large_string,
        pa.types.is_binary,
        pa.types.is_large_binary,
    )
    return any(test(kind) for test in tests)


def _is_list(kind: pa.DataType) -> bool:
    return bool(pa.types.is_list(kind) or pa.types.is_large_list(kind))


def _containing(values: Any, name: bytes) -> Any:
    """A search by pattern takes a tenth of the time, but for a short text in UTF-8 only."""
    if len(name) > PATTERN_BYTES_MAX or not names.is_utf8(name.decode(errors="surrogateescape")):
        return pc.match_substring(values, pattern=name)
    pattern = re.escape(name).replace(b"\0", rb"\x00")
    return pc.match_substring_regex(values, pattern=pattern)


def none_of(table: pa.Table) -> pa.ChunkedArray:
    """A mask that selects no row."""
    return pa.chunked_array([pa.repeat(pa.scalar(False), table.num_rows)])


def _count(mask: pa.ChunkedArray) -> int:
    return int(pc.sum(mask).as_py() or 0)
