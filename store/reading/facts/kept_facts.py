"""Two tables of what the catalog keeps of users, for `audit.duckdb` and for engines.

They may have hundreds of thousands of rows, and change only when a file with facts comes or goes.
So their `revision` names these files, and rows are read only where another revision was written.
"""

import json
import sys
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, repeat
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple

from store.catalog import read_only
from store.catalog.databases.reading import Statement
from store.catalog.users.packed_facts import HABIT, TAKING, is_readable, values_of
from store.files.layout import Layout
from store.reading.shell.content import FactsUnreadable, KeptSource
from store.reading.snapshot import Snapshot

if TYPE_CHECKING:
    import pyarrow as pa

_HABITS = (
    ("user_id", "VARCHAR"),
    ("kind", "VARCHAR"),
    ("value", "VARCHAR"),
    ("month", "INTEGER"),
    ("days", "UINTEGER"),
)
_TAKINGS = (
    ("user_id", "VARCHAR"),
    ("day", "INTEGER"),
    ("files", "BIGINT"),
    ("bytes", "BIGINT"),
)


def _revision(snapshot: Snapshot) -> tuple[tuple[str, int], ...]:
    """A path names one content for ever, and a repair counts a file under another number.

    What is kept of a damaged file is still true.
    """
    return tuple((part.file.path, part.facts) for part in snapshot.every_part if part.facts)


def _habits(layout: Layout, snapshot: Snapshot) -> "pa.Table":
    import pyarrow as pa  # noqa: PLC0415 (late: most questions need neither)
    import pyarrow.compute as pc  # noqa: PLC0415

    found, values = _read(layout, snapshot)
    # Of each habit: whose it is, and where the values of its file begin.
    owners, bases, numbers = array("i"), array("i"), array("I")
    for place, row in enumerate(found):
        count = len(row.habits) // HABIT.size
        owners.extend(repeat(place, count))
        bases.extend(repeat(values.first[row.file], count))
        numbers.frombytes(row.habits)
    if sys.byteorder == "big":
        numbers.byteswap()
    told = pc.add(pa.array(bases, pa.int32()), pa.array(numbers[0::3], pa.int32()))
    columns = [
        pa.array([row.name for row in found], pa.string()).take(pa.array(owners, pa.int32())),
        pa.array(values.kinds, pa.string()).take(told),
        pa.array(values.texts, pa.string()).take(told),
        pa.array(numbers[1::3], pa.uint32()).cast(pa.int32(), safe=False),
        pa.array(numbers[2::3], pa.uint32()),
    ]
    return pa.table(columns, [name for name, _ in _HABITS])


def _takings(layout: Layout, snapshot: Snapshot) -> "pa.Table":
    import pyarrow as pa  # noqa: PLC0415 (as above)

    found, _ = _read(layout, snapshot)
    rows = [(row.name, *taken) for row in found for taken in TAKING.iter_unpack(row.takings)]
    kinds = (pa.string(), pa.int32(), pa.int64(), pa.int64())
    columns = list(zip(*rows, strict=True)) or [()] * len(kinds)
    return pa.table(
        [pa.array(column, kind) for column, kind in zip(columns, kinds, strict=True)],
        [name for name, _ in _TAKINGS],
    )


@dataclass(frozen=True, slots=True)
class _Values:
    """The values of some files one behind the other; `first` says where those of a file begin."""

    kinds: list[str]
    texts: list[str]
    first: dict[int, int]


class _User(NamedTuple):
    """What a file has of a user, packed."""

    file: int
    name: str
    habits: bytes
    takings: bytes


def _read(layout: Layout, snapshot: Snapshot) -> tuple[list[_User], _Values]:
    """The rows of these very files: also of those that were retired a moment ago.

    FactsUnreadable if the catalog was edited or damaged.
    """
    bound = {"files": json.dumps([number for _, number in _revision(snapshot)])}
    # A text may be damaged, too.
    with read_only.opened(layout, is_raw=True) as connection:
        told = connection.execute(_statement("kept_values"), bound).fetchall()
        found = connection.execute(_statement("kept_facts"), bound).fetchall()
    values, lost = dict[int, list[tuple[str, str]]](), set[int]()
    for file, rows in groupby(told, itemgetter(0)):
        of_file = values_of(each[1:] for each in rows)
        values[file] = of_file or []
        if of_file is None:
            lost.add(file)
    users = list[_User]()
    for file, name, habits, takings in found:
        if (user := _told(name)) and is_readable(habits, takings, values.get(file, ())):
            users.append(_User(file, user, habits, takings))
        else:
            lost.add(file)
    if lost:
        raise FactsUnreadable(frozenset(lost))
    return users, _in_order(values)


def _told(name: bytes) -> str | None:
    try:
        return name.decode()
    except UnicodeDecodeError:
        return None


def _in_order(values: Mapping[int, Sequence[tuple[str, str]]]) -> _Values:
    together = _Values([], [], {})
    for file, each in values.items():
        together.first[file] = len(together.kinds)
        together.kinds.extend(kind for kind, _ in each)
        together.texts.extend(value for _, value in each)
    return together


def _statement(name: str) -> Statement:
    return Statement("store.reading.sql", f"facts/{name}")


USER_FACTS = KeptSource("user_facts", _HABITS, _revision, _habits)
USER_TAKINGS = KeptSource("user_takings", _TAKINGS, _revision, _takings)
