"""`raytrail retain` and `raytrail hold` as a person, or a timer, types them."""

import json
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest

from raytrail.commands.upkeep import retention
from raytrail.service.log import configure
from store.errors import RetentionRefused
from store.files import durable
from store.intake.limits import IntakeLimits
from store.lifetimes import Lifetimes
from store.live_loading import LiveLoading
from store.retention.confirmation import Confirmation
from store.store import Store
from store.timestamps import system_clock
from tests.command import Command
from tests.factories import NO_RESERVE, SHELL, Clock, gzipped, lived, ndjson, record, send


@pytest.fixture
def data(tmp_path: Path) -> str:
    """Two rows of 50 days ago, `srhea`'s and `bob`'s, and one of today."""
    today = system_clock()
    clock = Clock(today - timedelta(days=50))
    with Store.create(tmp_path / "data", clock, IntakeLimits(reserve=NO_RESERVE)) as store:
        for users in (("srhea", "bob"), ("cleo",)):
            lived(store)
            time = f"{clock.now.isoformat(timespec='seconds')}Z"
            sent = [
                record(EdgeStartTimestamp=time, RequestHeaders={"cf-access-user": user})
                for user in users
            ]
            send(store, gzipped(ndjson(*sent)))
            clock.now = today
        LiveLoading(store, configure("test"), SHELL).until_drained()
    return str(tmp_path / "data")


@pytest.fixture
def empty(tmp_path: Path) -> str:
    Store.create(tmp_path / "data", system_clock, IntakeLimits(reserve=NO_RESERVE)).catalog.close()
    return str(tmp_path / "data")


def shown(data: str) -> list[str]:
    with duckdb.connect(f"{data}/audit.duckdb", read_only=True) as audit:
        return [
            user
            for (user,) in audit.execute(
                "FROM (SELECT user_id FROM http_requests) ORDER BY 1"
            ).fetchall()
        ]


def ledger_length(data: str) -> int:
    with Store.open(Path(data), system_clock) as store:
        return store.status().sequence


def test_a_dry_run_counts_and_changes_nothing(
    raytrail: Command, data: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAYTRAIL_RETENTION_HTTP_REQUESTS", "40d")
    _, hold_id, _ = raytrail("hold", "add", "--data", data, "--user", "srhea", "--reason", "case")
    before = ledger_length(data)

    status, out, _ = raytrail("retain", "--data", data, "--dry-run")

    doubt = "1 of 3 rows would be removed, more than 10 %"
    assert status == 0
    assert out.splitlines() == [
        "http_requests, kept for 40 days",
        "    rows        1",
        "    files       0 whole, 1 rewritten",
        "    raw bodies  0, 0 bytes",
        f"    kept by {hold_id.strip()}: 1 rows, 1 raw bodies",
        "1 of 3 rows and 0 of 2 raw bodies would be removed; nothing was changed",
        f"this removal would be refused: {doubt}; if this is intended, confirm it with --yes-remove=1",
    ]
    assert (shown(data), ledger_length(data)) == (["bob", "cleo", "srhea"], before)


def test_removing_more_than_a_tenth_needs_the_exact_count(
    raytrail: Command, data: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAYTRAIL_RETENTION", "40d")

    status, out, err = raytrail("retain", "--data", data)
    assert (status, out) == (2, "")
    assert "2 of 3 rows would be removed" in err
    assert "1 of 2 raw bodies would be removed" in err
    assert "--yes-remove=2" in err
    assert raytrail("retain", "--data", data, "--yes-remove", "1")[0] == 2
    assert shown(data) == ["bob", "cleo", "srhea"]

    status, out, _ = raytrail("retain", "--data", data, "--yes-remove=2")

    assert status == 0
    assert out.endswith("2 of 3 rows and 1 of 2 raw bodies removed\n")
    assert shown(data) == ["cleo"]
    assert raytrail("status", "--data", data, "--json")[0] == 0
    status, out, _ = raytrail("replay", "--data", data)
    assert status == 0, "what retention let go of is no fault"
    assert "which a replay must not bring back" in out


def test_without_recent_batches_retention_asks_whether_the_clock_is_right(
    raytrail: Command, tmp_path: Path
) -> None:
    data, clock = tmp_path / "data", Clock(system_clock() - timedelta(days=50))
    with Store.create(data, clock, IntakeLimits(reserve=NO_RESERVE)) as store:
        send(store, gzipped(ndjson(record())))
        LiveLoading(store, configure("test"), SHELL).until_drained()

    status, _, err = raytrail("retain", "--data", str(data), "--yes-remove=1")
    assert status == 2
    assert "confirm it with --clock-is-right" in err

    status, out, _ = raytrail("retain", "--data", str(data), "--yes-remove=1", "--clock-is-right")

    assert status == 0
    assert out.endswith("1 of 1 raw bodies removed\n")


def test_facts_come_as_one_object(
    raytrail: Command, data: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAYTRAIL_RETENTION_HTTP_REQUESTS", "40d")

    tried = json.loads(raytrail("retain", "--data", data, "--dry-run", "--json")[1])
    count = str(tried["count"])
    done = json.loads(raytrail("retain", "--data", data, "--json", "--yes-remove", count)[1])

    assert len(tried.pop("doubts")) == 3
    assert done.pop("doubts") == []
    assert (tried.pop("dry_run"), done.pop("dry_run")) == (True, False)
    assert (tried.pop("sequence"), done.pop("sequence")) == (None, 4)
    assert tried == done
    [(name, facts)] = done["datasets"].items()
    assert (name, facts["rows"], facts["files_whole"], facts["raw_bodies"]) == (
        "http_requests",
        2,
        1,
        1,
    )
    assert (done["already_running"], done["rows_live"], done["raw_bodies_kept"]) == (False, 3, 2)


def test_a_run_with_nothing_expired_needs_no_confirmation(
    raytrail: Command, data: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAYTRAIL_RETENTION_RAW", "forever")
    nothing = "0 of 3 rows and 0 of 2 raw bodies"

    tried = raytrail("retain", "--data", data, "--dry-run")
    done = raytrail("retain", "--data", data)

    assert tried[:2] == (0, f"{nothing} would be removed; nothing was changed\n")
    assert done[:2] == (0, f"{nothing} removed\n")
    assert ledger_length(data) == 3


def test_a_wrong_limit_is_a_bad_configuration(
    raytrail: Command, data: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAYTRAIL_RETENTION_HTTP_REQUESTS", "soon")

    status, _, err = raytrail("retain", "--data", data)

    assert status == 3
    assert "RAYTRAIL_RETENTION_HTTP_REQUESTS: " in err


@pytest.mark.parametrize("json_option", [(), ("--json",)])
def test_a_second_retention_run_is_refused_while_one_is_running(
    raytrail: Command, data: str, json_option: tuple[str, ...]
) -> None:
    with durable.lock(Path(data) / ".rewrite.lock"):
        status, out, _ = raytrail("retain", "--data", data, "--yes-remove=1", *json_option)

    assert status == 0
    assert json.loads(out)["already_running"] if json_option else out.startswith("already running")
    assert ledger_length(data) == 3


def test_an_automatic_run_never_confirms_and_waits(data: str) -> None:
    lifetimes = Lifetimes(raw=None, others=40)
    limits = IntakeLimits(reserve=NO_RESERVE)
    with Store.open(Path(data), system_clock, limits) as store:
        with pytest.raises(RetentionRefused, match="--yes-remove=2"):
            retention.run(store, lifetimes)
        assert not isinstance(
            retention.run(store, lifetimes, Confirmation(count=2)), retention.AlreadyRunning
        )

    assert shown(data) == ["cleo"]


def test_while_a_loader_runs_it_publishes_the_views(data: str) -> None:
    with Store.open(Path(data), system_clock) as store:
        with durable.lock(store.layout.loader_lock):
            retention.run(store, Lifetimes(raw=None, others=40), Confirmation(count=2))
        assert store.status().datasets["http_requests"].rows == 1

    assert "bob" in shown(data)


def test_a_hold_is_added_listed_and_released(raytrail: Command, empty: str) -> None:
    status, out, _ = raytrail(
        *(
            "hold",
            "add",
            "--data",
            empty,
            "--user",
            "srhea",
            "--host",
            "Jira.Widgetcorp.Example:443",
        ),
        *("--since", "2026-11-01", "--until", "2026-11-02", "--reason", "case 7"),
        "--nothing-yet",
    )
    hold_id = out.strip()
    assert (status, len(hold_id)) == (0, 16)

    told = json.loads(raytrail("hold", "list", "--data", empty, "--json")[1])

    assert told.pop("placed_at").endswith("Z")
    assert told == {
        "id": hold_id,
        "user": "srhea",
        "host": "jira.widgetcorp.example",
        "since": "2026-11-01T00:00:00.000000Z",
        "until": "2026-11-03T00:00:00.000000Z",
        "is_exact": False,
        "reason": "case 7",
        "released_at": None,
        "release_reason": None,
    }
    release = ("hold", "release", "--data", empty, hold_id, "--reason", "closed")
    assert raytrail(*release)[:2] == (0, f"released {hold_id}\n")
    assert raytrail(*release)[0] == 2
    _, out, _ = raytrail("hold", "list", "--data", empty)
    assert out.startswith(f"{hold_id}  user srhea (in any letter case, ")
    assert "host jira.widgetcorp.example, since 2026-" in out
    assert "    released 20" in out


def test_hold_add_prints_one_json_object(raytrail: Command, empty: str) -> None:
    arguments = (
        "hold",
        "add",
        "--data",
        empty,
        "--reason",
        "\x1b[31m",
        "--user",
        "o'brien",
        "--nothing-yet",
        "--json",
    )

    told = json.loads(raytrail(*arguments)[1])

    assert (told["user"], told["host"], told["reason"]) == ("o'brien", None, "\x1b[31m")
    listed = json.loads(raytrail("hold", "list", "--data", empty, "--json")[1])
    assert listed.items() <= told.items()
    assert told["rows"] == 0
    assert "\x1b" not in raytrail("hold", "list", "--data", empty)[1]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("add", "--reason", "x"), "a hold needs at least one of user, host, since and until"),
        (("add", "--user", "", "--reason", "x"), "a hold needs at least one"),
        (("add", "--user", "x", "--reason", " "), "a hold needs a reason"),
        (("add", "--user", "x"), "Missing option '--reason'"),
        (("add", "--since", "tuesday", "--reason", "x"), "since 'tuesday' is not a day"),
        (("release", "0123", "--reason", "x"), "there is no hold '0123'"),
        (("release", "0123"), "Missing option '--reason'"),
    ],
)
def test_what_cannot_be_held_or_released_is_refused(
    raytrail: Command, empty: str, arguments: tuple[str, ...], said: str
) -> None:
    status, _, err = raytrail("hold", *arguments, "--data", empty)

    assert status == 2
    assert said in err
    assert raytrail("hold", "list", "--data", empty)[1] == "no holds\n"
