"""Errors of DuckDB while an answer is read by columns: Arrow keeps their words alone."""

import threading
from collections.abc import Callable

import duckdb
import pytest

from queries.engine import Engine
from queries.errors import QueryFailed
from queries.statements.duckdb_errors import errors_of_arrow, explained

Engines = Callable[..., Engine]

ROWS = 20_000


def fail(statement: str, engine: Engine, *, seconds: float | None = None) -> Exception:
    with duckdb.connect(":memory:", config={"memory_limit": "30MB", "threads": 1}) as connection:
        reader = connection.sql(statement).to_arrow_reader(ROWS)
        timer = threading.Timer(seconds or 60, connection.interrupt)
        timer.start()
        with pytest.raises(duckdb.Error) as raised, errors_of_arrow():
            for _ in reader:
                pass
        timer.cancel()
    return explained(raised.value, engine.snapshot, 30.0, QueryFailed)


def test_a_stop_says_that_it_took_too_long(engine: Engines) -> None:
    told = fail("select hash(range) from range(9000000000)", engine(), seconds=0.5)

    assert str(told) == "stopped after 30 s without an answer; ask for less"


def test_other_errors_keep_their_words(engine: Engines) -> None:
    told = fail("select if(range < 4000000, '', error('boom')) from range(5000000)", engine())

    assert "boom" in str(told)
