"""A text that was parsed for one database runs in every other one."""

import duckdb
import pytest

from store.reading.shell import parsed_texts

TEXT = "CREATE MACRO twice(x) AS 2 * x; CREATE TABLE numbers AS SELECT twice(21) AS number"


def test_a_text_runs_in_each_database_also_after_the_first_was_closed() -> None:
    for _ in range(3):
        with duckdb.connect(":memory:") as connection:
            parsed_texts.run(connection, TEXT)

            assert connection.table("numbers").fetchall() == [(42,)]


def test_a_statement_that_fails_in_one_database_works_in_the_next() -> None:
    text = "CREATE VIEW shown AS SELECT number FROM numbers"
    with duckdb.connect(":memory:") as connection, pytest.raises(duckdb.CatalogException):
        parsed_texts.run(connection, text)

    with duckdb.connect(":memory:") as connection:
        parsed_texts.run(connection, TEXT)
        parsed_texts.run(connection, text)

        assert connection.table("shown").fetchall() == [(42,)]


def test_a_text_that_cannot_be_parsed_is_an_error_each_time() -> None:
    with duckdb.connect(":memory:") as connection:
        for _ in range(2):
            with pytest.raises(duckdb.ParserException):
                parsed_texts.run(connection, "CREATE MACRO twice(x AS 2 * x")
