"""Every SQL statement of README and docs can be asked, with the same rows in the shell and through
`raytrail sql`.
"""

import re

import duckdb
import pytest

from queries import definitions
from queries.definition_comments import described
from tests.queries.dialect.pages import blocks, documents, questions, scripts, statements
from tests.queries.dialect.ways import Ways

PAGES = documents()
# A dataset that a store has after a hundred others alone.
LATER = "FROM unknown"
STATEMENTS = [
    (name, statement)
    for name, page in PAGES.items()
    for statement in statements(page)
    if name != "sql.md" or statement not in questions(page).values()
    if LATER not in statement
]
# Of the view `snapshot`: what changes with each question, and what only a file has.
PASSING = {"age", "published_as"}


@pytest.mark.parametrize(("page", "statement"), STATEMENTS)
def test_a_statement_of_a_page_has_equal_rows_both_ways(
    unmerged: Ways, page: str, statement: str
) -> None:
    rows, _ = unmerged.in_shell(statement)
    found = unmerged.in_engine(statement)

    assert sorted(plain(found), key=repr) == sorted(plain(rows), key=repr), page


def plain(rows: list[dict[str, object]]) -> list[dict[str, object]]:
    return [{name: row[name] for name in row if name not in PASSING} for row in rows]


def test_statements_are_found_in_the_pages() -> None:
    """A page that is written in another form must not go untested."""
    for name, page in PAGES.items():
        for block in blocks(page):
            begun = len(re.findall(r"^(?:D )?(?:SELECT|FROM|WITH) .*;$", block, re.MULTILINE))
            assert begun <= len(list(statements(indented(block)))) or block in scripts(page), name
    assert {name for name, _ in STATEMENTS} == {
        "README.md",
        "findings.md",
        "operations.md",
        "performance.md",
        "requests.md",
        "scale.md",
        "shell.md",
        "sql.md",
    }


def indented(block: str) -> str:
    return re.sub(r"^", "    ", block, flags=re.MULTILINE)


@pytest.mark.parametrize("script", [each for page in PAGES.values() for each in scripts(page)])
def test_a_script_of_a_page_can_be_run_in_a_database_of_ones_own(
    unmerged: Ways, script: str
) -> None:
    with duckdb.connect() as own:
        own.execute("CREATE TABLE suspects AS SELECT 'jira.widgetcorp.example' AS host")
        found = own.execute(script.replace("data/audit.duckdb", str(unmerged.audit)))

        assert found.description


@pytest.mark.parametrize("name", definitions.PUBLIC)
def test_the_page_about_sql_has_an_example_of_each_view_and_macro(name: str) -> None:
    told = described(definitions.sql_of(f"definitions/{name}"))
    called = r"\(" if told.kind != "view" else r"\b"

    assert any(re.search(rf"\b{told.name}{called}", each) for each in statements(PAGES["sql.md"]))


def test_case_09_the_day_of_a_request_is_a_column_in_both(unmerged: Ways) -> None:
    statement = (
        "SELECT RequestHeaders->>'cf-access-user' AS who, count(*) AS requests"
        " FROM http_requests WHERE date = '2026-11-20' GROUP BY who ORDER BY who"
    )

    rows, _ = unmerged.in_shell(statement, "Asia/Tokyo")

    assert rows == [{"who": "jdoe", "requests": 2}, {"who": "srhea", "requests": 4}]
    assert unmerged.in_engine(statement) == rows
