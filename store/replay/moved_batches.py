"""Moves batches to another dataset, in the transaction that replaces their rows."""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence

from sqlalchemy import Connection, bindparam, select, update

from store.catalog import counts
from store.catalog.counts import CatalogRow, Key
from store.catalog.tables import batches
from store.errors import ReplayRefused
from store.loading import diagnosis
from store.replay.results import DecodedGroup

# SQLite takes some ten thousand values in one statement.
CONTENTS_ASKED_MAX = 10_000

# What a batch counts as it was received, beside what decoding found.
_RECEIVED = ("body_bytes", "inflated_bytes", "resends")


def held(connection: Connection, dataset: str, contents: Sequence[str]) -> dict[str, str]:
    """The ids of the batches of this dataset with these contents, by content. Each is there once."""
    found = dict[str, str]()
    for start in range(0, len(contents), CONTENTS_ASKED_MAX):
        asked = batches.c.content.in_(contents[start : start + CONTENTS_ASKED_MAX])
        query = select(batches.c.content, batches.c.batch_id).where(
            batches.c.dataset == dataset, asked
        )
        found.update((row.content, row.batch_id) for row in connection.execute(query))
    return found


def move(connection: Connection, done: DecodedGroup) -> None:
    """Change the dataset of these batches, and all totals of both datasets.

    ReplayRefused if a batch with the same content arrived there meanwhile.
    """
    into, group = str(done.into), done.group
    if held(connection, into, [batch["content"] for batch in group.batches]):
        raise ReplayRefused("the store changed meanwhile; nothing was moved, try again")
    diagnosis.withdraw(connection, group.dataset, group.batches)
    is_batch = batches.c.sequence == bindparam("of_sequence")
    rows = [{"of_sequence": batch["sequence"]} for batch in group.batches]
    connection.execute(update(batches).where(is_batch).values(dataset=into), rows)
    counts.change(connection, Counter(dict(_totals(group.batches, group.dataset, -1))))
    counts.change(connection, Counter(dict(_totals(group.batches, into, 1))))
    diagnosis.record(connection, into, done.diagnoses)


def _totals(group: Collection[CatalogRow], dataset: str, sign: int) -> Iterator[tuple[Key, int]]:
    yield Key(dataset, "batches"), sign * len(group)
    for measure in _RECEIVED:
        yield Key(dataset, measure), sign * sum(batch[measure] or 0 for batch in group)
