"""The one reader: what it may read, how long it may take, and what it says when it cannot."""

import hashlib
import re
import threading
from collections.abc import Callable
from dataclasses import replace
from importlib import resources
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from queries.definition_search import definition
from queries.definitions import FOR_ANALYSTS, UNDER_ANALYSTS, shared_statements
from queries.engine import QUESTIONED, READING, Answer, Engine, open_engine
from queries.errors import PartUnreadable, QueryFailed, QueryRefused
from queries.identity.person import Person
from queries.limits import Limits
from queries.statements.duckdb_errors import explained
from queries.trail import trail
from schema.dataset import datasets
from store.files.expected_file import ExpectedFile
from store.reading.live_part import LivePart
from store.reading.snapshot import Snapshot
from tests.factories import NOW, record

Engines = Callable[..., Engine]
Snapshots = Callable[..., Snapshot]
Parts = Callable[..., Path]

# The views over requests.
VIEWS = ("requests", "page_views", "downloads", "changes")

RUNAWAY = "select count(*) from range(1000000000000) where hash(range) = 3"


def test_every_dataset_is_a_view_even_when_the_store_is_empty(engine: Engines) -> None:
    views = engine().run("show tables", {}, QueryFailed)

    shared = map(definition, shared_statements(is_for_analyst=True))
    ours = {"damaged", "rejected", "snapshot", *(each.token for each in shared if each.is_view)}
    assert {name for (name,) in views.rows} == {*datasets(), *ours}
    assert ours > {*VIEWS, "logins"}


def test_an_engine_limited_to_some_datasets_opens_no_file_of_another(
    snapshot: Snapshots, part: Parts
) -> None:
    gone = part("firewall_events", {"Action": "block"})
    gone.unlink()
    taken = snapshot([record()])
    taken = replace(taken, files={**taken.files, "firewall_events": (gone,)})

    with open_engine(taken, datasets=QUESTIONED) as asked:
        views = asked.run("show tables", {}, QueryFailed)
        assert {name for (name,) in views.rows} == {*QUESTIONED, "logins"}
        assert len(list(trail(asked, Person.only("srhea")))) == 1


def test_the_listed_datasets_are_those_that_the_questions_read() -> None:
    """An explanation of a request reads more, and so may what only analysts ask: both open their
    engine with more.
    """
    folder = Path(str(resources.files("queries"))) / "sql"
    of_analysts = {f"definitions/{name}" for name in (*UNDER_ANALYSTS, *FOR_ANALYSTS)}
    words = {
        word
        for path in folder.rglob("*.sql")
        if path.parent.name != "explanation"
        and str(path.relative_to(folder).with_suffix("")) not in of_analysts
        for line in path.read_text(encoding="utf-8").splitlines()
        for word in re.findall(r"\w+", line.partition("--")[0])
    }

    assert words & {*datasets(), "rejected"} == set(QUESTIONED)


def test_another_thread_can_stop_a_question(engine: Engines) -> None:
    asked = engine([record()])
    stopper = threading.Timer(0.3, asked.interrupt)
    stopper.start()

    with pytest.raises(QueryFailed, match="stopped"):
        asked.run(
            "select sum(hash(a.range, b.range)) from range(1000000) a, range(1000000) b",
            {},
            QueryFailed,
        )
    stopper.join()


def test_a_dataset_without_parts_answers_with_no_rows(engine: Engines) -> None:
    asked = engine()

    for dataset in ("http_requests", "access_requests", "rejected", *VIEWS, "logins"):
        assert list(asked.run(f"from {dataset}", {}, QueryFailed).rows) == []


def test_rows_of_all_parts_are_answered_once_each(part: Parts, engine: Engines) -> None:
    parts = tuple(part("http_requests", record(RayID=f"{n:016x}")) for n in range(3))

    asked = engine(_snapshot_of(*parts)).run("select RayID from http_requests", {}, QueryFailed)

    assert sorted(asked.rows) == [(f"{n:016x}",) for n in range(3)]


def test_a_column_that_older_parts_lack_is_null_there(
    part: Parts, engine: Engines, tmp_path: Path
) -> None:
    new = part("http_requests", record(SecurityAction="block"))
    old = tmp_path / "old.parquet"
    pq.write_table(pq.read_table(new).drop_columns(["SecurityAction"]), old)

    found = engine(_snapshot_of(old, new)).run(
        "select SecurityAction from http_requests", {}, QueryFailed
    )

    assert set(found.rows) == {(None,), ("block",)}


def test_a_store_whose_only_part_lacks_a_column_still_answers(
    part: Parts, engine: Engines, tmp_path: Path
) -> None:
    old = tmp_path / "old.parquet"
    table = pq.read_table(part("http_requests", record()))
    pq.write_table(table.drop_columns(["SecurityAction", "EdgeStartTimestamp_ns"]), old)

    assert len(list(trail(engine(_snapshot_of(old)), Person.only("srhea")))) == 1


def test_an_unknown_dataset_with_files_is_a_view(engine: Engines, tmp_path: Path) -> None:
    path = tmp_path / "dns.parquet"
    pq.write_table(pa.table({"QueryName": ["a.example"]}), path)
    taken = replace(_snapshot_of(), files={"dns_logs": (path,), "gone": ()})

    assert list(engine(taken).run("from dns_logs", {}, QueryFailed).rows) == [("a.example", None)]


def test_an_invalid_dataset_name_is_refused(part: Parts) -> None:
    taken = replace(_snapshot_of(), files={"a; drop": (part("http_requests", record()),)})

    with pytest.raises(QueryFailed, match="invalid dataset name 'a; drop'"):
        open_engine(taken).__enter__()


def test_a_stray_file_beside_the_parts_is_invisible(part: Parts, engine: Engines) -> None:
    kept = part("http_requests", record())
    (kept.parent / "stray.parquet").write_bytes(b"")

    assert list(engine(_snapshot_of(kept)).run("select 1 from http_requests", {}, QueryFailed).rows)


def test_two_answers_can_be_read_alternately(engine: Engines) -> None:
    asked = engine([record(RayID=f"{n:016x}") for n in range(3)])
    first, second = trail(asked, Person.only("srhea")), trail(asked, Person.only("srhea"))

    assert [(a.ray_id, b.ray_id) for a, b in zip(first, second, strict=True)] == [
        (f"{n:016x}", f"{n:016x}") for n in range(3)
    ]


def test_an_answer_may_be_dropped_unread(engine: Engines) -> None:
    rows = trail(engine([record(), record()]), Person.only("srhea"))

    assert next(rows).user_id == "srhea"


OUTSIDE = (
    "from read_csv('/etc/hostname')",
    "from read_text('/etc/hostname')",
    "from read_parquet('/etc/hostname')",
    "from glob('/etc/*')",
    "copy (select 1) to '/tmp/raytrail-copy'",
    "attach '/tmp/raytrail.db'",
    "set memory_limit = '100GB'",
    "set enable_external_access = true",
    "set allowed_paths = ['/etc/hostname']",
    "install httpfs",
    "load httpfs",
)


def test_nothing_outside_the_snapshot_can_be_reached(engine: Engines) -> None:
    asked = engine()

    for statement in OUTSIDE:
        with pytest.raises(QueryFailed):
            list(asked.run(statement, {}, QueryFailed).rows)


def test_a_neighbour_of_a_part_cannot_be_read(part: Parts, engine: Engines) -> None:
    kept, hidden = part("http_requests", record()), part("http_requests", record())

    with pytest.raises(QueryFailed):
        engine(_snapshot_of(kept)).run("from read_parquet($p)", {"p": str(hidden)}, QueryFailed)


def test_a_table_name_is_never_a_variable_of_this_program(engine: Engines) -> None:
    secret = pa.table({"token": ["s3cret"]})

    with pytest.raises(QueryRefused, match="secret"):
        engine().run("from secret", {}, QueryRefused)
    assert secret.num_rows == 1


def test_a_question_that_takes_too_long_is_stopped(engine: Engines) -> None:
    asked = engine(limits=Limits(seconds=2.0, threads=1))

    with pytest.raises(QueryFailed, match=r"stopped after 2 s"):
        list(asked.run(RUNAWAY, {}, QueryFailed).rows)
    assert list(asked.run("select 1", {}, QueryFailed).rows) == [(1,)]


def test_reading_an_answer_slowly_is_not_taking_too_long(engine: Engines) -> None:
    answer = engine(limits=Limits(seconds=3.0)).run("from range(5000)", {}, QueryFailed)

    read = 0
    for _ in answer.rows:
        read += 1
        if read % 1000 == 0:
            threading.Event().wait(0.7)

    assert read == 5000


def test_a_question_that_needs_too_much_memory_fails_clearly(engine: Engines) -> None:
    asked = engine(limits=Limits(memory_bytes=20_000_000, spill_bytes=0))

    with pytest.raises(QueryFailed, match="memory or spill space"):
        list(asked.run("select list(range::varchar) from range(9000000)", {}, QueryFailed).rows)


def test_limits_are_in_force(engine: Engines, tmp_path: Path) -> None:
    limits = Limits(memory_bytes=256 * 2**20, threads=1, spill_folder=tmp_path)
    names = ("threads", "memory_limit", "TimeZone", "lock_configuration", *READING)

    found = engine(limits=limits).run(
        "select name, value from duckdb_settings() where list_contains($names, name)",
        {"names": names},
        QueryFailed,
    )

    assert dict(found.rows) == {
        "threads": "1",
        "memory_limit": "256.0 MiB",
        "TimeZone": "UTC",
        "lock_configuration": "true",
        "parquet_metadata_cache": "true",
        "disable_parquet_prefetching": "true",
    }


def test_spilled_rows_are_deleted_when_the_engine_closes(
    snapshot: Snapshots, tmp_path: Path
) -> None:
    spill = tmp_path / "spill"
    spill.mkdir()
    limits = Limits(spill_folder=spill, memory_bytes=64 * 2**20, threads=1)
    with open_engine(snapshot(), limits) as asked:
        sort = "select range::varchar as r from range(3000000) order by r desc"
        answer = asked.run(sort, {}, QueryFailed)
        next(answer.rows)
        assert any(path.is_file() for path in spill.rglob("*")), "nothing was spilled"

    assert list(spill.iterdir()) == []


def test_a_missing_part_is_named_by_the_questions_that_need_it(
    part: Parts, engine: Engines
) -> None:
    gone = part("http_requests", record())
    asked = engine(_snapshot_of(gone))
    gone.unlink()

    with pytest.raises(PartUnreadable, match=r"part\.parquet is missing: 1 row of http_requests"):
        asked.run("from http_requests", {}, QueryRefused)
    assert list(asked.run("from access_requests", {}, QueryRefused).rows) == []


def test_a_part_deleted_later_is_named(part: Parts, engine: Engines) -> None:
    kept, gone = part("http_requests", record()), part("http_requests", record())
    asked = engine(_snapshot_of(kept, gone))
    gone.unlink()

    with pytest.raises(PartUnreadable, match=f"{gone.name} is missing") as failed:
        list(trail(asked, Person.only("srhea")))
    assert [each.path for each in failed.value.snapshot.damaged] == [_named(gone)]


@pytest.mark.parametrize("size", [0, 3, 500])
def test_a_truncated_part_is_named(part: Parts, engine: Engines, size: int) -> None:
    kept, cut = part("http_requests", record()), part("http_requests", record())
    taken = _snapshot_of(kept, cut)
    cut.write_bytes(cut.read_bytes()[:size])

    with pytest.raises(PartUnreadable, match="bytes instead of") as failed:
        engine(taken).run("from http_requests", {}, QueryRefused)
    assert [each.path for each in failed.value.snapshot.damaged] == [_named(cut)]


def test_a_part_with_damaged_pages_is_named_although_duckdb_does_not(
    part: Parts, engine: Engines
) -> None:
    many = [record(RayID=f"{n:016x}") for n in range(500)]
    kept, damaged = part("http_requests", *many), part("http_requests", *many)
    taken = _snapshot_of(kept, damaged)
    content = bytearray(damaged.read_bytes())
    content[4:4000] = bytes(3996)
    damaged.write_bytes(content)
    with pytest.raises(duckdb.Error) as unnamed, duckdb.connect() as plain:
        plain.execute(
            "select max(hash(columns(*))) from read_parquet($p)", {"p": str(damaged)}
        ).fetchall()
    assert type(unnamed.value) is duckdb.Error
    assert str(damaged) not in str(unnamed.value)

    asked = engine(taken)
    with pytest.raises(PartUnreadable, match="has other bytes than were written") as failed:
        list(asked.run("select max(hash(columns(*))) from http_requests", {}, QueryRefused).rows)
    assert [each.path for each in failed.value.snapshot.damaged] == [_named(damaged)]


def test_an_unnamed_error_without_a_damaged_part_is_a_failure(part: Parts) -> None:
    sound = part("http_requests", record())

    found = explained(duckdb.Error("Out of buffer"), _snapshot_of(sound), 30, QueryRefused)

    assert type(found) is QueryFailed
    assert "Out of buffer" in str(found)


def test_the_search_for_a_damaged_part_takes_no_longer_than_a_question(tmp_path: Path) -> None:
    large = tmp_path / "large.parquet"
    pq.write_table(pa.table({"x": [str(n) for n in range(3_000_000)]}), large)

    found = explained(duckdb.Error("Out of buffer"), _snapshot_of(large), 0.001, QueryRefused)

    assert type(found) is QueryFailed


def test_an_answer_has_its_column_names(engine: Engines) -> None:
    answer = engine().run("select 1 as a, 'x' as b", {}, QueryFailed)

    assert (answer.columns, answer.types) == (("a", "b"), ("INTEGER", "VARCHAR"))
    assert list(answer.records()) == [{"a": 1, "b": "x"}]
    assert isinstance(answer, Answer)


def _named(path: Path) -> str:
    return f"{path.parent.name}/{path.name}"


def _live(path: Path) -> LivePart:
    content = path.read_bytes() if path.is_file() else b""
    sha256 = hashlib.sha256(content).hexdigest()
    return LivePart(
        file=ExpectedFile(_named(path), sha256, len(content), 1),
        dataset="http_requests",
        day="2026-11-20",
        time_min=None,
        time_max=None,
    )


def _snapshot_of(*parts: Path) -> Snapshot:
    return Snapshot(
        sequence=1,
        taken_at=NOW,
        files={"http_requests": parts} if parts else {},
        parts={path: _live(path) for path in parts},
        pending_batches=0,
        lag_seconds=0.0,
    )
