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

# What the records of this folder say, in one column of an answer.
EXPECTED: dict[str, tuple[str, list[str | int]]] = {
    "Who opened `/admin/*` last week?": ("user_id", ["srhea"]),
    "What was refused to a person, and why?": ("why", ["block"]),
    "From which countries does a person come, and since when?": ("country", ["gb", "us"]),
    "Who shares an address?": ("ip", ["192.0.2.17", "198.51.100.4"]),
    "Which downloads were the largest?": ("total_bytes", [100_000_000, 54_000_000, 70_000]),
    "What did a person change?": ("method", ["POST", "DELETE"]),
    "Which service tokens were used, from where?": ("logins", [2]),
    "Who saw this object?": ("user_id", ["srhea", "SRHEA", "visitor"]),
    "Which two people were in one session?": ("other", ["srhea"]),
    "Which names have the most spellings?": ("name", ["srhea"]),
    "Which records of a person are in other datasets?": ("action", ["token_create"]),
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


@pytest.mark.parametrize("question", EXPECTED)
def test_an_answer_is_what_the_records_say(answer: Answer, question: str) -> None:
    column, values = EXPECTED[question]

    assert [row[column] for row in answer(question)[0]] == values


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_question_has_equal_rows_after_compaction(
    merged: Ways, answer: Answer, question: str
) -> None:
    rows, _ = merged.in_shell(QUESTIONS[question], ZONES_OF[question][1])

    assert rows == answer(question)[0]


# In the suite that installs it.
@pytest.mark.slow
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
