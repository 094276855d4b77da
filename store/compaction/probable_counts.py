"""Counts, once, the probable duplicates in files that an older version merged.

That version marked such rows, and left 0 in `files.probable`.
"""

from contextlib import suppress

from sqlalchemy import Connection, RowMapping, insert, select, update

from store.catalog import counts
from store.catalog.counts import Key
from store.catalog.tables import facts, files
from store.compaction.deduplication import PROBABLE, probable_rows
from store.compaction.file_swap import FileSwap
from store.compaction.tiers import DAY, MONTH
from store.errors import StoreDamaged
from store.files.layout import Layout
from store.parquet.file_reader import opened
from store.parquet.footer import NamedFile

# The fact that all were counted.
FACT = "probable_counted"

# Of one column of booleans.
ROWS_AT_ONCE = 2**18


def complete(swap: FileSwap) -> None:
    """Add the missing numbers. The caller holds the rewrite lock, so no file is replaced meanwhile.

    A file that cannot be read is left out: a merge or a replay that writes it again notes its number.
    """
    with swap.catalog.read() as connection:
        if _is_complete(connection):
            return
        waiting = _uncounted(connection)
    found = []
    for file in waiting:
        swap.on_progress(0)
        with suppress(StoreDamaged):
            found.append((file, _marked(swap.layout, file)))
    with swap.catalog.write() as connection:
        for file, rows in found:
            connection.execute(
                update(files).where(files.c.path == file["path"]).values(probable=rows)
            )
            counts.change(connection, {Key(file["dataset"], "probable_duplicates"): rows})
        connection.execute(insert(facts), {"name": FACT, "value": "1"})


def _is_complete(connection: Connection) -> bool:
    return connection.scalar(select(facts.c.value).where(facts.c.name == FACT)) is not None


def _uncounted(connection: Connection) -> list[RowMapping]:
    """Only merged files have marked rows."""
    is_merged = files.c.tier.in_((DAY, MONTH)) & files.c.retired_sequence.is_(None)
    query = select(files).where(is_merged, files.c.probable == 0).order_by(files.c.path)
    return list(connection.execute(query).mappings())


def _marked(layout: Layout, file: RowMapping) -> int:
    with opened(NamedFile.of(layout.root, file), is_hashed=False) as opened_file:
        if PROBABLE not in opened_file.held_columns():
            return 0
        return sum(map(probable_rows, opened_file.tables(ROWS_AT_ONCE, [PROBABLE])))
