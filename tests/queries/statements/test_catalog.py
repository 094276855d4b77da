"""An analyst finds the same views, macros and comments in `raytrail sql` as in `audit.duckdb`."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from queries.analyst import analyst_sql
from queries.engine import Engine, open_engine
from store.intake.limits import IntakeLimits
from store.store import Store
from tests.factories import NO_RESERVE, SHELL, Clock, gzipped, load, ndjson, record, send

VIEWS = """
    SELECT view_name, comment FROM duckdb_views()
    WHERE NOT internal AND schema_name = 'main' ORDER BY ALL
"""
COLUMNS = """
    SELECT table_name, column_name, data_type, comment FROM duckdb_columns()
    WHERE NOT internal AND schema_name = 'main' ORDER BY ALL
"""
MACROS = """
    SELECT function_name, function_type, parameters, comment FROM duckdb_functions()
    WHERE NOT internal AND schema_name = 'main'
        AND function_name NOT IN ('duckdb_views', 'duckdb_functions', 'duckdb_settings')
    ORDER BY ALL
"""


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    folder = tmp_path_factory.mktemp("catalog") / "data"
    with Store.create(folder, Clock(), IntakeLimits(reserve=NO_RESERVE)) as made:
        send(made, gzipped(ndjson(record())))
        load(made)
        made.publish(SHELL)
        yield made


@pytest.fixture(scope="module")
def asked(store: Store) -> Iterator[Engine]:
    with open_engine(store.snapshot()) as engine:
        yield engine


def of_shell(audit: Path, statement: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(audit), read_only=True) as shell:
        return shell.execute(statement).fetchall()


@pytest.mark.parametrize("statement", [VIEWS, COLUMNS, MACROS, "FROM help()"])
def test_the_catalog_is_that_of_the_shell(store: Store, asked: Engine, statement: str) -> None:
    told = list(analyst_sql(asked, statement).rows)

    assert len(told) > 10
    assert told == of_shell(store.layout.audit, statement)


def test_the_tables_that_are_shown_are_those_of_the_shell(store: Store, asked: Engine) -> None:
    told = {name for (name,) in analyst_sql(asked, "SHOW TABLES").rows}

    shown = {name for (name,) in of_shell(store.layout.audit, "SHOW TABLES")}
    assert told == shown


def test_the_snapshot_is_that_of_the_shell_and_names_no_file(store: Store, asked: Engine) -> None:
    statement = "SELECT sequence, taken_at::VARCHAR, age > INTERVAL 0 DAY FROM snapshot"

    told = list(analyst_sql(asked, statement).rows)

    with duckdb.connect(str(store.layout.audit), read_only=True) as shell:
        shell.execute("SET TimeZone = 'UTC'")
        assert told == shell.execute(statement).fetchall()
    assert list(analyst_sql(asked, "SELECT published_as FROM snapshot").rows) == [(None,)]
