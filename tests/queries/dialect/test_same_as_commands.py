"""A question of docs/sql.md that a command answers too has the rows of the command."""

from pathlib import Path
from typing import Any

import orjson
import pytest
from typer.testing import CliRunner

from tests.command import app
from tests.golden_stores import ENVIRONMENT
from tests.queries.dialect.pages import documents, questions
from tests.queries.dialect.records import JIRA, REFUSED
from tests.queries.dialect.ways import Row, Ways

QUESTIONS = questions(documents()["sql.md"])


def told(loaded: Path, *command: str) -> list[Any]:
    """The objects that a command prints."""
    asked = [*command, "--json", "--data", str(loaded)]
    ended = CliRunner().invoke(app, asked, env=ENVIRONMENT)
    assert ended.exit_code == 0, ended.output
    if command[0] in {"people", "sql", "trail"}:
        return [orjson.loads(line) for line in ended.stdout.splitlines()]
    found = orjson.loads(ended.stdout)
    return found if isinstance(found, list) else [found]


def rows(ways: Ways, question: str) -> list[Row]:
    return ways.in_shell(QUESTIONS[question])[0]


def moment(text: str) -> str:
    """A time of JSON as the shell tells it."""
    short = text.removesuffix("Z").replace("T", " ")
    return short.rstrip("0").rstrip(".") if "." in short else short


def test_changes_of_a_person_are_those_of_its_trail(unmerged: Ways, loaded: Path) -> None:
    trail = told(loaded, "trail", "--user", "srhea")

    assert [list(row.values()) for row in rows(unmerged, "What did a person change?")] == [
        [moment(each["time"]), each["method"], each["host"], each["uri"], each["status"]]
        for each in trail
        if each["kind"] == "change" and each["status"] < 400
    ]


def test_the_day_of_a_person_is_that_of_its_trail(unmerged: Ways, loaded: Path) -> None:
    period = ("--since", "2026-11-20", "--until", "2026-11-20")
    trail = told(loaded, "trail", "--user", "srhea", *period)

    day = rows(unmerged, "What did a person do on one day, in order?")
    assert day == [
        {
            "event_time": moment(each["time"]),
            **{name: each[name] for name in list(day[0])[1:]},
        }
        for each in trail
        if each["folded_into"] is None
    ]


def test_who_saw_an_object_are_its_visitors(unmerged: Ways, loaded: Path) -> None:
    [found] = told(loaded, "visitors", JIRA, "/browse/EXP-7")

    seen = rows(unmerged, "Who saw this object?")
    assert [{**row, "first_seen": 0, "last_seen": 0} for row in seen] == [
        {name: 0 if name.endswith("_seen") else each[name] for name in seen[0]}
        for each in found["visitors"]
    ]


def test_who_was_here_are_the_people(unmerged: Ways, loaded: Path) -> None:
    people = told(loaded, "people")

    found = rows(unmerged, "Who was here at all?")
    assert sorted((row["name"], row["requests"], row["logins"]) for row in found) == sorted(
        (each["name"], each["requests"], each["logins"]) for each in people
    )


def test_what_is_new_is_what_a_comparison_lists(unmerged: Ways, loaded: Path) -> None:
    period = ("--since", "2026-11-18", "--until", "2026-11-24")
    [found] = told(loaded, "compare", "srhea", *period)

    new = rows(unmerged, "What is new for a person since the week before?")
    assert [
        (row["dimension"], row["value"], row["requests"])
        for row in new
        if row["dimension"] != "kind"
    ] == [
        (each["dimension"], value["value"], value["requests"])
        for each in found["differences"]
        if each["is_new"]
        for value in each["shown"]
    ]


def test_the_evidence_is_that_of_the_explanation(unmerged: Ways, loaded: Path) -> None:
    [found] = told(loaded, "explain", REFUSED)

    evidence = rows(unmerged, "Why was this request answered so?")
    [request] = [row for row in evidence if row["layer"] == "request"]
    [explained] = found["requests"]
    assert request["outcome"] == str(explained["request"]["status"])
    login = [row["event_time"] for row in evidence if row["layer"] == "login"]
    assert login == [moment(explained["login"]["seen_at"])]


@pytest.mark.parametrize("question", ["Who shares an address?", "What did a person change?"])
def test_raytrail_sql_prints_the_rows_as_json(unmerged: Ways, loaded: Path, question: str) -> None:
    printed = told(loaded, "sql", QUESTIONS[question])

    assert [
        {name: moment(value) if name == "event_time" else value for name, value in each.items()}
        for each in printed
    ] == rows(unmerged, question)
