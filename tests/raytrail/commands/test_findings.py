"""`raytrail findings` over a store: what is shown, what was not judged, and the settings."""

import json
import os
import pwd
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from queries.findings.rule import rules
from raytrail.demo.records import FOLDER
from store.registers import coverage
from store.registers.coverage import HourVerdict, JobHours
from store.registers.verdicts import Complete, Partial
from store.store import Store
from tests.command import Command
from tests.factories import gzipped, load, ndjson, record, send

# In the range of days that a batch may have without being fetched.
DAY = "2026-11-20"
HOUR = timedelta(hours=1)


@pytest.fixture
def data(store: Store) -> Path:
    """A burst of refusals under one name, and a day of another one."""
    refused = [
        record(
            RayID=f"8f0e1d2c3b4a{number:04x}",
            ClientRequestURI=f"/{word}/admin",
            ClientCountry="gb",
            EdgeResponseStatus=403,
            EdgeStartTimestamp=f"{DAY}T09:{number:02}:00Z",
            EdgeEndTimestamp=f"{DAY}T09:{number:02}:00Z",
        )
        for number, word in enumerate(["one", "two", "three", "four", "five", "six"])
        for _ in range(2)
    ]
    send(store, gzipped(ndjson(*refused, record(RequestHeaders={"cf-access-user": "jdoe"}))))
    load(store)
    return store.layout.root


@pytest.fixture
def words(data: Path) -> tuple[object, ...]:
    return ("findings", "--data", data, "--period", DAY)


def test_findings_are_grouped_by_name_with_evidence_grade_and_coverage(
    raytrail: Command, words: tuple[object, ...]
) -> None:
    ended = raytrail(*words)

    assert ended.returncode == 0
    assert "1 finding about 1 name" in ended.stdout
    assert '"srhea"' in ended.stdout
    assert "refusal_burst  2026-11-20 09:00:00Z until 2026-11-20 09:05:00Z" in ended.stdout
    assert "Ray ID 8f0e1d2c3b4a0000" in ended.stdout
    assert "anybody could have sent it" in ended.stdout
    assert "is not known" in ended.stdout


def test_a_name_that_the_store_does_not_know_is_not_one_without_findings(
    raytrail: Command, words: tuple[object, ...]
) -> None:
    unknown = raytrail(*words, "--user", "shrea")
    quiet = raytrail(*words, "--user", "jdoe")

    assert (unknown.returncode, unknown.stdout) == (1, "")
    assert "srhea" in unknown.stderr
    assert quiet.returncode == 0
    assert "0 findings" in quiet.stdout


def test_an_empty_name_does_not_ask_about_everybody(
    raytrail: Command, words: tuple[object, ...]
) -> None:
    ended = raytrail(*words, "--user", "")

    assert (ended.returncode, ended.stdout) == (2, "")
    assert "this name is empty" in ended.stderr


@pytest.mark.parametrize(("who", "count"), [("", 0), ("nobody", 0), ("srhea", 1)])
def test_in_sql_findings_are_about_the_name_alone(
    raytrail: Command, data: Path, who: str, count: int
) -> None:
    statement = f"SELECT count(*) AS found FROM findings(who := '{who}')"

    assert json.loads(raytrail("sql", statement, "--json", "--data", data).stdout) == {
        "found": count
    }


def test_no_record_keeps_others_from_being_judged(
    raytrail: Command, words: tuple[object, ...], store: Store
) -> None:
    sent = [
        {"ClientRequestURI": "/%ff%fe/%c3%28", "ClientRequestPath": "/%ff%fe/%c3%28"},
        {"ClientRequestURI": "/a\x00/%00?id=%ff&key=\\", "ClientRequestHost": "%_\\"},
        {"ClientLatitude": "inf", "ClientLongitude": "nan", "EdgeColoCode": "?"},
        {"ClientIP": "::::", "ClientCountry": "", "ClientRequestUserAgent": "(/"},
        {"EdgeEndTimestamp": "9999-12-31T23:59:59Z"},
    ]
    hostile = [record(EdgeStartTimestamp=f"{DAY}T10:00:00Z", **each) for each in sent]
    send(store, gzipped(ndjson(*hostile)))
    load(store)

    ended = raytrail(*words, "--json")

    assert ended.returncode == 0, ended.stderr
    assert "refusal_burst" in {json.loads(line)["rule"] for line in ended.stdout.splitlines()}


def test_what_is_not_judged_and_why_is_on_standard_error(
    raytrail: Command, words: tuple[object, ...]
) -> None:
    ended = raytrail(*words, "--json")

    assert "new_country" in ended.stderr
    assert "nobody's habits are known" in ended.stderr
    assert "not judged" not in ended.stdout


def test_a_job_that_logs_no_ray_ids_and_addresses_has_findings_without_them(
    raytrail: Command, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAYTRAIL_ACCESS_HOSTS", "jira.widgetcorp.example")
    asked = [
        record(ClientRequestHost=host, EdgeStartTimestamp=f"{DAY}T09:00:00Z")
        for host in ("jira.widgetcorp.example", "open.widgetcorp.example")
    ]
    unlogged = {"RayID", "ClientIP"}
    told = [{name: each[name] for name in each.keys() - unlogged} for each in asked]
    send(store, gzipped(ndjson(*told)))
    load(store)

    words = ("findings", "--data", store.layout.root, "--period", DAY)
    [found] = map(json.loads, raytrail(*words, "--json").stdout.splitlines())

    assert (found["rule"], found["evidence"]) == ("forgeable_identity", [])
    assert found["what"] == f"{found['title']}."
    assert f"id {found['id']}" in raytrail(*words).stdout


def test_json_has_one_object_a_finding_with_thresholds_and_ordinary_reasons(
    raytrail: Command, words: tuple[object, ...]
) -> None:
    [found] = map(json.loads, raytrail(*words, "--json").stdout.splitlines())

    assert found["rule"] == "refusal_burst"
    assert (found["user"], found["level"], found["identity"]) == ("srhea", "medium", "unconfirmed")
    assert (found["since"], found["until"]) == (
        f"{DAY}T09:00:00.000000Z",
        f"{DAY}T09:05:00.000000Z",
    )
    assert found["evidence"][0] == "8f0e1d2c3b4a0000"
    assert found["coverage"] == "unknown"
    assert found["thresholds"]["requests"] == 10
    [burst] = [each for each in rules() if each.name == "refusal_burst"]
    assert found["ordinary_reasons"] == list(burst.falsepositives)


@pytest.mark.parametrize(("lost", "told"), [(3, "incomplete"), (4, "complete")])
def test_coverage_is_that_of_all_hours_of_the_evidence_also_of_those_before_the_period(
    raytrail: Command, store: Store, lost: int, told: str
) -> None:
    midnight = datetime.fromisoformat(DAY)
    london = {"EdgeColoCode": "LHR", "ClientASN": 64500, "ClientIP": "192.0.2.1"}
    singapore = {"EdgeColoCode": "SIN", "ClientASN": 64666, "ClientIP": "203.0.113.9"}
    asked = [
        record(EdgeStartTimestamp=f"{at.isoformat()}Z", **place)
        for at, place in ((midnight - 3 * HOUR, london), (midnight, singapore))
    ]
    send(store, gzipped(ndjson(*asked)))
    load(store)
    hours = {midnight - number * HOUR: HourVerdict(Complete(), 1) for number in range(6)}
    hours[midnight - lost * HOUR] = HourVerdict(Partial(1, "lost"), 1)
    counted = JobHours(dataset="http_requests", job=1, place="zone", hours=hours)
    coverage.record(store.catalog, store.clock(), [counted])

    words = ("findings", "--json", "--data", store.layout.root, "--period", DAY)
    [found] = map(json.loads, raytrail(*words).stdout.splitlines())

    assert (found["rule"], found["coverage"]) == ("travel", told)


def test_a_finding_of_another_name_is_left_out(
    raytrail: Command, words: tuple[object, ...]
) -> None:
    assert raytrail(*words, "--json", "--user", "jdoe").stdout == ""
    assert raytrail(*words, "--json", "--user", "SRHEA").stdout != ""
    assert raytrail(*words, "--json", "--user", "SRHEA", "--exactly").stdout == ""


def test_a_threshold_of_the_settings_counts_in_the_command_and_in_sql(
    raytrail: Command,
    words: tuple[object, ...],
    data: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lines = tmp_path / "findings.txt"
    lines.write_text("# fewer\nrefusal_burst.requests = 50\n", encoding="utf-8")
    monkeypatch.setenv("RAYTRAIL_FINDINGS", str(lines))
    statement = "SELECT rules.refusal_burst_requests() AS n, count(*) AS found FROM findings()"

    assert raytrail(*words, "--json").stdout == ""
    told = raytrail("sql", statement, "--data", data, "--json")
    assert json.loads(told.stdout) == {"n": 50, "found": 0}


def test_a_decoy_of_the_settings_is_found(
    raytrail: Command, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = record(
        ClientRequestURI="/Payroll.xlsx?x=1",
        ClientRequestPath="/Payroll.xlsx",
        RequestHeaders={"cf-access-user": "srhea"},
    )
    send(store, gzipped(ndjson(asked)))
    load(store)
    lines = tmp_path / "findings.txt"
    lines.write_text(
        "decoy_path.paths = /it's\ndecoy_path.paths = /PAYROLL.xlsx\n", encoding="utf-8"
    )
    words = ("findings", "--data", store.layout.root, "--json")

    assert raytrail(*words).stdout == ""
    monkeypatch.setenv("RAYTRAIL_FINDINGS", str(lines))
    assert json.loads(raytrail(*words).stdout)["rule"] == "decoy_path"


def test_a_wrong_line_of_the_thresholds_is_named(
    raytrail: Command, words: tuple[object, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = tmp_path / "findings.txt"
    wrong = ("travel.miles = 3", "refusal_burst.requests = -1", "mass_download.hours = 1.5")
    huge = "travel.km = 1e300"
    lines.write_text("\n".join((*wrong, huge)), encoding="utf-8")
    monkeypatch.setenv("RAYTRAIL_FINDINGS", str(lines))

    ended = raytrail(*words)

    assert ended.returncode == 3
    assert "line 1: no rule has a threshold 'travel.miles'" in ended.stderr
    for line, name in enumerate(("refusal_burst.requests", "mass_download.hours"), start=2):
        assert f"line {line}: want {name} = a whole number" in ended.stderr
    assert "line 4: want travel.km = a whole number of at most 1,000,000" in ended.stderr


def test_doctor_names_a_file_of_thresholds_that_cannot_be_read(
    raytrail: Command, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAYTRAIL_FINDINGS", str(tmp_path / "missing.txt"))

    ended = raytrail("doctor", "--data", store.layout.root)

    assert ended.returncode == 1
    assert "RAYTRAIL_FINDINGS" in ended.stdout
    assert "cannot be read" in ended.stdout


def test_findings_are_judged_again_when_late_records_come(
    raytrail: Command, words: tuple[object, ...], store: Store
) -> None:
    [before] = map(json.loads, raytrail(*words, "--json").stdout.splitlines())
    time = f"{DAY}T08:59:00Z"
    late = record(
        RayID="8f0e1d2c3b4affff",
        ClientRequestURI="/seven/admin",
        EdgeResponseStatus=403,
        EdgeStartTimestamp=time,
        EdgeEndTimestamp=time,
    )
    send(store, gzipped(ndjson(late)))
    load(store)

    [after] = map(json.loads, raytrail(*words, "--json").stdout.splitlines())

    assert after["rule"] == before["rule"]
    assert (before["since"], after["since"]) == (
        f"{DAY}T09:00:00.000000Z",
        f"{DAY}T08:59:00.000000Z",
    )
    assert after["evidence"] == ["8f0e1d2c3b4affff", *before["evidence"]]


def test_a_rule_whose_field_nobody_logs_is_named(
    raytrail: Command, store: Store, tmp_path: Path
) -> None:
    send(store, gzipped(ndjson(record())))
    load(store)

    ended = raytrail("findings", "--data", store.layout.root)

    assert "not judged: new_country: no record of the period has ClientCountry" in ended.stderr


def test_an_acknowledged_finding_tells_who_and_why_until_it_is_withdrawn(
    raytrail: Command, words: tuple[object, ...], data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    [found] = map(json.loads, raytrail(*words, "--json").stdout.splitlines())
    change = ("--data", data)
    for name in ("LOGNAME", "USER"):
        monkeypatch.setenv(name, "the.boss")

    done = raytrail(
        "findings", "acknowledge", found["id"], "--reason", "a penetration test", *change
    )
    [acknowledged] = map(json.loads, raytrail(*words, "--json").stdout.splitlines())
    told = raytrail(*words).stdout
    statement = "SELECT acknowledged.reason AS reason FROM findings()"
    in_sql = raytrail("sql", statement, "--json", *change).stdout
    undone = raytrail("findings", "withdraw", found["id"], *change)
    [again] = map(json.loads, raytrail(*words, "--json").stdout.splitlines())

    assert (done.returncode, undone.returncode) == (0, 0)
    assert found["acknowledged"] is None
    assert acknowledged["acknowledged"]["reason"] == "a penetration test"
    assert acknowledged["acknowledged"].keys() == {"by", "reason", "at"}
    assert acknowledged["acknowledged"]["by"] == pwd.getpwuid(os.getuid()).pw_name
    assert ": a penetration test" in told
    assert json.loads(in_sql) == {"reason": "a penetration test"}
    assert again == found


def test_only_a_finding_of_the_period_is_acknowledged_and_without_the_name(
    raytrail: Command, words: tuple[object, ...], data: Path
) -> None:
    [found] = map(json.loads, raytrail(*words, "--json").stdout.splitlines())

    def acknowledge(finding: str, reason: str, *period: str) -> str:
        told = ("findings", "acknowledge", finding, "--reason", reason, "--data", data, *period)
        ended = raytrail(*told)
        assert ended.returncode == 2
        return ended.stderr

    assert "no finding has this id" in acknowledge("0" * 16, "case 7")
    assert "--period" in acknowledge(found["id"], "case 7", "--period", "2026-11-19")
    assert "names the person" in acknowledge(found["id"], "SRhea was travelling")
    assert json.loads(raytrail(*words, "--json").stdout) == found


def test_an_erasure_leaves_an_acknowledgement_without_its_finding_and_without_the_name(
    raytrail: Command, words: tuple[object, ...], data: Path
) -> None:
    [found] = map(json.loads, raytrail(*words, "--json").stdout.splitlines())
    change = ("--data", data)
    told = ("findings", "acknowledge", found["id"], "--reason", "case 7", *change)
    assert raytrail(*told, "--period", DAY).returncode == 0

    counted = raytrail("erase", "--user", "srhea", "--dry-run", "--json", *change)
    amount = json.loads(counted.stdout)["count"]
    erase = ("erase", "--user", "srhea", "--reason", "request 1", "--yes-remove", amount, *change)
    assert raytrail(*erase).returncode == 0

    assert raytrail("erase", "--user", "srhea", "--check", *change).returncode == 0
    assert raytrail(*words, "--json").stdout == ""
    assert "no finding has this id" in raytrail(*told).stderr


def test_an_acknowledgement_outlives_a_lost_catalog(
    raytrail: Command, words: tuple[object, ...], data: Path
) -> None:
    [found] = map(json.loads, raytrail(*words, "--json").stdout.splitlines())
    raytrail("findings", "acknowledge", found["id"], "--reason", "known", "--data", data)
    before = raytrail(*words, "--json").stdout

    assert raytrail("rebuild", "--data", data).returncode in {0, 1}
    after = raytrail(*words, "--json").stdout

    assert json.loads(after)["acknowledged"] == json.loads(before)["acknowledged"]


def test_what_is_no_id_or_was_not_acknowledged_is_refused(raytrail: Command, data: Path) -> None:
    wrong = raytrail("findings", "acknowledge", "srhea", "--reason", "x", "--data", data)
    unknown = raytrail("findings", "withdraw", "0" * 16, "--data", data)
    without = raytrail("findings", "acknowledge", "0" * 16, "--reason", " ", "--data", data)

    assert (wrong.returncode, unknown.returncode, without.returncode) == (2, 2, 2)
    assert "no id of a finding" in wrong.stderr
    assert "nobody has acknowledged it" in unknown.stderr


def test_a_text_of_another_encoding_is_refused(raytrail: Command, data: Path) -> None:
    latin = "caf\udce9"

    reason = raytrail("findings", "acknowledge", "0" * 16, "--reason", latin, "--data", data)
    case = raytrail("report", "--user", "srhea", "--case", latin, "--json", "--data", data)

    assert (reason.returncode, case.returncode) == (2, 2)
    assert "not UTF-8" in reason.stderr
    assert "not UTF-8" in case.stderr


def test_the_demo_tells_of_the_travel_between_singapore_and_great_britain(
    raytrail: Command, store: Store
) -> None:
    for path in sorted(FOLDER.glob("*.ndjson")):
        dataset = path.name.rpartition("-")[0]
        send(store, gzipped(path.read_bytes()), dataset, is_fetched=True)
    load(store)

    words = ("findings", "--data", store.layout.root, "--period", "2026-11-18", "--json")
    found = [json.loads(line) for line in raytrail(*words).stdout.splitlines()]

    [travel] = [each for each in found if each["rule"] == "travel"]
    assert travel["user"] == "srhea"
    assert "GB" in travel["what"]
    assert "Singapore, SG" in travel["what"]
