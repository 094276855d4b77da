"""The demo's report, byte for byte: what a person sees changes only on purpose.

`python tests/queries/test_golden.py` writes the golden file anew.
"""

import io
import sys
from dataclasses import replace
from pathlib import Path

from queries.engine import open_engine
from queries.findings.question import NotJudged, judge
from queries.outputs.terminal import make_console
from queries.outputs.terminal_report import show_report
from queries.period import ALWAYS
from queries.report.assembly import report
from queries.report.model import Report
from queries.report.page_one.rules import findings_of
from raytrail.commands.questions.asked import Asked
from raytrail.demo.run import USER, samples
from store.files.layout import Layout
from store.intake.limits import IntakeLimits
from store.store import Store
from tests.factories import NO_RESERVE, Clock, send

ROOT = Path(__file__).parents[2]
GOLDEN = ROOT / "tests" / "golden" / "report-srhea.txt"
COLUMNS = 130


def shown(folder: Path) -> str:
    """Srhea's report over the demo's batches, received when the clock stood still."""
    with Store.create(folder, Clock(), IntakeLimits(reserve=NO_RESERVE)) as store:
        for sample in samples():
            send(store, sample.body, sample.dataset)
        loader = store.loader()
        while loader.load_next():
            pass
        person = Asked(Layout(folder), USER, ALWAYS, frozenset()).person()
        with open_engine(store.snapshot()) as engine:
            found = report(engine, person)
            assert isinstance(found, Report)
            told = judge(engine, ALWAYS, list(person.users))
            not_judged = NotJudged(
                learning=told.learning, without=tuple(told.unjudged), until=engine.snapshot.taken_at
            )
            found = replace(found, findings=findings_of(list(told.found), not_judged))
            page = io.StringIO()
            show_report(found, make_console(page, columns=COLUMNS))
    return "\n".join(line.rstrip() for line in page.getvalue().splitlines()) + "\n"


def test_the_report_is_the_golden_one(tmp_path: Path) -> None:
    assert shown(tmp_path / "data") == GOLDEN.read_text(encoding="utf-8")


if __name__ == "__main__":
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        GOLDEN.write_text(shown(Path(folder) / "data"), encoding="utf-8")
    sys.exit(0)
