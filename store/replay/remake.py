"""Makes damaged files again from the raw bodies, by the rule of a replay, one file at a time."""

from collections.abc import Callable
from dataclasses import dataclass, field

from sqlalchemy import RowMapping, select

from store.backoff import Backoff
from store.catalog import damage
from store.catalog.tables import damaged, files
from store.compaction.file_swap import FileSwap
from store.errors import ReplayRefused, RewriteRefused, StoreDamaged
from store.intake.limits import IntakeLimits
from store.replay.replay import Replay
from store.replay.selection import Selection

# A person may have put a raw body back, or a loader may have loaded what waited.
RETRY_SECONDS = 3600.0
# After another replay or rewrite was in the way.
SOON_SECONDS = 60.0

# Another rewrite is worth no wait: the next round tries again.
NO_WAIT = Backoff(seconds_max=0.0)


@dataclass(frozen=True, slots=True)
class Remade:
    """A damaged file was replaced by new ones with its rows."""

    path: str
    batches: int
    sequence: int | None


@dataclass(frozen=True, slots=True)
class NotRemade:
    """A damaged file stays, and why."""

    path: str
    reason: str


Outcome = Remade | NotRemade


@dataclass(frozen=True, slots=True)
class Remaking:
    """The caller does not hold the rewrite lock. `monotonic` counts seconds between two tries."""

    swap: FileSwap
    limits: IntakeLimits
    monotonic: Callable[[], float]
    tried: dict[str, float] = field(default_factory=dict)

    def once(self) -> Outcome | None:
        """Try one damaged file; None if none is to be tried now."""
        file = self._next()
        if file is None:
            return None
        path = file["path"]
        self.tried[path] = self.monotonic()
        try:
            done = Replay(self.swap, self.limits, NO_WAIT).run(Selection(damaged=file))
        except ReplayRefused as error:
            self.tried[path] += SOON_SECONDS - RETRY_SECONDS
            return NotRemade(path, str(error))
        except (RewriteRefused, StoreDamaged) as error:
            return NotRemade(path, str(error))
        with self.swap.catalog.read() as connection:
            is_left = path in damage.paths(connection)
        if not is_left:
            return Remade(path, done.batches, done.sequence)
        reasons = (each.reason for each in done.left)
        return NotRemade(path, next(reasons, "no batch is known to have rows in it"))

    def _next(self) -> RowMapping | None:
        """The damaged part that was found first, of those that were not tried lately."""
        query = (
            select(files)
            .join(damaged, damaged.c.path == files.c.path)
            .where(files.c.retired_sequence.is_(None))
            .order_by(damaged.c.found_at, files.c.path)
        )
        with self.swap.catalog.read() as connection:
            found = connection.execute(query).mappings().all()
        return next((file for file in found if self._may_try(file["path"])), None)

    def _may_try(self, path: str) -> bool:
        tried_at = self.tried.get(path)
        return tried_at is None or self.monotonic() - tried_at > RETRY_SECONDS
