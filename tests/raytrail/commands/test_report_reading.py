"""How often a report reads what it tells of: to fold and to grade requests is most of its work."""

import re
from pathlib import Path
from typing import Any

import pytest

from queries.engine_definitions import EngineDefinitions
from raytrail.demo.run import samples
from store.store import Store
from tests.command import Command
from tests.factories import load, send

# A statement that folds requests, of whichever macro.
FOLDING = re.compile(
    r"\b(unfolded_requests_where|requests_under|requests_where|rules\.acts|folds_of)\("
)


@pytest.fixture
def data(store: Store) -> Path:
    for sample in samples():
        send(store, sample.body, sample.dataset)
    load(store)
    return store.layout.root


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The statements that engines were asked."""
    asked = list[str]()
    make_for = EngineDefinitions.make_for

    def noted(self: EngineDefinitions, statement: str, *views: Any) -> None:
        asked.append(statement)
        make_for(self, statement, *views)

    monkeypatch.setattr(EngineDefinitions, "make_for", noted)
    return asked


def folded(statements: list[str]) -> list[str]:
    return [each for each in statements if FOLDING.search(re.sub(r"--[^\n]*", "", each))]


def test_a_saved_report_with_findings_folds_the_requests_of_its_person_once(
    raytrail: Command, data: Path, tmp_path: Path, statements: list[str]
) -> None:
    ended = raytrail("report", "--user", "srhea", "--data", data, "--save", tmp_path / "saved")

    assert ended.returncode == 0
    assert re.search("km/h", ended.stdout)
    [once] = folded(statements)
    assert "unfolded_requests_where" in once


def test_findings_of_a_period_with_a_beginning_look_further_back_than_the_report(
    raytrail: Command, data: Path, statements: list[str]
) -> None:
    raytrail("report", "--user", "srhea", "--data", data, "--since", "2026-11-18")

    assert ["rules.acts(" in each for each in folded(statements)] == [False, True]
