"""Who finds which edit of the data folder, as the table in docs/durability.md says it."""

import shutil
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import orjson
import pytest

from tests.command import Command
from tests.faults import edits
from tests.faults.damaged import DAYS, QUILL

# The reader that compares pages and footers is built.
IS_NATIVE = find_spec("native._native") is not None

PAGE = Path(__file__).parents[2] / "docs" / "durability.md"
TITLE = "## Who finds which edit"


def _rows() -> dict[str, list[str]]:
    section = PAGE.read_text(encoding="utf-8").partition(TITLE)[2].partition("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("| ")][1:]
    cells = ([cell.strip() for cell in line.strip("|").split("|")] for line in lines)
    return {edit: found for edit, *found in cells}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("edits")
    edits.make(place / "data", place / "earlier")
    shutil.copytree(place / "data", place / "whole", symlinks=True)
    return place


@pytest.fixture
def root(whole: Path) -> Iterator[Path]:
    """The store at one path, because `audit.duckdb` answers only there."""
    root = whole / "data"
    shutil.rmtree(root)
    shutil.copytree(whole / "whole", root, symlinks=True)
    yield root
    shutil.rmtree(whole / "backup", ignore_errors=True)


def _expected(edit: str) -> list[str]:
    usual, deep, all_rows, one_person, *upkeep = _rows()[edit]
    return [usual, deep, all_rows, one_person if IS_NATIVE else all_rows, *upkeep]


QUESTIONS = {
    "all rows": ("sql", "SELECT RayID FROM http_requests ORDER BY RayID"),
    "one person": ("trail", "--user", QUILL, "--since", DAYS[0]),
}
RAYS = {
    "all rows": [f"{day}-{hour}" for day in DAYS for hour in (0, 1, 2)],
    "one person": [f"{day}-{hour}" for day in DAYS for hour in (0, 2)],
}


def _answer(raytrail: Command, root: Path, question: str) -> str:
    """`right`, `wrong` without a word, or `refused`."""
    status, rows, _ = raytrail(*QUESTIONS[question], "--json", "--data", root)
    if status:
        return "refused"
    found = [orjson.loads(row) for row in rows.splitlines()]
    rays = sorted(row.get("RayID") or row["ray_id"] for row in found)
    return "right" if rays == RAYS[question] else "wrong"


def _found(raytrail: Command, root: Path, *options: str) -> str:
    status, _, _ = raytrail("fsck", "--data", root, *options)
    return {0: "no", 1: "yes"}.get(status, "refused")


def _backup(raytrail: Command, root: Path) -> str:
    status, _, _ = raytrail("backup", root.with_name("backup"), "--data", root)
    if not status:
        return "ok"
    return "left out" if (root.with_name("backup") / "backup.sqlite").exists() else "refused"


def _repaired(raytrail: Command, root: Path) -> str:
    """`yes` if nothing is left of what was found, and both answers are right."""
    status, _, _ = raytrail("fsck", "--repair", "--data", root)
    return "no" if status or _answers(raytrail, root) != ["right", "right"] else "yes"


def _answers(raytrail: Command, root: Path) -> list[str]:
    return [_answer(raytrail, root, each) for each in QUESTIONS]


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("raytrail.commands.upkeep.fsck.PAUSE_SECONDS", 0.0)


def test_a_store_that_nobody_edited_is_whole(root: Path, raytrail: Command) -> None:
    assert _found(raytrail, root, "--deep") == "no"
    assert _answers(raytrail, root) == ["right", "right"]


@pytest.mark.parametrize("edit", edits.EDITS)
def test_an_edit_is_found_as_the_page_says(edit: str, root: Path, raytrail: Command) -> None:
    edits.EDITS[edit](root)

    usual = _found(raytrail, root)
    deep = _found(raytrail, root, "--deep") if usual == "no" else usual
    found = [usual, deep, *_answers(raytrail, root), _backup(raytrail, root)]
    found.append(_repaired(raytrail, root) if usual == "yes" else "no")

    assert found == _expected(edit)


def test_the_page_and_the_edits_name_the_same() -> None:
    assert list(_rows()) == list(edits.EDITS)
