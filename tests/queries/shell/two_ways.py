"""A store that is asked in the shell and through `raytrail sql`, which have to give equal rows."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from queries.analyst import analyst_sql
from queries.engine import Engine, open_engine
from store.store import Store
from tests.factories import SHELL

Row = dict[str, str | None]


@dataclass(frozen=True, slots=True)
class TwoWays:
    shell: duckdb.DuckDBPyConnection
    engine: Engine

    def rows(self, statement: str) -> list[Row]:
        """The rows of an answer, as text."""
        asked = f"SELECT columns(*)::VARCHAR FROM ({statement})"
        found = self.shell.execute(asked)
        names = [column[0] for column in found.description or ()]
        in_shell = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
        in_engine = list(analyst_sql(self.engine, asked).records())
        assert sorted(in_engine, key=repr) == sorted(in_shell, key=repr)
        return in_shell

    def column(self, statement: str) -> list[Any]:
        return [value for row in self.rows(statement) for value in row.values()]


@contextmanager
def two_ways(store: Store) -> Iterator[TwoWays]:
    """Publish the store, and open it both ways."""
    snapshot = store.publish(SHELL)
    with (
        duckdb.connect(str(Path(store.layout.audit)), read_only=True) as shell,
        open_engine(snapshot) as engine,
    ):
        shell.execute("SET TimeZone = 'UTC'")
        yield TwoWays(shell, engine)
