"""The twenty questions of docs/sql.md: the same rows in every shell and every zone, and whatever
files they are read from.
"""

from collections.abc import Callable
from functools import cache
from itertools import cycle

import pyarrow as pa
import pytest

from tests.queries.dialect.pages import ROOT, documents, questions
from tests.queries.dialect.ways import ZONES, Row, Ways

OLDEST = ROOT / ".venv" / "oldest" / "bin" / "duckdb"
QUESTIONS = questions(documents()["sql.md"])
Answer = Callable[[str], tuple[list[Row], pa.Schema]]

# Each question is asked in every zone, and each way of asking sees every zone.
ZONES_OF = {
    question: (ZONES[turn], ZONES[turn - 1]) for question, turn in zip(QUESTIONS, cycle(range(3)))
}


@pytest.fixture(scope="module")
def answer(unmerged: Ways) -> Answer:
    """What a shell answers, asked once."""

    @cache
    def asked(question: str) -> tuple[list[Row], pa.Schema]:
        return unmerged.in_shell(QUESTIONS[question], ZONES_OF[question][0])

    return asked


def test_the_page_asks_twenty_questions() -> None:
    assert len(QUESTIONS) == 20


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_question_has_equal_rows_in_the_shell_and_through_raytrail_sql(
    unmerged: Ways, answer: Answer, question: str
) -> None:
    rows, _ = answer(question)

    assert rows, "nothing in the store answers it"
    assert unmerged.in_engine(QUESTIONS[question]) == rows


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_question_has_equal_rows_after_compaction(
    merged: Ways, answer: Answer, question: str
) -> None:
    rows, _ = merged.in_shell(QUESTIONS[question], ZONES_OF[question][1])

    assert rows == answer(question)[0]


@pytest.mark.timeout(300)
@pytest.mark.parametrize("zone", ZONES)
def test_the_oldest_duckdb_gives_the_same_rows(merged: Ways, answer: Answer, zone: str) -> None:
    if not OLDEST.exists():
        pytest.skip("NO OLD DUCKDB: `make test-faults` installs it; 1.4 was not tried")
    asked = [question for question, zones in ZONES_OF.items() if zone not in zones]
    schemas = {QUESTIONS[question]: answer(question)[1] for question in asked}

    found = merged.in_oldest(OLDEST, schemas, zone)

    for question in asked:
        assert found[QUESTIONS[question]] == answer(question)[0], question
