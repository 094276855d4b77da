"""The table of faults against the tests there are: no row is missing, no name is made up."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from tests.faults.matrix import NUMBERS, ROWS

TESTS = Path(__file__).parents[1]


@cache
def names_in(file: str) -> frozenset[str]:
    """The tests of a file, by name, without running it."""
    tree = ast.parse((TESTS / file).read_text(encoding="utf-8"))
    return frozenset(
        node.name
        for node in tree.body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    )


def test_every_row_is_there_in_its_order() -> None:
    expected = [
        f"{family}{number}" for family, last in NUMBERS.items() for number in range(1, last + 1)
    ]

    assert list(ROWS) == expected


@pytest.mark.parametrize("number", ROWS)
def test_a_row_is_proved_by_tests_or_says_why_not_yet(number: str) -> None:
    row = ROWS[number]

    assert row.fault
    assert bool(row.tests) != bool(row.not_yet)
    for test in row.tests:
        file, _, name = test.partition("::")
        assert name in names_in(file), f"{number} names {test}, which is not there"


FAULT_TESTS = sorted(TESTS.glob("faults/test_faults_*.py"))


@pytest.mark.parametrize("file", FAULT_TESTS, ids=lambda file: file.stem)
def test_a_test_named_after_rows_is_named_by_them(file: Path) -> None:
    name_of_file = file.relative_to(TESTS).as_posix()
    for name in names_in(name_of_file):
        for number in rows_named_by(name):
            assert f"{name_of_file}::{name}" in ROWS[number].tests, f"{number} forgot {name}"


def rows_named_by(test: str) -> list[str]:
    """`test_k1_k2_...` names K1 and K2; `test_k2_to_k7_...` those between, too."""
    found = re.match(r"test_((?:(?:[kdbhlrcevaf]\d+|to)_)+)", test)
    words = found[1].strip("_").upper().split("_") if found else []
    if "TO" in words:
        first, last = int(words[0][1:]), int(words[2][1:])
        return [f"{words[0][0]}{number}" for number in range(first, last + 1)]
    return words


def test_names_of_tests_are_read_as_they_are_meant() -> None:
    assert rows_named_by("test_k1_k2_what_is_left") == ["K1", "K2"]
    assert rows_named_by("test_k2_to_k4_killed") == ["K2", "K3", "K4"]
    assert rows_named_by("test_a_row") == []


def test_each_row_of_the_page_on_missing_files_names_faults_with_tests() -> None:
    page = (TESTS.parent / "docs" / "durability.md").read_text(encoding="utf-8")
    section = page.partition("## When a file is missing or damaged")[2].partition("\n## ")[0]
    rows = [line for line in section.splitlines() if line.startswith("| ")][1:]

    assert rows
    for row in rows:
        numbers = row.rstrip("| ").rpartition("|")[2].split(",")
        assert all(ROWS[number.strip()].tests for number in numbers), row
