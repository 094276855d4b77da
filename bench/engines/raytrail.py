"""Raytrail itself: the loader over a store with entered batches, and its decoder alone."""

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from bench import adapter
from bench.bodies import Body
from bench.engine import Answer, Missing, Stages, answer_of
from store.store import Store


class Loading:
    """From the raw file to a part that is sorted, synced, read back, hashed and in the catalog."""

    def __init__(self, decoder: str, cores: int) -> None:
        _demand(decoder)
        self._cores = cores
        self._store: Store | None = None

    def prepare(self, bodies: Sequence[Body], folder: Path) -> None:
        if self._store is None or self._store.layout.root != folder:
            if self._store is not None:
                self._store.catalog.close()
            self._store = adapter.open_store(folder)
            # Of other engines the process stays from round to round, and so does what it compiled.
            adapter.warm_up(self._store)
        for body in bodies:
            adapter.enter(self._store, body.path.read_bytes())

    def run(self) -> Stages:
        adapter.load(self._opened, self._cores)
        return {}

    def answer(self) -> Answer:
        return answer_of(adapter.parts(self._opened))

    @property
    def _opened(self) -> Store:
        if self._store is None:
            raise RuntimeError("asked to run before it was prepared")
        return self._store


class Decoding:
    """From the raw file to Arrow tables, all of them held."""

    def __init__(self, decoder: str, cores: int) -> None:
        _demand(decoder)
        self._cores = cores
        self._bodies: Sequence[Body] = ()
        self._tables: list[pa.Table] = []

    def prepare(self, bodies: Sequence[Body], folder: Path) -> None:
        del folder
        self._bodies, self._tables = bodies, []

    def run(self) -> Stages:
        for body in self._bodies:
            self._tables.extend(adapter.decoded(body.path.read_bytes(), self._cores))
        return {}

    def answer(self) -> Answer:
        users = {user for each in self._tables for user in pc.unique(each["user_id"]).to_pylist()}
        sums = [pc.sum(each["EdgeResponseBytes"]).as_py() or 0 for each in self._tables]
        return Answer(sum(each.num_rows for each in self._tables), sum(sums), len(users), 0)


def _demand(decoder: str) -> None:
    reason = adapter.missing(decoder)
    if reason is not None:
        raise Missing(reason)
    adapter.choose(decoder)
