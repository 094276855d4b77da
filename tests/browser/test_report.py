"""The demo's report in a real Chromium: axe-core finds no barrier for people with disabilities."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from raytrail.demo.run import samples
from store.store import Store
from tests.browser import chromium
from tests.browser.chromium import Chromium
from tests.command import Command
from tests.factories import load, send

pytestmark = pytest.mark.browser

# axe-core as a package for Python ships it; `make test-browser` puts it there.
AXE = Path(__file__).parents[2] / ".venv" / "axe" / "axe_playwright_python" / "axe.min.js"

SOMEBODY_WHO_DID_MUCH = "srhea"
WIDTHS = (1280, 420)


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    program = chromium.program()
    if program is None or not AXE.exists():
        pytest.skip("NO CHROMIUM OR NO AXE-CORE: no report was checked; see `make test-browser`")
    with chromium.running(program, tmp_path_factory.mktemp("chromium"), {}, "") as running:
        yield running


def saved(raytrail: Command, store: Store, folder: Path) -> Path:
    """The demo's report of a person, with findings, in a zone that is not UTC."""
    for sample in samples():
        send(store, sample.body, sample.dataset)
    load(store)
    asked = ("--user", SOMEBODY_WHO_DID_MUCH, "--time-zone", "Europe/Prague")
    ended = raytrail("report", *asked, "--data", store.layout.root, "--save", folder)
    assert ended.returncode == 0, ended.stderr
    [page] = folder.glob("*.html")
    return page


def violations(browser: Chromium, page: Path, width: int) -> list[dict[str, Any]]:
    tab = browser.tab()
    tab.resize(width, 900)
    tab.type_address(page.as_uri())
    tab.evaluate(AXE.read_text(encoding="utf-8"))
    tab.evaluate("axe.run().then(found => { window.found = JSON.stringify(found) })")
    tab.until("window.found")
    found = json.loads(tab.evaluate("window.found"))
    tab.close()
    # That it ran, and looked at colours and tables too.
    assert {"color-contrast", "document-title"} <= {each["id"] for each in found["passes"]}
    return [
        {"rule": each["id"], "nodes": [node["html"][:200] for node in each["nodes"][:5]]}
        for each in found["violations"]
    ]


def test_axe_finds_nothing_in_the_demos_report(
    browser: Chromium, raytrail: Command, store: Store, tmp_path: Path
) -> None:
    page = saved(raytrail, store, tmp_path / "saved")

    assert {width: violations(browser, page, width) for width in WIDTHS} == {
        width: [] for width in WIDTHS
    }
