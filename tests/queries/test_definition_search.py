"""An engine makes the views and macros that a statement needs, and no others."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from queries.analyst import analyst_sql
from queries.definition_search import Definitions, reads_of, tokens_of
from queries.definitions import shared_statements, sql_of
from queries.engine import Engine
from queries.errors import QueryRefused

SQL = Path(__file__).parents[2] / "queries" / "sql"

SMALL = (
    "create macro low(x) as lower(x)",
    "-- One's names, but not high().\ncreate macro shape.names(who := null) as table select low(who)",
    "create view people as from shape.names('high()')",
    "create macro high(x) as table select upper(x) as y, low -- low()",
)


def needed(statement: str) -> list[str]:
    small = Definitions(SMALL)
    return small.needed(small.closure(tokens_of(statement)))


def test_a_statement_needs_what_it_names_and_what_that_names() -> None:
    assert needed("select 1") == []
    assert needed("select LOW ('x')") == [SMALL[0]]
    assert needed('from "people"') == list(SMALL[:3])
    assert needed("from high('x')") == [SMALL[3]]


def test_a_column_with_the_name_of_a_macro_does_not_call_it() -> None:
    assert needed("select high, low from x") == []


def test_a_statement_of_ours_needs_what_it_reads_and_calls_and_nothing_that_it_only_mentions() -> (
    None
):
    # A column, a sentence, a comment and its own part have the names of others here.
    statement = """
        with people as (select high as low from shape.names() join x.high on true)
        select count(*) as people, 'from high(' as told from people -- low()
    """

    assert reads_of(statement).split() == ["shape.names", "x.high", "count(", "shape.names("]
    assert needed(reads_of(statement)) == list(SMALL[:2])


def test_macros_that_make_rows_are_called_without_a_schema() -> None:
    assert Definitions(SMALL).row_macros == {"high"}


def test_every_macro_that_makes_rows_can_be_called(engine: Callable[..., Engine]) -> None:
    asked = engine()
    statement = """
        select distinct function_name from duckdb_functions()
        where not internal and function_type = 'table_macro' and schema_name = 'main'
    """
    macros = {name for (name,) in analyst_sql(asked, statement).rows}

    assert macros >= {"requests_under", "sessions_under", "help"}
    assert macros == asked.row_macros


def test_a_question_about_logins_makes_no_view_of_requests() -> None:
    shared = Definitions(shared_statements(is_for_analyst=True))

    closure = shared.closure(tokens_of("select user_id from logins"))
    made = "\n".join(shared.needed(closure)).lower()

    assert "create view logins" in made
    assert "create view requests" not in made
    assert "create macro folds_of" not in made


MEANT_OTHERWISE = (
    "select count(*) from sessions_under /* of all */ (null, null, null, 1000000)",
    "explain from requests_under -- all\n(null, null, null)",
)


@pytest.mark.parametrize("statement", MEANT_OTHERWISE)
def test_a_name_that_is_not_found_in_the_statement_is_made_all_the_same(
    engine: Callable[..., Engine], statement: str
) -> None:
    assert list(analyst_sql(engine(), statement).rows)


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
    for statement in COMMANDS.needed(COMMANDS.closure(tokens_of(sql_of(question)))):
        assert "shape." not in re.sub(r"--[^\n]*", "", statement)
