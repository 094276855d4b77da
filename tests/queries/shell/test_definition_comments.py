"""What an analyst reads about each view and macro: in its COMMENT, in its columns', and in help()."""

import pytest

from queries import definitions
from queries.definition_comments import columns, comments, described
from schema.dataset import datasets
from tests.queries.shell.two_ways import TwoWays

PUBLIC = {
    each.name: each
    for each in (
        described(definitions.sql_of(f"definitions/{name}")) for name in definitions.PUBLIC
    )
}
VIEWS = sorted(name for name, each in PUBLIC.items() if each.kind == "view")

TEXT = """\
-- Who was here, it's
-- said. A second sentence.
--
-- Columns:
--   who: A name:
--     of a person.
--   seen_at: When.
--
-- Example: from guests(1,
--   2);
create macro guests(since, until := null) as table
-- No more of the comment.
select 1 as who, 2 as seen_at
"""


def test_the_leading_comment_of_a_file_is_read() -> None:
    found = described(TEXT)

    assert (found.name, found.kind) == ("guests", "table macro")
    assert found.asked_as == "guests(since, until := null)"
    assert found.meaning == "Who was here, it's said."
    assert found.columns == {"who": "A name: of a person.", "seen_at": "When."}
    assert found.example == "from guests(1, 2)"


def test_a_view_takes_over_the_columns_of_another_and_has_more() -> None:
    one = "-- One.\n--\n-- Columns:\n--   a: The a.\ncreate view one as select 1 as a"
    two = "-- Two.\n--\n-- Columns: those of one, and\n--   b: The b.\ncreate view two as select 1 as a, 2 as b"

    assert list(comments([two, one]))[1:3] == [
        """comment on column "two"."a" is 'The a.'""",
        """comment on column "two"."b" is 'The b.'""",
    ]


@pytest.mark.parametrize("name", sorted(PUBLIC))
def test_the_example_of_a_public_definition_gives_equal_rows_both_ways(
    asked: TwoWays, name: str
) -> None:
    asked.rows(PUBLIC[name].example)


@pytest.mark.parametrize("name", VIEWS)
def test_each_column_of_a_public_view_is_explained(asked: TwoWays, name: str) -> None:
    held = asked.column(f"SELECT column_name FROM (DESCRIBE {name})")

    assert list(columns(PUBLIC[name], PUBLIC)) == held


def test_the_shell_shows_the_comments_of_public_definitions_alone(asked: TwoWays) -> None:
    told = dict(
        asked.shell.execute(
            "SELECT view_name, comment FROM duckdb_views() WHERE NOT internal"
            " UNION ALL SELECT function_name, comment FROM duckdb_functions() WHERE NOT internal"
        ).fetchall()
    )
    of_columns = asked.shell.execute(
        "SELECT column_name, comment FROM duckdb_columns() WHERE table_name = 'page_views'"
    ).fetchall()

    assert {name: told[name] for name in PUBLIC} == {
        name: each.meaning for name, each in PUBLIC.items()
    }
    assert told["requests_under"] is None
    assert dict(of_columns) == columns(PUBLIC["page_views"], PUBLIC)


def test_help_lists_what_is_made_for_analysts_and_the_datasets(asked: TwoWays) -> None:
    rows = asked.rows("FROM help()")
    told = {row["name"]: row for row in rows}

    assert [row["name"] for row in rows] == [*PUBLIC, *sorted(datasets()), "rejected"]
    assert told["help"] == {
        "name": "help",
        "kind": "table macro",
        "asked_as": "help()",
        "meaning": PUBLIC["help"].meaning,
        "example": "from help()",
    }
    assert told["http_requests"]["kind"] == "dataset"
    assert not asked.rows(told["rejected"]["example"] or "")


def test_everything_that_show_tables_lists_is_explained(asked: TwoWays) -> None:
    of_catalog = (
        "SELECT view_name, comment FROM duckdb_views() WHERE NOT internal AND schema_name = 'main'"
        " UNION ALL SELECT table_name, comment FROM duckdb_tables() WHERE schema_name = 'main'"
        " UNION ALL SELECT table_name || '.' || column_name, comment FROM duckdb_columns()"
        " WHERE NOT internal AND schema_name = 'main'"
    )

    told = dict(asked.shell.execute(of_catalog).fetchall())

    assert {"workers_trace_events", "damaged.reason", "snapshot.age"} <= told.keys()
    assert [name for name, comment in told.items() if not comment] == []
