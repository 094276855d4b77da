"""A line that is read plainly means what Typer reads in it."""

import inspect
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import typer.main
from hypothesis import given
from hypothesis import strategies as st

from raytrail.command_line import plain_line
from raytrail.command_line.table import COMMANDS, GROUPS
from tests.command import app

WHOLE: Any = typer.main.get_command(app)


def by_typer(words: Sequence[str]) -> dict[str, Any]:
    """The values that Typer gives to the command of a line. Its errors are raised."""
    context, command, rest = None, WHOLE, ["raytrail", *words]
    while rest:
        context = command.make_context(rest[0], rest[1:], parent=context)
        rest = [*context._protected_args, *context.args]
        if rest:
            _, command, _ = command.resolve_command(context, rest)
    assert context is not None
    # A list without elements is None to the function of the command.
    return {name: None if value == () else value for name, value in context.params.items()}


def assert_alike(words: Sequence[str]) -> None:
    called = plain_line.read(words)
    assert called is not None

    parameters = inspect.signature(called.function).parameters.items()
    expected = {name: called.values.get(name, each.default) for name, each in parameters}
    assert by_typer(words) == expected


@pytest.mark.parametrize(
    "line",
    [
        "status",
        "status --json --data data",
        "trail --user srhea",
        "trail --user=srhea --data=/srv/raytrail --csv",
        "trail --json --since 2026-11-01 --until 7d --user-from name --exactly --host wiki:80",
        "report --user srhea --save reports --pdf --by me --case 17",
        "explain 8f0e1d2c3b4a5968 --account widgets",
        "explain --json 8f0e1d2c3b4a5968",
        "visitors wiki.example.com /display --json",
        "visitors wiki.example.com",
        "compare srhea --period 7d",
        "findings",
        "findings --user srhea --period 7d",
        "findings withdraw 42d --data data",
        "doctor --data data",
        "doctor ack stray --reason seen",
        "people --json",
        "people link srhea s.rhea@example.com",
        "hold add --reason case --user srhea --nothing-yet",
        "sql FROM(requests)",
        "erase --dry-run --data data",
    ],
)
def test_a_plain_line_is_read_as_typer_reads_it(line: str) -> None:
    assert_alike(line.split(" "))


def test_a_text_may_be_empty() -> None:
    assert_alike(["trail", "--user="])
    assert_alike(["trail", "--user", "", "--host", ""])


@pytest.mark.parametrize(
    "line",
    [
        "",
        "--help",
        "--version",
        "trial",
        "trail --help",
        "trail --nope",
        "trail --use srhea",
        "trail srhea",
        "trail --user",
        "trail --user --json",
        "trail --user -",
        "trail --user srhea --user sren",
        "trail --json --json",
        "trail --json=1",
        "trail -- --user",
        "trail --data=",
        "explain",
        "explain a b",
        "sql -- 1",
        "stray",
        "stray nope",
        "stray drop 42",
        "doctor --data data ack stray --reason seen",
        "doctor nope",
        "import a b",
        "serve --port 8080",
        "report --user srhea --session-minutes 45",
        "coverage --zone example.com",
    ],
)
def test_whatever_else_there_is_belongs_to_typer(line: str) -> None:
    assert plain_line.read(line.split()) is None


def test_a_text_that_is_not_utf8_belongs_to_typer() -> None:
    assert plain_line.read(["trail", "--user", os.fsdecode(b"sr\xffhea")]) is None
    assert plain_line.read(["stray", "drop", "42", "--reason", os.fsdecode(b"\xff")]) is None


def test_a_shell_that_completes_words_is_answered_by_typer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("_RAYTRAIL_COMPLETE", "complete_bash")

    assert plain_line.read(["status"]) is None


NAMES = [each.name for each in (*COMMANDS, *GROUPS)]
INNER = [each.name for group in GROUPS for each in group.commands]
OPTIONS = [
    *("--user", "--data", "--json", "--since", "--reason", "--host", "--exactly", "--csv", "--by"),
    *("--user=srhea", "--data=data", "--json=1", "--zone", "--port", "--check", "--nope", "--help"),
]
VALUES = ["srhea", "", "-", "--", "-x", "7d", "a b", "zoë", "=", "8080", "1.5", "x=y"]


@given(
    st.sampled_from(NAMES),
    st.lists(st.sampled_from([*INNER, *OPTIONS, *VALUES]), max_size=6),
)
@pytest.mark.properties
def test_no_line_is_read_otherwise_than_typer_would(name: str, rest: list[str]) -> None:
    if plain_line.read([name, *rest]) is not None:
        assert_alike([name, *rest])


def test_a_path_is_a_path() -> None:
    called = plain_line.read(["status", "--data", "/srv/raytrail"])

    assert called is not None
    assert called.values == {"data": Path("/srv/raytrail")}
