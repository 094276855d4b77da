"""Which records of a pulled dataset are in the store already, so that asking twice doubles nothing.

A source that has no cursor must be asked for windows that overlap, and answers the same record
again and again. Each record is known by a mark, a hash of what makes it itself. Marks are made
of the batches in the ledger, never before them: a process that dies between a batch and its
marks leaves a batch whose marks are made at the next look.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from blake3 import blake3
from sqlalchemy import func, select
from sqlalchemy.dialects.sqlite import insert

from schema.body.lines import lines_of
from schema.body.record_blocks import record_blocks
from store.catalog.catalog import Catalog
from store.catalog.counts import CatalogRow
from store.catalog.register_tables import marks
from store.catalog.tables import batches
from store.intake.raw_body import RawBodies

# 128 bits: two records of a billion share a mark with a chance of one in 10^20.
MARK_BYTES = 16

# SQLite takes 32,766 values a statement; each mark is three, and a look-up is one.
AT_ONCE = 5_000

Item = TypeVar("Item")
MarkOf = Callable[[bytes], bytes]


def mark(text: bytes) -> str:
    """The mark of a record, told by the text that makes it itself."""
    return blake3(text).hexdigest(length=MARK_BYTES)


@dataclass(frozen=True, slots=True)
class Marks:
    """Marks of one dataset; `self_of` gives what makes a line's record itself."""

    catalog: Catalog
    bodies: RawBodies
    dataset: str
    self_of: MarkOf

    def fresh(self, lines: Iterable[bytes]) -> list[bytes]:
        """Those lines whose records no batch has yet, each once, in their order."""
        self._catch_up()
        marked = {mark(self.self_of(line)): line for line in lines}
        known = self._known(list(marked))
        return [line for each, line in marked.items() if each not in known]

    def _known(self, asked: list[str]) -> set[str]:
        found: set[str] = set()
        with self.catalog.read() as connection:
            for some in _chunks(asked):
                query = select(marks.c.mark).where(
                    marks.c.dataset == self.dataset, marks.c.mark.in_(some)
                )
                found.update(connection.scalars(query))
        return found

    def _catch_up(self) -> None:
        """Mark the records of every batch that came since the last look, ours or anybody's."""
        for batch in self._unmarked():
            # None of a batch's marks is there before all of them are.
            rows = [
                {"dataset": self.dataset, "mark": each, "sequence": batch["sequence"]}
                for each in {mark(self.self_of(line)) for line in self._lines(batch)}
            ]
            with self.catalog.write() as connection:
                for some in _chunks(rows):
                    connection.execute(insert(marks).on_conflict_do_nothing(), some)

    def _unmarked(self) -> list[CatalogRow]:
        newest = select(func.coalesce(func.max(marks.c.sequence), 0)).where(
            marks.c.dataset == self.dataset
        )
        query = (
            select(batches)
            .where(
                batches.c.dataset == self.dataset,
                batches.c.sequence > newest.scalar_subquery(),
                # Let go of in the meantime: nothing is left to be marked.
                batches.c.raw_retired_sequence.is_(None),
            )
            .order_by(batches.c.sequence)
        )
        with self.catalog.read() as connection:
            return list(connection.execute(query).mappings())

    def _lines(self, batch: CatalogRow) -> Iterator[bytes]:
        for block in record_blocks(self.bodies.plain(batch)):
            for line in lines_of(block):
                if line.content.strip() and not line.is_overlong:
                    yield line.content


def _chunks(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    return (items[start : start + AT_ONCE] for start in range(0, len(items), AT_ONCE))
