"""The table of docs/scale.md on rates that nobody has run: measured costs, multiplied.

`python -m docs.paper_scale` prints it. A test compares it with the page.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

# Requests a second.
RATES: Final = (1_000, 100_000, 10_000_000)

# Records of one batch, and its bytes as sent: what a job of `raytrail setup` sends at these rates
# (50 MB before gzip, records of 2.4 kB; docs/sizing.md).
BATCH_RECORDS: Final = 20_833
BATCH_BYTES: Final = 3_900_000

# CPU microseconds a record: receiving (293 ms for 100,000), loading, and each merge
# (docs/performance.md).
RECEIVE_US: Final = 3.0
LOAD_US: Final = 7.0
MERGE_US: Final = 9.0
# A row is rewritten so often: four times until its day is over, and once into its month.
MERGES: Final = 5

# Bytes of a merged row, and rows of a merged file.
ROW_BYTES: Final = 66
FILE_ROWS: Final = 4_000_000

# Calls to a bucket. A body is put, read back and read by a loader; a part is put, read back and read
# by a merge; a merge reads and writes each file in pieces of 8 MiB.
BODY_CALLS: Final = 3
PART_CALLS: Final = 3
PIECE_BYTES: Final = 8 * 1024 * 1024

# Entries that one catalog on PostgreSQL commits a second, one by one (docs/scale.md).
COMMITS_MAX: Final = 100

# Reading a file for one person (docs/performance.md).
READ_FILE_SECONDS: Final = 0.001

# A machine of this size, of which a third stays free.
CORES: Final = 16
BUSY: Final = 2 / 3

SECONDS_A_DAY: Final = 86_400


@dataclass(frozen=True, slots=True)
class Rate:
    """What so many requests a second take."""

    requests: int

    @property
    def batches(self) -> float:
        return self.requests / BATCH_RECORDS

    def cores(self, microseconds: float) -> float:
        return self.requests * microseconds / 1e6

    @property
    def machines(self) -> int:
        all_cores = self.cores(RECEIVE_US + LOAD_US + MERGES * MERGE_US)
        return max(1, -(-int(all_cores) // int(CORES * BUSY)))

    @property
    def bucket_calls(self) -> float:
        pieces = self.requests * ROW_BYTES * MERGES * 2 / PIECE_BYTES
        return self.batches * (BODY_CALLS + PART_CALLS) + pieces

    @property
    def commits(self) -> float:
        """Of each batch its receipt and its loading; merges are few."""
        return self.batches * 2

    @property
    def files_a_day(self) -> float:
        return self.requests * SECONDS_A_DAY / FILE_ROWS

    @property
    def ledgers(self) -> int:
        """How many chains share the entries."""
        return max(1, -(-int(self.commits) // COMMITS_MAX))


def rows() -> Iterator[tuple[str, ...]]:
    rates = [Rate(each) for each in RATES]
    yield ("", *(f"{each.requests:,} requests a second" for each in rates))
    yield ("batches a second", *(_number(each.batches) for each in rates))
    yield ("gigabytes of bodies a day", *(_bodies(each) for each in rates))
    yield ("cores that receive", *(_number(each.cores(RECEIVE_US)) for each in rates))
    yield ("cores that load", *(_number(each.cores(LOAD_US)) for each in rates))
    yield ("cores that merge", *(_number(each.cores(MERGE_US * MERGES)) for each in rates))
    yield (f"machines of {CORES} cores", *(f"{each.machines:,}" for each in rates))
    yield ("calls to the bucket a second", *(_number(each.bucket_calls) for each in rates))
    yield ("entries in the catalog a second", *(_number(each.commits) for each in rates))
    yield (f"ledgers of at most {COMMITS_MAX} entries a second", *(str(e.ledgers) for e in rates))
    yield ("merged files a day", *(_number(each.files_a_day) for each in rates))
    yield ("seconds for one person's day", *(_number(_one_day(each)) for each in rates))


def table() -> str:
    first, *others = (f"| {' | '.join(each)} |" for each in rows())
    return "\n".join([first, "|---|" + "---:|" * len(RATES), *others]) + "\n"


def _one_day(rate: Rate) -> float:
    """Each merged file may have a person who is busy all day."""
    return rate.files_a_day * READ_FILE_SECONDS


def _bodies(rate: Rate) -> str:
    return _number(rate.batches * BATCH_BYTES * SECONDS_A_DAY / 1e9)


def _number(value: float) -> str:
    """Two digits are more than a product of measurements is worth."""
    if value >= 100:  # noqa: PLR2004 - from here on two digits are zeros behind them
        digits = len(str(int(value))) - 2
        return f"{round(value, -digits):,.0f}"
    return f"{value:.2g}"


if __name__ == "__main__":
    print(table())
