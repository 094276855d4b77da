"""What no program can do without: inflate, look at every byte, sort, encode. In parts, one core.

The tables it sorts and writes were decoded before; nothing is written to a disk.
"""

import time
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from bench import adapter
from bench.bodies import Body
from bench.engine import Answer, Stages, inflated_pieces, last_start


class Floor:
    def __init__(self, cores: int) -> None:
        pa.set_cpu_count(cores)
        self._bodies: Sequence[Body] = ()
        self._tables: dict[Path, pa.Table] = {}
        self.scanned, self._scan = adapter.scan()

    def prepare(self, bodies: Sequence[Body], folder: Path) -> None:
        del folder
        self._bodies = bodies
        for body in bodies:
            if body.path not in self._tables:
                pieces = list(adapter.decoded(body.path.read_bytes(), 1))
                self._tables[body.path] = adapter.joined(pieces)

    def run(self) -> Stages:
        clock = _Clock()
        for body in self._bodies:
            packed = body.path.read_bytes()
            clock.start()
            for piece in inflated_pieces(packed):
                clock.lap("inflate")
                self._scan(piece)
                clock.lap(self.scanned)
            table = self._tables[body.path]
            clock.start()
            table = adapter.in_order(table)
            clock.lap("sort")
            sink = pa.BufferOutputStream()
            options = adapter.parquet_options(table)
            with pq.ParquetWriter(sink, table.schema, **options) as writer:
                writer.write_table(table)
            clock.lap("encode")
        return clock.stages

    def answer(self) -> Answer:
        tables = [self._tables[body.path] for body in self._bodies]
        users = {user for each in tables for user in pc.unique(each["user_id"]).to_pylist()}
        sums = [pc.sum(each["EdgeResponseBytes"]).as_py() or 0 for each in tables]
        rows, last = sum(each.num_rows for each in tables), max(map(last_start, tables))
        return Answer(rows, sum(sums), len(users), 0, last)


class _Clock:
    """CPU time: nothing here waits, and a floor must not rise when the neighbours are busy."""

    def __init__(self) -> None:
        self.stages: dict[str, float] = {}
        self._at = 0.0

    def start(self) -> None:
        self._at = time.process_time()

    def lap(self, stage: str) -> None:
        now = time.process_time()
        self.stages[stage] = self.stages.get(stage, 0.0) + now - self._at
        self._at = now
