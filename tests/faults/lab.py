"""Where faults are tried: a folder, what patches the program, and who counts the faults."""

import hashlib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import select

from queries.engine import open_engine
from queries.errors import QueryFailed
from store.catalog import ledger
from store.catalog.tables import files
from store.intake.limits import IntakeLimits
from store.ledger.entry import GENESIS, Entry
from store.store import Store
from tests.factories import NO_RESERVE, Clock, gzipped, ndjson, record
from tests.injected import Injected

DAY = "2026-11-22"  # as the clock of the factories has it


@dataclass(frozen=True, slots=True)
class Lab:
    folder: Path
    patch: pytest.MonkeyPatch
    injected: Injected

    @contextmanager
    def store(self, name: str = "data", *, day: int = 0) -> Iterator[Store]:
        """The store of this name, opened anew: with nothing in memory of what was before."""
        clock, limits = Clock(), IntakeLimits(reserve=NO_RESERVE)
        clock.move(days=day)
        root = self.folder / name
        # As each child of a service: only the first makes what is missing.
        find = Store.open if root.exists() else Store.create
        with find(root, clock, limits) as opened:
            yield opened


def numbered(number: int, *odd_lines: bytes) -> bytes:
    """A body whose one record has this number as its RayID."""
    return gzipped(ndjson(record(RayID=ray(number))) + b"".join(odd_lines))


def ray(number: int) -> str:
    return f"{number:016x}"


def drain(store: Store) -> None:
    loader = store.loader()
    loader.sweep()
    while loader.load_next():
        pass


def rays_found(store: Store) -> Counter[str]:
    """Every record anybody can ask for, by the query engine, with how often it is there."""
    with open_engine(store.snapshot()) as engine:
        answer = engine.run("SELECT RayID FROM http_requests", {}, QueryFailed)
        return Counter(str(row[0]) for row in answer.rows)


def demand_parts_whole(store: Store) -> None:
    """Every live part is on disk, and holds what the catalog says of it."""
    with store.catalog.read() as connection:
        live = connection.execute(
            select(files.c.path, files.c.sha256).where(files.c.retired_sequence.is_(None))
        ).all()
    for path, sha256 in live:
        content = (store.layout.root / path).read_bytes()
        assert hashlib.sha256(content).hexdigest() == sha256, f"{path} is not what was written"


def entries(store: Store) -> list[Entry]:
    """The whole ledger, once its chain is seen to hold."""
    with store.catalog.read() as connection:
        found = list(ledger.walk(connection))
    previous = GENESIS
    for number, entry in enumerate(found, 1):
        assert entry.is_sound(), f"entry {number} was changed"
        assert (entry.sequence, entry.previous) == (number, previous), "the chain is broken"
        previous = entry.digest
    return found


def entered(store: Store) -> list[str]:
    """The batches that the ledger names, each once a name."""
    return [str(e.payload["batch_id"]) for e in entries(store) if e.kind == "batch"]


def raw_files(store: Store) -> list[Path]:
    return sorted(store.layout.raw.rglob("*.gz"))


def drafts(store: Store) -> list[Path]:
    return sorted([*store.layout.root.rglob(".draft-*"), *store.layout.root.rglob(".unfinished-*")])
