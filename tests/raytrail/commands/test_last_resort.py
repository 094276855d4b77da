"""`raytrail sql` ends where DuckDB takes more memory or time than it was given."""

import mmap
import resource
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from queries.engine import open_engine
from queries.errors import QueryFailed
from queries.limits import Limits
from queries.statements import duckdb_errors
from raytrail.commands.questions.last_resort import bounded_memory
from store.store import Store
from tests.command import Command

# One call that takes seconds, which no interrupt ends.
LONG = "select levenshtein(repeat('ab', 12000), repeat('ba', 12000))"


@pytest.mark.parametrize(
    "statement", ["select len(repeat('x', 4200000000))", "select list_sum(range(2000000000))"]
)
def test_one_long_value_gets_no_more_memory_than_all_others(
    raytrail: Command, store: Store, statement: str
) -> None:
    before = resource.getrlimit(resource.RLIMIT_DATA)

    refused = raytrail("sql", statement, "--data", str(store.layout.root))

    assert refused.returncode == 2
    assert "needs more memory" in refused.stderr
    assert resource.getrlimit(resource.RLIMIT_DATA) == before


def test_a_lower_limit_of_the_process_stays() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    with bounded_memory(4 * 1024**3):
        lower = resource.getrlimit(resource.RLIMIT_DATA)[0]
        with bounded_memory(8 * 1024**3):
            assert resource.getrlimit(resource.RLIMIT_DATA)[0] == lower
        assert resource.getrlimit(resource.RLIMIT_DATA)[0] == lower
    assert resource.getrlimit(resource.RLIMIT_DATA) == (soft, hard)


def test_a_process_that_holds_much_may_still_start_threads(raytrail: Command, store: Store) -> None:
    held = mmap.mmap(-1, 5 * 1024**3, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)

    answered = raytrail("sql", "select 17 as x", "--data", str(store.layout.root))

    held.close()
    assert (answered.returncode, "17" in answered.stdout) == (0, True), answered.stderr


def test_a_call_that_no_interrupt_ends_is_noticed(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(duckdb_errors, "OVERDUE_SECONDS", 0.05)
    noticed = threading.Event()

    with open_engine(store.snapshot(), Limits(seconds=0.05)) as engine:
        engine.when_overdue = noticed.set
        with pytest.raises(QueryFailed, match="stopped after"):
            list(engine.run(LONG, {}, QueryFailed).rows)

    assert noticed.is_set()


def test_the_process_ends_and_says_why(tmp_path: Path) -> None:
    code = "from raytrail.commands.questions.last_resort import end_overdue; end_overdue()"

    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=tmp_path
    )

    assert ended.returncode == 2
    assert ended.stderr == (
        "raytrail: the statement did not stop at its limit of time; ask for less\n"
    )
