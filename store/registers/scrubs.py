"""The rounds of the scrub: when every file was last read against its hash, and how far one is."""

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection, func, insert, select, update

from store import timestamps
from store.catalog.register_tables import scrubs
from store.catalog.tables import damaged
from store.registers.scrub_round import ScrubRound


@dataclass(frozen=True, slots=True, kw_only=True)
class ScrubState:
    """`newest` may still be running; `complete` is the last one that ended. `first_at` is when the
    first one began. `damaged` counts the files that are listed as damaged now.
    """

    newest: ScrubRound | None
    complete: ScrubRound | None
    first_at: datetime | None
    damaged: int

    def age_seconds(self, now: datetime) -> float | None:
        """How long ago the last complete round ended; None if there was none."""
        ended_at = self.complete.ended_at if self.complete else None
        return max((now - ended_at).total_seconds(), 0.0) if ended_at else None

    def waiting_seconds(self, now: datetime) -> float:
        """The same, or how long the first round has been running; 0 before that."""
        since = self.complete.ended_at if self.complete else self.first_at
        return max((now - since).total_seconds(), 0.0) if since else 0.0

    def facts(self) -> dict[str, object]:
        """For JSON."""
        complete = self.complete.ended_at if self.complete else None
        is_running = self.newest is not None and self.newest.ended_at is None
        return {
            "completed_at": timestamps.to_text(complete) if complete else None,
            "files": self.complete.files if self.complete else 0,
            "running_files": self.newest.files if self.newest and is_running else None,
            "damaged_files": self.damaged,
        }


def begin(connection: Connection, now: datetime) -> ScrubRound:
    """A new round. The caller holds the write lock."""
    number = connection.scalar(select(func.coalesce(func.max(scrubs.c.number), 0))) or 0
    begun = ScrubRound(number=number + 1, started_at=now)
    connection.execute(insert(scrubs), _row(begun))
    return begun


def save(connection: Connection, current: ScrubRound) -> None:
    """Note how far a round is. The caller holds the write lock."""
    this = scrubs.c.number == current.number
    connection.execute(update(scrubs).where(this).values(_row(current)))


def state(connection: Connection) -> ScrubState:
    newest = select(scrubs).order_by(scrubs.c.number.desc()).limit(1)
    complete = newest.where(scrubs.c.ended_at.is_not(None))
    first_at = connection.scalar(select(func.min(scrubs.c.started_at)))
    found = []
    for query in (newest, complete):
        row = connection.execute(query).mappings().one_or_none()
        found.append(ScrubRound.of(dict(row)) if row else None)
    return ScrubState(
        newest=found[0],
        complete=found[1],
        first_at=timestamps.from_text(first_at) if first_at else None,
        damaged=connection.scalar(select(func.count()).select_from(damaged)) or 0,
    )


def _row(current: ScrubRound) -> dict[str, object]:
    ended_at = current.ended_at
    return {
        **asdict(current),
        "started_at": timestamps.to_text(current.started_at),
        "ended_at": timestamps.to_text(ended_at) if ended_at else None,
    }
