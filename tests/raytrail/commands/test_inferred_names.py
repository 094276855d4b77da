"""A person's logins and requests have two names that nobody linked, and every answer has both."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from store.errors import StoreBusy
from store.intake.limits import IntakeLimits
from store.reading import known_inference
from store.store import Store
from tests.command import Command
from tests.factories import NO_RESERVE, Clock, gzipped, load, login, ndjson, record, send

MAIL, NAME = "s.rhea@acme.example", "srhea"
HOST, ADDRESS = "jira.acme.example", "203.0.113.10"
EVIDENCE = (
    'inferred (3 times from 2026-11-21 to 2026-11-23, within minutes of a login as "s.rhea@acme.example",'
    ' requests named "srhea" to its application began from the same address; 0 logins speak against it,'
    " and no other name fits)"
)


def mornings() -> Iterator[tuple[str, dict[str, Any]]]:
    """Three days, each with a login and four requests after it."""
    for day in (21, 22, 23):
        at = f"2026-11-{day}T09:00:30Z"
        facts = {"AppDomain": HOST, "IPAddress": ADDRESS, "Email": MAIL}
        yield "access_requests", login(CreatedAt=at, RayID=f"9c{day}", **facts)
        for minute in (1, 2, 3, 4):
            at = f"2026-11-{day}T09:0{minute}:00Z"
            yield (
                "http_requests",
                record(
                    ClientIP=ADDRESS,
                    ClientRequestHost=HOST,
                    EdgeStartTimestamp=at,
                    EdgeEndTimestamp=at,
                    RayID=f"9b{day}{minute}",
                    RequestHeaders={"cf-access-user": NAME},
                ),
            )


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    with Store.create(folder, Clock(), IntakeLimits(reserve=NO_RESERVE)) as store:
        for dataset in ("http_requests", "access_requests"):
            rows = [row for kind, row in mornings() if kind == dataset]
            send(store, gzipped(ndjson(*rows)), dataset)
        load(store)
    return folder


def report_of(raytrail: Command, name: str, data: Path, *options: str) -> dict[str, Any]:
    told = raytrail("report", "--user", name, "--data", data, "--json", *options)
    report: dict[str, Any] = json.loads(told.stdout)
    return report


@pytest.mark.parametrize(("asked", "other"), [(NAME, MAIL), (MAIL, NAME)])
def test_a_report_under_either_name_has_the_logins_and_the_requests(
    raytrail: Command, data: Path, asked: str, other: str
) -> None:
    found = report_of(raytrail, asked, data)

    assert (found["totals"]["requests"], found["logins"]["total"]) == (12, 3)
    [_, inferred] = found["who"]["person"]["names"]
    assert (inferred["name"], inferred["grade"]) == (other, "inferred")


def test_the_evidence_is_told_in_words(raytrail: Command, data: Path) -> None:
    ended = raytrail("report", "--user", NAME, "--data", data)

    assert f'also under "{MAIL}", {EVIDENCE}: 0 requests, 3 logins' in " ".join(
        ended.stdout.split()
    )


def test_the_list_of_people_has_the_pair(raytrail: Command, data: Path) -> None:
    ended = raytrail("people", "--data", data, "--json")

    people = [json.loads(line) for line in ended.stdout.splitlines()]
    assert {"inferred"} == {
        name["grade"] for person in people for name in person["names"] if name["grade"] != "asked"
    }
    assert {name["name"] for person in people for name in person["names"]} == {MAIL, NAME}


def test_a_trail_under_the_login_name_has_the_requests(raytrail: Command, data: Path) -> None:
    ended = raytrail("trail", "--user", MAIL, "--data", data, "--json")

    assert len(ended.stdout.splitlines()) == 12


def test_exactly_asks_for_one_name_only(raytrail: Command, data: Path) -> None:
    found = report_of(raytrail, NAME, data, "--exactly")

    assert (found["totals"]["requests"], found["logins"]["total"]) == (12, 0)


def test_a_pair_that_is_unlinked_is_two_people(raytrail: Command, data: Path) -> None:
    raytrail("people", "unlink", NAME, MAIL, "--data", data)

    assert report_of(raytrail, NAME, data)["logins"]["total"] == 0


def test_a_question_keeps_what_it_inferred_for_the_next(raytrail: Command, data: Path) -> None:
    with Store.open(data, Clock()) as store:
        before = known_inference.inference(store.layout)
        report_of(raytrail, NAME, data)
        after = known_inference.inference(store.layout)

    assert before.judged_at is None
    assert [(each.login_name, each.request_name) for each in after.pairs] == [(MAIL, NAME)]


def test_a_question_is_answered_though_the_store_cannot_be_written(
    raytrail: Command, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_: object, **__: object) -> None:
        raise StoreBusy("the catalog is locked")

    monkeypatch.setattr(Store, "open", busy)

    assert report_of(raytrail, NAME, data)["logins"]["total"] == 3


@pytest.fixture
def left(data: Path) -> Path:
    """The person logs out on the third day, and goes on without a login."""
    facts = {"AppDomain": HOST, "IPAddress": ADDRESS, "Email": MAIL}
    with Store.open(data, Clock(), IntakeLimits(reserve=NO_RESERVE)) as store:
        logout = login(Action="logout", CreatedAt="2026-11-23T09:02:30Z", RayID="9c99", **facts)
        send(store, gzipped(ndjson(logout)), "access_requests")
        load(store)
    return data


def test_findings_of_everybody_know_the_inferred_names(raytrail: Command, left: Path) -> None:
    ended = raytrail("findings", "--data", left, "--since", "2026-11-23", "--json")

    found = [json.loads(line) for line in ended.stdout.splitlines()]
    assert [each["evidence"] for each in found if each["rule"] == "after_logout"] == [["9b234"]]


def test_a_statement_in_sql_knows_the_inferred_names(raytrail: Command, left: Path) -> None:
    statement = "SELECT user_id FROM findings('2026-11-23') WHERE rule = 'after_logout'"
    ended = raytrail("sql", statement, "--data", left, "--json")

    assert [json.loads(line) for line in ended.stdout.splitlines()] == [{"user_id": NAME}]
