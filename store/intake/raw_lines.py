"""Looks up single lines in the raw bodies that are still kept."""

from collections.abc import Iterable, Mapping

from sqlalchemy import select

from schema.body.lines import Lines, lines_of
from schema.body.record_blocks import record_blocks
from schema.errors import RaytrailError
from store.catalog.catalog import Catalog
from store.catalog.tables import batches
from store.intake.raw_body import RawBodies


class RawLines:
    """Finds lines by batch and number; lines of retired bodies are not found."""

    def __init__(self, catalog: Catalog, bodies: RawBodies) -> None:
        self._catalog = catalog
        self._bodies = bodies

    def lines(self, dataset: str, batch_id: str, numbers: Iterable[int]) -> Mapping[int, bytes]:
        """These lines of a batch, if its raw body is kept and undamaged."""
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
            return {}  # Damaged or just retired, so no line of it can be trusted.
        return found


def _may_hold(block: Lines, wanted: set[int]) -> bool:
    return any(
        block.first_number <= number < block.first_number + block.line_count for number in wanted
    )
