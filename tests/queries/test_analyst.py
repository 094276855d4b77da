"""What an analyst may type: statements that read, and nothing that only looks like one."""

from collections.abc import Callable
from pathlib import Path

import duckdb
import orjson
import pytest

from queries.analyst import analyst_sql
from queries.engine import Engine
from queries.errors import QueryFailed, QueryRefused
from queries.limits import Limits
from queries.outputs.json_out import answer_lines
from tests.factories import NOW, login, record

Engines = Callable[..., Engine]

READING = (
    "select count(*) from http_requests",
    "from access_requests",
    "from rejected",
    "with hosts as (select distinct host from requests) from hosts",
    "with recursive n as (select 1 as i union all select i + 1 from n where i < 3) from n",
    "select 1 union all select 2",
    "select * from (values (1), (2)) as v(x) where x in (select 1)",
    "describe http_requests",
    "show tables",
    "summarize requests",
    "explain select 1",
    "EXPLAIN ANALYZE from requests",
    "from requests_under(['srhea'], null, null)",
    "from sessions_under(['srhea'], null, null, 1000000)",
    "select i from range(3) as t(i), unnest([1, 2])",
    "from requests pivot (count(*) for method in ('GET', 'POST'))",
    "select RequestHeaders->>'cf-access-user' from http_requests;",
    "select 'it''s; copy (select 1) to ''x'''  -- and a comment; drop table x",
)


def test_statements_that_read_are_answered(engine: Engines) -> None:
    asked = engine([record()], [login()])

    for statement in READING:
        assert analyst_sql(asked, statement).columns
        assert isinstance(list(analyst_sql(asked, statement).rows), list)


def test_an_answer_is_that_of_the_snapshot(engine: Engines) -> None:
    answer = analyst_sql(engine([record(), record()]), "select user_id, status from requests")

    assert (answer.columns, list(answer.rows)) == (("user_id", "status"), [("srhea", 200)] * 2)


WRITING = (
    "copy http_requests to 'x.parquet'",
    "export database 'x'",
    "attach 'x.db'",
    "create table t as select 1",
    "create macro m() as 1",
    "insert into shape.http_requests select * from http_requests",
    "delete from shape.http_requests",
    "update shape.http_requests set user_id = 'x'",
    "drop view requests",
    "set threads = 1",
    "reset threads",
    "pragma version",
    "pragma enable_profiling",
    "call pragma_version()",
    "install httpfs",
    "load httpfs",
    "use parts",
    "prepare p as select 1",
    "execute p",
    "begin",
    "vacuum",
    "checkpoint",
    "explain copy (select 1) to 'x'",
    "explain analyze copy (select 1) to 'x'",
    "explain analyze create table t as select 1",
    "explain (analyze) select 1",
    "/* first */ explain select 1",
    "explain /* then */ analyze copy (select 1) to 'x'",
    "select 1; select 2",
    "select 1; drop view requests",
    "",
    "-- nothing",
    "selec 1",
    "select 1 from nothing",
    "select nothing from requests",
    "select $1",
    "select 'x'::integer",
    "pivot requests on method",
)


def test_anything_else_is_refused(engine: Engines) -> None:
    asked = engine([record()])

    for statement in WRITING:
        with pytest.raises(QueryRefused):
            list(analyst_sql(asked, statement).rows)
    assert len(list(analyst_sql(asked, "from requests").rows)) == 1


def test_a_part_cannot_be_overwritten_by_a_copy_inside_a_select(
    engine: Engines, part: Callable[..., Path]
) -> None:
    # DuckDB calls it a SELECT and its sandbox allows it: first shown to be so.
    sacrificed = part("http_requests", record())
    before = sacrificed.read_bytes()
    copy = f"copy (select 1 as x) to '{_quoted(sacrificed)}' (format parquet, use_tmp_file false)"
    with duckdb.connect() as plain:
        plain.execute("SET allowed_paths = $p", {"p": [str(sacrificed)]})
        plain.execute("SET enable_external_access = false")
        plain.execute(f"with x as ({copy}) from x").fetchall()
    assert sacrificed.read_bytes() != before, "harmless by now: the search may be simpler"

    asked = engine([record()])
    (kept,) = asked.snapshot.files["http_requests"]
    before = kept.read_bytes()
    copy = f"copy (select 1 as x) to '{_quoted(kept)}' (format parquet, use_tmp_file false)"
    for statement in (
        f"with x as ({copy}) from x",
        f"with a as (with x as ({copy}) from x) from a",
        f"select (with x as ({copy}) select 1 from x)",
        f"explain analyze with x as ({copy}) from x",
        f"from query('with x as ({_quoted(copy)}) from x')",
        f"from json_execute_serialized_sql('with x as ({_quoted(copy)}) from x')",
        f"from main.query('with x as ({_quoted(copy)}) from x')",
        f"summarize with x as ({copy}) from x",
    ):
        with pytest.raises(QueryRefused):
            list(analyst_sql(asked, statement).rows)
    assert kept.read_bytes() == before


FUNCTIONS = (
    "from read_csv('/etc/hostname')",
    "from read_text('/etc/hostname')",
    "from READ_BLOB('/etc/hostname')",
    "from glob('/etc/*')",
    "from arrow_scan(1, 2, 3)",
    "from duckdb_secrets()",
    "from enable_logging()",
    "from query_table('requests')",
    "from requests, lateral read_text('/etc/hostname')",
    "select (select content from read_text('/etc/hostname'))",
)


def test_functions_that_do_more_than_make_rows_are_refused(engine: Engines) -> None:
    asked = engine()

    for statement in FUNCTIONS:
        with pytest.raises(QueryRefused, match="is refused"):
            analyst_sql(asked, statement)


def test_a_file_name_in_place_of_a_table_reaches_nothing(engine: Engines) -> None:
    asked = engine()

    for name in ("/etc/hostname", "/etc/passwd.csv", "../x.parquet"):
        with pytest.raises((QueryRefused, QueryFailed)):
            analyst_sql(asked, f"from '{name}'")


@pytest.mark.parametrize(
    ("shown", "told"),
    [
        ("t", NOW),
        ("[t]", [NOW]),
        ("{'at': t, 'b c': 1}", {"at": NOW, "b c": 1}),
        ("t::timestamp", NOW),
    ],
)
def test_instants_are_printed_in_utc_at_any_depth(
    engine: Engines, shown: str, told: object
) -> None:
    statement = f"""
        select {shown} as "a b", 7 as n, {shown} as "a b"
        from (select timestamptz '2026-11-22 12:00:00+02' as t); -- and a comment
    """

    answer = analyst_sql(engine(), statement)

    assert answer.columns == ("a b", "n", "a b")
    assert list(answer.rows) == [(told, 7, told)]


def test_rows_with_instants_keep_their_order(engine: Engines) -> None:
    times = [f"2026-11-20T09:51:{second:02}Z" for second in range(60)]
    asked = engine([record(EdgeStartTimestamp=time, RayID=time) for time in times])

    answer = analyst_sql(asked, "select RayID, event_time from http_requests order by 2 desc")

    assert [ray for ray, _ in answer.rows] == times[::-1]


def test_a_runaway_statement_is_stopped(engine: Engines) -> None:
    asked = engine(limits=Limits(seconds=2.0, threads=1))

    with pytest.raises(QueryFailed, match="stopped"):
        list(analyst_sql(asked, "from range(1000000000000) where hash(range) = 3").rows)


def test_every_type_goes_out_as_json(engine: Engines) -> None:
    statement = """
        select
            1::hugeint * 9223372036854775807 * 10  as huge,
            18446744073709551615::ubigint          as whole,
            0.10::decimal(4, 2)                    as exact,
            'nan'::double                          as no_number,
            '-infinity'::double                    as endless,
            1.5::double                            as real,
            timestamp '2026-11-20 09:00:00.5'      as moment,
            timestamp '0001-01-01'                 as oldest,
            '20000-01-01'::timestamp               as far,
            date '2026-11-20'                      as day,
            time '09:00:00'                        as clock,
            interval '1 day 1.5 second'            as span,
            '\\x00a\\x5C'::blob                     as bytes,
            uuid '8f0e1d2c-3b4a-4968-8f0e-1d2c3b4a5968' as id,
            {'a': [1.5::decimal(2, 1)], 'b': null} as nested,
            map {'k': 1}                           as pairs,
            true                                   as flag,
            null                                   as nothing,
            'x'                                    as twice,
            'y'                                    as twice
    """

    (line,) = answer_lines(analyst_sql(engine(), statement))

    assert orjson.loads(line) == {
        "huge": "92233720368547758070",
        "whole": 18446744073709551615,
        "exact": "0.10",
        "no_number": "NaN",
        "endless": "-Infinity",
        "real": 1.5,
        "moment": "2026-11-20T09:00:00.500000Z",
        "oldest": "0001-01-01T00:00:00.000000Z",
        "far": "20000-01-01 00:00:00",
        "day": "2026-11-20",
        "clock": "09:00:00",
        "span": "PT86401.5S",
        "bytes": "\\x00a\\x5C",
        "id": "8f0e1d2c-3b4a-4968-8f0e-1d2c3b4a5968",
        "nested": {"a": ["1.5"], "b": None},
        "pairs": {"k": 1},
        "flag": True,
        "nothing": None,
        "twice": "x",
        "twice_1": "y",
    }


def _quoted(text: object) -> str:
    return str(text).replace("'", "''")
