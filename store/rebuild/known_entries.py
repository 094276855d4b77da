"""The entries of the ledger that can still be read: from `ledger/`, and from the old catalog.

One of the two may be behind the other or end early because it is damaged; the longer one is used.
They must agree as far as both reach.
"""

import contextlib
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from importlib import resources
from itertools import zip_longest
from pathlib import Path
from urllib.parse import quote

import orjson

from store.catalog.read_only import LOCK_SECONDS_MAX
from store.errors import RebuildRefused, StoreDamaged
from store.files.layout import Layout
from store.ledger.entry import End, Entry
from store.ledger.ledger_files import read_entries

_DAMAGE = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


@dataclass(slots=True)
class KnownEntries:
    """Every known entry, oldest first. RebuildRefused if the two tell different histories, or if the
    catalog may have entries that cannot be read now.

    Afterwards `is_ledger_damaged` tells whether `ledger/` could not be read to its end.
    """

    layout: Layout
    is_ledger_damaged: bool = False

    def __iter__(self) -> Iterator[Entry]:
        return joined(self._on_disk(), _of_store(self.layout))

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


def _of_store(layout: Layout) -> Iterator[Entry]:
    if layout.database is None:
        return _of_catalog(layout.catalog)
    # Late: a store with its catalog inside needs no driver of PostgreSQL.
    from store.catalog.databases import postgresql_store  # noqa: PLC0415

    return postgresql_store.known_entries(layout)


def _of_catalog(path: Path) -> Iterator[Entry]:
    """Those of a catalog of whatever version, up to the first damage."""
    if not path.is_file():
        return
    query = resources.files("store.catalog.sql").joinpath("all_entries.sql").read_text("utf-8")
    with (
        _up_to_damage(path),
        contextlib.closing(_opened(path)) as opened,
    ):
        for sequence, kind, recorded_at, previous, payload, digest in opened.execute(query):
            yield Entry(
                sequence=sequence,
                kind=kind,
                recorded_at=recorded_at,
                previous=previous,
                payload=orjson.loads(payload),
                digest=digest,
            )


def _opened(path: Path) -> sqlite3.Connection:
    uri = f"file:{quote(str(path))}?mode=rw"
    connection = sqlite3.connect(uri, uri=True, timeout=LOCK_SECONDS_MAX)
    # Bytes that are no text are damage, which the digest of the entry then shows.
    connection.text_factory = partial(str, encoding="utf-8", errors="replace")
    return connection


@contextlib.contextmanager
def _up_to_damage(path: Path) -> Iterator[None]:
    """End the block at damage. Any other trouble, such as a lock or a missing permission, hides
    entries that are there: RebuildRefused.
    """
    try:
        with contextlib.suppress(orjson.JSONDecodeError, TypeError):
            yield
    except sqlite3.Error as error:
        if not _is_end(error):
            raise RebuildRefused(
                f"{path.name} cannot be read: {error}; mend that and try again, or move it away to"
                " rebuild without it"
            ) from error


def _is_end(error: sqlite3.Error) -> bool:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the low byte is the family
    return code in _DAMAGE or str(error).startswith("no such table")
