"""Raw bodies past their retention: finds them and retires them.

A batch whose body is deleted stays in the ledger and in `batches`, so the same body sent again is
still recognised as a duplicate. If batches of two datasets share a file, it is deleted with the
second.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, bindparam, func, or_, select, update

from store import timestamps
from store.catalog import removals
from store.catalog.tables import batches, damaged, files
from store.errors import RewriteRefused
from store.loading.batches_of_file import may_be_in


@dataclass(frozen=True, slots=True)
class ExpiredBody:
    """The raw body of one batch, as it was when the run was planned."""

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


def find_expired(
    connection: Connection, dataset: str, cutoff: datetime | None, rows_cutoff: datetime | None
) -> list[ExpiredBody]:
    """Bodies received before `cutoff`: those that were loaded, and unreadable ones received before
    `rows_cutoff`.
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
    return [ExpiredBody(*facts) for facts in connection.execute(query.order_by(batches.c.sequence))]


def needed_for_damaged(connection: Connection) -> set[int]:
    """Batches that may have rows in a damaged live file, which is made again from their bodies."""
    lost = select(files).join(damaged, damaged.c.path == files.c.path)
    needed = set[int]()
    for file in connection.execute(lost.where(files.c.retired_sequence.is_(None))).mappings():
        needed |= set(connection.scalars(select(batches.c.sequence).where(may_be_in(file))))
    return needed


def count_kept(connection: Connection) -> int:
    """The number of batches whose raw body is kept."""
    query = select(func.count()).where(batches.c.raw_retired_sequence.is_(None))
    return connection.execute(query).scalar_one()


def datasets(connection: Connection) -> set[str]:
    return set(connection.scalars(select(batches.c.dataset).distinct()))


def retire(
    connection: Connection, bodies: Sequence[ExpiredBody], sequence: int, due_at: str
) -> None:
    """Mark the bodies as removed by this entry; files no other batch needs are deleted at `due_at`.

    The caller holds the write lock and commits.
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


def _demand_unchanged(connection: Connection, bodies: Iterable[ExpiredBody]) -> None:
    """RewriteRefused if a replay has changed one of the batches since the plan was made."""
    read = {body.sequence: body for body in bodies}
    still = select(*_COLUMNS).where(
        batches.c.sequence.between(min(read), max(read)),
        batches.c.raw_retired_sequence.is_(None),
    )
    now = {facts.sequence: ExpiredBody(*facts) for facts in connection.execute(still)}
    if any(now.get(sequence) != body for sequence, body in read.items()):
        raise RewriteRefused("the store changed meanwhile: a batch was replayed; try again")
