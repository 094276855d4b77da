"""What every engine is: it takes bodies on disk and leaves durable, sorted Parquet."""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from isal import isal_zlib

from bench.bodies import Body, Groups, alone
from schema.dataset import Field

# What an engine tells of the parts of its work: name -> seconds.
Stages = Mapping[str, float]

PIECE_BYTES = 1024 * 1024


class Missing(Exception):
    """An engine cannot run here; the message says why."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the Parquet says. Engines that disagree have not done the same work."""

    rows: int
    response_bytes: int
    users: int
    parquet_bytes: int
    # The latest start of a request, in whole milliseconds; None of an engine that has no files.
    last: int | None = None

    def agrees(self, other: "Answer") -> bool:
        """The size of the files is each engine's own affair."""
        mine = (self.rows, self.response_bytes, self.users)
        is_as_late = self.last == other.last or self.last is None or other.last is None
        return is_as_late and mine == (other.rows, other.response_bytes, other.users)


class Engine(Protocol):
    def prepare(self, bodies: Sequence[Body], folder: Path) -> None:
        """Whatever a user would have done before; not timed."""

    def run(self) -> Stages:
        """The work that is timed."""

    def answer(self) -> Answer:
        """What came of the last run; not timed."""


class Peer:
    """A library that turns each group of bodies into one Parquet file, synced before it counts as written."""

    def __init__(self, fields: Sequence[Field], cores: int) -> None:
        """`fields` become its columns; members of other names are lost on it."""
        self.fields = fields
        self.cores = cores
        self._groups: Groups = ()
        self._folder = Path()

    def prepare(self, bodies: Sequence[Body], folder: Path) -> None:
        self.prepare_groups(alone(bodies), folder)

    def prepare_groups(self, groups: Groups, folder: Path) -> None:
        self._groups, self._folder = groups, folder
        folder.mkdir(parents=True, exist_ok=True)

    def run(self) -> Stages:
        for number, group in enumerate(self._groups):
            target = self._folder / f"{number}.parquet"
            self.convert([body.path for body in group], target)
            sync(target)
        return {}

    def answer(self) -> Answer:
        return answer_of(self._folder.glob("*.parquet"))

    def convert(self, bodies: Sequence[Path], target: Path) -> None:
        """Write the rows of all these bodies, in one order."""
        raise NotImplementedError


def sync(file: Path) -> None:
    """The file and its name are on disk."""
    for path in (file, file.parent):
        fd = os.open(path, os.O_RDONLY)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)


def inflate(packed: bytes) -> bytes:
    """One gzip member, whole."""
    return b"".join(inflated_pieces(packed))


def inflated_pieces(packed: bytes) -> Iterator[bytes]:
    """The same in pieces that stay in the cache: twice as fast as into one fresh large buffer."""
    decoder, rest = isal_zlib.decompressobj(wbits=31), packed
    while not decoder.eof:
        yield decoder.decompress(rest, PIECE_BYTES)
        rest = decoder.unconsumed_tail


def answer_of(files: Iterator[Path] | Sequence[Path]) -> Answer:
    rows = response_bytes = parquet_bytes = 0
    users: set[str | None] = set()
    starts = []
    columns = ["user_id", "EdgeResponseBytes", "EdgeStartTimestamp"]
    for file in files:
        table = pq.read_table(file, columns=columns, partitioning=None)
        rows += table.num_rows
        response_bytes += pc.sum(table["EdgeResponseBytes"]).as_py() or 0
        users.update(pc.unique(table["user_id"]).to_pylist())
        starts.append(last_start(table))
        parquet_bytes += file.stat().st_size
    return Answer(rows, response_bytes, len(users), parquet_bytes, max(starts, default=None))


def last_start(table: pa.Table) -> int:
    """Milliseconds; 0 where no row has a time."""
    latest = pc.max(table["EdgeStartTimestamp"])
    return int(latest.cast(pa.timestamp("ms"), safe=False).value or 0)


@contextmanager
def library(name: str) -> Iterator[None]:
    """Within it a library may be imported that is perhaps not installed."""
    try:
        yield
    except ModuleNotFoundError as error:
        raise Missing(f"{name} is not installed") from error
