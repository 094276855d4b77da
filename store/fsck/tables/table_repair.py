"""Sets rows of the catalog to what the ledger says of them.

A row is changed only if it is still the one that was compared, so a service may be running.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import Connection, Table, delete, insert, select, update

from store.catalog import counts, damage, removals
from store.catalog.catalog import Catalog
from store.catalog.tables import batches, files
from store.catalog.tables import removals as table_of_removals
from store.catalog.users import people, user_days
from store.catalog.users.tables import people as table_of_people
from store.files.layout import Layout
from store.fsck.tables.ledger_rows import Difference, differences
from store.fsck.tables.table_check import is_repairable
from store.rebuild.finished_files import UNREADABLE, FileFacts, facts_of
from store.timestamps import Clock


def repair_tables(layout: Layout, catalog: Catalog, clock: Clock) -> None:
    """Every row that the ledger tells all about; StoreDamaged if an entry cannot be understood."""
    with catalog.read() as connection:
        found = [each for each in differences(connection, layout, clock()) if is_repairable(each)]
    # Reading a file takes time, and no batch is entered while the catalog is locked.
    facts = {each.path: _facts(layout, each) for each in found if _is_new_file(each)}
    with catalog.write() as connection:
        user_days.remove_unused(connection)
        for each in found:
            if _row(connection, each) == each.here and not _is_taken(connection, each):
                _set(connection, each, facts.get(each.path))
                if each.table is files:
                    # If its bytes are damaged too, the next look finds that again.
                    damage.clear(connection, [each.path])
                    _schedule(connection, each, removals.after_grace(clock()))
        damage.clear_unnamed(connection)
        counts.fill(connection)


def _is_taken(connection: Connection, each: Difference) -> bool:
    """Whether a row that nobody entered has the content of a batch that is to be inserted."""
    if each.table is not batches or each.here is not None or each.there is None:
        return False
    query = select(batches.c.sequence).where(
        batches.c.dataset == each.there["dataset"], batches.c.content == each.there["content"]
    )
    return connection.scalar(query) is not None


def _is_new_file(each: Difference) -> bool:
    return each.table is files and each.here is None


def _facts(layout: Layout, each: Difference) -> FileFacts:
    return facts_of(layout.root / each.path) or UNREADABLE


def _row(connection: Connection, each: Difference) -> Mapping[str, Any] | None:
    key = _key(each.table, each.here or each.there or {})
    found = connection.execute(select(each.table).where(*key)).mappings().one_or_none()
    return None if found is None else dict(found)


def _key(table: Table, row: Mapping[str, Any]) -> Iterator[Any]:
    return (column == row[column.name] for column in table.primary_key)


def _set(connection: Connection, each: Difference, facts: FileFacts | None) -> None:
    there = dict(each.there or {})
    if each.here is not None:
        changed = {name: there[name] for name in each.columns}
        change = update(each.table).where(*_key(each.table, each.here))
        connection.execute(change.values(changed))
        return
    if each.table is batches:
        there |= {"attempts": there["attempts"] or 0, "resends": there["resends"] or 0}
    if facts is not None:
        there |= facts.as_columns()
        if facts is UNREADABLE:
            there["number"] = None
        else:
            there["users_number"] = user_days.enter(connection, facts.user_days)
        if facts is not UNREADABLE and there["number"] is not None:
            gone = delete(table_of_people).where(table_of_people.c.file == there["number"])
            connection.execute(gone)
            people.enter(connection, there["number"], facts.users)
    connection.execute(insert(each.table), there)


def _schedule(connection: Connection, each: Difference, due_at: str) -> None:
    """A live file must not be removed, and one that the ledger retired must be, after a while."""
    retired = (each.there or {}).get("retired_sequence")
    here = delete(table_of_removals).where(table_of_removals.c.path == each.path)
    if retired is None:
        connection.execute(here)
    elif each.here is None or each.here["retired_sequence"] is None:
        connection.execute(here)
        removals.schedule_shown(connection, {each.path: retired}, due_at)
