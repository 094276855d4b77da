"""Raises the store's errors instead of SQLAlchemy's and the drivers'."""

import contextlib
from collections.abc import Iterator

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from store.catalog import sqlite_errors
from store.catalog.databases import postgresql_errors
from store.errors import StoreBusy


@contextlib.contextmanager
def operator_errors() -> Iterator[None]:
    """Raise errors that an operator can act on while the block runs."""
    try:
        yield
    except PoolTimeout as error:
        raise StoreBusy("catalog: every connection is in use; try again") from error
    except Exception as error:
        cause = error.orig if isinstance(error, DBAPIError) else error
        known = sqlite_errors.meaning(cause) or postgresql_errors.meaning(cause)
        if known is None:
            raise
        raise known from error
