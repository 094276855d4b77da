"""The lines as they were sent, out of the raw bodies that are still kept."""

from collections.abc import Iterable, Mapping

from sqlalchemy import select

from schema.body.lines import Lines, lines_of
from schema.body.record_blocks import record_blocks
from schema.errors import RaytrailError
from store.catalog.catalog import Catalog
from store.catalog.tables import batches
from store.intake.raw_body import RawBodies


class Originals:
    """Looks lines up by batch and number; what is not kept any more is simply not found."""

    def __init__(self, catalog: Catalog, bodies: RawBodies) -> None:
        self._catalog = catalog
        self._bodies = bodies

    def lines(self, dataset: str, batch_id: str, numbers: Iterable[int]) -> Mapping[int, bytes]:
        """The bytes of these lines of a batch, as far as its raw body is kept and whole."""
        query = select(batches).where(
            batches.c.batch_id == batch_id,
            batches.c.dataset == dataset,
            batches.c.raw_retired_sequence.is_(None),
        )
        with self._catalog.read() as connection:
            batch = connection.execute(query).mappings().first()
        wanted = set(numbers)
        found: dict[int, bytes] = {}
        if batch is None:
            return found
        try:
            for block in record_blocks(self._bodies.plain(batch)):
                if isinstance(block, Lines) and not _may_hold(block, wanted):
                    continue
                for line in lines_of(block):
                    if line.number in wanted and not line.is_overlong:
                        found[line.number] = line.content.rstrip(b"\r")
        except RaytrailError:
            return {}  # Damaged, or just retired: then nothing about its lines is sure.
        return found


def _may_hold(block: Lines, wanted: set[int]) -> bool:
    return any(
        block.first_number <= number < block.first_number + block.line_count for number in wanted
    )
