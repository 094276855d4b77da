"""Puts the few rows that a snapshot is about in the place of the view of all requests.

Statements over them are the same as over the files. A column is read when a statement names it for
the first time; one that nobody named is not there, so that a mistake is an error and no NULL.
"""

from collections.abc import Collection, Sequence
from contextlib import suppress
from datetime import datetime, timedelta

import duckdb

from queries.definitions import sql_of
from queries.errors import PartUnreadable
from store.parquet import dataset_columns
from store.reading.narrow.outcome import Damaged, Refused, Rows
from store.reading.narrow.reader import NarrowReader
from store.reading.snapshot import Snapshot

DATASET = "http_requests"

# What finds rows, and what every question looks at.
ALWAYS_READ = ("user_id", "event_time")

# A request is compared with those around it, which fold_reach() and prefetch_life() bound.
MARGIN = timedelta(days=1)

# The name under which people_rows.sql finds them.
_FOUND = "rows_found"


class NarrowRows:
    """The rows of the users of a snapshot's scope. `stand` says whether they are in place."""

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, snapshot: Snapshot, reader: NarrowReader
    ) -> None:
        self._connection = connection
        self._snapshot = snapshot
        self._reader = reader
        self._held: tuple[str, ...] = ()
        self._is_refused = False

    def stand(self, name: str, words: Collection[str]) -> bool:
        """Put the rows in place for a statement with these words, in lower case.

        False where the view has to be made. PartUnreadable for a file that is not what was written.
        """
        scope = self._snapshot.scope
        if name != DATASET or scope is None or not scope.users or self._is_refused:
            return False
        shape = dataset_columns.shape(name).names
        wanted = tuple(
            each
            for each in shape
            if each.lower() in words or each in ALWAYS_READ or each in self._held
        )
        if wanted == self._held:
            return True
        return self._read(scope.users, wanted)

    def _read(self, users: Sequence[str], columns: tuple[str, ...]) -> bool:
        scope, files = self._snapshot.scope, self._snapshot.files.get(DATASET, ())
        is_damaged = any(each.part.dataset == DATASET for each in self._snapshot.damaged)
        if scope is None or is_damaged:
            return self._refuse()
        period = (_moved(scope.since, -MARGIN), _moved(scope.until, MARGIN))
        match self._reader.of_users(DATASET, files, users, columns, period):
            case Rows(batch):
                self._connection.register(_FOUND, batch)
                self._connection.execute(sql_of("narrow/people_rows"))
                self._connection.unregister(_FOUND)
                self._held = columns
                return True
            case Damaged(path):
                examined = self._snapshot.examined(path)
                if examined is not self._snapshot:
                    raise PartUnreadable(examined.damaged[-1].sentence(), examined)
                return self._refuse()
            case Refused():
                return self._refuse()

    def _refuse(self) -> bool:
        """The view answers from now on."""
        self._is_refused = True
        if self._held:
            self._connection.execute(f"DROP TABLE {DATASET}")
        self._held = ()
        return False


def _moved(moment: datetime | None, by: timedelta) -> datetime | None:
    """None where the period is open, or would begin before the calendar or end behind it."""
    if moment is None:
        return None
    with suppress(OverflowError):
        return moment + by
    return None
