"""RAYTRAIL_PATH_TEMPLATES decides path templates in every answer that shows or compares them."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from store.store import Store
from tests.command import Command
from tests.factories import gzipped, load, ndjson, record, send

LINES = "# the wiki\nwiki.example.com /display/{space}/{title}\n"
TEMPLATE = "/display/{space}/{title}"


@pytest.fixture
def data(store: Store) -> Path:
    """Two pages of the wiki, each on a day of its own, and one of another host."""
    yesterday = {"EdgeStartTimestamp": "2026-11-19T09:00:00Z", "EdgeEndTimestamp": None}
    wiki = {"ClientRequestHost": "wiki.example.com", "EdgeResponseContentType": "text/html"}
    records = [
        record(**wiki, **yesterday, ClientRequestPath="/display/HR/Salaries"),
        record(**wiki, ClientRequestPath="/display/IT/Passwords"),
        record(ClientRequestHost="jira.example.com", ClientRequestPath="/display/HR/7"),
    ]
    send(store, gzipped(ndjson(*records)))
    load(store)
    return store.layout.root


@pytest.fixture
def configure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    def write(lines: str) -> Path:
        path = tmp_path / "templates.txt"
        path.write_text(lines, encoding="utf-8")
        monkeypatch.setenv("RAYTRAIL_PATH_TEMPLATES", str(path))
        return path

    return write


def test_trail_and_sql_show_the_configured_templates(
    raytrail: Command, data: Path, configure: Callable[[str], Path]
) -> None:
    asked = ("trail", "--user", "srhea", "--data", data, "--json")
    statement = "select distinct path_template from requests order by all"

    def templates() -> list[str]:
        rows = [json.loads(line) for line in raytrail(*asked).stdout.splitlines()]
        told = raytrail("sql", statement, "--data", data, "--json").stdout.splitlines()
        found = sorted({row["path_template"] for row in rows})
        assert [json.loads(line)["path_template"] for line in told] == found
        return found

    before = templates()
    configure(LINES)

    assert before == ["/display/HR/Salaries", "/display/HR/{number}", "/display/IT/Passwords"]
    assert templates() == ["/display/HR/{number}", TEMPLATE]


def test_visitors_of_a_configured_template_are_found(
    raytrail: Command, data: Path, configure: Callable[[str], Path]
) -> None:
    asked = ("visitors", "wiki.example.com", TEMPLATE, "--data", data, "--json")

    before = json.loads(raytrail(*asked).stdout)["requests"]
    configure(LINES)

    assert (before, json.loads(raytrail(*asked).stdout)["requests"]) == (0, 2)


def test_a_comparison_compares_configured_templates(
    raytrail: Command, data: Path, configure: Callable[[str], Path]
) -> None:
    days = ("--since", "2026-11-20", "--until", "2026-11-20")
    asked = ("compare", "srhea", *days, "--with-since", "2026-11-19", "--data", data, "--json")

    before = raytrail(*asked).stdout
    configure(LINES)
    after = raytrail(*asked).stdout

    assert "wiki.example.com/display/IT/Passwords" in before
    assert "wiki.example.com/display/IT/Passwords" not in after


@pytest.mark.parametrize(
    "words",
    [
        ("report", "--user", "srhea"),
        ("trail", "--user", "srhea"),
        ("sql", "select 1"),
        ("visitors", "wiki.example.com"),
        ("compare", "srhea", "--since", "2026-11-20"),
        ("explain", "8e2dd1ba1c5f9a3b"),
    ],
)
def test_a_wrong_line_is_named_by_every_question(
    raytrail: Command, data: Path, configure: Callable[[str], Path], words: tuple[str, ...]
) -> None:
    path = configure(f"{LINES}wiki.example.com display\n")

    ended = raytrail(*words, "--data", data)

    assert ended.returncode != 0
    sentence = f"RAYTRAIL_PATH_TEMPLATES: {path}, line 3: the template does not begin with /"
    assert sentence in ended.stderr
