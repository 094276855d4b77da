"""How many rows of which user are in which file, by UTC day: spellings are found without a file.

Whoever makes a file live enters its rows in the same transaction, under the file's `users_number`.
They are deleted with the row of the file, after it was retired; questions read those of live files.

| `users_number` | the file                                                                |
|----------------|-------------------------------------------------------------------------|
| a number       | its rows are in `user_days`                                             |
| `NOBODY`       | has no row of a user                                                    |
| `UNCOUNTABLE`  | has more names than the catalog keeps, or such long ones: it is read    |
| NULL           | is of an older version, or one of very many of an entry: read till then |
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Delete, Table, delete, exists, func, insert, select

from store import names
from store.catalog.counts import CatalogRow
from store.catalog.scope import user_key
from store.catalog.tables import files
from store.catalog.users import user_facts
from store.catalog.users.tables import user_days, user_names
from store.parquet.statistics.user_day import UserDay, UserDays

UNCOUNTABLE = -1
NOBODY = 0

# The name in a new file's row, beside the columns of `files`.
COUNTED = "user_days"

# Receivers wait for the transaction, and so many rows take a quarter of a second.
ROWS_OF_AN_ENTRY_MAX = 50_000

# A statement takes some thousands of values.
KEYS_AT_ONCE = 500


def enter_all(connection: Connection, rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The rows of new files as the table has them, after what `COUNTED` says of each was entered.

    The caller holds the write lock.
    """
    entered, left = [], ROWS_OF_AN_ENTRY_MAX
    for row in rows:
        counted: UserDays = row[COUNTED]
        columns = {name: value for name, value in row.items() if name != COUNTED}
        size = len(counted or ())
        number = enter(connection, counted) if size <= left else None
        left -= size if number is not None else 0
        entered.append({**columns, "users_number": number})
    return entered


def enter(connection: Connection, counted: UserDays) -> int:
    """Enter what was counted of a file; returns its `users_number`."""
    keys = {each.user: user_key(each.user) for each in counted or ()}
    if counted is None or not _enter_names(connection, keys):
        return UNCOUNTABLE
    if not counted:
        return NOBODY
    # Two questions, since each is answered by the end of an index.
    newest = (select(func.max(files.c.users_number)), select(func.max(user_days.c.file)))
    number = max(connection.scalar(each) or 0 for each in newest) + 1
    _insert(connection, user_days, [(keys[each.user], number, *each[1:]) for each in counted])
    return number


def of_file(connection: Connection, number: int) -> UserDays:
    """What was entered under this number, in order of user and day."""
    found = (
        select(user_names.c.name, user_days)
        .join(user_days, user_days.c.who == user_names.c.who)
        .where(user_days.c.file == number)
    )
    rows = connection.execute(found)
    days = (UserDay(row.name, *row[3:]) for row in rows)
    return tuple(sorted(days, key=lambda each: (each.user, each.day)))


def numbers(rows: Iterable[CatalogRow]) -> list[int]:
    """The numbers of those files that are counted."""
    return [row["users_number"] for row in rows if (row["users_number"] or NOBODY) > NOBODY]


def steps(connection: Connection, found: Sequence[int], rows_max: int) -> Iterator[list[int]]:
    """The numbers in groups that have at most about so many rows together."""
    group, size = list[int](), 0
    for number in found:
        count = select(func.count()).where(user_days.c.file == number)
        group.append(number)
        size += connection.scalar(count) or 0
        if size >= rows_max:
            yield group
            group, size = [], 0
    if group:
        yield group


def remove(connection: Connection, found: Sequence[int]) -> None:
    """Delete the rows of these files, their facts, and names that have no other row.

    The caller holds the write lock.
    """
    user_facts.remove(connection, found)
    for some in _chunks(found):
        is_theirs = user_days.c.file.in_(some)
        gone = connection.scalars(select(user_days.c.who).where(is_theirs).distinct()).all()
        connection.execute(delete(user_days).where(is_theirs))
        for keys in _chunks(gone):
            connection.execute(_unused().where(user_names.c.who.in_(keys)))


def remove_unused(connection: Connection) -> None:
    """Delete rows and facts of no file, and names without rows."""
    is_of_a_file = exists().where(files.c.users_number == user_days.c.file)
    connection.execute(delete(user_days).where(~is_of_a_file))
    connection.execute(_unused())
    user_facts.remove_unused(connection)


def unused(connection: Connection) -> int:
    """How many rows and names `remove_unused` would delete, names of such rows not counted."""
    is_of_a_file = exists().where(files.c.users_number == user_days.c.file)
    is_used = exists().where(user_days.c.who == user_names.c.who)
    lost = select(func.count()).select_from(user_days).where(~is_of_a_file)
    nameless = select(func.count()).select_from(user_names).where(~is_used)
    rows = (connection.scalar(lost) or 0) + (connection.scalar(nameless) or 0)
    return rows + user_facts.unused(connection)


def _chunks(keys: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(keys), KEYS_AT_ONCE):
        yield keys[start : start + KEYS_AT_ONCE]


def _unused() -> Delete:
    is_used = exists().where(user_days.c.who == user_names.c.who)
    return delete(user_names).where(~is_used)


def _enter_names(connection: Connection, keys: Mapping[str, int]) -> bool:
    """False, and nothing is entered, if two names have the same hash."""
    new = {who: name for name, who in keys.items()}
    if len(new) < len(keys):
        return False
    for some in _chunks(sorted(new)):
        known = select(user_names.c.who, user_names.c.name).where(user_names.c.who.in_(some))
        for who, name in connection.execute(known):
            if new.pop(who) != name:
                return False
    rows = [(who, name, _key_of_spellings(name, who)) for who, name in new.items()]
    _insert(connection, user_names, rows)
    return True


def _key_of_spellings(name: str, who: int) -> int:
    """The key of what all spellings of a name have in common; most names are written just so."""
    folded = names.folded(name)
    return who if folded == name else user_key(folded)


def _insert(connection: Connection, table: Table, rows: Sequence[tuple[Any, ...]]) -> None:
    """Insert rows in the order of the table's columns, in half the time of SQLAlchemy's own way."""
    if not rows:
        return
    compiled = insert(table).compile(dialect=connection.dialect)
    if compiled.positional:
        connection.exec_driver_sql(str(compiled), list(rows))
    else:
        names = table.columns.keys()
        connection.exec_driver_sql(
            str(compiled), [dict(zip(names, row, strict=True)) for row in rows]
        )
