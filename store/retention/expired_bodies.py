"""Raw bodies that have outlived their days: which they are, and how they are let go of.

A batch whose body is gone stays in the ledger and in `batches`, so the same lines sent again are
still a duplicate. Two batches of different datasets may share a file: it goes with the second.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, bindparam, func, or_, select, update

from store import timestamps
from store.catalog import removals
from store.catalog.tables import batches
from store.errors import RewriteRefused


@dataclass(frozen=True, slots=True)
class Body:
    """The raw body of one batch, as it stood when it was looked at."""

    sequence: int
    batch_id: str
    bytes: int
    state: str
    loaded_sequence: int | None

    @property
    def is_unread(self) -> bool:
        return self.state == "unread"


_COLUMNS = (
    batches.c.sequence,
    batches.c.batch_id,
    batches.c.body_bytes,
    batches.c.state,
    batches.c.loaded_sequence,
)


def old(
    connection: Connection, dataset: str, cutoff: datetime | None, rows_cutoff: datetime | None
) -> list[Body]:
    """Bodies received before `cutoff` that nobody needs any more: those that became rows, and
    those nobody could read once rows of their age would be gone too.
    """
    if cutoff is None:
        return []
    may_go = batches.c.state == "loaded"
    if rows_cutoff is not None:
        is_older = batches.c.received_at < timestamps.to_text(rows_cutoff)
        may_go = or_(may_go, and_(batches.c.state == "unread", is_older))
    query = select(*_COLUMNS).where(
        batches.c.dataset == dataset,
        batches.c.raw_retired_sequence.is_(None),
        batches.c.received_at < timestamps.to_text(cutoff),
        may_go,
    )
    return [Body(*facts) for facts in connection.execute(query.order_by(batches.c.sequence))]


def kept(connection: Connection) -> int:
    """Of how many batches the raw body is kept."""
    query = select(func.count()).where(batches.c.raw_retired_sequence.is_(None))
    return connection.execute(query).scalar_one()


def datasets(connection: Connection) -> set[str]:
    return set(connection.scalars(select(batches.c.dataset).distinct()))


def let_go(connection: Connection, bodies: Sequence[Body], sequence: int, due_at: str) -> None:
    """From this entry on the bodies are gone; files that no other batch needs are unlinked once
    `due_at` is past. The caller holds the write lock and commits.
    """
    if not bodies:
        return
    _demand_unchanged(connection, bodies)
    connection.execute(
        update(batches)
        .where(batches.c.sequence == bindparam("of_sequence"))
        .values(raw_retired_sequence=sequence),
        [{"of_sequence": body.sequence} for body in bodies],
    )
    others = batches.alias()
    needed = (
        select(others.c.sequence)
        .where(others.c.raw_path == batches.c.raw_path, others.c.raw_retired_sequence.is_(None))
        .exists()
    )
    gone = select(batches.c.raw_path).where(batches.c.raw_retired_sequence == sequence, ~needed)
    removals.schedule(connection, connection.scalars(gone).all(), due_at)


def _demand_unchanged(connection: Connection, bodies: Iterable[Body]) -> None:
    """A replay may have made other rows of a batch than those that were looked at."""
    read = {body.sequence: body for body in bodies}
    still = select(*_COLUMNS).where(
        batches.c.sequence.between(min(read), max(read)),
        batches.c.raw_retired_sequence.is_(None),
    )
    now = {facts.sequence: Body(*facts) for facts in connection.execute(still)}
    if any(now.get(sequence) != body for sequence, body in read.items()):
        raise RewriteRefused("the store changed meanwhile: a batch was decoded again; try again")
