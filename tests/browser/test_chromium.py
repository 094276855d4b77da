"""A real Chromium sends for each act what the golden table says.

The kinds and grades of these requests are tested by tests/queries/requests/test_chromium.py, which
needs no browser. If a newer Chromium sends something else, look at the difference, then write the
table again: `python -m tests.browser.recording`.
"""

import pytest

from tests.browser import chromium
from tests.browser.acts import ACTS
from tests.browser.recording import Table, golden, recorded

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory) -> Table:
    program = chromium.program()
    if program is None:
        pytest.skip("NO CHROMIUM: what it sends was not compared with the golden table")
    return recorded(program, tmp_path_factory.mktemp("chromium"))


@pytest.mark.parametrize("act", [act.name for act in ACTS])
def test_chromium_sends_what_the_golden_table_says(sent: Table, act: str) -> None:
    assert sent[act] == golden()[act]
