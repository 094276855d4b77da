"""An engine makes the views and macros that a statement needs, and no others."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from queries.analyst import analyst_sql
from queries.definition_search import Definitions
from queries.definitions import shared_statements, sql_of
from queries.engine import Engine
from queries.errors import QueryRefused

SQL = Path(__file__).parents[2] / "queries" / "sql"

SMALL = (
    "create macro low(x) as lower(x)",
    "-- One's low names, but not high.\ncreate macro shape.names(who := NULL) as table select low(who)",
    "create view people as from shape.names('high')",
    "create macro high(x) as table select upper(x) as y -- low",
    "comment on view people is 'about high'",
)


def test_a_statement_needs_what_it_names_and_what_that_names() -> None:
    small = Definitions(SMALL)

    assert small.needed("select 1") == []
    assert small.needed("select LOW('x')") == [SMALL[0]]
    assert small.needed('from "people"') == list(SMALL[:3])
    assert small.needed("from high('x')") == [SMALL[3]]


def test_a_statement_about_the_catalog_needs_everything() -> None:
    small = Definitions(SMALL)

    for statement in ("show tables", "from duckdb_views()", "from information_schema.tables"):
        assert small.needed(statement) == list(SMALL)


def test_macros_that_make_rows_are_called_without_a_schema() -> None:
    assert Definitions(SMALL).row_macros() == {"high"}


def test_every_macro_that_makes_rows_can_be_called(engine: Callable[..., Engine]) -> None:
    asked = engine()
    statement = """
        select distinct function_name from duckdb_functions()
        where not internal and function_type = 'table_macro' and schema_name = 'main'
    """
    macros = {name for (name,) in analyst_sql(asked, statement).rows}

    assert macros >= {"requests_under", "sessions_under", "help"}
    assert macros - {"duckdb_views"} == asked.row_macros()


def test_a_question_about_logins_makes_no_view_of_requests() -> None:
    shared = Definitions(shared_statements(is_for_analyst=True))

    made = "\n".join(shared.needed("from logins")).lower()

    assert "create macro logins_where" in made
    assert "create view requests" not in made
    assert "create macro folds_of" not in made


def test_a_name_with_an_error_is_compared_with_all_names(engine: Callable[..., Engine]) -> None:
    with pytest.raises(QueryRefused, match='Did you mean "page_views"'):
        analyst_sql(engine(), "from page_view")


COMMANDS = Definitions(shared_statements(is_for_analyst=False))
QUESTIONS = sorted(
    path.relative_to(SQL).with_suffix("").as_posix()
    for path in SQL.rglob("*.sql")
    if path.relative_to(SQL).parts[0] not in {"definitions", "door"}
)


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_question_of_a_command_needs_no_fact_that_only_analysts_have(question: str) -> None:
    """The word of a parameter, such as $access_rules, may be the name of a macro."""
    for statement in COMMANDS.needed(sql_of(question)):
        assert "shape." not in re.sub(r"--[^\n]*", "", statement)
