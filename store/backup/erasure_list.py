"""The erasures that a store knows, as a file that carries no name: `erasures.json`.

`backup` and `erase` write it into a backup's folder, so that a restore of an older catalog notices
erasures that this catalog does not know.
"""

import contextlib
import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from importlib import resources
from pathlib import Path
from typing import Any, Self

import orjson

from schema.errors import RaytrailError
from store.catalog import ledger
from store.catalog.catalog import Catalog
from store.catalog.read_only import LOCK_SECONDS_MAX, readable
from store.errors import BackupRefused
from store.files import durable
from store.files.layout import draft_path
from store.ledger.entry import Entry

FILE_NAME = "erasures.json"
FORMAT = 1

# The names of a catalog in a store and in a backup.
CATALOGS = ("catalog.sqlite", "backup.sqlite")


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownErasure:
    """One `erased` entry, by its digest. Without a salt nothing can be found again by it."""

    entry: str
    sequence: int
    recorded_at: str
    salt: str | None = None
    digests: tuple[str, ...] = ()

    def with_digests(self, told: Mapping[str, Any] | None) -> Self:
        """With the salt and the digests of a keep-out, for an erasure whose entry has none."""
        found = told or {}
        digests = tuple(found.get("digests", ()))
        return replace(self, salt=found.get("salt"), digests=digests)

    @classmethod
    def of(
        cls, *, sequence: int, digest: str, recorded_at: str, payload: Mapping[str, Any]
    ) -> Self:
        """Entries of older versions have no keep-out."""
        told = payload.get("keep_out") or {}
        return cls(
            entry=digest,
            sequence=sequence,
            recorded_at=recorded_at,
            salt=told.get("salt"),
            digests=tuple(told.get("digests", ())),
        )


def of_store(catalog: Catalog) -> tuple[KnownErasure, ...]:
    """Every erasure in the ledger of an opened store, oldest first."""
    with catalog.read() as connection:
        return tuple(map(_of_entry, ledger.of_kinds(connection, ("erased",), 0)))


def read(path: Path) -> tuple[KnownErasure, ...]:
    """From a file of this form, a store, or a backup. BackupRefused if it is none of them."""
    try:
        if not path.is_dir():
            return _of_file(path)
        found = {each.entry: each for each in _listed(path)}
        for name in CATALOGS:
            if (path / name).is_file():
                found |= {each.entry: each for each in _of_catalog(path / name)}
    except (OSError, orjson.JSONDecodeError, KeyError, TypeError, sqlite3.Error) as error:
        raise BackupRefused(f"{path}: cannot be read as a list of erasures: {error}") from error
    return _ordered(found.values())


def has_entry(folder: Path, end: tuple[int, str] | None) -> bool:
    """Whether the ledger of this store or backup has an entry with this number and digest."""
    if end is None:
        return False
    query = _query("one_digest")
    for name in CATALOGS:
        with contextlib.suppress(OSError, RaytrailError, sqlite3.Error):
            if (folder / name).is_file():
                with readable(folder / name) as uri, closing(_connect(uri)) as connection:
                    found = connection.execute(query, {"sequence": end[0]}).fetchone()
                    return found is not None and found[0] == end[1]
    return False


def write(folder: Path, known: Iterable[KnownErasure]) -> None:
    """Add to the list in a folder of a backup, which keeps what it knows already."""
    found = {each.entry: each for each in known}
    # What has digests only here keeps them.
    found |= {each.entry: each for each in _listed(folder) if each.salt}
    if not found:
        return
    draft = draft_path(folder, "erasures")
    fd = durable.create_locked(draft)
    try:
        durable.write_all(fd, as_json(_ordered(found.values())))
    finally:
        durable.close(fd)
    durable.replace(draft, folder / FILE_NAME)


def as_json(known: Iterable[KnownErasure]) -> bytes:
    told = {"form": FORMAT, "erasures": [asdict(each) for each in known]}
    return orjson.dumps(told, option=orjson.OPT_INDENT_2)


def _ordered(known: Iterable[KnownErasure]) -> tuple[KnownErasure, ...]:
    return tuple(sorted(known, key=lambda each: (each.recorded_at, each.sequence)))


def _listed(folder: Path) -> tuple[KnownErasure, ...]:
    path = folder / FILE_NAME
    return _of_file(path) if path.is_file() else ()


def _of_file(path: Path) -> tuple[KnownErasure, ...]:
    try:
        told = orjson.loads(path.read_bytes())
        if told["form"] != FORMAT:
            raise BackupRefused(f"{path}: it was written by another version of Raytrail")
        return tuple(
            KnownErasure(**{**each, "digests": tuple(each["digests"])}) for each in told["erasures"]
        )
    except (orjson.JSONDecodeError, KeyError, TypeError) as error:
        raise BackupRefused(f"{path}: cannot be read as a list of erasures: {error}") from error


def _of_catalog(path: Path) -> tuple[KnownErasure, ...]:
    """Of a store that may be running, or a backup; of whatever version."""
    with readable(path) as uri, closing(_connect(uri)) as connection:
        rows = connection.execute(_query("erased_entries")).fetchall()
    return tuple(
        KnownErasure.of(
            sequence=sequence,
            digest=digest,
            recorded_at=recorded_at,
            payload=orjson.loads(payload),
        )
        for sequence, recorded_at, payload, digest in rows
    )


def _connect(uri: str) -> sqlite3.Connection:
    return sqlite3.connect(uri, uri=True, timeout=LOCK_SECONDS_MAX)


def _query(name: str) -> str:
    return resources.files("store.catalog.sql").joinpath(f"{name}.sql").read_text("utf-8")


def _of_entry(entry: Entry) -> KnownErasure:
    return KnownErasure.of(
        sequence=entry.sequence,
        digest=entry.digest,
        recorded_at=entry.recorded_at,
        payload=entry.payload,
    )
