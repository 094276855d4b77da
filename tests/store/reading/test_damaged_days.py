"""A view raises a sentence exactly where a question may need rows of a damaged file."""

import subprocess
from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from queries.engine import open_engine
from queries.errors import PartUnreadable, QueryFailed
from raytrail.commands.questions.shell import duckdb_program
from store.files.expected_file import ExpectedFile
from store.files.trouble import MISSING
from store.reading import damaged_days, views
from store.reading.damaged_days import DAYS_MAX, days_of
from store.reading.live_part import DamagedPart, LivePart
from store.store import Store
from tests.factories import SHELL, gzipped, load, ndjson, record, send
from tests.store.conftest import Built

OLDEST = Path(__file__).parents[3] / ".venv" / "oldest" / "bin" / "duckdb"

# The file of 2026-11-20 is gone; its rows are of 00:00 to 02:00.
ANSWERED = (
    "SELECT count(*) FROM http_requests WHERE date = '2026-11-19'",
    "SELECT count(*) FROM http_requests WHERE date > '2026-11-20'",
    "SELECT count(*) FROM http_requests WHERE date <> '2026-11-20'",
    "SELECT count(*) FROM http_requests WHERE date IN ('2026-11-19', '2026-11-21')",
    "SELECT count(*) FROM http_requests WHERE date BETWEEN '2026-11-21' AND '2026-11-30'",
    "SELECT count(*) FROM http_requests WHERE date < DATE '2026-11-20'",
    "SELECT user_id FROM http_requests WHERE date = '2026-11-21' AND user_id = 'srhea'",
    "SELECT RayID FROM http_requests WHERE date = '2026-11-21' ORDER BY event_time LIMIT 3",
    "SELECT count(*) FROM http_requests WHERE event_time >= '2026-11-21 00:00:00Z'",
    "SELECT count(*) FROM http_requests WHERE event_time < '2026-11-20 00:00:00Z'",
    "SELECT count(*) FROM http_requests WHERE event_time > '2026-11-20 02:00:00Z'",
    "SELECT count(*) FROM http_requests_without_damaged",
    "SELECT count(*) FROM access_requests",
    "SELECT path FROM damaged",
)
REFUSED = (
    "SELECT count(*) FROM http_requests",
    "SELECT count(EdgeResponseStatus) FROM http_requests",
    "SELECT 1 FROM http_requests LIMIT 1",
    "SELECT RayID FROM http_requests WHERE user_id = 'srhea'",
    "SELECT RayID FROM http_requests WHERE user_id = 'nobody'",
    "SELECT RayID FROM http_requests WHERE user_id IS NULL",
    "SELECT RayID FROM http_requests WHERE user_id IS NOT NULL",
    "SELECT RayID FROM http_requests WHERE EdgeResponseStatus = 1 AND user_id = 'srhea'",
    "SELECT RayID FROM http_requests WHERE RayID = 'x' OR ClientIP IS NULL",
    "SELECT RayID FROM http_requests WHERE probable_duplicate",
    "SELECT count(*) FROM http_requests WHERE date = '2026-11-20'",
    "SELECT RayID FROM http_requests WHERE date = '2026-11-20' AND user_id = 'nobody'",
    "SELECT count(*) FROM http_requests WHERE date >= '2026-11-20'",
    "SELECT count(*) FROM http_requests WHERE date::VARCHAR LIKE '2026-11%'",
    "SELECT count(*) FROM http_requests WHERE event_time = '2026-11-20 00:00:00Z'",
    "SELECT count(*) FROM http_requests WHERE event_time = '2026-11-20 01:30:00Z'",
    "SELECT count(*) FROM http_requests WHERE event_time = '2026-11-20 02:00:00Z'",
    "SELECT 1 FROM http_requests WHERE event_time BETWEEN '2026-11-20 00:30:00Z' AND '2026-11-20 00:40:00Z'",
    "SELECT min(event_time), max(event_time) FROM http_requests",
    "SELECT max(date) FROM http_requests",
    "SELECT DISTINCT date FROM http_requests",
    "SELECT date, count(*) FROM http_requests GROUP BY date",
    "SELECT user_id FROM http_requests ORDER BY event_time LIMIT 1",
    "SELECT EXISTS (SELECT 1 FROM http_requests)",
    "SELECT count(*) FROM http_requests AS a JOIN http_requests AS b USING (RayID)",
    "FROM range(3) AS t(i) WHERE i IN (SELECT EdgeResponseStatus FROM http_requests)",
    "WITH q AS MATERIALIZED (FROM http_requests) SELECT count(*) FROM q WHERE date = '2026-11-20'",
    "FROM trail('srhea')",
)


def one_day_gone(store: Store) -> None:
    for day in ("2026-11-19", "2026-11-20", "2026-11-21"):
        hours = (record(EdgeStartTimestamp=f"{day}T0{hour}:00:00Z") for hour in range(3))
        send(store, gzipped(ndjson(*hours)))
        load(store)
    [gone] = store.layout.part_folder("http_requests", "2026-11-20").iterdir()
    gone.unlink()
    views.publish(store.layout, store.snapshot(), SHELL)


@pytest.fixture
def damaged(built: Built) -> Store:
    store, _ = built(one_day_gone)
    # Its paths are absolute, and this store is a copy.
    views.publish(store.layout, store.snapshot(), SHELL)
    return store


def _with_library(store: Store, statement: str) -> str | None:
    """The error of a statement; None if it was answered."""
    with duckdb.connect(str(store.layout.audit), read_only=True) as shell:
        try:
            shell.execute(statement).fetchall()
        except duckdb.Error as error:
            return str(error)
    return None


def test_only_questions_that_may_need_a_row_of_that_day_are_refused(damaged: Store) -> None:
    told = {each: _with_library(damaged, each) for each in (*ANSWERED, *REFUSED)}

    assert {each for each, error in told.items() if error is None} == set(ANSWERED)
    sentence = "3 rows of http_requests of 2026-11-20 cannot be read"
    assert all(sentence in str(told[each]) for each in REFUSED)


@pytest.mark.slow
def test_the_oldest_duckdb_answers_and_refuses_the_same(damaged: Store) -> None:
    program = OLDEST if OLDEST.exists() else None
    if program is None:
        pytest.skip("NO OLD DUCKDB: `make test-faults` installs it; 1.4 was not tried")
    for statement, is_answered in ((s, s in ANSWERED) for s in (*ANSWERED, *REFUSED)):
        command = [str(program), "-readonly", str(damaged.layout.audit), "-c", statement]
        ended = subprocess.run(command, capture_output=True, check=False)
        assert (b"cannot be read" not in ended.stderr) == is_answered, statement


@pytest.mark.slow
def test_the_shell_that_is_shipped_prints_the_sentence(damaged: Store) -> None:
    command = [duckdb_program(), "-readonly", str(damaged.layout.audit), "-c", REFUSED[0]]

    ended = subprocess.run(command, capture_output=True, check=False)

    assert ended.returncode
    assert b"http_requests_without_damaged in SQL, answers without them" in ended.stderr


def test_the_sentence_comes_before_any_row(damaged: Store) -> None:
    """Otherwise a long answer would be printed in part, and could not be asked for again."""
    with open_engine(damaged.snapshot()) as engine, pytest.raises(PartUnreadable):
        next(engine.run("SELECT * FROM http_requests, range(100000)", {}, QueryFailed).rows)


def test_questions_of_our_own_need_no_date_to_be_answered(damaged: Store) -> None:
    with open_engine(damaged.snapshot()) as engine:
        later = "SELECT count(*) FROM http_requests WHERE event_time >= '2026-11-21'"
        assert list(engine.run(later, {}, QueryFailed).rows) == [(3,)]
        for statement in REFUSED:
            if "date" not in statement and "trail(" not in statement:
                with pytest.raises(PartUnreadable, match="cannot be read"):
                    list(engine.run(statement, {}, QueryFailed).rows)


def test_a_dataset_of_which_every_file_is_damaged_keeps_its_columns(built: Built) -> None:
    store, _ = built(one_day_gone)
    send(store, gzipped(b'{"a": 1}\n'), "brand_new")
    load(store)
    for path in store.snapshot().parts:
        path.unlink()

    views.publish(store.layout, store.snapshot(), SHELL)

    for name in ("http_requests", "brand_new"):
        assert "cannot be read" in str(_with_library(store, f"SELECT count(*) FROM {name}"))
        assert _with_library(store, f"SELECT extra, event_time FROM {name}_without_damaged") is None


def _part(day: str, first: str | None, last: str | None) -> DamagedPart:
    file = ExpectedFile(f"parts/http_requests/{day}/x.parquet", "", 1, 1)
    live = LivePart(file=file, dataset="http_requests", day=day, time_min=first, time_max=last)
    return DamagedPart(live, MISSING)


def test_a_damaged_month_touches_each_of_its_days_with_that_days_times() -> None:
    month = _part("2026-10", "2026-10-30T22:00:00.000000Z", "2026-11-01T01:00:00.000000Z")

    found = days_of([month])

    assert [(each.day, each.span) for each in found] == [
        ("2026-10-30", (_at("2026-10-30T22:00"), _at("2026-10-30T23:59:59.999999"))),
        ("2026-10-31", (_at("2026-10-31"), _at("2026-10-31T23:59:59.999999"))),
        ("2026-11-01", (_at("2026-11-01"), _at("2026-11-01T01:00"))),
    ]


def test_several_damaged_files_of_a_day_are_one_sentence_that_counts_them() -> None:
    early = _part("2026-11-20", "2026-11-20T01:00:00.000000Z", "2026-11-20T02:00:00.000000Z")
    late = _part("2026-11-20", "2026-11-20T03:00:00.000000Z", "2026-11-20T04:00:00.000000Z")

    [found] = days_of([early, late])

    assert found.span == (_at("2026-11-20T01:00"), _at("2026-11-20T04:00"))
    assert "(and 1 more such files: `FROM damaged`)" in found.sentence


def test_rows_that_may_have_no_time_are_touched_by_every_condition_on_the_time() -> None:
    timed = _part("2026-11-20", "2026-11-20T01:00:00.000000Z", "2026-11-20T02:00:00.000000Z")
    untimed = _part("2026-11-20", None, None)

    assert [each.span for each in days_of([timed, untimed])] == [None]
    other = _part("__other__", "1970-01-01T00:00:00.000000Z", "2100-01-01T00:00:00.000000Z")
    assert [(each.day, each.span) for each in days_of([other])] == [("__other__", None)]


def test_more_days_than_a_view_can_name_share_one_branch_that_nothing_drops() -> None:
    days = [
        _part(f"{year}-01-01", f"{year}-01-01T00:00:00.000000Z", f"{year}-01-01T01:00:00.000000Z")
        for year in range(1900, 1900 + DAYS_MAX + 5)
    ]

    found = days_of(days)

    assert len(found) == DAYS_MAX
    assert (found[-1].day, found[-1].span, len(found[-1].parts)) == (None, None, 6)
    query, given = damaged_days.with_damaged({"date": "DATE", "n": "BIGINT"}, found[-1:])
    with duckdb.connect() as connection, pytest.raises(duckdb.Error, match="cannot be read"):
        connection.execute(f"SELECT * FROM ({query}) WHERE date = '2026-11-20'", given).fetchall()


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)
