"""Bodies that arrived damaged: counted, kept up to a limit, and accepted in the end.

Logpush sends the same bytes again, and disables a job that only fails. When identical bytes come
a third time, the damage did not happen on the way: they are kept as evidence.
"""

from datetime import datetime
from pathlib import Path

from sqlalchemy import insert, select, update

from store import timestamps
from store.catalog.catalog import Catalog
from store.catalog.tables import refusals
from store.files import durable
from store.files.layout import Layout

# How often identical bytes are refused before they are kept as a batch.
REFUSALS_BEFORE_KEPT = 2

# So that damaged bodies cannot fill the disk; past it they are counted but not kept.
QUARANTINE_BYTES_MAX = 1024 * 1024 * 1024


class Quarantine:
    def __init__(
        self, layout: Layout, catalog: Catalog, bytes_max: int = QUARANTINE_BYTES_MAX
    ) -> None:
        self._folder = layout.quarantine
        self._catalog = catalog
        self._bytes_max = bytes_max

    def refuse(self, draft: Path, sha256: str, reason: str, now: datetime) -> bool:
        """Count one arrival of these bytes; True if they must be kept as a batch."""
        is_final = self._count(sha256, reason, now) > REFUSALS_BEFORE_KEPT
        kept = self._folder / f"{sha256}.body"
        if is_final:
            durable.remove(kept, synced=False)
        elif not kept.exists() and self._has_room(draft):
            durable.link(draft, kept)
        return is_final

    def _count(self, sha256: str, reason: str, now: datetime) -> int:
        at = timestamps.to_text(now)
        is_this = refusals.c.sha256 == sha256
        with self._catalog.write() as connection:
            times = connection.execute(select(refusals.c.times).where(is_this)).scalar() or 0
            if times:
                changed = update(refusals).where(is_this).values(times=times + 1, last_at=at)
                connection.execute(changed)
            else:
                new = {"sha256": sha256, "times": 1, "reason": reason}
                connection.execute(insert(refusals).values(**new, first_at=at, last_at=at))
        return times + 1

    def _has_room(self, draft: Path) -> bool:
        held_bytes = sum(file.stat().st_size for file in self._folder.iterdir())
        return held_bytes + draft.stat().st_size <= self._bytes_max
