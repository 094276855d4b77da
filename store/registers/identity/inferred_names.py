"""Writes the register of names that follow from logins.

It is derived from rows, so no entry tells of it: a rebuilt catalog has none until the store is judged
again. store/reading/known_inference.py reads it.
"""

from dataclasses import asdict

from sqlalchemy import Connection, delete, func, insert, or_, select

from store import timestamps
from store.catalog.register_tables import inferences, inferred_names
from store.catalog.tables import entries
from store.registers.identity.inferred_name import Inference, InferredName


def replace(connection: Connection, found: Inference) -> bool:
    """Replace all pairs; False if they would be older than those that are there, or if somebody was
    erased since. The caller holds the write lock.
    """
    if found.judged_at is None or not _is_news(connection, found):
        return False
    connection.execute(delete(inferred_names))
    connection.execute(delete(inferences))
    if found.pairs:
        connection.execute(insert(inferred_names), [_row(each) for each in found.pairs])
    judged = {"judged_at": timestamps.to_text(found.judged_at), "sequence": found.sequence}
    connection.execute(insert(inferences), judged)
    return True


def forget(connection: Connection, user: str) -> int:
    """Remove all pairs of a name, and return how many. The caller holds the write lock."""
    c = inferred_names.c
    is_of = or_(c.login_name == user, c.request_name == user)
    return connection.execute(delete(inferred_names).where(is_of)).rowcount


def _is_news(connection: Connection, found: Inference) -> bool:
    """What was read before an erasure may have the erased person's names."""
    held = connection.scalar(select(func.max(inferences.c.sequence))) or 0
    newest = func.coalesce(func.max(entries.c.sequence), 0)
    erased = connection.scalar(select(newest).where(entries.c.kind == "erased")) or 0
    return found.sequence >= max(held, erased)


def _row(pair: InferredName) -> dict[str, object]:
    times = {
        "first_login": timestamps.to_text(pair.first_login),
        "last_login": timestamps.to_text(pair.last_login),
    }
    return asdict(pair) | times
