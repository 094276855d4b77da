"""Counts whose rows are in files that an older version wrote, some files at a time.

Until then questions read the names of these files from their rows. A merge counts what it writes.
"""

from collections.abc import Collection, Iterator
from contextlib import suppress

from sqlalchemy import ColumnElement, RowMapping, select, update

from store.catalog import damage
from store.catalog.tables import files
from store.catalog.users import user_days
from store.compaction.file_swap import FileSwap
from store.errors import FileUnreadable, StoreDamaged
from store.parquet.file_reader import opened
from store.parquet.footer import NamedFile
from store.parquet.statistics import user_days as counting
from store.parquet.statistics.user_day import UserDays

# Two columns of so many rows are read in about two seconds, and other work waits for them.
ROWS_AT_ONCE = 8_000_000
FILES_AT_ONCE = 100


def count_some(swap: FileSwap) -> int:
    """Count some files; returns how many, 0 when none is left. The caller holds the rewrite lock."""
    done = 0
    for file in list(some_of(swap, files.c.users_number.is_(None), ROWS_AT_ONCE)):
        swap.on_progress(0)
        _enter(swap, file, _counted(swap, file))
        done += 1
    return done


def some_of(
    swap: FileSwap,
    is_waiting: ColumnElement[bool],
    rows_at_once: int,
    but: Collection[str] = (),
) -> Iterator[RowMapping]:
    """Live files that wait for something, the newest first, until they have so many rows.

    Damaged files and those of `but` are left out.
    """
    is_live = files.c.retired_sequence.is_(None)
    query = select(files).where(is_live, is_waiting).order_by(files.c.day.desc(), files.c.path)
    with swap.catalog.read() as connection:
        left_out = {*damage.paths(connection), *but}
        found = connection.execute(query.limit(FILES_AT_ONCE + len(left_out))).mappings().all()
    rows = 0
    for file in found:
        if file["path"] not in left_out:
            yield file
            rows += file["rows"]
            if rows >= rows_at_once:
                return


def _counted(swap: FileSwap, file: RowMapping) -> UserDays:
    """None for a file that cannot be read: a question finds that out, and it is not tried again."""
    named = NamedFile.of(swap.layout.root, file)
    with suppress(StoreDamaged, FileUnreadable), opened(named, is_hashed=False) as opened_file:
        return counting.of_file(opened_file)
    return None


def _enter(swap: FileSwap, file: RowMapping, counted: UserDays) -> None:
    with swap.catalog.write() as connection:
        number = user_days.enter(connection, counted)
        is_one = files.c.path == file["path"]
        connection.execute(update(files).where(is_one).values(users_number=number))
