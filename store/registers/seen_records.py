"""Which records of a fetched dataset are in the store, so that overlapping fetches add no duplicates.

A source without a cursor must be asked for overlapping windows, and returns the same record
several times. A record is identified by a mark, a hash of its identity. Marks are made of batches
in the ledger, never before them: if a process dies between a batch and its marks, the next look-up
makes them.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from blake3 import blake3
from sqlalchemy import func, select

from schema.body.lines import lines_of
from schema.body.record_blocks import record_blocks
from store.catalog import counts
from store.catalog.catalog import Catalog
from store.catalog.counts import CatalogRow
from store.catalog.register_tables import marks
from store.catalog.tables import batches
from store.intake.raw_body import RawBodies

# 128 bits: among a billion records, two share a mark with a chance of one in 10^20.
MARK_BYTES = 16

# SQLite takes 32,766 values a statement; an inserted mark takes three, a look-up one.
AT_ONCE = 5_000

Item = TypeVar("Item")
IdentityOf = Callable[[bytes], bytes]


def mark(identity: bytes) -> str:
    """The mark of a record with this identity."""
    return blake3(identity).hexdigest(length=MARK_BYTES)


@dataclass(frozen=True, slots=True)
class SeenRecords:
    """Those of one dataset; `identity_of` gives the identity of a line's record."""

    catalog: Catalog
    bodies: RawBodies
    dataset: str
    identity_of: IdentityOf

    def unseen(self, lines: Iterable[bytes]) -> list[bytes]:
        """The lines whose records are in no batch yet, each once, in their order."""
        self._catch_up()
        marked = {mark(self.identity_of(line)): line for line in lines}
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
        """Mark the records of every batch since the last look-up, from any sender."""
        for batch in self._unmarked():
            # All marks of a batch are written in one transaction.
            rows = [
                {"dataset": self.dataset, "mark": each, "sequence": batch["sequence"]}
                for each in {mark(self.identity_of(line)) for line in self._lines(batch)}
            ]
            with self.catalog.write() as connection:
                for some in _chunks(rows):
                    connection.execute(counts.statement("mark"), some)

    def _unmarked(self) -> list[CatalogRow]:
        newest = select(func.coalesce(func.max(marks.c.sequence), 0)).where(
            marks.c.dataset == self.dataset
        )
        query = (
            select(batches)
            .where(
                batches.c.dataset == self.dataset,
                batches.c.sequence > newest.scalar_subquery(),
                # A retired body has no lines left to mark.
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
