"""`raytrail sql` tells its own views, functions, settings and plans without the data folder's path."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from queries.analyst import analyst_sql
from queries.engine import Engine, open_engine
from queries.errors import QueryRefused
from queries.statements.data_folder import without_folder
from store.intake.limits import IntakeLimits
from store.store import Store
from tests.factories import NO_RESERVE, Clock, gzipped, load, ndjson, record, send

NAME = "kept here"

TELLING = (
    "select sql from duckdb_views() where not internal",
    "from duckdb_views",
    "from pg_views",
    "from sqlite_master",
    "from information_schema.views",
    "from duckdb_functions() where not internal",
    "from pg_settings",
    "from duckdb_databases",
    "from pragma_database_list",
    "explain from http_requests",
    "explain analyze from http_requests",
    "explain from duckdb_views()",
    "show all tables",
)

REFUSED = (
    "select current_setting('temp_directory')",
    "select current_setting('allowed_paths')",
    "select current_setting('temp' || '_directory')",
    "select \"CURRENT_SETTING\"('temp_directory')",
    "select ('temp_directory').current_setting()",
    "select system.main.current_setting('temp_directory')",
    "select shape.folder()",
    "select memory.shape.folder()",
    "from system.main.duckdb_views()",
    "from main.duckdb_functions()",
    "explain select current_setting('temp_directory')",
)


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    folder = tmp_path_factory.mktemp("store") / NAME
    with Store.create(folder, Clock(), IntakeLimits(reserve=NO_RESERVE)) as store:
        send(store, gzipped(ndjson(record())))
        load(store)
        with open_engine(store.snapshot()) as engine:
            yield engine


@pytest.mark.parametrize("statement", TELLING)
def test_an_answer_does_not_contain_the_path_of_the_store(asked: Engine, statement: str) -> None:
    told = str(list(analyst_sql(asked, statement).rows))

    assert NAME not in told
    assert str(asked.snapshot.root) not in told


@pytest.mark.parametrize("statement", REFUSED)
def test_what_would_tell_the_path_is_refused(asked: Engine, statement: str) -> None:
    with pytest.raises(QueryRefused, match="is refused"):
        analyst_sql(asked, statement)


def test_settings_without_a_path_are_told(asked: Engine) -> None:
    answer = analyst_sql(
        asked, "select current_setting('TimeZone'), current_setting('threads') > 0"
    )

    assert list(answer.rows) == [("UTC", True)]


def test_a_plan_names_the_files_below_the_data_folder(asked: Engine) -> None:
    [(_, plan)] = analyst_sql(asked, "explain analyze from http_requests").rows

    (file,) = [line for line in plan.splitlines() if "date=2026-11-20" in line]
    assert file.startswith("│ parts/http_requests/date=2026-11-20/")
    assert len({len(line) for line in plan.splitlines()[4:-1]}) == 1


def test_a_path_that_the_plan_breaks_over_two_lines_is_left_out_too() -> None:
    plan = "│ /my store/parts/a, /my │\n│ store/parts/b          │\n"

    shown = without_folder(plan, Path("/my store"))

    assert "store" not in shown
    assert "parts/a, " in shown
    assert "parts/b " in shown
