"""Parts that nobody is shown any more: kept for a while for who still reads them, then removed."""

from datetime import datetime, timedelta

from sqlalchemy import delete, select

from store import durable, moment
from store.catalog import Catalog
from store.layout import Layout
from store.tables import entries, files

# Far longer than a question may take (30 s), since a shell that is open keeps the parts it opened.
GRACE = timedelta(hours=1)

# Each costs a sync of its folder; the loader has batches waiting meanwhile.
FILES_AT_ONCE = 100


def remove_due(layout: Layout, catalog: Catalog, now: datetime) -> int:
    """Remove some of the parts whose grace is over; return how many.

    The file goes first and its row after it: a row without a file is found again, a file
    without a row would be nobody's.
    """
    due = (
        select(files.c.path)
        .join(entries, entries.c.sequence == files.c.retired_sequence)
        .where(
            files.c.retired_sequence.is_not(None),
            entries.c.recorded_at < moment.to_text(now - GRACE),
        )
        .order_by(files.c.retired_sequence)
        .limit(FILES_AT_ONCE)
    )
    with catalog.read() as connection:
        paths = connection.scalars(due).all()
    for path in paths:
        durable.remove(layout.root / path)
    if paths:
        with catalog.write() as connection:
            connection.execute(delete(files).where(files.c.path.in_(paths)))
    return len(paths)
