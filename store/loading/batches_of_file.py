"""Which batches may have rows in a Parquet file, as far as the catalog tells."""

from datetime import timedelta
from pathlib import Path

from sqlalchemy import ColumnElement, and_, or_

from store import timestamps
from store.catalog.counts import CatalogRow
from store.catalog.tables import batches
from store.files.layout import OTHER_DAY, REJECTED, is_sorted
from store.loading.event_days import EVENT_AGE_MAX, EVENT_LEAD_MAX

_ONE_DAY = timedelta(days=1)


def may_be_in(file: CatalogRow) -> ColumnElement[bool]:
    """A condition on `batches`, for a row of `files`: never too narrow, and seldom too wide."""
    if not is_sorted(Path(file["path"])):
        return and_(batches.c.loaded_sequence == file["added_sequence"])
    earlier = batches.c.loaded_sequence < file["added_sequence"]
    label = file["day"]
    if file["dataset"] == REJECTED:
        return and_(earlier, batches.c.rejected_lines > 0, batches.c.received_at.startswith(label))
    of_dataset = and_(earlier, batches.c.dataset == file["dataset"])
    if label == OTHER_DAY:
        return of_dataset
    first, last = (timestamps.from_text(file[name]).date() for name in ("time_min", "time_max"))
    received = batches.c.received_at.between(
        (first - EVENT_LEAD_MAX).isoformat(), (last + EVENT_AGE_MAX + _ONE_DAY).isoformat()
    )
    return and_(of_dataset, or_(batches.c.is_fetched, received))
