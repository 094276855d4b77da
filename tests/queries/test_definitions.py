"""What analysts have in the place of a line of a definition stands in for a line that is there."""

import pytest

from queries.definitions import (
    CONFIGURED,
    HAD_BY_ANALYSTS,
    HELP,
    NO_HELP,
    NO_RULES,
    shared_statements,
    sql_of,
)

REPLACED = [
    (CONFIGURED, NO_RULES),
    (HELP, NO_HELP),
    *((name, usual) for name, lines in HAD_BY_ANALYSTS.items() for usual in lines),
]


@pytest.mark.parametrize(("name", "usual"), REPLACED)
def test_a_line_that_is_replaced_stands_once_in_its_definition(name: str, usual: str) -> None:
    assert sql_of(f"definitions/{name}").count(usual) == 1


@pytest.mark.parametrize("name", HAD_BY_ANALYSTS)
def test_analysts_have_the_other_line_and_our_questions_the_usual_one(name: str) -> None:
    written = sql_of(f"definitions/{name}")
    replaced = written
    for usual, other in HAD_BY_ANALYSTS[name].items():
        replaced = replaced.replace(usual, other)

    assert replaced != written
    assert replaced in set(shared_statements(is_for_analyst=True))
    assert written in set(shared_statements(is_for_analyst=False))
