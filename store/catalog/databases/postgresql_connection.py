"""Connections to PostgreSQL by psycopg, which leave transactions to the catalog.

Texts and numbers come as they do from SQLite: see texts.py; a sum is an integer, not a decimal.
"""

from typing import Any

import psycopg
from psycopg.adapt import Buffer, Loader
from psycopg.conninfo import conninfo_to_dict
from psycopg.types.numeric import IntLoader
from psycopg.types.string import StrDumperUnknown

from store.catalog.databases import texts
from store.catalog.databases.postgresql_errors import explained
from store.catalog.read_only import LOCK_SECONDS_MAX
from store.database import Database
from store.errors import StoreUnavailable

# A database that does not answer by then is away: receivers answer 503, and senders try again.
CONNECT_SECONDS_MAX = 10

# Before it, `COLLATE "C"` of an index and advisory locks are the same, but nobody has tried it.
OLDEST_VERSION = 130000

_TEXTS = ("text", "varchar", "bpchar")


class _Text(StrDumperUnknown):
    def dump(self, obj: str) -> Buffer | None:
        return super().dump(texts.written(obj))


class _TextLoader(Loader):
    def load(self, data: Buffer) -> Any:
        return texts.read(bytes(data).decode())


class _BytesLoader(Loader):
    """Texts as the bytes that they are."""

    def load(self, data: Buffer) -> Any:
        return texts.read(bytes(data).decode()).encode()


def connect(
    database: Database, *, name: str, is_raw: bool = False, **options: Any
) -> psycopg.Connection[Any]:
    """StoreUnavailable if nothing can be reached there. `name` is what administrators see."""
    try:
        conninfo_to_dict(database.url)
    except psycopg.ProgrammingError:
        # Without the error: it quotes what it could not read, which may be of the password.
        raise StoreUnavailable(
            f"catalog: RAYTRAIL_CATALOG ({database}) has an option that PostgreSQL does not know"
        ) from None
    with explained():
        made = psycopg.connect(
            database.url,
            autocommit=True,
            connect_timeout=CONNECT_SECONDS_MAX,
            application_name=name,
            client_encoding="UTF8",
            **options,
        )
    try:
        return _prepared(made, is_raw=is_raw)
    except BaseException:
        made.close()
        raise


def _prepared(made: psycopg.Connection[Any], *, is_raw: bool) -> psycopg.Connection[Any]:
    if made.info.server_version < OLDEST_VERSION:
        raise StoreUnavailable(
            f"catalog: PostgreSQL {made.info.server_version // 10_000} is too old; use 13 or newer"
        )
    adapters = made.adapters
    adapters.register_dumper(str, _Text)
    adapters.register_loader("numeric", IntLoader)
    for each in _TEXTS:
        adapters.register_loader(each, _BytesLoader if is_raw else _TextLoader)
    with explained():
        made.execute(f"SET lock_timeout = {int(LOCK_SECONDS_MAX * 1000)}")
    return made
