"""A store that is asked one statement in every way that an analyst has."""

import csv
import json
import os
import subprocess
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from queries.analyst import analyst_sql
from queries.engine import Engine, open_engine
from store.store import Store
from tests.factories import SHELL

ZONES = ("UTC", "America/New_York", "Asia/Tokyo")
OPTIONS = ("-readonly", "-csv", "-noheader", "-bail", "-init", os.devnull)
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Ways:
    """One published state of a store. Rows are told in their order, and instants in UTC."""

    audit: Path
    shell: duckdb.DuckDBPyConnection
    engine: Engine

    def in_shell(self, statement: str, zone: str = "UTC") -> tuple[list[Row], pa.Schema]:
        """In a shell of DuckDB 2 in that zone."""
        self.shell.execute(f"SET TimeZone = '{zone}'")
        # A relation makes no copy of the rows, of which DuckDB warns, but binds the statement twice.
        with warnings.catch_warnings(action="ignore"):
            found = self.shell.execute(statement).to_arrow_table()
        assert found is not None
        plain = pa.schema(
            pa.field(each.name, pa.timestamp("us") if is_instant(each) else each.type)
            for each in found.schema
        )
        return told(found.cast(plain).to_pylist()), found.schema

    def in_engine(self, statement: str) -> list[Row]:
        """Through `raytrail sql`."""
        return told(list(analyst_sql(self.engine, statement).records()))

    def in_oldest(
        self, program: Path, asked: Mapping[str, pa.Schema], zone: str
    ) -> dict[str, list[Row]]:
        """In one shell of the oldest DuckDB, on a machine in that zone: the columns are known."""
        script = "".join(
            f"SELECT ({packed(statement, schema)}), current_setting('TimeZone');\n"
            for statement, schema in asked.items()
        )
        ended = subprocess.run(
            [str(program), *OPTIONS, str(self.audit)],
            input=script,
            env={**os.environ, "TZ": zone},
            capture_output=True,
            text=True,
            check=False,
        )
        assert (ended.returncode, ended.stderr) == (0, "")
        found = list(csv.reader(ended.stdout.splitlines()))
        assert {shown for _, shown in found} == {zone}
        # The list of no row is NULL.
        return {
            statement: told(json.loads(text)) if text else []
            for statement, (text, _) in zip(asked, found, strict=True)
        }


def is_instant(column: pa.Field) -> bool:
    return pa.types.is_timestamp(column.type) and column.type.tz is not None


def packed(statement: str, schema: pa.Schema) -> str:
    """A statement for the same answer as one text of JSON."""
    columns = ", ".join(
        f'make_timestamp(epoch_us("{each.name}")) AS "{each.name}"'
        if is_instant(each)
        else f'"{each.name}"'
        for each in schema
    )
    return f"SELECT to_json(list(told)) FROM (SELECT {columns} FROM ({statement})) AS told"


def told(rows: list[Row]) -> list[Row]:
    return [{name: value_of(value) for name, value in row.items()} for row in rows]


def value_of(value: Any) -> Any:
    """As JSON has it; DuckDB leaves out zeros at the end of a second."""
    if isinstance(value, date | datetime):
        return str(value).rstrip("0") if "." in str(value) else str(value)
    return value


@contextmanager
def every_way(store: Store) -> Iterator[Ways]:
    """Publish the store, and open it in every way."""
    snapshot = store.publish(SHELL)
    audit = Path(store.layout.audit)
    with (
        duckdb.connect(str(audit), read_only=True) as shell,
        open_engine(snapshot) as engine,
    ):
        yield Ways(audit, shell, engine)
