"""What the caller gives for `audit.duckdb`: statements, and small tables of facts."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from queries.shell_content import FACTS, SHELL_CONTENT, QuestionContent
from schema.dataset import datasets
from store.files.layout import Layout
from store.intake.limits import IntakeLimits
from store.reading import views
from store.reading.shell.content import FactSource
from store.reading.shell.published import definitions_of
from store.reading.shell.template import Template
from store.reading.snapshot import Snapshot
from store.store import Store
from tests.factories import NO_RESERVE, Clock, gzipped, load, ndjson, record, send

COLUMNS = (
    ("name", "VARCHAR"),
    ("until", "TIMESTAMPTZ"),
    ("hosts", "VARCHAR[]"),
    ("rows", "BIGINT"),
)
UNTIL = datetime(2026, 11, 20, 9, 51, 7, 5)  # noqa: DTZ001 (UTC without a zone, as in the store)
ROWS: Sequence[tuple[Any, ...]] = (
    ("o'neil", UNTIL, ["a", "b"], 1 << 40),
    ("$1 {x}", None, [], None),
)


@dataclass(frozen=True, slots=True)
class Stating(QuestionContent):
    stated: Sequence[str] = ()

    @property
    def statements(self) -> Sequence[str]:
        return self.stated


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.create(tmp_path, Clock(), IntakeLimits(reserve=NO_RESERVE)) as opened:
        yield opened


def read(store: Store, query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(store.layout.audit), read_only=True) as audit:
        return audit.execute(query).fetchall()


def test_facts_are_tables_that_a_view_may_use(store: Store) -> None:
    asked: list[Snapshot] = []

    def rows(layout: Layout, snapshot: Snapshot) -> Sequence[tuple[Any, ...]]:
        assert layout == store.layout
        asked.append(snapshot)
        return ROWS

    sources = (
        FactSource("known things", COLUMNS, rows),
        FactSource("none", COLUMNS, lambda *_: ()),
    )
    content = Stating(
        sources, stated=['CREATE VIEW known AS FROM shape."known things" UNION ALL FROM shape.none']
    )
    shown = store.publish(content)

    assert asked == [shown]
    found = read(store, "SELECT name, epoch_us(until), hosts, rows FROM known")
    assert found == [
        ("o'neil", 1_795_168_267_000_005, ["a", "b"], 1 << 40),
        ("$1 {x}", None, [], None),
    ]


def test_facts_are_compared_as_tables_by_fsck(store: Store) -> None:
    told = views.definitions(store.layout, store.snapshot(), SHELL_CONTENT, None)
    more = QuestionContent((*FACTS, FactSource("more", COLUMNS, lambda *_: ROWS)))

    with_more = views.definitions(store.layout, store.snapshot(), more, None)

    assert set(with_more) - set(told) == {"table shape.more"}


def test_the_next_file_has_its_own_files_and_facts_and_nothing_of_those_before(
    store: Store,
) -> None:
    names = [f"somebody-{number}" for number in range(3)]
    facts = [
        FactSource("names", COLUMNS, lambda *_, name=name: [(name, UNTIL, [], 1)]) for name in names
    ]
    template = Template()
    contents = list[bytes]()
    for number, fact in enumerate(facts):
        send(store, gzipped(ndjson(record(RayID=f"{number}"))))
        load(store)
        store.publish(QuestionContent((*FACTS, fact), template))
        contents.append(store.layout.audit.read_bytes())
        assert read(store, "SELECT count(*) FROM http_requests") == [(number + 1,)]
        assert read(store, "SELECT name FROM shape.names") == [(names[number],)]
        assert read(store, "SELECT sequence FROM snapshot") == [(store.snapshot().sequence,)]

    with duckdb.connect(str(store.layout.audit), read_only=True) as audit:
        shown = definitions_of(audit)
    assert shown == views.definitions(
        store.layout, store.snapshot(), QuestionContent((*FACTS, facts[-1])), None
    )
    for number, content in enumerate(contents):
        found = [name for name in names if name.encode() in content]
        assert found == [names[number]], "what is deleted in DuckDB is still in the file"
    sizes = [len(content) for content in contents]
    assert sizes[2] <= max(sizes[:2]), "it does not grow"


def test_every_dataset_and_every_column_of_it_has_a_comment(store: Store) -> None:
    store.publish(SHELL_CONTENT)

    about = read(store, "SELECT view_name, comment FROM duckdb_views() WHERE comment IS NOT NULL")
    columns = read(store, "SELECT table_name, column_name, comment FROM duckdb_columns()")

    told = dict(about)
    assert told["rejected"] == "One row for each line that became no row of its dataset."
    assert told["http_requests"].endswith(
        "event_time is EdgeStartTimestamp, else EdgeEndTimestamp;"
        " user_id is RequestHeaders->>'cf-access-user', else Cookies->>'cf-access-user'."
    )
    known = {*datasets(), "rejected"}
    assert known <= told.keys()
    assert [name for name, _, comment in columns if name in known and not comment] == []
    [field] = [field for field in datasets()["gateway_dns"].fields if field.name == "QueryName"]
    assert ("gateway_dns", "QueryName", field.meaning) in columns
