"""Queries, reports and the shell read parts of every version together."""

import json
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from queries.engine import Engine, open_engine
from queries.errors import QueryFailed
from queries.identity.person import Person
from queries.period import parse_period
from queries.report.assembly import report
from queries.report.model import Report
from raytrail.commands.questions.shell import duckdb_program
from schema.columns import arrow_schema
from schema.dataset import Dataset, Field, FieldType, datasets
from schema.decoding.decode import decode
from schema.decoding.result import Provenance
from store.parquet import dataset_columns
from store.parquet.fingerprint import FINGERPRINT_CHARACTERS, fingerprint
from store.parquet.ordered_part import PartWriter
from store.parquet.stored_columns import as_stored
from store.reading import views
from store.reading.snapshot import Snapshot
from store.store import Store
from tests.factories import NOW, SHELL, Clock, gzipped, ndjson, old_store, record, send
from tests.finished import content

OLDEST = Path(__file__).parents[3] / ".venv" / "oldest" / "bin" / "duckdb"
# The filters of the guard against copied files: by the path, and by its result.
GUARD_FILTERS = ("path", "SUBQUERY")
NEW_FIELD = Field(name="Unheard", type=FieldType.INT, meaning="What version 0.1 did not know")


@pytest.fixture
def newer(monkeypatch: pytest.MonkeyPatch) -> Dataset:
    """http_requests as a later version may describe it: with one more field."""
    known = datasets()["http_requests"]
    later = replace(known, fields=(*known.fields, NEW_FIELD))
    monkeypatch.setattr(dataset_columns, "datasets", lambda: {**datasets(), "http_requests": later})
    return later


@pytest.fixture
def both(tmp_path: Path, newer: Dataset) -> Iterator[Store]:
    """A store of version 0.1 to which a later version added a part."""
    with Store.open(old_store(tmp_path / "data"), Clock()) as store:
        yield store


def snapshot_of(store: Store, newer: Dataset) -> Snapshot:
    folder = store.layout.part_folder("http_requests", "2026-11-21")
    folder.mkdir()
    writer = PartWriter(folder, content(arrow_schema(newer), day="2026-11-21"))
    provenance = Provenance(batch_id="new", received_at=NOW)
    lines = ndjson(record(RayID="3", Unheard=7), record(RequestHeaders={"cf-access-user": "zoe"}))
    for piece in decode([lines], newer, provenance):
        writer.add(piece.table)
    part = writer.finish("new.parquet")
    taken = store.snapshot()
    files = {**taken.files, "http_requests": (*taken.files["http_requests"], part.path.absolute())}
    return replace(taken, files=files, columns={part.path.absolute(): part.columns})


def ask(engine: Engine, statement: str) -> list[tuple[object, ...]]:
    return list(engine.run(statement, {}, QueryFailed).rows)


def test_an_added_column_is_null_in_parts_of_version_0_1(both: Store, newer: Dataset) -> None:
    with open_engine(snapshot_of(both, newer)) as engine:
        found = ask(
            engine,
            "select RayID, Unheard, extra from http_requests where user_id = 'srhea' order by RayID",
        )
        logins = ask(engine, "select Email from access_requests")
        rejected = ask(engine, "select line::varchar from rejected")

    assert found == [
        ("0000000000000001", None, '{"Unheard":1}'),
        ("0000000000000002", None, '{"EdgeResponseStatus":"200"}'),
        ("3", 7, None),
    ]
    assert logins == [("srhea@widgetcorp.example",)]
    assert rejected == [("no json",)]


def test_a_report_counts_the_requests_of_both_versions(both: Store, newer: Dataset) -> None:
    with open_engine(snapshot_of(both, newer)) as engine:
        found = report(engine, Person.only("srhea"), parse_period("", ""))

    assert isinstance(found, Report)
    assert found.totals.requests == 3


@pytest.mark.parametrize(
    "program",
    ["shipped", pytest.param("oldest", marks=pytest.mark.slow)],
)
def test_the_shell_reads_parts_of_both_versions_and_still_skips_files_and_row_groups(
    both: Store, newer: Dataset, program: str
) -> None:
    if program == "oldest" and not OLDEST.exists():
        pytest.skip("NO OLD DUCKDB: `make test-faults` installs it; 1.4 was not tried")
    views.publish(both.layout, snapshot_of(both, newer), SHELL)

    def shell(statement: str) -> str:
        duckdb_shell = str(OLDEST) if program == "oldest" else duckdb_program()
        command = [duckdb_shell, "-readonly", "-csv", str(both.layout.audit), "-c", statement]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    by_day = "SELECT date, sum(Unheard), count(*) FROM http_requests GROUP BY ALL ORDER BY ALL"
    assert shell(by_day).splitlines()[1:] == [
        "1970-01-01,NULL,1",
        "2026-11-20,NULL,1",
        "2026-11-21,7,2",
    ]
    plan = shell(
        "EXPLAIN SELECT RayID FROM http_requests WHERE user_id = 'srhea'"
        " AND event_time >= TIMESTAMP '2026-11-20' AND date = '2026-11-20'"
    )
    assert plan.count("READ_PARQUET") >= 1
    assert "Scanning Files: 0/1" in plan, "no file of another folder is opened"
    assert "user_id='srhea'" in plan.replace(" ", ""), "the part's bloom filter is asked"
    # 1.4 turns a time of format 1 into an instant before it compares the two.
    filters = plan.count(" FILTER ") - len(GUARD_FILTERS)
    assert (filters > 1) is (program == "oldest"), "only the day in `__other__` is filtered after"
    assert shell("SELECT count(*) FROM trail('srhea')").splitlines()[1] == "3"


def test_a_question_reads_the_parts_of_every_version(both: Store, newer: Dataset) -> None:
    with open_engine(snapshot_of(both, newer)) as engine:
        [(_, plan)] = ask(
            engine,
            "explain (format json) select RayID from http_requests"
            " where user_id = 'srhea' and event_time >= timestamp '2026-11-20'",
        )

    nodes = list(_nodes(json.loads(str(plan))))
    assert [node["name"] for node in nodes].count("READ_PARQUET") == 2, "once a group"
    assert not any("FILTER" in node["name"] for node in nodes), "nothing is left to filter after"
    # A scan that statistics can answer reads no rows, so not every scan shows the filter.
    filters = "".join(str(node["extra_info"].get("Filters")) for node in nodes).replace(" ", "")
    assert "user_id='srhea'" in filters


def _nodes(plan: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for node in plan:
        yield node
        yield from _nodes(node["children"])


def test_parts_with_the_same_columns_are_read_together(store: Store) -> None:
    for number in range(3):
        send(store, gzipped(ndjson(record(RayID=f"{number}"))))
        store.loader().load_next()

    [(columns, paths)] = store.snapshot().alike("http_requests")

    unmarked = arrow_schema(datasets()["http_requests"])
    assert columns == fingerprint(as_stored(unmarked, "http_requests"))
    assert len(paths) == 3


def test_a_fingerprint_is_of_names_and_types_not_of_order_or_encoding() -> None:
    one = pa.schema([("a", pa.string()), ("b", pa.list_(pa.string())), ("c", pa.int64())])
    same = pa.schema(
        [
            ("c", pa.int64()),
            ("b", pa.list_(pa.dictionary(pa.int32(), pa.string()))),
            ("a", pa.dictionary(pa.int8(), pa.string())),
        ]
    )

    assert fingerprint(one) == fingerprint(same)
    assert len(fingerprint(one)) == FINGERPRINT_CHARACTERS
    for other in (one.append(pa.field("d", pa.string())), one.set(2, pa.field("c", pa.int32()))):
        assert fingerprint(other) != fingerprint(one)


def test_a_column_whose_type_changed_is_still_read(both: Store, newer: Dataset) -> None:
    """A field of unknown type got a type: text in old parts, a list in new ones."""
    older, old = (
        pa.table({"RayID": ["0"], "ClientSrcPort": ["text"]}),
        both.layout.root.absolute() / "old.parquet",
    )
    pq.write_table(older.append_column("SecurityActions", pa.array(["[1]"])), old)
    taken = snapshot_of(both, newer)
    files = {"http_requests": (old, *taken.files["http_requests"])}

    with open_engine(replace(taken, files=files)) as engine:
        found = ask(engine, "select RayID, ClientSrcPort::varchar from http_requests")

    assert min(found) == ("0", "text")
    assert len(found) == 5


def test_an_unknown_dataset_is_a_view_in_the_shell(store: Store) -> None:
    path = store.layout.part_folder("brand_new", "2026-11-20") / "it's.parquet"
    path.parent.mkdir(parents=True)
    pq.write_table(pa.table({"extra": ['{"a":1}']}), path)
    taken = replace(store.snapshot(), files={"brand_new": (path,), "order": (path,)})

    views.publish(store.layout, taken, SHELL)

    with duckdb.connect(str(store.layout.audit), read_only=True) as audit:
        assert audit.execute("FROM brand_new").fetchall() == [('{"a":1}', date(2026, 11, 20))]
        assert audit.execute('FROM "order"').fetchall() == [('{"a":1}', date(2026, 11, 20))]
        names = {name for (name,) in audit.execute("SHOW TABLES").fetchall()}
    assert names >= {*datasets(), "damaged", "rejected", "snapshot", "brand_new", "order"}


TAKEN = ("requests", "sessions", "people", "snapshot", "damaged", "trail", "shape", "duckdb_tables")


def test_a_dataset_of_an_older_store_does_not_take_the_name_of_a_view(store: Store) -> None:
    path = store.layout.part_folder("sessions", "2026-11-20") / "1.parquet"
    path.parent.mkdir(parents=True)
    pq.write_table(pa.table({"extra": ['{"a":1}']}), path)
    send(store, gzipped(ndjson(record())))
    store.loader().load_next()
    others = (*TAKEN, "http_requests_without_damaged")
    taken = store.snapshot()
    taken = replace(taken, files={**taken.files, **dict.fromkeys(others, (path,))})

    views.publish(store.layout, taken, SHELL)

    with duckdb.connect(str(store.layout.audit), read_only=True) as audit:
        for name in others:
            assert audit.execute(f"SELECT extra FROM _{name}").fetchall() == [('{"a":1}',)]
        assert audit.execute("SELECT count(*) FROM requests").fetchall() == [(1,)]
    with open_engine(taken) as engine:
        assert ask(engine, "SELECT extra FROM _requests") == [('{"a":1}',)]
        assert ask(engine, "SELECT count(*) FROM requests") == [(1,)]
