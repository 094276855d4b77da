"""What an error of SQLite means for the store: one of the errors in store/errors.py."""

import contextlib
import sqlite3
from collections.abc import Iterator

from schema.errors import RaytrailError
from store.errors import DiskFailed, NoRoom, StoreBusy, StoreDamaged, StoreUnavailable

_MEANINGS: dict[int, type[RaytrailError]] = {
    sqlite3.SQLITE_BUSY: StoreBusy,
    sqlite3.SQLITE_LOCKED: StoreBusy,
    sqlite3.SQLITE_FULL: NoRoom,
    sqlite3.SQLITE_IOERR: DiskFailed,
    sqlite3.SQLITE_CANTOPEN: StoreUnavailable,
    sqlite3.SQLITE_READONLY: StoreUnavailable,
    sqlite3.SQLITE_CORRUPT: StoreDamaged,
    sqlite3.SQLITE_NOTADB: StoreDamaged,
}


def meaning(error: BaseException | None) -> RaytrailError | None:
    """The store's error for this one; None for an error that no operator can act on."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the low byte is the family
    known = _MEANINGS.get(code)
    return known(f"catalog: {error}") if known else None


@contextlib.contextmanager
def explained() -> Iterator[None]:
    """Raise the store's errors instead of SQLite's while the block runs."""
    try:
        yield
    except sqlite3.Error as error:
        known = meaning(error)
        if known is None:
            raise
        raise known from error
