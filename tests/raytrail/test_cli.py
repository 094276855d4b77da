"""The commands a person types, on a store that was filled the real way."""

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from raytrail.service.log import configure
from store.intake.limits import IntakeLimits
from store.live_loading import LiveLoading
from store.store import Store
from tests.command import Command
from tests.factories import NO_RESERVE, SHELL, Clock, gzipped, login, ndjson, record, send

ROOT = Path(__file__).parents[2]
HOSTILE = '/search?q=<script>alert(1)</script>&a=\x1b[31m"onmouseover=\u202e=cmd|x'
USERS = ("srhea", "o'brien", "a;b`c$(touch pwned)", "zoë")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cli") / "data"
    records = [
        record(
            RequestHeaders={"cf-access-user": user},
            RayID=f"{number:016x}",
            ClientRequestURI=HOSTILE if number % 2 else "/browse/EXP-1",
            EdgeStartTimestamp=f"2026-11-{10 + number:02d}T10:00:00Z",
        )
        for number, user in enumerate(USERS * 2)
    ]
    with Store.create(folder, Clock(), IntakeLimits(reserve=NO_RESERVE)) as store:
        send(store, gzipped(ndjson(*records) + b"no json\n"))
        whole = login(AppDomain="jira.widgetcorp.example", CreatedAt="2026-11-10T10:00:00Z")
        send(store, gzipped(ndjson(whole)), "access_requests")
        LiveLoading(store, configure("test"), SHELL).until_drained()
    return folder


def make(*words: str, cwd: Path = ROOT) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        ["make", "--no-print-directory", *words],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
    )


def test_make_alone_prints_the_targets() -> None:
    shown = make()

    assert shown.returncode == 0
    for target in (
        "demo",
        "serve",
        "report",
        "shell",
        "test",
        "test-questions",
        "test-years",
        "test-service",
        "test-deaths",
        "test-faults",
        "check",
    ):
        assert f"\n{target} " in f"\n{shown.stdout}"


@pytest.mark.service
def test_a_report_through_make_is_printed_and_saved_three_ways(data: Path, tmp_path: Path) -> None:
    user = "a;b`c$(touch pwned)"

    shown = make("report", f"user={user}", f"data={data}", f"reports={tmp_path / 'reports'}")

    assert shown.returncode == 0, shown.stderr
    assert "2 requests" in shown.stdout
    assert shown.stdout.startswith(user)
    assert not (ROOT / "pwned").exists()
    saved = sorted(path.suffix for path in (tmp_path / "reports").iterdir())
    assert saved == [".csv", ".html", ".json", ".parquet"]


@pytest.mark.parametrize("user", USERS)
def test_a_user_of_any_spelling_is_found_as_spelled(
    raytrail: Command, data: Path, user: str
) -> None:
    shown = raytrail("report", "--data", str(data), "--user", user)

    assert shown.returncode == 0, shown.stderr
    assert "2 requests" in shown.stdout
    assert shown.stdout.startswith(user)


@pytest.mark.service
@pytest.mark.parametrize("user", ["' or 1=1 --", "$(shell touch pwned)", '`touch pwned`"; x'])
def test_an_unknown_user_is_an_answer_and_runs_nothing(
    data: Path, tmp_path: Path, user: str
) -> None:
    shown = make("report", f"user={user}", f"data={data}", f"reports={tmp_path / 'reports'}")

    # Status 1 of the command, which `make` tells as 2.
    assert shown.returncode == 2, shown.stderr
    assert "exactly this name" in shown.stdout
    assert not (ROOT / "pwned").exists()


def test_an_unknown_user_is_offered_the_nearest_names(raytrail: Command, data: Path) -> None:
    shown = raytrail("report", "--data", str(data), "--user", "sreha")

    assert shown.returncode == 1
    assert "srhea" in shown.stdout


def test_a_report_without_a_user_is_refused(raytrail: Command, data: Path) -> None:
    refused = raytrail("report", "--data", str(data), "--user", "")

    assert refused.returncode == 2
    assert "Traceback" not in refused.stderr


def test_the_trail_is_one_json_object_a_line_with_the_promised_names(
    raytrail: Command, data: Path
) -> None:
    shown = raytrail("trail", "--data", str(data), "--user", "srhea", "--json")

    rows = [json.loads(line) for line in shown.stdout.splitlines()]
    assert [row["time"] for row in rows] == [
        "2026-11-10T10:00:00.000000Z",
        "2026-11-14T10:00:00.000000Z",
    ]
    promised = (
        "time user_id identity method host uri status ip country user_agent referer bytes ray_id"
        " batch_id line_number"
    )
    assert set(promised.split()) <= rows[0].keys()
    assert rows[0]["identity"] == "access", "the login names this host as an application"


def test_a_range_and_a_host_narrow_the_trail(raytrail: Command, data: Path) -> None:
    base = ("trail", "--data", str(data), "--user", "srhea", "--json")

    since = raytrail(*base, "--since", "2026-11-11")
    until = raytrail(*base, "--until", "2026-11-10")
    elsewhere = raytrail(*base, "--host", "wiki.widgetcorp.example")

    assert "2026-11-14" in since.stdout
    assert "2026-11-10" not in since.stdout
    assert "2026-11-14" not in until.stdout
    assert "2026-11-10" in until.stdout
    assert elsewhere.stdout == ""


@pytest.mark.parametrize("since", ["someday", "'; --"])
def test_an_invalid_time_range_is_refused_with_the_accepted_forms(
    raytrail: Command, data: Path, since: str
) -> None:
    refused = raytrail("trail", "--data", str(data), "--user", "srhea", "--since", since)

    assert refused.returncode == 2
    assert "since" in refused.stderr


def test_a_hostile_url_is_escaped_in_terminal_and_csv(raytrail: Command, data: Path) -> None:
    shown = raytrail("trail", "--data", str(data), "--user", "o'brien")
    table = raytrail("trail", "--data", str(data), "--user", "o'brien", "--csv")

    assert "\x1b" not in shown.stdout
    assert "\u202e" not in shown.stdout
    assert "\\u001b[31m" in shown.stdout
    [row, _] = csv.DictReader(io.StringIO(table.stdout))
    assert row["uri"] == HOSTILE


def test_sql_reads_and_nothing_else(raytrail: Command, data: Path) -> None:
    base = ("sql", "--data", str(data))

    count = raytrail(*base, "SELECT count(*) AS n FROM http_requests", "--json")
    rejected = raytrail(*base, "SELECT reason FROM rejected")
    written = raytrail(*base, "COPY http_requests TO 'x.parquet'")
    two = raytrail(*base, "SELECT 1; SELECT 2")

    assert json.loads(count.stdout) == {"n": 8}
    assert "not JSON" in rejected.stdout
    assert (written.returncode, two.returncode) == (2, 2)


def test_an_error_in_a_statement_is_printed_as_duckdb_writes_it(
    raytrail: Command, data: Path
) -> None:
    wrong = raytrail("sql", "--data", str(data), "SELECT nope\nFROM requests")
    forged = raytrail("sql", "--data", str(data), "SELECT 'a\x1b[2J\nraytrail: x'::INTEGER")

    assert "\n  LINE 1: SELECT nope\n                 ^" in wrong.stderr
    assert "\\u000a" not in wrong.stderr
    assert "\x1b" not in forged.stderr
    assert "\nraytrail: x" not in forged.stderr


def test_status_in_words_and_as_an_object(raytrail: Command, data: Path) -> None:
    words = raytrail("status", "--data", str(data))
    found = json.loads(raytrail("status", "--data", str(data), "--json").stdout)

    assert "8 rows" in words.stdout
    assert found["datasets"]["http_requests"]["rejected_lines"] == 1


@pytest.mark.parametrize("command", ["status", "load", "shell"])
def test_a_folder_without_a_store_is_refused_and_not_changed(
    raytrail: Command, tmp_path: Path, command: str
) -> None:
    refused = raytrail(command, "--data", str(tmp_path / "nothing"))

    assert refused.returncode == 2
    assert "no store at" in refused.stderr
    assert not (tmp_path / "nothing").exists()


def test_load_loads_every_batch_that_waits(raytrail: Command, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    with Store.create(folder, Clock(), IntakeLimits(reserve=NO_RESERVE)) as store:
        send(store, gzipped(ndjson(record())))

    first = raytrail("load", "--data", str(folder))
    second = raytrail("load", "--data", str(folder))

    assert first.stdout == "1 batch loaded\n"
    assert second.stdout == "0 batches loaded\n"
    shown = raytrail("trail", "--data", str(folder), "--user", "srhea", "--json")
    assert len(shown.stdout.splitlines()) == 1


@pytest.mark.service
def test_the_shell_is_duckdb_on_the_views(data: Path) -> None:
    shown = subprocess.run(
        [sys.executable, "-m", "raytrail", "shell", "--data", str(data)],
        input=f"""
            SELECT 'rows: ' || count(*) FROM trail('zoë');
            CREATE TABLE t (a INT);
            \n.open --readonly '{data}/audit.duckdb'
            SELECT 'zone: ' || current_setting('TimeZone') FROM snapshot;
        """,
        env={**os.environ, "TZ": "Asia/Tokyo"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert "rows: 2" in shown.stdout
    assert "zone: UTC" in shown.stdout
    assert "read-only" in shown.stderr


@pytest.mark.service
def test_a_reader_that_closes_the_pipe_early_sees_no_traceback(data: Path) -> None:
    piped = subprocess.run(
        f'"{sys.executable}" -m raytrail trail --data "{data}" --user srhea --json | head -c 1',
        shell=True,
        capture_output=True,
        text=True,
        check=False,
    )

    assert "Traceback" not in piped.stderr


def test_two_output_options_at_once_are_refused(raytrail: Command, data: Path) -> None:
    refused = raytrail("trail", "--data", str(data), "--user", "srhea", "--json", "--csv")

    assert refused.returncode == 2
