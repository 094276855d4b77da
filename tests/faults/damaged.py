"""Stores of three days, and ways in which one of their files is damaged."""

import time
from collections import Counter
from pathlib import Path

import duckdb
from sqlalchemy import update

from raytrail.commands.service import compaction
from store.catalog.tables import batches
from store.live_loading import LiveLoading
from store.replay.remake import Remaking
from store.store import Store
from tests.factories import SHELL, gzipped, load, ndjson, record, send
from tests.faults.lab import rays_found
from tests.raytrail.service.test_loader import Heard

DAYS = ("2026-11-19", "2026-11-20", "2026-11-21")


def deleted(path: Path) -> None:
    path.unlink()


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


def zeroed(path: Path) -> None:
    path.write_bytes(bytes(path.stat().st_size))


def a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


DAMAGE = [deleted, emptied, cut, zeroed, a_folder]
# What a glance finds, and what only reading finds.
OF_BOTH_KINDS = [deleted, zeroed]


def loading(store: Store) -> LiveLoading:
    return LiveLoading(store, Heard(), SHELL)


def three_days(store: Store) -> dict[str, Path]:
    """One part a day with three rows; returns the part of each day."""
    for day in DAYS:
        hours = (
            record(EdgeStartTimestamp=f"{day}T0{hour}:00:00Z", RayID=f"{day}-{hour}")
            for hour in range(3)
        )
        send(store, gzipped(ndjson(*hours)))
        load(store)
    return {path.parent.name.removeprefix("date="): path for path in store.snapshot().parts}


def merge(store: Store) -> None:
    """Merge every day, as `raytrail compact` does when all days are over."""
    loading(store).until_drained()
    compaction.run(store)


def shown(store: Store, statement: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(store.layout.audit), read_only=True) as shell:
        return shell.execute(statement).fetchall()


def remaking(store: Store) -> Remaking:
    return Remaking(store.file_swap(), store.limits, time.monotonic)


def rows_once(store: Store) -> None:
    """Every row of the three days is there once."""
    rays = rays_found(store)
    assert rays == Counter(f"{day}-{hour}" for day in DAYS for hour in range(3))


# Found in no other text.
QUILL = "quill@x.example"


def two_people(store: Store) -> dict[str, Path]:
    """A part a day with one row of each; returns the part of each day."""
    for day in DAYS:
        both = (
            record(EdgeStartTimestamp=f"{day}T00:00:00Z", RequestHeaders={"cf-access-user": user})
            for user in (QUILL, "srhea")
        )
        send(store, gzipped(ndjson(*both)))
        load(store)
    return {path.parent.name.removeprefix("date="): path for path in store.snapshot().parts}


def lose_raw_bodies(store: Store) -> None:
    """As retention does: the bodies are removed, and their batches say so."""
    with store.catalog.write() as connection:
        connection.execute(update(batches).values(raw_retired_sequence=1))
    for body in store.layout.raw.rglob("*.gz"):
        body.unlink()
