"""The entries of the ledger that can still be read: from `ledger/`, and from the old catalog.

One of the two may be behind the other or end early because it is damaged; the longer one is used.
They must agree as far as both reach.
"""

import contextlib
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import resources
from itertools import zip_longest
from pathlib import Path
from urllib.parse import quote

import orjson

from store.errors import RebuildRefused, StoreDamaged
from store.files.layout import Layout
from store.ledger.entry import End, Entry
from store.ledger.ledger_files import read_entries


@dataclass(slots=True)
class KnownEntries:
    """Every known entry, oldest first. RebuildRefused if the two tell different histories.

    Afterwards `is_ledger_damaged` tells whether `ledger/` could not be read to its end.
    """

    layout: Layout
    is_ledger_damaged: bool = False

    def __iter__(self) -> Iterator[Entry]:
        return joined(self._on_disk(), _of_catalog(self.layout.catalog))

    def _on_disk(self) -> Iterator[Entry]:
        try:
            yield from read_entries(self.layout)
        except StoreDamaged:
            self.is_ledger_damaged = True


def joined(first: Iterable[Entry], second: Iterable[Entry]) -> Iterator[Entry]:
    for here, there in zip_longest(sound(first), sound(second)):
        if here and there and here.digest != there.digest:
            raise RebuildRefused(
                f"entry {here.sequence} is another one in ledger/ than in the catalog: they are of"
                " two stores, or one was changed; move the wrong one away and try again"
            )
        known = here or there
        if known is not None:
            yield known


def sound(entries: Iterable[Entry]) -> Iterator[Entry]:
    """Those before the first break of the chain."""
    end = End()
    for entry in entries:
        is_next = (entry.sequence, entry.previous) == (end.sequence + 1, end.digest)
        if not (is_next and entry.is_sound()):
            return
        yield entry
        end = entry.end


def _of_catalog(path: Path) -> Iterator[Entry]:
    """Those of a catalog of whatever version, up to the first damage."""
    if not path.is_file():
        return
    query = resources.files("store.catalog.sql").joinpath("all_entries.sql").read_text("utf-8")
    uri = f"file:{quote(str(path))}?mode=rw"
    damage = (sqlite3.DatabaseError, orjson.JSONDecodeError, TypeError)
    with contextlib.suppress(*damage), contextlib.closing(sqlite3.connect(uri, uri=True)) as opened:
        for sequence, kind, recorded_at, previous, payload, digest in opened.execute(query):
            yield Entry(
                sequence=sequence,
                kind=kind,
                recorded_at=recorded_at,
                previous=previous,
                payload=orjson.loads(payload),
                digest=digest,
            )
