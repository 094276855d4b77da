"""Files of an older format are rewritten in the newest, one file and one catalog step at a time.

A merge does that as well; these are the jobs for files that no merge needs. After a run that was
killed, the next run continues with the files that are left.
"""

from collections.abc import Iterator, Sequence

from sqlalchemy import func, select

from store.catalog.catalog import Catalog
from store.catalog.counts import CatalogRow
from store.catalog.tables import files
from store.compaction.tiers import RewriteJob
from store.parquet.footer import FORMAT, OLDEST_FORMAT


def jobs(found: Sequence[CatalogRow]) -> Iterator[RewriteJob]:
    """A job for each file of an older format."""
    for file in found:
        if (file["format"] or OLDEST_FORMAT) < FORMAT:
            yield RewriteJob.of_file(file)


def count_formats(catalog: Catalog) -> dict[int, int]:
    """The number of live files by their format."""
    number = func.coalesce(files.c.format, OLDEST_FORMAT)
    live = files.c.retired_sequence.is_(None)
    query = select(number, func.count()).where(live).group_by(number).order_by(number)
    with catalog.read() as connection:
        return {int(each): int(count) for each, count in connection.execute(query)}
