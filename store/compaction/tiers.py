"""What is merged with what, and when: from many parts to few files, by the clock and the catalog.

| tier    | is                                   | becomes                                          |
|---------|--------------------------------------|--------------------------------------------------|
| `part`  | what the loader wrote                | a run, once enough of its size lie in one day     |
| `run`   | merged parts of a day that goes on   | part of a larger run, or of the day's files       |
| `day`   | a day that is over and quiet         | part of its month                                 |
| `month` | a month that is over                 | stays, but for ranges that late rows fall into    |

Late rows open a day or month again: they are merged with the files that hold their users, and
with no others. Rows without a user lie in files of their own.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import accumulate
from typing import Any

from store import timestamps
from store.catalog.counts import CatalogRow
from store.files.layout import OTHER_DAY, REJECTED
from store.parquet.part_file import ROW_GROUP_ROWS

PART, RUN, DAY, MONTH = "part", "run", "day", "month"

# So many files of one size are worth a merge: each row is then written again some four times
# before its day is over, and a question finds no more than some sixty files of today.
FAN = 16

# A file is alike in size to one up to so many times as large.
SIZE_STEP = 8
_SMALLEST_ROWS = 8_192

# Runs that are read side by side; each keeps a row group at hand, some 20 MB where it is a full
# one. A part is one for each of its row groups, since the loader sorts no further.
RUNS_MAX = 48

# No more of these come than a sender's delay and a loader's lag explain.
DAY_QUIET = timedelta(hours=1)

# How long after its end a month waits for stragglers, and how long they then wait for others.
MONTH_PATIENCE = timedelta(days=3)
LATE_PATIENCE = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One merge: these files become files of `tier` under `label`, a day or a month.

    `settled` are finished files that are rewritten only where they hold users of `inputs`.
    """

    dataset: str
    label: str
    tier: str
    inputs: tuple[CatalogRow, ...]
    settled: tuple[CatalogRow, ...] = ()

    @property
    def paths(self) -> frozenset[str]:
        """Tells one job from another."""
        return frozenset(file["path"] for file in self.inputs)

    @property
    def rows(self) -> int:
        return sum(file["rows"] for file in (*self.inputs, *self.settled))


def jobs(files: Sequence[CatalogRow], now: datetime, *, is_by_hand: bool = False) -> Iterator[Job]:
    """What is worth doing now, the most pressing first. A file is a row of `files` and `added_at`.

    Whoever asks by hand does not wait for rows that may still come.
    """
    quiet_since = now if is_by_hand else now - DAY_QUIET
    late_since = now if is_by_hand else now - LATE_PATIENCE
    days: dict[tuple[str, str], list[CatalogRow]] = defaultdict(list)
    months: dict[tuple[str, str], list[CatalogRow]] = defaultdict(list)
    for file in files:
        if tier_of(file) != MONTH:
            days[file["dataset"], file["day"]].append(file)
        if file["day"] != OTHER_DAY and file["dataset"] != REJECTED:
            months[file["dataset"], file["day"][:7]].append(file)
    finished = {
        key: list(_finished_day(*key, found, now, quiet_since)) for key, found in days.items()
    }
    for key, found in sorted(days.items()):
        if not finished[key]:  # Else its runs would be merged twice.
            yield from _runs(*key, found)
    for _, merges in sorted(finished.items()):
        yield from merges
    for (dataset, month), found in sorted(months.items()):
        yield from _finished_month(dataset, month, found, now, late_since)


def tier_of(file: CatalogRow) -> str:
    return file["tier"] or PART


def is_over(day: str, now: datetime) -> bool:
    return day != OTHER_DAY and day < now.date().isoformat()


def _runs(dataset: str, day: str, found: Sequence[CatalogRow]) -> Iterator[Job]:
    """Files of one size, where there are enough of them."""
    sizes: dict[int, list[CatalogRow]] = defaultdict(list)
    for file in found:
        if tier_of(file) in {PART, RUN}:
            sizes[_size(file["rows"])].append(file)
    for alike in sizes.values():
        if len(alike) >= FAN:
            yield Job(dataset=dataset, label=day, tier=RUN, inputs=_that_fit(alike))


def _that_fit(files: Sequence[CatalogRow]) -> tuple[CatalogRow, ...]:
    """The first of them, as many as can be read side by side; two at least, or nothing would come
    of it.
    """
    runs = list(accumulate(runs_in(file) for file in files))
    fitting = sum(1 for count in runs if count <= RUNS_MAX)
    return tuple(files[: max(fitting, 2)])


def runs_in(file: CatalogRow) -> int:
    """How many stretches of a file are in order by themselves."""
    return max(-(-file["rows"] // ROW_GROUP_ROWS), 1) if tier_of(file) == PART else 1


def _size(rows: int) -> int:
    size = 0
    while rows >= _SMALLEST_ROWS * SIZE_STEP ** (size + 1):
        size += 1
    return size


def _finished_day(
    dataset: str, day: str, found: Sequence[CatalogRow], now: datetime, quiet_since: datetime
) -> Iterator[Job]:
    open_files = [file for file in found if tier_of(file) != DAY]
    if not open_files or not is_over(day, now) or _newest(open_files) > quiet_since:
        return
    settled = tuple(file for file in found if tier_of(file) == DAY)
    smallest = _that_fit(sorted(open_files, key=lambda file: file["rows"]))
    if len(smallest) < len(open_files):
        yield Job(dataset=dataset, label=day, tier=RUN, inputs=smallest)
    else:
        inputs = tuple(open_files)
        yield Job(dataset=dataset, label=day, tier=DAY, inputs=inputs, settled=settled)


def _finished_month(
    dataset: str, month: str, found: Sequence[CatalogRow], now: datetime, late_since: datetime
) -> Iterator[Job]:
    """All days of a month that is over; later, those that were late."""
    settled = tuple(file for file in found if tier_of(file) == MONTH)
    inputs = tuple(file for file in found if tier_of(file) != MONTH)
    if not inputs or now < _end_of(month) + MONTH_PATIENCE:
        return
    if any(tier_of(file) != DAY for file in inputs):
        return  # Its day comes first.
    if settled and _newest(inputs) > late_since:
        return
    yield Job(dataset=dataset, label=month, tier=MONTH, inputs=inputs, settled=settled)


def _end_of(month: str) -> datetime:
    first = date.fromisoformat(f"{month}-01")
    following = (first + timedelta(days=31)).replace(day=1)
    return datetime(following.year, following.month, 1)  # noqa: DTZ001 (UTC, as in the store)


def _newest(files: Sequence[CatalogRow]) -> datetime:
    return max(timestamps.from_text(file["added_at"]) for file in files)


def chains(files: Sequence[CatalogRow]) -> list[list[CatalogRow]]:
    """Files put one behind the other where their ranges of users, and of times without a user,
    follow one another: such a chain is read as one.
    """
    found: list[list[CatalogRow]] = []
    for file in sorted(files, key=_place):
        before = next((chain for chain in found if _follows(chain[-1], file)), None)
        if before is None:
            found.append([file])
        else:
            before.append(file)
    return found


def _place(file: CatalogRow) -> tuple[Any, ...]:
    user, time = file["user_min"], file["time_min"]
    return (user is None, user or "", time is None, time or "")


def _follows(before: CatalogRow, file: CatalogRow) -> bool:
    """Parts may hold rows without a user behind the others, so nothing can follow them."""
    if {tier_of(before), tier_of(file)} & {PART, RUN}:
        return False
    if file["user_min"] is None:
        later = before["time_max"] is not None and (file["time_min"] or "") > before["time_max"]
        return before["user_min"] is not None or later
    return before["user_max"] is not None and before["user_max"] < file["user_min"]
