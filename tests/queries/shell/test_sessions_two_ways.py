"""The shell, `raytrail sql` and the oldest DuckDB tell the same sessions, with logins under every name."""

import json
import subprocess
from pathlib import Path

import pytest

from store.store import Store
from tests.queries.shell.records import LOGIN
from tests.queries.shell.two_ways import TwoWays
from tests.until import PATIENCE_SECONDS

OLDEST = Path(__file__).parents[3] / ".venv" / "oldest" / "bin" / "duckdb"

QUESTIONS = (
    "select * exclude (device) from sessions order by all",
    "select * exclude (device) from sessions_of('srhea', since := '2026-11-20') order by all",
    "select session, login, count(*) as requests from requests group by all order by all",
    "select session, login, count(*) as requests from trail('srhea') group by all order by all",
    f"select ray_id, session from session('{LOGIN[:-1]}8')",
)


def test_a_session_begins_at_a_login_of_the_person(asked: TwoWays) -> None:
    """The one just before is under the other name, which an operator linked."""
    started = asked.rows(
        "select user_id, login, requests from sessions where login is not null order by all"
    )

    assert {"user_id": "srhea", "login": LOGIN, "requests": "6"} in started
    assert asked.column("select login from sessions_of('srhea') limit 1") == [LOGIN]


def test_all_names_of_a_person_have_their_sessions_together(asked: TwoWays) -> None:
    [names] = asked.column(
        "select list(distinct user_id order by user_id) from"
        " (select user_id from trail('srhea') where event_time is not null)"
    )
    rows = asked.rows("select id, login, requests from sessions_of('srhea')")

    assert names == "[SRHEA, srhea]"
    assert sum(int(row["requests"] or 0) for row in rows) == int(
        asked.column("select count(*) from trail('srhea')")[0]
    )


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_question_about_sessions_has_the_same_rows_in_the_oldest_duckdb(
    asked: TwoWays, asked_store: Store, question: str
) -> None:
    if not OLDEST.exists():
        pytest.skip("the oldest DuckDB is not installed: make .venv/.ready-oldest")
    told = asked.rows(question)
    statement = f"SET TimeZone = 'UTC'; SELECT columns(*)::VARCHAR FROM ({question})"

    ended = subprocess.run(
        [OLDEST, "-readonly", "-json", asked_store.layout.audit, statement],
        capture_output=True,
        check=True,
        timeout=PATIENCE_SECONDS,
    )

    assert told
    assert sorted(json.loads(ended.stdout), key=repr) == sorted(told, key=repr)
