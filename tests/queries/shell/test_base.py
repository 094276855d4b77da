"""An `audit.duckdb` that is made from the base answers like one in which everything was defined."""

import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from queries.definitions import configured_statements
from queries.path_templates import TemplateRule
from queries.shell_content import SHELL_CONTENT
from raytrail.commands.questions.shell import duckdb_program
from store.reading import views
from store.reading.shell import file_writing
from store.reading.shell.content import WithFacts
from store.reading.shell.file_writing import Wanted
from store.reading.shell.published import definitions_of
from store.reading.snapshot import Snapshot
from store.store import Store
from tests.factories import Clock, gzipped, load, ndjson, old_store, record, send
from tests.queries.shell.records import RECORDS
from tests.store.catalog.test_user_facts import merge, on
from tests.store.catalog.test_user_facts import send as send_on
from tests.suites import LONG_ONLY

OLDEST = Path(__file__).parents[3] / ".venv" / "oldest" / "bin" / "duckdb"
RULES = (TemplateRule("*", "/browse/{issue}"),)

TOLD = (
    "SELECT schema_name, view_name, column_count, comment FROM duckdb_views() ORDER BY ALL",
    "SELECT schema_name, table_name, column_name, data_type, comment FROM duckdb_columns() ORDER BY ALL",
    "SELECT schema_name, function_name, parameters, comment FROM duckdb_functions() ORDER BY ALL",
    "SELECT columns(*)::VARCHAR FROM (SELECT * EXCLUDE (age) FROM snapshot)",
)


def records(store: Store) -> Snapshot:
    for dataset, sent in RECORDS.items():
        send(store, gzipped(ndjson(*sent)), dataset)
    send(store, gzipped(ndjson({"a": 1})), "brand_new")
    load(store)
    return store.snapshot()


def damaged(store: Store) -> Snapshot:
    records(store)
    [gone] = store.layout.part_folder("access_requests", "2026-11-20").iterdir()
    gone.unlink()
    send(store, gzipped(ndjson(record(RayID="8f0e1d2c3b4a5999"))))
    load(store)
    return store.snapshot()


def of_another_program(store: Store) -> Snapshot:
    """A type of a column is another one, and there is one column more."""
    records(store)
    folder = store.layout.part_folder("http_requests", "2026-11-21")
    folder.mkdir()
    pq.write_table(pa.table({"EdgeColoID": [1.5], "Strange": [7]}), folder / "1.parquet")
    taken = store.snapshot()
    others = (*taken.files["http_requests"], folder / "1.parquet")
    return replace(taken, files={**taken.files, "http_requests": others})


CASES = (damaged, of_another_program)


@pytest.fixture(params=[*CASES, None], ids=lambda case: case.__name__ if case else "of version 0.1")
def taken(
    request: pytest.FixtureRequest, empty_store: Path, tmp_path: Path
) -> Iterator[tuple[Store, Snapshot]]:
    case: Callable[[Store], Snapshot] | None = request.param
    if case is None:
        with Store.open(old_store(tmp_path / "old"), Clock()) as store:
            yield store, store.snapshot()
        return
    store = request.getfixturevalue("store")
    yield store, case(store)


def define_without_base(store: Store, snapshot: Snapshot) -> None:
    content = content_of()
    wanted = Wanted.of(store.layout, snapshot, content, None)
    # Beside a log of that name DuckDB writes nothing.
    made = store.layout.root / "made.duckdb"
    file_writing.define(made, wanted, wanted.script)
    made.replace(store.layout.audit)


def content_of() -> WithFacts:
    return WithFacts(SHELL_CONTENT, (), configured_statements(RULES))


def told(audit: Path) -> list[object]:
    with duckdb.connect(str(audit), read_only=True) as shell:
        return [definitions_of(shell), *(shell.execute(each).fetchall() for each in TOLD)]


def asked(audit: Path) -> list[str]:
    """All of every view, and the example of every macro."""
    with duckdb.connect(str(audit), read_only=True) as shell:
        names = shell.execute("SHOW TABLES").fetchall()
        examples = shell.execute("SELECT example FROM help() WHERE kind <> 'dataset'").fetchall()
    everything = [*(f'FROM "{name}"' for (name,) in names), *(each for (each,) in examples)]
    return [f"SELECT columns(*)::VARCHAR FROM ({each}) ORDER BY ALL" for each in everything]


def answers(program: str, audit: Path) -> tuple[str, str]:
    """Those and the errors of a DuckDB of another version."""
    command = [program, "-readonly", "-csv", str(audit)]
    # The age of the snapshot is another each time. A statement of this input may fail.
    statements = "".join(f"{each};\n" for each in asked(audit) if "snapshot" not in each)
    done = subprocess.run(command, input=statements, capture_output=True, text=True, check=False)
    return done.stdout, done.stderr


def test_the_file_has_what_one_has_in_which_everything_was_defined(
    taken: tuple[Store, Snapshot],
) -> None:
    store, snapshot = taken
    views.publish(store.layout, snapshot, content_of())
    from_base = told(store.layout.audit)

    define_without_base(store, snapshot)

    assert from_base == told(store.layout.audit)


def test_other_habits_come_into_a_new_file_with_the_definitions_of_the_last(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    send_on(store, on("2026-11-20T09:00:00", "ada"))
    merge(store)
    views.publish(store.layout, store.snapshot(), content_of())
    send_on(store, on("2026-11-21T09:00:00", "bob", "2"))
    merge(store)

    with monkeypatch.context() as patch:
        patch.delattr(file_writing, "_based")
        views.publish(store.layout, store.snapshot(), content_of())
    from_last = told(store.layout.audit), habits(store.layout.audit)

    define_without_base(store, store.snapshot())

    assert {name for name, *_ in from_last[1]} == {"ada", "bob"}
    assert from_last == (told(store.layout.audit), habits(store.layout.audit))


def habits(audit: Path) -> list[tuple[object, ...]]:
    with duckdb.connect(str(audit), read_only=True) as shell:
        return shell.execute("FROM rules.habits(TIMESTAMP '2027-03-01') ORDER BY ALL").fetchall()


# The oldest is the strictest of all.
@pytest.mark.large
@pytest.mark.parametrize("program", ["oldest", pytest.param("shipped", marks=LONG_ONLY)])
def test_every_answer_of_another_duckdb_is_that_of_such_a_file(
    taken: tuple[Store, Snapshot], program: str
) -> None:
    if program == "oldest" and not OLDEST.exists():
        pytest.skip("NO OLD DUCKDB: `make test-faults` installs it; 1.4 was not tried")
    path = str(OLDEST) if program == "oldest" else duckdb_program()
    store, snapshot = taken
    views.publish(store.layout, snapshot, content_of())
    from_base = answers(path, store.layout.audit)

    define_without_base(store, snapshot)

    assert "srhea" in from_base[0]
    assert from_base == answers(path, store.layout.audit)
