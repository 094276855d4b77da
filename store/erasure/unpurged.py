"""Notes in the catalog that an erasure is not complete before the catalog was rewritten.

So the same command completes it, although no row has the name any more. The note has a salted
digest of the name, and it goes with the rewriting.
"""

import hashlib
import secrets

from sqlalchemy import Connection, delete, insert, select

from store import names
from store.catalog.catalog import Catalog
from store.catalog.tables import facts

NAME = "purge_due"
ANYBODY = "anybody"
SALT_BYTES = 8
# A fact has at most 64 characters.
DIGEST_CHARS = 48

_IS_NOTE = facts.c.name == NAME


def note(connection: Connection, user: str) -> None:
    """To be called in the transaction of the erasure."""
    clear(connection)
    connection.execute(
        insert(facts), {"name": NAME, "value": _value(secrets.token_hex(SALT_BYTES), user)}
    )


def note_anybody(connection: Connection) -> None:
    """For a rebuilt catalog, which does not know whether an erasure of the old one was complete."""
    clear(connection)
    connection.execute(insert(facts), {"name": NAME, "value": ANYBODY})


def is_of(catalog: Catalog, user: str) -> bool:
    """Whether the erasure of this person waits for the rewriting."""
    value = _noted(catalog)
    return value is not None and value == _value(value[: 2 * SALT_BYTES], user)


def is_of_anybody(catalog: Catalog) -> bool:
    return _noted(catalog) == ANYBODY


def clear(connection: Connection) -> None:
    connection.execute(delete(facts).where(_IS_NOTE))


def _noted(catalog: Catalog) -> str | None:
    with catalog.read() as connection:
        value: str | None = connection.scalar(select(facts.c.value).where(_IS_NOTE))
        return value


def _value(salt: str, user: str) -> str:
    return salt + hashlib.sha256(salt.encode() + names.as_bytes(user)).hexdigest()[:DIGEST_CHARS]
