"""Size-tiered compaction: which live files are merged next, by the catalog and the clock.

| tier    | holds                                  | is merged into                                 |
|---------|----------------------------------------|------------------------------------------------|
| `part`  | what the loader wrote                  | a run, once a day has enough parts of one size |
| `run`   | merged parts of a day that is not over | a larger run, or the day's files               |
| `day`   | a day that is over                     | the month's files                              |
| `month` | a month that is over                   | nothing, except where late rows arrive         |

Late rows reopen a day or month: they are merged with the files that hold rows of the same users,
and with no other file. Rows without a user are in files of their own.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import accumulate
from typing import Any, Self

from store import timestamps
from store.catalog.counts import CatalogRow
from store.files.layout import OTHER_DAY, REJECTED
from store.parquet.part_file import ROW_GROUP_ROWS

PART, RUN, DAY, MONTH = "part", "run", "day", "month"

# A merge needs so many files of one size. Each row is then rewritten about four times before its
# day is over, and a query reads at most about sixty files of today.
MERGE_FILES_MIN = 16

# Files of one size class differ in rows by less than this factor.
SIZE_STEP = 8
_SMALLEST_ROWS = 8_192

# Sorted runs that one merge reads at once; each holds a row group in memory, 20 MB if it is full.
# A part counts once for each of its row groups, since the loader sorts only within one.
RUNS_MAX = 48

# Longer than senders are usually late and loaders behind.
DAY_QUIET = timedelta(hours=1)

# A month is merged this long after its end; late rows are merged into it after another wait.
MONTH_PATIENCE = timedelta(days=3)
LATE_PATIENCE = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class RewriteJob:
    """Replace `inputs` by files of `tier` under `label`, a day or a month.

    `settled` files of that day or month are rewritten too if they hold users of `inputs`.
    """

    dataset: str
    label: str
    tier: str
    inputs: tuple[CatalogRow, ...]
    settled: tuple[CatalogRow, ...] = ()

    @classmethod
    def of_file(cls, file: CatalogRow) -> Self:
        """Rewrite one file in its tier; a rewritten part is sorted throughout, so it is a run."""
        tier = tier_of(file)
        return cls(
            dataset=file["dataset"],
            label=file["day"],
            tier=tier if tier in {DAY, MONTH} else RUN,
            inputs=(file,),
        )

    @property
    def paths(self) -> frozenset[str]:
        """Identifies the job."""
        return frozenset(file["path"] for file in self.inputs)

    @property
    def rows(self) -> int:
        return sum(file["rows"] for file in (*self.inputs, *self.settled))


def due_jobs(
    files: Sequence[CatalogRow], now: datetime, *, is_manual: bool = False
) -> Iterator[RewriteJob]:
    """The merges that are due, most urgent first. A file is a row of `files` with `added_at`.

    A manual run does not wait for late rows.
    """
    quiet_since = now if is_manual else now - DAY_QUIET
    late_since = now if is_manual else now - LATE_PATIENCE
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
        if not finished[key]:  # Otherwise its runs would be in two jobs.
            yield from _runs(*key, found)
    for _, merges in sorted(finished.items()):
        yield from merges
    for (dataset, month), found in sorted(months.items()):
        yield from _finished_month(dataset, month, found, now, late_since)


def tier_of(file: CatalogRow) -> str:
    return file["tier"] or PART


def is_over(day: str, now: datetime) -> bool:
    return day != OTHER_DAY and day < now.date().isoformat()


def _runs(dataset: str, day: str, found: Sequence[CatalogRow]) -> Iterator[RewriteJob]:
    """Merges of files of one size class."""
    sizes: dict[int, list[CatalogRow]] = defaultdict(list)
    for file in found:
        if tier_of(file) in {PART, RUN}:
            sizes[_size(file["rows"])].append(file)
    for alike in sizes.values():
        if len(alike) >= MERGE_FILES_MIN:
            yield RewriteJob(dataset=dataset, label=day, tier=RUN, inputs=_readable_at_once(alike))


def _readable_at_once(files: Sequence[CatalogRow]) -> tuple[CatalogRow, ...]:
    """The first files within `RUNS_MAX` sorted runs, but at least two."""
    runs = list(accumulate(runs_in(file) for file in files))
    fitting = sum(1 for count in runs if count <= RUNS_MAX)
    return tuple(files[: max(fitting, 2)])


def runs_in(file: CatalogRow) -> int:
    """How many sorted runs a file consists of."""
    return max(-(-file["rows"] // ROW_GROUP_ROWS), 1) if tier_of(file) == PART else 1


def _size(rows: int) -> int:
    size = 0
    while rows >= _SMALLEST_ROWS * SIZE_STEP ** (size + 1):
        size += 1
    return size


def _finished_day(
    dataset: str, day: str, found: Sequence[CatalogRow], now: datetime, quiet_since: datetime
) -> Iterator[RewriteJob]:
    open_files = [file for file in found if tier_of(file) != DAY]
    if not open_files or not is_over(day, now) or _newest(open_files) > quiet_since:
        return
    settled = tuple(file for file in found if tier_of(file) == DAY)
    smallest = _readable_at_once(sorted(open_files, key=lambda file: file["rows"]))
    if len(smallest) < len(open_files):
        yield RewriteJob(dataset=dataset, label=day, tier=RUN, inputs=smallest)
    else:
        inputs = tuple(open_files)
        yield RewriteJob(dataset=dataset, label=day, tier=DAY, inputs=inputs, settled=settled)


def _finished_month(
    dataset: str, month: str, found: Sequence[CatalogRow], now: datetime, late_since: datetime
) -> Iterator[RewriteJob]:
    """Merges all days of a month that is over, and later its late days."""
    settled = tuple(file for file in found if tier_of(file) == MONTH)
    inputs = tuple(file for file in found if tier_of(file) != MONTH)
    if not inputs or now < _end_of(month) + MONTH_PATIENCE:
        return
    if any(tier_of(file) != DAY for file in inputs):
        return  # The day must be merged first.
    if settled and _newest(inputs) > late_since:
        return
    yield RewriteJob(dataset=dataset, label=month, tier=MONTH, inputs=inputs, settled=settled)


def _end_of(month: str) -> datetime:
    first = date.fromisoformat(f"{month}-01")
    following = (first + timedelta(days=31)).replace(day=1)
    return datetime(following.year, following.month, 1)  # noqa: DTZ001 (UTC, as in the store)


def _newest(files: Sequence[CatalogRow]) -> datetime:
    return max(timestamps.from_text(file["added_at"]) for file in files)


def chains(files: Sequence[CatalogRow]) -> list[list[CatalogRow]]:
    """Groups files whose ranges do not overlap; such a chain is read as one sorted run.

    The range is that of users, or of times in files of rows without a user.
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
    """Parts and runs may end with rows of no user, so no file can follow them in order."""
    if {tier_of(before), tier_of(file)} & {PART, RUN}:
        return False
    if file["user_min"] is None:
        later = before["time_max"] is not None and (file["time_min"] or "") > before["time_max"]
        return before["user_min"] is not None or later
    return before["user_max"] is not None and before["user_max"] < file["user_min"]
