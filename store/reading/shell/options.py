"""What the operator decides about `audit.duckdb`, and about what is published beside it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    # Loads DuckDB, which only a process that publishes needs.
    from store.reading.shell.content import FactSource

# An analyst keeps a shell open for a working day, and continues on the next morning.
GRACE = timedelta(hours=24)
# As long as files wait that no shell reads. The value of store/catalog/removals.py, which loads
# SQLAlchemy, and a question would pay for that.
GRACE_MIN = timedelta(hours=1)


def _no_tables(_store: object) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class ShellOptions:
    """`root` is the path of the data folder as analysts see it; None if it is the same here.

    A file that `audit.duckdb` no longer names is kept for `grace`, for shells that still read it.
    `facts` take the place of the tables of these names: what the settings tell beside the catalog.
    `statements` do it with macros. `tables` is called with the store after each change and lets published
    tables follow (publishing/); it raises nothing, and returns why they cannot, or an empty text.
    """

    root: Path | None = None
    grace: timedelta = GRACE
    facts: "Callable[[], Sequence[FactSource]]" = field(default=tuple, compare=False)
    statements: Callable[[], Sequence[str]] = field(default=tuple, compare=False)
    tables: Callable[[Any], str] = field(default=_no_tables, compare=False)


DEFAULT = ShellOptions()
