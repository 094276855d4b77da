"""Mutants are where they should be, and a test that fails on one is told from one that does not."""

import random
import subprocess
import textwrap
from pathlib import Path

import pytest

from tests.mutation import native
from tests.mutation.checkout import Killed, Survived, checkout_of
from tests.mutation.mutant import Mutant
from tests.mutation.python_mutants import python_mutants
from tests.mutation.sample import drawn, product_files
from tests.mutation.selection import Reach, stages
from tests.mutation.sql_mutants import sql_mutants


def changed(mutants: list[Mutant], source: str) -> set[tuple[str, str]]:
    """The kind of each mutant, and its whole text in one line."""
    return {
        (each.kind, " ".join(each.applied_to(source.encode()).decode().split())) for each in mutants
    }


@pytest.mark.parametrize(
    ("source", "kind", "after"),
    [
        ("x = a <= b", "comparison flipped", "x = a < b"),
        ("x = ä is  not b", "comparison flipped", "x = ä is b"),
        ("x = a and b or c", "and/or swapped", "x = a or b or c"),
        ("x = not a", "not dropped", "x = a"),
        ("x = True", "true/false swapped", "x = False"),
        ("x = 3", "number + 1", "x = 4"),
        ("x = 'a'", "text emptied", "x = ''"),
        ("x = b'a'", "text emptied", "x = b''"),
        ("def f(): return g()", "return emptied", "def f(): return None"),
        ("f()", "call dropped", "pass"),
        ("if a: b = c", "if forced", "if False: b = c"),
        ("x = [a for a in b if a]", "filter dropped", "x = [a for a in b if True]"),
        ("raise a", "raise dropped", "pass"),
    ],
)
def test_a_place_of_python_becomes_another(source: str, kind: str, after: str) -> None:
    assert (kind, after) in changed(python_mutants("a.py", source.encode()), source)


def test_a_handler_is_emptied_and_words_for_people_are_left_alone() -> None:
    source = 'try:\n    a()\nexcept E:\n    b()\n"""said"""\nx: "int" = f"{y}"\n'

    found = python_mutants("a.py", source.encode())

    assert [(each.kind, each.line) for each in found] == [
        ("call dropped", 2),
        ("handler emptied", 3),
        ("call dropped", 4),
    ]


@pytest.mark.parametrize(
    ("source", "kind", "after"),
    [
        ("select a where b >= $c", "comparison flipped", "select a where b > $c"),
        ("select a where b is null", "comparison flipped", "select a where b is not null"),
        ("select a where b or c", "and/or swapped", "select a where b and c"),
        ("a union all b", "union all to union", "a union b"),
        ("select a order by b desc", "order turned", "select a order by b asc"),
        ("select a order by b limit 3", "order by dropped", "select a limit 3"),
        ("f(a order by b) c", "order by dropped", "f(a ) c"),
        ("select distinct a", "distinct dropped", "select a"),
        ("case when a then b when c then d end", "branch dropped", "case when c then d end"),
        ("a limit 3", "number + 1", "a limit 4"),
        ("x\n  and b\ny", "condition dropped", "x y"),
    ],
)
def test_a_place_of_sql_becomes_another(source: str, kind: str, after: str) -> None:
    assert (kind, after) in changed(sql_mutants("a.sql", source.encode()), source)


def test_comments_and_literals_of_sql_are_left_alone() -> None:
    assert sql_mutants("a.sql", b"-- a = 1 or b\nselect 'a = 1 or b'") == []


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A small project: one test of its room notices `+ 1`, and no test notices the text."""
    for name, text in {
        "store/code.py": "def more(n):\n    return n + 1\n\n\ndef name():\n    return 'a' or 'b'\n",
        "tests/store/test_code.py": "from store.code import name\n\ndef test_it():\n    name()\n",
        "tests/test_more.py": "from store import code\n\ndef test_it():\n    assert code.more(1) == 2\n",
        "tests/conftest.py": "from hypothesis import settings\nsettings.register_profile('quick')\n",
        "pyproject.toml": "[tool.pytest.ini_options]\nmarkers = ['slow: no']\n",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(textwrap.dedent(text))
    subprocess.run(["git", "init", "--quiet"], cwd=tmp_path, check=True)
    return tmp_path


def test_a_mutant_is_killed_by_the_nearest_test_that_fails_or_survives(checkout: Path) -> None:
    with checkout_of(checkout) as copy:
        source = (copy.root / "store/code.py").read_bytes()
        mutants = drawn(copy.root, product_files(copy.root, ["store"]), 9, random.Random(1))
        found = {(each.kind, each.line): copy.trial(each, Reach.ALL) for each in mutants}

        assert (copy.root / "store/code.py").read_bytes() == source

    assert found["number + 1", 2] == Killed("tests/test_more.py::test_it")
    assert found["return emptied", 2] == Killed("tests/test_more.py::test_it")
    assert found["and/or swapped", 6] == Survived(2)


def test_tests_of_the_same_name_come_first(checkout: Path) -> None:
    [mutant, *_] = python_mutants("store/code.py", (checkout / "store/code.py").read_bytes())

    assert list(stages(checkout, mutant, Reach.ALL)) == [
        ("tests/store/test_code.py",),
        ("tests/test_more.py",),
    ]


def test_the_same_seed_draws_the_same_mutants() -> None:
    root = Path(__file__).parents[2]
    files = product_files(root, ["store/files", "queries"])

    first, again = (drawn(root, files, 12, random.Random(5)) for _ in range(2))

    assert first == again
    assert len({each.room for each in first}) > 2


def test_a_place_of_rust_is_found_by_line_and_column(tmp_path: Path) -> None:
    (tmp_path / "native/src").mkdir(parents=True)
    (tmp_path / "native/src/a.rs").write_text("// ä\nlet ä = b < c;\n", encoding="utf-8")
    span = {"start": {"line": 2, "column": 11}, "end": {"line": 2, "column": 12}}
    found = {"file": "src/a.rs", "genre": "BinaryOperator", "replacement": "==", "span": span}

    [mutant] = native.listed([found], tmp_path)

    source = (tmp_path / mutant.file).read_bytes()
    assert mutant.described(source) == "native/src/a.rs:2: BinaryOperator: `<` -> `==`"


def test_a_room_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="no such room or file: 'attic'"):
        product_files(tmp_path, ["attic"])
