"""What every engine is: it takes bodies on disk and leaves durable, sorted Parquet."""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pyarrow.compute as pc
import pyarrow.parquet as pq
from isal import isal_zlib

from bench.bodies import Body
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

    def agrees(self, other: "Answer") -> bool:
        """The size of the files is each engine's own affair."""
        mine = (self.rows, self.response_bytes, self.users)
        return mine == (other.rows, other.response_bytes, other.users)


class Engine(Protocol):
    def prepare(self, bodies: Sequence[Body], folder: Path) -> None:
        """Whatever a user would have done before; not timed."""

    def run(self) -> Stages:
        """The work that is timed."""

    def answer(self) -> Answer:
        """What came of the last run; not timed."""


class Peer:
    """A library that turns one body into one Parquet file, synced before it counts as written."""

    def __init__(self, fields: Sequence[Field], cores: int) -> None:
        """`fields` become its columns; members of other names are lost on it."""
        self.fields = fields
        self.cores = cores
        self._bodies: Sequence[Body] = ()
        self._folder = Path()

    def prepare(self, bodies: Sequence[Body], folder: Path) -> None:
        self._bodies, self._folder = bodies, folder
        folder.mkdir(parents=True, exist_ok=True)

    def run(self) -> Stages:
        for number, body in enumerate(self._bodies):
            target = self._folder / f"{number}.parquet"
            self.convert(body.path, target)
            sync(target)
        return {}

    def answer(self) -> Answer:
        return answer_of(self._folder.glob("*.parquet"))

    def convert(self, body: Path, target: Path) -> None:
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
    for file in files:
        table = pq.read_table(file, columns=["user_id", "EdgeResponseBytes"], partitioning=None)
        rows += table.num_rows
        response_bytes += pc.sum(table["EdgeResponseBytes"]).as_py() or 0
        users.update(pc.unique(table["user_id"]).to_pylist())
        parquet_bytes += file.stat().st_size
    return Answer(rows, response_bytes, len(users), parquet_bytes)


@contextmanager
def library(name: str) -> Iterator[None]:
    """Within it a library may be imported that is perhaps not installed."""
    try:
        yield
    except ModuleNotFoundError as error:
        raise Missing(f"{name} is not installed") from error
