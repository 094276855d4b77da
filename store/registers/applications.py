"""Versions of Access applications, each with the period in which it applied.

Cloudflare tells only the current version. Earlier versions are kept unchanged, so that a question
about March uses the applications of March. Of changes between two pulls only the last is known, by
its time.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, insert, or_, select, update

from store import timestamps
from store.catalog import ledger
from store.catalog.catalog import Catalog
from store.catalog.register_tables import applications
from store.registers.application_version import Application, ApplicationVersion, version_of

# Names are free text; the ledger keeps the start of a very long one.
NAME_CHARACTERS_MAX = 200

_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Change:
    """The ids that one pull found, and the sequence of its ledger entry."""

    listed: int
    added: tuple[str, ...]
    changed: tuple[str, ...]
    gone: tuple[str, ...]
    sequence: int


def record(catalog: Catalog, now: datetime, found: Sequence[Application]) -> Change:
    """Store what changed in the full list from Cloudflare; write one entry even if nothing did."""
    listed = {each.id: each for each in found}
    with catalog.write() as connection:
        current = {row.id: row for row in connection.execute(_current())}
        seen = set(connection.scalars(select(applications.c.id)))
        added = [each for each in listed if each not in current]
        changed = [
            each
            for each, row in current.items()
            if each in listed and listed[each].digest() != row.digest
        ]
        gone = [each for each in current if each not in listed]
        since = {each: _changed_at(listed[each], current[each], now) for each in changed}
        for each in added:
            # For one that was deleted and came back, its start is unknown.
            created = listed[each].created_at if each not in seen else None
            since[each] = min(created or now, now)
        facts = {
            "listed": len(listed),
            "added": [_ledger_facts(listed[each], since[each]) for each in sorted(added)],
            "changed": [_ledger_facts(listed[each], since[each]) for each in sorted(changed)],
            "gone": sorted(gone),
        }
        sequence = ledger.append(connection, "applications", now, facts).sequence
        for each in gone:
            _end(connection, current[each], now)
        for each in changed:
            _end(connection, current[each], since[each])
        for each in (*changed, *added):
            _begin(connection, listed[each], since[each], sequence)
    return Change(len(listed), tuple(sorted(added)), tuple(sorted(changed)), tuple(gone), sequence)


def as_of(connection: Connection, at: datetime) -> list[ApplicationVersion]:
    """The versions that applied at a moment, by name."""
    text = timestamps.to_text(at)
    c = applications.c
    held = select(applications).where(
        c.holds_from <= text, or_(c.holds_until.is_(None), c.holds_until > text)
    )
    rows = connection.execute(held.order_by(c.name, c.id)).mappings()
    return [version_of(row) for row in rows]


def _current() -> Any:
    return select(applications).where(applications.c.holds_until.is_(None))


def _changed_at(new: Application, old: Row[Any], now: datetime) -> datetime:
    began = timestamps.from_text(old.holds_from)
    if new.updated_at and began < new.updated_at <= now:
        return new.updated_at
    return max(now, began + _MICROSECOND)


def _end(connection: Connection, row: Row[Any], at: datetime) -> None:
    c = applications.c
    ended = update(applications).where(c.id == row.id, c.holds_from == row.holds_from)
    connection.execute(ended.values(holds_until=timestamps.to_text(at)))


def _begin(connection: Connection, new: Application, since: datetime, sequence: int) -> None:
    connection.execute(
        insert(applications).values(
            id=new.id,
            holds_from=timestamps.to_text(since),
            name=new.name,
            type=new.type,
            aud=new.aud,
            coverage=new.coverage(),
            digest=new.digest(),
            sequence=sequence,
        )
    )


def _ledger_facts(application: Application, since: datetime) -> Mapping[str, Any]:
    """What a ledger entry says of an application."""
    return {
        "id": application.id,
        "name": application.name[:NAME_CHARACTERS_MAX],
        "type": application.type,
        "aud": application.aud,
        "covers": list(application.covers),
        "opens": list(application.opens),
        "session_duration": application.session_duration,
        "digest": application.digest(),
        "since": timestamps.to_text(since),
    }
