"""What the users of a merged file had on which days: countries, networks, devices, hosts, hours.

A question compares a day with all days before it. So the compactor computes this once for each file
of a day or month, and enters it under the file's `users_number`, beside `user_days`. It is deleted
with them. What nobody entered is read from the file by whoever asks.

| `facts_revision` | the file                                                             |
|------------------|----------------------------------------------------------------------|
| `REVISION`       | its facts are in `user_facts`                                        |
| -`REVISION`      | cannot be read, or has more than the catalog keeps: it is read       |
| another, NULL    | waits for the compactor; is read till then                           |

All this holds while `facts_number` is the file's `users_number`. Otherwise an older version has counted
the file again, and it waits.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence

from sqlalchemy import (
    Connection,
    Exists,
    LargeBinary,
    Table,
    cast,
    delete,
    exists,
    func,
    insert,
    select,
    update,
)

from store.catalog.catalog import Catalog
from store.catalog.databases.expressions import Bytes, as_bytes
from store.catalog.scope import user_key
from store.catalog.tables import files
from store.catalog.users.facts_number import REVISION
from store.catalog.users.packed_facts import (
    HABIT,
    TAKING,
    Habit,
    Taking,
    UserFacts,
    is_readable,
    packed_habits,
    packed_takings,
    values_of,
)
from store.catalog.users.tables import fact_values, user_facts, user_names

# A month of a thousand people has some 70,000. All of them take 2.4 MB in the catalog.
HABITS_MAX = 200_000

# Of one user and kind: whoever opens pages of so many sections in a month is a program.
VALUES_MAX = 2_000

# All values of a file together; a month of a thousand people has some 100 KB.
VALUES_BYTES_MAX = 2 * 1024 * 1024

# Receivers wait for the transaction, and these take a quarter of a second.
HABITS_OF_AN_ENTRY_MAX = 400_000

_CHUNK = 500


def is_keepable(facts: UserFacts) -> bool:
    """Whether the catalog keeps so many facts."""
    if len(facts.habits) > HABITS_MAX:
        return False
    values = {(each.user, each.kind, each.value) for each in facts.habits}
    of_users = Counter((user, kind) for user, kind, _ in values)
    if of_users and max(of_users.values()) > VALUES_MAX:
        return False
    texts = {(kind, value) for _, kind, value in values}
    return sum(len(value.encode()) for _, value in texts) <= VALUES_BYTES_MAX


def enter_all(connection: Connection, found: Iterable[tuple[str, UserFacts]]) -> None:
    """Enter what was computed of some live files, each by its path, as far as one entry may.

    Files that are left out are computed again by the compactor. The caller holds the write lock.
    """
    left = HABITS_OF_AN_ENTRY_MAX
    for path, facts in found:
        if len(facts.habits) <= left:
            left -= len(facts.habits)
            enter(connection, path, facts)


def enter(connection: Connection, path: str, facts: UserFacts | None) -> None:
    """Enter the facts of a live file; None if there are none, or more than the catalog keeps.

    A file whose users cannot be counted has none either, and one whose users are not counted yet
    waits. The caller holds the write lock.
    """
    is_one = files.c.path == path
    number = connection.scalar(select(files.c.users_number).where(is_one))
    if number is None:
        return
    is_kept = facts is not None and number >= 0 and is_keepable(facts)
    if number > 0:
        # An older version that deletes a file leaves them, and its number is used again.
        remove(connection, [number])
        if facts is not None and is_kept:
            _insert(connection, number, facts)
    revision = REVISION if is_kept else -REVISION
    connection.execute(
        update(files).where(is_one).values(facts_revision=revision, facts_number=number)
    )


def of_file(connection: Connection, number: int) -> UserFacts | None:
    """What was entered under this number, in order; None if it cannot be read."""
    column = fact_values.c
    texts = (Bytes(column.kind), Bytes(column.value))
    query = select(column.number, *texts).where(column.file == number).order_by(column.number)
    values = values_of(tuple(map(as_bytes, row)) for row in connection.execute(query))
    packed = (cast(each, LargeBinary) for each in (user_facts.c.habits, user_facts.c.takings))
    found = (
        select(user_names.c.name, *packed)
        .join(user_facts, user_facts.c.who == user_names.c.who)
        .where(user_facts.c.file == number)
    )
    habits, takings = list[Habit](), list[Taking]()
    for name, had, taken in connection.execute(found):
        if values is None or not is_readable(had, taken, values):
            return None
        for value, month, days in HABIT.iter_unpack(had):
            kind, told = values[value]
            habits.append(Habit(name, kind, told, month, days))
        takings.extend(Taking(name, *each) for each in TAKING.iter_unpack(taken))
    return UserFacts(tuple(sorted(habits)), tuple(sorted(takings)))


def forget(catalog: Catalog, numbers: Sequence[int]) -> None:
    """Delete the facts of these files, and have them computed again."""
    with catalog.write() as connection:
        remove(connection, numbers)
        for some in _chunks(numbers):
            is_one = files.c.users_number.in_(some)
            connection.execute(update(files).where(is_one).values(facts_revision=None))


def remove(connection: Connection, numbers: Sequence[int]) -> None:
    """Delete the facts of these files. The caller holds the write lock."""
    for some in _chunks(numbers):
        for table in (user_facts, fact_values):
            connection.execute(delete(table).where(table.c.file.in_(some)))


def remove_unused(connection: Connection) -> None:
    """Delete facts of no file, which an older version leaves and an edited catalog has."""
    for table in (user_facts, fact_values):
        connection.execute(delete(table).where(~_is_of_a_file(table)))


def unused(connection: Connection) -> int:
    """How many rows `remove_unused` would delete."""
    lost = (
        select(func.count()).select_from(table).where(~_is_of_a_file(table))
        for table in (user_facts, fact_values)
    )
    return sum(connection.scalar(each) or 0 for each in lost)


def _chunks(numbers: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(numbers), _CHUNK):
        yield numbers[start : start + _CHUNK]


def _is_of_a_file(table: Table) -> Exists:
    is_its = files.c.users_number == table.c.file
    is_kept = files.c.facts_number == table.c.file
    return exists().where(is_its, is_kept, files.c.facts_revision.is_not(None))


def _insert(connection: Connection, number: int, facts: UserFacts) -> None:
    values = sorted({(each.kind, each.value) for each in facts.habits})
    numbers = {value: place for place, value in enumerate(values)}
    habits = defaultdict[str, list[tuple[int, int, int]]](list)
    takings = defaultdict[str, list[Taking]](list)
    for each in facts.habits:
        habits[each.user].append((numbers[each.kind, each.value], each.month, each.days))
    for taken in facts.takings:
        takings[taken.user].append(taken)
    told = [
        {
            "file": number,
            "who": user_key(user),
            "habits": packed_habits(sorted(habits[user])),
            "takings": packed_takings(sorted(takings[user])),
        }
        for user in sorted(habits.keys() | takings.keys())
    ]
    if told:
        connection.execute(insert(user_facts), told)
    if values:
        connection.execute(insert(fact_values), list(_values(number, values)))


def _values(number: int, values: Iterable[tuple[str, str]]) -> Iterator[dict[str, object]]:
    for place, (kind, value) in enumerate(values):
        yield {"file": number, "number": place, "kind": kind, "value": value}
