"""Questions on a terminal harm it in no format, and wrong options are refused in a sentence."""

import json
import os
import sys
import unicodedata
from pathlib import Path

import pytest

from queries.escape import OBEYED_BY_TERMINALS
from raytrail.cli import main
from store.store import Store
from tests.command import Command
from tests.factories import gzipped, load, ndjson, record, send

# A sequence of a terminal in seven and in eight bits, a delete, text that runs backwards, and a
# format character past U+FFFF.
HOSTILE = "/\x1b[31m\x9b31m\x7f\u202egnp.exe\U000e0001"
RETURN = "\r\n"


@pytest.fixture
def asked(store: Store) -> Path:
    send(store, gzipped(ndjson(record(ClientRequestURI=HOSTILE, ClientRequestReferer=HOSTILE))))
    load(store)
    return store.layout.root


def on_a_terminal(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> str:
    """What the command writes if its standard output is a terminal."""
    ours, theirs = os.openpty()
    with os.fdopen(theirs, "w", encoding="utf-8") as terminal, monkeypatch.context() as patch:
        patch.setattr(sys, "stdout", terminal)
        patch.setattr(sys, "argv", ["raytrail", *arguments])
        with pytest.raises(SystemExit):
            main()
        terminal.flush()
        return os.read(ours, 2**16).decode()


@pytest.mark.parametrize(
    "arguments",
    [
        ("trail", "--user", "srhea", "--csv"),
        ("trail", "--user", "srhea", "--json"),
        ("sql", "--json", "SELECT ClientRequestURI AS uri FROM http_requests"),
    ],
)
def test_logged_text_has_no_effect_on_a_terminal(
    asked: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    text = on_a_terminal(monkeypatch, *arguments, "--data", str(asked))

    obeyed = {each for each in text if unicodedata.category(each) in OBEYED_BY_TERMINALS}
    assert obeyed <= set(RETURN)
    assert "\\u001b[31m" in text
    if "--json" in arguments:
        assert json.loads(text)["uri"] == HOSTILE


def test_text_in_a_file_is_not_changed(raytrail: Command, asked: Path) -> None:
    line = raytrail("trail", "--user", "srhea", "--json", "--data", asked).stdout

    assert "\u202e" in line
    assert json.loads(line)["uri"] == HOSTILE


@pytest.mark.parametrize("minutes", ["0", "-1", "nan", "inf", "1e300"])
def test_a_pause_between_sessions_that_is_none_is_refused(
    raytrail: Command, asked: Path, minutes: str
) -> None:
    """Zero was taken for the default."""
    words = ("report", "--user", "srhea", "--data", asked, f"--session-minutes={minutes}")

    ended = raytrail(*words)

    assert ended.returncode == 2
    assert "--session-minutes" in ended.stderr
    assert "above 0" in ended.stderr


def test_a_report_cannot_be_saved_into_a_file(
    raytrail: Command, asked: Path, tmp_path: Path
) -> None:
    place = tmp_path / "report"
    place.write_text("mine")
    words = ("report", "--user", "srhea", "--data", asked, "--save")

    onto, below = raytrail(*words, place), raytrail(*words, place / "deeper")

    assert (onto.returncode, below.returncode) == (2, 2)
    assert "this is a file; name a folder" in onto.stderr
    assert "Not a directory" in below.stderr
    assert place.read_text() == "mine"


def test_a_report_cannot_be_saved_where_nothing_can_be_written(
    raytrail: Command, asked: Path
) -> None:
    ended = raytrail("report", "--user", "srhea", "--data", asked, "--save", "/proc/reports")

    assert ended.returncode == 2
    assert "--save /proc/reports: no folder can be made" in ended.stderr


def test_a_step_of_a_session_past_midnight_has_its_date(raytrail: Command, store: Store) -> None:
    times = ("2026-11-20T23:58:00Z", "2026-11-21T00:01:00Z")
    pages = [
        record(EdgeStartTimestamp=time, RayID=f"{place}", ClientRequestURI=f"/page-{place}")
        for place, time in enumerate(times)
    ]
    send(store, gzipped(ndjson(*pages)))
    load(store)

    text = raytrail("report", "--user", "srhea", "--data", store.layout.root).stdout

    [before] = [line for line in text.splitlines() if "/page-0" in line and "23:58:00" in line]
    [after] = [line for line in text.splitlines() if "/page-1" in line and "00:01:00" in line]
    assert "2026-11-20 23:58" not in before
    assert "2026-11-21 00:01:00" in after


@pytest.mark.parametrize("command", ["report", "trail"])
def test_an_unknown_person_ends_with_status_1(raytrail: Command, asked: Path, command: str) -> None:
    ended = raytrail(command, "--user", "nobody", "--data", asked)

    assert ended.returncode == 1
    assert "No request and no login has exactly this name" in ended.stdout + ended.stderr


def test_a_saved_report_says_how_it_was_made(
    raytrail: Command, asked: Path, tmp_path: Path
) -> None:
    words = ("--period", "2026-11", "--time-zone", "Europe/Prague", "--by", "anna", "--case", "17")
    changing = ("--session-minutes", "15", "--exactly", "--without-damaged")

    ended = raytrail(
        "report",
        "--user",
        "srhea",
        *words,
        *changing,
        "--save",
        tmp_path / "saved",
        "--csv-raw",
        "--data",
        asked,
    )

    assert ended.returncode == 0, ended.stderr
    [told] = (tmp_path / "saved").glob("srhea-*-2026-11-01-to-2026-11-30.json")
    report = json.loads(told.read_text(encoding="utf-8"))
    question = (
        "raytrail report --user srhea --period 2026-11 --time-zone Europe/Prague"
        " --session-minutes 15.0 --exactly --without-damaged"
    )
    made = report["made"]
    assert (made["question"], made["by"], made["case"]) == (question, "anna", "17")
    assert made["version"]
    assert report["asked"]["since"] == "2026-10-31T23:00:00.000000Z"
    assert report["coverage"]["digest"]
    assert "listed" in report["findings"]
    saved = {path.suffix for path in (tmp_path / "saved").iterdir()}
    assert saved == {".html", ".csv", ".json", ".parquet"}


def test_a_misspelt_zone_is_refused_by_name(
    raytrail: Command, asked: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = raytrail("report", "--user", "srhea", "--time-zone", "Prague", "--data", asked)
    assert ended.returncode == 2
    assert "unknown time zone 'Prague'" in ended.stderr

    monkeypatch.setenv("RAYTRAIL_TIME_ZONE", "Europe/Nowhere")
    ended = raytrail("report", "--user", "srhea", "--data", asked)
    assert ended.returncode == 3
    assert "RAYTRAIL_TIME_ZONE: unknown time zone 'Europe/Nowhere'" in ended.stderr


def test_a_pdf_needs_a_folder(raytrail: Command, asked: Path) -> None:
    ended = raytrail("report", "--user", "srhea", "--pdf", "--data", asked)

    assert ended.returncode == 2
    assert "--pdf: name a folder for it with --save" in ended.stderr
