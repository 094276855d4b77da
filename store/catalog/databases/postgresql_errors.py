"""What an error of PostgreSQL means for the store: one of the errors in store/errors.py.

An error is known by its SQLSTATE, so nothing here loads the driver.
"""

import contextlib
from collections.abc import Iterator

from schema.errors import RaytrailError
from store.errors import DatabaseAway, NoRoom, StoreBusy, StoreDamaged, StoreUnavailable

# By code, or by the class that its first two characters are.
_MEANINGS: dict[str, type[RaytrailError]] = {
    "08": DatabaseAway,
    "0A": StoreUnavailable,
    "25006": StoreUnavailable,  # a standby, or a role that may only read
    "28": StoreUnavailable,  # password or role
    "3D": StoreUnavailable,  # no such database
    "3F": StoreUnavailable,  # no such schema
    "40001": StoreBusy,
    "40P01": StoreBusy,
    "42501": StoreUnavailable,  # the role lacks a privilege
    "53100": NoRoom,
    "53": StoreBusy,  # no memory, or too many connections
    "55P03": StoreBusy,  # the lock took too long
    "57": StoreBusy,  # it is shutting down, starting, or cancelled the statement
    "58": StoreUnavailable,  # its disk failed
    "XX001": StoreDamaged,
    "XX002": StoreDamaged,
}

# A table or column is missing.
OUTDATED = frozenset({"42P01", "42703"})


def state_of(error: BaseException | None) -> str | None:
    """The SQLSTATE; empty where the server did not say one, and None for other errors."""
    if error is None or not hasattr(error, "sqlstate"):
        return None
    return error.sqlstate or ""


def meaning(error: BaseException | None) -> RaytrailError | None:
    """The store's error for this one; None for an error that no operator can act on."""
    state = state_of(error)
    if state is None:
        return None
    if not state:
        # The driver's own: no server there, or the connection broke. Others are faults of ours.
        is_outside = type(error).__name__ == "OperationalError"
        known: type[RaytrailError] | None = DatabaseAway if is_outside else None
    else:
        known = _MEANINGS.get(state) or _MEANINGS.get(state[:2])
    return known(f"catalog: {_first_line(error)}") if known else None


@contextlib.contextmanager
def explained() -> Iterator[None]:
    """Raise the store's errors instead of the driver's while the block runs."""
    try:
        yield
    except Exception as error:
        known = meaning(error)
        if known is None:
            raise
        raise known from error


def _first_line(error: BaseException | None) -> str:
    """Later lines quote the statement, whose values may name a person."""
    return str(error).strip().partition("\n")[0]
