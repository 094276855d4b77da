"""Access logins come in by both ways, once each, whatever the API does and whoever dies."""

import json
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete

from queries.explanation.login_verdict import verdict
from queries.period import ALWAYS
from raytrail.commands.logins.words import lines
from raytrail.service.logins import pull
from store.catalog import ledger
from store.catalog.register_tables import marks
from store.intake.limits import IntakeLimits
from store.store import Store
from store.timestamps import system_clock
from tests.cloudflare_api.world import TOKEN, Trouble, World
from tests.command import Command
from tests.factories import NO_RESERVE, Clock, login, ndjson
from tests.service import environment, post, running
from upstream.logins.record import ANSWER
from upstream.options import ApiOptions

SEEDS = Path(__file__).parents[4] / "shared" / "seeds"
needs_seeds = pytest.mark.skipif(
    not SEEDS.is_dir(), reason="THE SEED DOCUMENTS ARE NOT THERE: ../shared/seeds is missing"
)
NOW = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
LIMITS = IntakeLimits(reserve=NO_RESERVE)
RAY = "8f0e1d2c3b4a5960"


@pytest.fixture(autouse=True)
def _now(monkeypatch: pytest.MonkeyPatch) -> None:
    """The stand-in goes by the real clock, and all tests together may take longer than an overlap."""
    now = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
    monkeypatch.setattr(sys.modules[__name__], "NOW", now)


def at(**ago: float) -> str:
    return f"{(NOW - timedelta(**ago)).isoformat()}.12345Z"


def rest_login(**changes: Any) -> dict[str, Any]:
    """A record of the REST log as live answers have it."""
    return {
        "user_email": "srhea@widgetcorp.example",
        "ip_address": "192.0.2.17",
        "app_uid": "7d9c1f0e-5a51-4f5e-9f1e-0d6a3f6f8a11",
        "app_domain": "jira.widgetcorp.example/secure",
        "app_name": "Jira",
        "app_type": "self_hosted",
        "action": "login",
        "connection": "saml",
        "allowed": True,
        "created_at": at(hours=1),
        "ray_id": RAY,
        "country": "gb",
        "user_id": "1b2c3d4e-0000-4000-8000-00000000000a",
        **changes,
    }


def event(**changes: Any) -> dict[str, Any]:
    """The dimensions of a login event: a refusal without anything to show."""
    return {
        "datetime": at(hours=1).replace(".12345", ""),
        "isSuccessfulLogin": 0,
        "hasWarpEnabled": 0,
        "hasGatewayEnabled": 0,
        "hasExistingJWT": 0,
        "approvingPolicyId": "",
        "cfRayId": RAY,
        "ipAddress": "192.0.2.17",
        "userUuid": "",
        "identityProvider": "nonidentity",
        "country": "GB",
        "deviceId": "",
        "mtlsStatus": "NONE",
        "mtlsCertSerialId": "",
        "mtlsCommonName": "",
        "serviceTokenId": "",
        "appId": "7d9c1f0e-5a51-4f5e-9f1e-0d6a3f6f8a11",
        **changes,
    }


@pytest.fixture
def data(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "data"
    with Store.create(folder, system_clock, LIMITS):
        yield folder


def rows(raytrail: Command, data: Path, dataset: str) -> list[dict[str, Any]]:
    assert raytrail("load", "--data", data).returncode == 0
    asked = raytrail(
        "sql", f"SELECT * FROM {dataset} ORDER BY event_time", "--json", "--data", data
    )
    return [json.loads(line) for line in asked.stdout.split("\n") if line]


def pulled(raytrail: Command, data: Path, *more: str) -> dict[str, dict[str, Any]]:
    ended = raytrail("logins", "pull", "--json", "--data", data, *more)
    return {each["dataset"]: each for each in json.loads(ended.stdout)["sources"]}


def test_a_login_of_each_source_is_a_row_with_every_field_kept(
    world: World, cloudflare: str, raytrail: Command, data: Path
) -> None:
    told = rest_login(tomorrow=[1.10, "\u2028"])
    world.access.requests.append(told)
    world.access.events.append(event())

    ended = raytrail("logins", "pull", "--data", data)

    assert ended.returncode == 0, ended.stderr
    assert "access_requests_rest: 1 records" in ended.stdout
    (row,) = rows(raytrail, data, "access_requests_rest")
    assert row["user_id"] == row["Email"] == "srhea@widgetcorp.example"
    assert row["UserUID"] == "1b2c3d4e-0000-4000-8000-00000000000a"
    assert (row["RayID"], row["AppName"], row["Allowed"]) == (RAY, "Jira", True)
    assert json.loads(row[ANSWER]) == told
    assert row["extra"] is None
    (row,) = rows(raytrail, data, "access_login_events")
    assert (row["RayID"], row["MtlsStatus"], row["IsSuccessfulLogin"]) == (RAY, "NONE", 0)
    assert (row["Count"], row["SampleInterval"]) == (1, 1.0)
    assert json.loads(row[ANSWER])["dimensions"] == world.access.events[0]


@needs_seeds
def test_the_documented_answers_are_stored_unchanged(
    world: World, cloudflare: str, raytrail: Command, data: Path
) -> None:
    world.access.kept = world.access.not_older_than = timedelta(days=36_500)
    texts = [path.read_text(encoding="utf-8") for path in sorted(SEEDS.glob("*.txt"))]
    answers = [_answer_in(text) for text in texts]
    (group,) = answers[0]["data"]["viewer"]["accounts"][0]["accessLoginRequestsAdaptiveGroups"]
    (record,) = answers[1]["result"]
    world.access.events.append(group["dimensions"])
    world.access.requests.append(record)

    ended = raytrail(
        "explain", group["dimensions"]["cfRayId"], "--since", "2022-09-02",
        "--until", "2022-09-02", "--data", data,
    )  # fmt: skip
    pulled(raytrail, data, "--since", "2014-01-01", "--until", "2014-01-01")

    assert ended.returncode == 0, ended.stderr
    assert "Access refused this request from 2a09:bac0:15::814:7b37 (US)." in ended.stdout
    assert "mtlsStatus is NONE, mtlsCommonName and mtlsCertSerialId are empty" in ended.stdout
    assert "requires a valid mTLS certificate refuses such a request" in ended.stdout
    (row,) = rows(raytrail, data, "access_login_events")
    kept = json.loads(row[ANSWER])["dimensions"]
    assert kept.items() >= group["dimensions"].items()
    (row,) = rows(raytrail, data, "access_requests_rest")
    assert json.loads(row[ANSWER]) == record
    assert row["event_time"].startswith("2014-01-01T05:20:00.123450")


def _answer_in(text: str) -> dict[str, Any]:
    """The JSON below the document's first line that says Response."""
    below = text[text.index("Response") :]
    found: dict[str, Any] = json.JSONDecoder().raw_decode(below[below.index("{") :])[0]
    return found


@pytest.mark.parametrize("ignores_page", [False, True])
def test_no_login_of_any_page_is_lost_or_doubled(
    world: World, cloudflare: str, raytrail: Command, data: Path, ignores_page: bool
) -> None:
    """The API gives 25 rows at most and says nothing of it."""
    world.access.page_rows_max, world.access.ignores_page = 25, ignores_page
    for number in range(160):
        world.access.requests.append(
            rest_login(ray_id=f"{number:016x}", created_at=at(minutes=20 + number * 3))
        )
    if not ignores_page:
        # More in one second than a page holds.
        world.access.requests += [
            rest_login(ray_id=f"{number:016x}", created_at=at(minutes=10))
            for number in range(1000, 1060)
        ]

    facts = pulled(raytrail, data)["access_requests_rest"]

    assert (facts["error"], facts["cut"]) == (None, [])
    found = Counter(row["RayID"] for row in rows(raytrail, data, "access_requests_rest"))
    assert found == Counter(row["ray_id"] for row in world.access.requests)


def test_a_failed_request_for_logins_is_reported(
    world: World, cloudflare: str, raytrail: Command, data: Path
) -> None:
    world.access.page_rows_max, world.access.ignores_page = 25, True
    world.access.requests += [
        rest_login(ray_id=f"{number:016x}", created_at=at(minutes=10)) for number in range(30)
    ]

    ended = raytrail("logins", "pull", "--data", data)

    assert ended.returncode == 1
    assert "incomplete: Cloudflare withheld records" in ended.stdout


def test_a_second_pull_continues_and_finds_late_logins(
    world: World, cloudflare: str, raytrail: Command, data: Path
) -> None:
    world.access.requests.append(rest_login(created_at=at(minutes=30)))
    assert pulled(raytrail, data)["access_requests_rest"]["fresh"] == 1
    world.requests.clear()
    late = rest_login(ray_id="0" * 16, created_at=at(minutes=50))
    world.access.requests.append(late)

    again = pulled(raytrail, data)["access_requests_rest"]

    assert (again["records"], again["fresh"], again["windows"]) == (2, 1, 1)
    assert len(rows(raytrail, data, "access_requests_rest")) == 2


def test_a_login_with_an_added_field_is_not_a_new_login(
    world: World, cloudflare: str, raytrail: Command, data: Path
) -> None:
    world.access.requests.append(rest_login(created_at=at(minutes=30)))
    pulled(raytrail, data)
    world.access.requests[0]["risk_score"] = "low"

    assert pulled(raytrail, data)["access_requests_rest"]["fresh"] == 0


@pytest.mark.service
def test_after_a_killed_pull_and_another_every_login_is_stored_once(
    world: World, cloudflare: str, raytrail: Command, data: Path
) -> None:
    world.access.page_rows_max = 25
    for number in range(60):
        world.access.requests.append(
            rest_login(ray_id=f"{number:016x}", created_at=at(hours=number * 6 + 1))
        )
        world.access.events.append(
            event(cfRayId=f"{number:016x}", datetime=at(hours=number * 6 + 1)[:19] + "Z")
        )
    command = [sys.executable, "-m", "raytrail", "logins", "pull", "--data", str(data)]
    settings = {
        "RAYTRAIL_CLOUDFLARE_URL": cloudflare,
        "RAYTRAIL_CLOUDFLARE_TOKEN": TOKEN,
        "NO_PROXY": "127.0.0.1",
    }
    deaths = 0
    for patience in (8, 20):
        asked = len(world.requests)
        process = subprocess.Popen(command, env=environment(**settings), stderr=subprocess.DEVNULL)
        while len(world.requests) < asked + patience and process.poll() is None:
            time.sleep(0.002)
        process.send_signal(signal.SIGKILL)
        deaths += process.wait() == -signal.SIGKILL

    pulled(raytrail, data)

    assert deaths
    for dataset in ("access_requests_rest", "access_login_events"):
        found = Counter(row["RayID"] for row in rows(raytrail, data, dataset))
        assert found == Counter(f"{number:016x}" for number in range(60)), dataset


def test_a_batch_without_marks_is_not_stored_twice(
    world: World, cloudflare: str, raytrail: Command, data: Path
) -> None:
    """As if the process had died right behind the batch: marks and entry are missing."""
    world.access.requests.append(rest_login(created_at=at(minutes=30)))
    pulled(raytrail, data)
    with Store.open(data, system_clock) as store, store.catalog.write() as connection:
        connection.execute(delete(marks))
    world.access.requests.append(rest_login(ray_id="0" * 16, created_at=at(minutes=20)))

    assert pulled(raytrail, data)["access_requests_rest"]["fresh"] == 1


def test_the_limits_of_the_account_are_respected(
    world: World, cloudflare: str, raytrail: Command, data: Path
) -> None:
    access = world.access
    access.page_size_max, access.fields_max = 10, 12
    access.not_older_than, access.duration_max = timedelta(days=3), timedelta(hours=5)
    access.available = tuple(name for name in access.available if name != "appId")
    for number in range(35):
        access.events.append(
            event(cfRayId=f"{number:016x}", datetime=at(minutes=20 + number)[:19] + "Z")
        )

    facts = pulled(raytrail, data)["access_login_events"]

    assert (facts["error"], facts["cut"]) == (None, [])
    found = Counter(row["RayID"] for row in rows(raytrail, data, "access_login_events"))
    assert found == Counter(f"{number:016x}" for number in range(35))


def test_one_source_that_fails_does_not_stop_the_other(
    world: World, cloudflare: str, raytrail: Command, data: Path
) -> None:
    world.access.enabled = False
    world.access.requests.append(rest_login())

    ended = raytrail("logins", "pull", "--data", data)

    assert ended.returncode == 1
    assert "stopped early: the plan of this account does not include login events" in ended.stdout
    assert len(rows(raytrail, data, "access_requests_rest")) == 1


def test_a_token_without_a_permission_is_reported_with_its_name(
    world: World, cloudflare: str, raytrail: Command, data: Path
) -> None:
    world.permissions -= {"access audit logs", "account analytics"}

    ended = raytrail("logins", "pull", "--data", data)

    assert ended.returncode == 2
    assert "needs the permission 'Access: Audit Logs: Read'" in ended.stdout
    assert "needs the permission 'Account Analytics: Read'" in ended.stdout
    assert TOKEN not in ended.stdout + ended.stderr


def test_without_a_token_no_request_is_sent(raytrail: Command, data: Path) -> None:
    ended = raytrail("logins", "pull", "--data", data)

    assert ended.returncode == 3
    assert "RAYTRAIL_CLOUDFLARE_TOKEN" in ended.stderr


def test_a_token_is_read_from_a_file(
    cloudflare: str, raytrail: Command, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = data.parent / "token"
    secret.write_text(f"{TOKEN}\n")
    monkeypatch.delenv("RAYTRAIL_CLOUDFLARE_TOKEN")
    monkeypatch.setenv("RAYTRAIL_CLOUDFLARE_TOKEN_FILE", str(secret))

    assert raytrail("logins", "pull", "--data", data).returncode == 0
    monkeypatch.setenv("RAYTRAIL_CLOUDFLARE_TOKEN_FILE", str(secret.parent / "nowhere"))
    assert "cannot read the file" in raytrail("logins", "pull", "--data", data).stderr


def test_every_window_is_an_entry_and_names_its_batch(
    world: World, cloudflare: str, raytrail: Command, data: Path
) -> None:
    world.access.requests.append(rest_login(created_at=at(minutes=30)))

    facts = pulled(raytrail, data)["access_requests_rest"]

    with Store.open(data, system_clock) as store, store.catalog.read() as connection:
        entries = [entry for entry in ledger.walk(connection) if entry.kind == "pulled"]
        assert all(entry.is_sound() for entry in ledger.walk(connection))
    named = [batch for entry in entries for batch in entry.payload["batch_ids"]]
    assert named == facts["batches"]
    (window,) = [entry.payload for entry in entries if entry.payload["batch_ids"]]
    assert window["answers"][0].keys() == {"bytes", "records", "sha256"}


def test_hours_past_the_retention_of_cloudflare_are_reported(
    world: World, cloudflare: str, data: Path
) -> None:
    """A store that was off for longer than Cloudflare answers for."""
    clock = Clock(NOW)
    world.clock = clock
    options = ApiOptions(token=TOKEN, url=cloudflare)
    with Store.open(data, clock, LIMITS) as store:
        list(pull(store, options, "", ALWAYS))
        clock.move(days=200)
        told = [line for each in pull(store, options, "", ALWAYS) for line in lines(each)]

    assert sum("nothing was fetched in time" in line for line in told) == 2


def test_a_ray_id_with_a_data_centre_is_accepted_and_other_text_is_refused(
    world: World, cloudflare: str, raytrail: Command, data: Path
) -> None:
    world.access.events.append(event(isSuccessfulLogin=1, approvingPolicyId="p1"))

    found = raytrail("explain", f"{RAY.upper()}-LHR", "--json", "--data", data)
    missing = raytrail("explain", "0" * 16, "--data", data)
    nonsense = raytrail("explain", "'; drop table", "--data", data)

    [told] = json.loads(found.stdout)["login_events"]
    assert told["verdict"]["let_in"] is True
    assert missing.returncode == 1
    assert "has no login event" in missing.stdout
    assert nonsense.returncode == 2
    assert "invalid Ray ID" in nonsense.stderr


def test_asking_for_a_ray_id_twice_stores_one_row(
    world: World, cloudflare: str, raytrail: Command, data: Path
) -> None:
    world.access.events.append(event())

    for name in (("explain",), ("logins", "ray")):
        assert raytrail(*name, RAY, "--data", data).returncode == 0
    pulled(raytrail, data)

    assert len(rows(raytrail, data, "access_login_events")) == 1


@given(
    dimensions=st.fixed_dictionaries(
        {},
        optional={
            name: st.sampled_from(["", None, "x", 0, 1])
            for name in (
                "IsSuccessfulLogin", "ApprovingPolicyId", "IdentityProvider", "UserUID",
                "HasExistingJWT", "MtlsStatus", "MtlsCertSerialId", "MtlsCommonName",
                "ServiceTokenId", "DeviceId", "HasWarpEnabled", "HasGatewayEnabled", "Country",
                "IPAddress",
            )
        },
    )
)  # fmt: skip
def test_every_event_has_a_verdict_in_sentences(dimensions: dict[str, Any]) -> None:
    told = verdict(dimensions)

    assert told.was_let_in == (dimensions.get("IsSuccessfulLogin") == 1)
    assert all(text.endswith(".") and text[0].isupper() for text in (told.summary, *told.reasons))


@pytest.mark.service
def test_a_login_from_both_sources_counts_once_in_the_report(
    world: World, cloudflare: str, raytrail: Command, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    pushed = login(CreatedAt=at(hours=1), Email="srhea@widgetcorp.example")
    world.access.requests += [
        rest_login(),
        rest_login(ray_id="0" * 16, allowed=False, created_at=at(hours=2)),
    ]
    with running(
        data,
        RAYTRAIL_CLOUDFLARE_URL=cloudflare,
        RAYTRAIL_CLOUDFLARE_TOKEN=TOKEN,
        NO_PROXY="127.0.0.1",
    ) as service:
        post(service, ndjson(pushed), "/logpush/access_requests")
        # The service pulls by itself.
        service.wait_for("logins pulled")
        service.wait_until_readable()

    report = raytrail("report", "--user", "srhea@widgetcorp.example", "--json", "--data", data)

    logins = json.loads(report.stdout)["logins"]
    told = logins if isinstance(logins, list) else logins["shown"]
    assert sorted((each["ray_id"], each["allowed"]) for each in told) == [
        ("0" * 16, False),
        (RAY, True),
    ]


def test_an_error_of_one_source_keeps_what_the_other_pulled(
    world: World, cloudflare: str, raytrail: Command, data: Path
) -> None:
    world.access.requests.append(rest_login(created_at=at(days=170)))
    world.troubles += [Trouble("/graphql", 403, "does not have access to the path")]

    facts = pulled(raytrail, data)

    assert facts["access_requests_rest"]["fresh"] == 1
    assert "not part of the plan" in facts["access_login_events"]["error"]
