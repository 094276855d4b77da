"""Computes what the catalog keeps of the users of a file, with one statement for each kind of fact.

The same macros answer for the files that the catalog has no facts of.
"""

from datetime import datetime
from pathlib import Path

import duckdb

from queries.engine import Engine, open_engine
from queries.errors import PartUnreadable, QueryFailed
from queries.limits import Limits
from store.catalog.users.facts_number import DATASET
from store.catalog.users.packed_facts import Habit, Taking, UserFacts
from store.catalog.users.user_facts import HABITS_MAX
from store.compaction.facts.reading import Failure
from store.errors import NoRoom
from store.files.layout import Layout
from store.reading.snapshot import Snapshot

# The largest file has four million requests, of which this takes some ten seconds. The compactor has
# one thread at a low priority, and 4 GB for everything.
LIMITS = Limits(seconds=120.0, memory_bytes=1024 * 1024 * 1024, threads=1)

# Errors of the statement or of values. Others are about memory, room, time or a file.
_LASTING = (duckdb.DataError, duckdb.ProgrammingError, duckdb.NotSupportedError)

# No fact depends on when it is computed.
_NO_TIME = datetime(1970, 1, 1)  # noqa: DTZ001 (UTC without a zone, as in the store)


def read_facts(layout: Layout, path: str, columns: str | None) -> UserFacts | Failure:
    """Implements FactReading."""
    snapshot = _of_file(layout, layout.root.absolute() / path, columns)
    try:
        with open_engine(snapshot, LIMITS, datasets=None) as engine:
            return _asked(engine)
    except PartUnreadable:
        return Failure.PASSING
    except QueryFailed as error:
        is_lasting = isinstance(error.__cause__, _LASTING)
        return Failure.LASTING if is_lasting else Failure.PASSING
    except (NoRoom, OSError, MemoryError):
        return Failure.PASSING


def _asked(engine: Engine) -> UserFacts:
    habits = list[Habit]()
    for row in engine.ask("baseline/kept_habits").rows:
        habits.append(Habit(*row))
        if len(habits) > HABITS_MAX:
            break  # More than the catalog keeps.
    takings = (Taking(*row) for row in engine.ask("baseline/kept_takings").rows)
    return UserFacts(tuple(habits), tuple(takings))


def _of_file(layout: Layout, path: Path, columns: str | None) -> Snapshot:
    return Snapshot(
        root=layout.root.absolute(),
        sequence=0,
        taken_at=_NO_TIME,
        files={DATASET: (path,)},
        columns={} if columns is None else {path: columns},
        pending_batches=0,
        lag_seconds=0.0,
    )
