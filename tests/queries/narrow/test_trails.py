"""A trail is the same by the narrow reader and by DuckDB, and DuckDB answers what it refuses."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from queries.definitions import sql_of
from queries.engine import Engine, open_engine
from queries.errors import PartUnreadable, QueryFailed
from queries.identity.person import Person
from queries.narrow.narrow_rows import MARGIN, NarrowRows
from queries.period import ALWAYS, Period
from queries.trail import TrailRow, trail
from store.catalog.scope import Scope
from store.files import trouble
from store.reading.narrow.outcome import Damaged, Outcome, Refused
from store.reading.narrow.reader import CHOICE_VARIABLE, NarrowReader, narrow_reader
from store.store import Store
from tests.command import Command
from tests.factories import gzipped, load, login, ndjson, send
from tests.person_store import by
from tests.queries.narrow.both_ways import DATASET, reader_of
from tests.queries.narrow.test_every_file import PEOPLE, merged, sent, with_late_rows

QUESTIONED = ("access_login_events", "access_requests", "access_requests_rest", "http_requests")
DAY = Period(datetime(2026, 11, 21), datetime(2026, 11, 22))  # noqa: DTZ001 (UTC)


class Spy:
    """Notes what the reader said. It reads as the reader does."""

    def __init__(self, reader: NarrowReader) -> None:
        self._reader = reader
        self.told: list[Outcome] = []
        self.columns: list[tuple[str, ...]] = []

    def of_users(self, *asked: Any) -> Outcome:
        self.columns.append(tuple(asked[3]))
        self.told.append(self._reader.of_users(*asked))
        return self.told[-1]


def asked(
    store: Store, who: Person, reader: object, period: Period = ALWAYS
) -> tuple[list[TrailRow], Engine]:
    scope = Scope(dataset=DATASET, users=tuple(who.users), since=period.since, until=period.until)
    with open_engine(store.snapshot(scope), datasets=QUESTIONED) as engine:
        engine.read_narrowly(reader)  # type: ignore[arg-type]
        return list(trail(engine, who, period)), engine


def both(store: Store, who: Person, period: Period = ALWAYS) -> tuple[list[TrailRow], Spy]:
    spy = Spy(reader_of(store))
    narrow, _ = asked(store, who, spy, period)
    plain, _ = asked(store, who, None, period)
    assert narrow == plain
    return narrow, spy


@pytest.mark.parametrize("life", [sent, merged, with_late_rows])
@pytest.mark.parametrize("period", [ALWAYS, DAY])
def test_a_trail_is_the_same_both_ways(
    store: Store, life: Callable[[Store], None], period: Period
) -> None:
    life(store)
    send(store, gzipped(ndjson(login(Email="ada"))), "access_requests")
    load(store)

    for user in PEOPLE:
        rows, spy = both(store, Person.only(user), period)
        assert rows
        assert not any(isinstance(each, Refused | Damaged) for each in spy.told)
    assert both(store, Person.only("nobody"), period)[0] == []


def test_rows_around_a_period_decide_what_is_folded_in_it(store: Store) -> None:
    """A page just before midnight, and a part of it just after; each in its day's file."""
    page = by("ada", EdgeStartTimestamp="2026-11-20T23:59:59Z", RayID="a1", ClientRequestURI="/")
    part = by(
        "ada",
        EdgeStartTimestamp="2026-11-21T00:00:01Z",
        RayID="a2",
        ClientRequestURI="/a.css",
        ClientRequestReferer="https://jira.widgetcorp.example/",
        EdgeResponseContentType="text/css",
    )
    send(store, gzipped(ndjson(page, part)))
    load(store)

    rows, _ = both(store, Person.only("ada"), DAY)

    assert [row.ray_id for row in rows] == ["a2"]
    (whole, folded), _ = both(store, Person.only("ada"))
    assert (whole.folded_into, folded.folded_into) == (None, "a1")


def test_the_margin_of_a_period_is_wider_than_what_requests_are_compared_over() -> None:
    with duckdb.connect(":memory:") as connection:
        for name in ("fold_reach", "prefetch_life"):
            connection.execute(sql_of(f"definitions/folding/{name}"))
        [reaches] = connection.sql("select fold_reach(), prefetch_life()").fetchall()

    assert max(reaches) < MARGIN
    assert timedelta(days=1) == MARGIN


FIRST, LAST = datetime(1, 1, 1, 2), datetime(9999, 12, 31, 22)  # noqa: DTZ001 (UTC)


@pytest.mark.parametrize("period", [Period(FIRST, None), Period(None, LAST)])
def test_a_period_at_an_end_of_the_calendar_is_answered(store: Store, period: Period) -> None:
    sent(store)

    rows, _ = both(store, Person.only("bob"), period)

    assert len(rows) == 21


def test_several_names_are_one_answer(store: Store) -> None:
    sent(store)
    found = [len(both(store, Person.only(user))[0]) for user in ("ada", "bob")]

    scope = Scope(dataset=DATASET, users=("ada", "bob"))
    with open_engine(store.snapshot(scope), datasets=QUESTIONED) as engine:
        engine.read_narrowly(reader_of(store))
        rows = engine.run("select count(*) from http_requests", {}, QueryFailed).rows
        assert list(rows) == [(sum(found),)]


def test_a_column_is_read_when_a_statement_names_it(store: Store) -> None:
    sent(store)
    spy = Spy(reader_of(store))
    scope = Scope(dataset=DATASET, users=("bob",))
    with open_engine(store.snapshot(scope), datasets=QUESTIONED) as engine:
        engine.read_narrowly(spy)  # type: ignore[arg-type]
        for columns in ("RayID", "RayID, ClientIP", "ClientIP"):
            answer = engine.run(f"select {columns} from http_requests", {}, QueryFailed)
            assert len(list(answer.rows)) == 21

    assert spy.columns == [
        ("event_time", "user_id", "RayID"),
        ("event_time", "user_id", "ClientIP", "RayID"),
    ]


def test_a_refusal_in_the_middle_leaves_the_view(store: Store) -> None:
    sent(store)
    spy = Spy(reader_of(store))
    scope = Scope(dataset=DATASET, users=("bob",))
    with open_engine(store.snapshot(scope), datasets=QUESTIONED) as engine:
        engine.read_narrowly(spy)  # type: ignore[arg-type]
        statements = ("RayID", "RayID, BotTags", "RayID")
        answers = [
            sorted(
                engine.run(
                    f"select {each} from http_requests where user_id = 'bob'", {}, QueryFailed
                ).rows
            )
            for each in statements
        ]

    assert [len(each) for each in answers] == [21, 21, 21]
    assert spy.told[1] == Refused("a column is nested")
    assert len(spy.told) == 2


def test_files_whose_footer_is_unknown_are_read_by_duckdb(store: Store) -> None:
    sent(store)
    from sqlalchemy import update

    from store.catalog.tables import files

    with store.catalog.write() as connection:
        connection.execute(update(files).values(footer_bytes=None, footer_sha256=None))

    rows, spy = both(store, Person.only("bob"))

    assert len(rows) == 21
    assert all(isinstance(each, Refused) for each in spy.told)


def flip(path: Path, place: int) -> None:
    held = bytearray(path.read_bytes())
    held[place] ^= 1
    path.write_bytes(held)


def test_a_damaged_page_is_told_and_no_answer_given(store: Store) -> None:
    merged(store)
    path = next(
        path for path in store.snapshot().files[DATASET] if path.name.endswith("000.parquet")
    )
    # Of the first column, which every question about a person needs.
    flip(path, _place_of_users(path))

    with pytest.raises(PartUnreadable, match=path.name) as raised:
        asked(store, Person.only("bob"), reader_of(store))

    [lost] = raised.value.snapshot.damaged
    assert lost.trouble == trouble.CHANGED


def _place_of_users(path: Path) -> int:
    import pyarrow.parquet as pq

    group = pq.read_metadata(path).row_group(0)
    chunks = [group.column(number) for number in range(group.num_columns)]
    [users] = [each for each in chunks if each.path_in_schema == "user_id"]
    return int(users.data_page_offset) - 2


def test_a_file_that_is_known_to_be_damaged_is_told_as_without_the_reader(store: Store) -> None:
    merged(store)
    path = store.snapshot().files[DATASET][0]
    path.unlink()

    told = []
    for reader in (reader_of(store), None):
        with pytest.raises(PartUnreadable) as raised:
            asked(store, Person.only("bob"), reader)
        told.append(str(raised.value))

    assert told[0] == told[1]
    assert path.name in told[0]


def test_a_file_that_only_seems_damaged_is_read_by_duckdb(store: Store) -> None:
    merged(store)

    class Doubting:
        def of_users(self, *_: object) -> Outcome:
            return Damaged(store.snapshot().files[DATASET][0], "a doubt")

    rows, _ = asked(store, Person.only("bob"), Doubting())

    assert rows == asked(store, Person.only("bob"), None)[0]


def test_without_rust_there_is_no_such_reader(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert narrow_reader(store.layout, {CHOICE_VARIABLE: "python"}) is None
    monkeypatch.setitem(__import__("sys").modules, "native._native", None)

    assert narrow_reader(store.layout, {}) is None


def test_the_command_reads_narrowly_and_prints_the_same_without_rust(
    store: Store, raytrail: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_late_rows(store)
    data = str(store.layout.root)

    narrow = raytrail("trail", "--user", "bob", "--json", "--data", data)
    monkeypatch.setenv(CHOICE_VARIABLE, "python")
    plain = raytrail("trail", "--user", "bob", "--json", "--data", data)

    assert narrow.returncode == plain.returncode == 0
    assert narrow.stdout == plain.stdout
    assert narrow.stdout.count("\n") > 20


def test_a_statement_that_lists_views_gets_the_view(store: Store) -> None:
    sent(store)
    scope = Scope(dataset=DATASET, users=("bob",))
    with open_engine(store.snapshot(scope), datasets=QUESTIONED) as engine:
        engine.read_narrowly(reader_of(store))
        assert ("http_requests",) in list(engine.run("show tables", {}, QueryFailed).rows)


def test_only_the_dataset_of_the_scope_is_read_narrowly(store: Store) -> None:
    sent(store)
    with duckdb.connect(":memory:") as connection:
        everything = NarrowRows(connection, store.snapshot(), reader_of(store))
        assert not everything.stand(DATASET, {"rayid"})
        scope = Scope(dataset=DATASET, users=("bob",))
        narrow = NarrowRows(connection, store.snapshot(scope), reader_of(store))
        assert not narrow.stand("access_requests", {"rayid"})
        assert narrow.stand(DATASET, {"rayid"})
