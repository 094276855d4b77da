"""The narrow reader and DuckDB give equal rows of every kind of file."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from store.catalog.scope import user_key
from store.catalog.tables import files
from store.catalog.users.tables import user_days
from store.catalog.users.user_days import UNCOUNTABLE
from store.files.layout import Layout
from store.reading.narrow.outcome import Refused
from store.reading.narrow.reader import narrow_reader
from store.store import Store
from tests.conftest import NO_LIMITS
from tests.factories import Clock, compact, gzipped, load, login, ndjson, old_store, record, send
from tests.golden_stores import STORES, golden_store
from tests.person_store import by
from tests.queries.narrow.both_ways import (
    DATASET,
    columns,
    demand_equal,
    in_order,
    know_footers,
    paths_of,
    reader_of,
    rows_by_duckdb,
    rows_of,
    users_of,
)

PEOPLE = ("ada", "bob", "cleo", "Ünï", "a\x00b", "x" * 300)


def odd(user: str | None, number: int) -> dict[str, Any]:
    """Records of which no two have the same members, with values of every kind."""
    members: dict[str, Any] = {
        "RayID": f"{number:016x}",
        "EdgeStartTimestamp": f"2026-11-{20 + number % 3:02}T{number % 24:02}:10:00.123456{number % 10}Z",
        "ClientASN": number * 10**9 if number % 4 else None,
        "ClientRequestUserAgent": None if number % 5 else f"agent {number} Ж",
        "EdgeResponseStatus": 200 + number % 300,
        "WorkerSubrequest": [True, False, None][number % 3],
        "EdgeResponseCompressionRatio": number / 3,
        "Cookies": {"a": str(number)} if number % 2 else None,
        "BotTags": ["a", "b"][: number % 3],
        "Unheard": number,
        "ClientRequestURI": "/" + "p" * (number % 50),
    }
    return by(user, **members)


def sent(store: Store, per_person: int = 7) -> None:
    for start in range(3):
        people = (*PEOPLE, None)
        numbers = range(start, per_person * 3, 3)
        records = [odd(user, 100 * place + n) for place, user in enumerate(people) for n in numbers]
        timeless = by("ada", RayID=f"{start:x}", EdgeStartTimestamp="never", EdgeEndTimestamp=None)
        send(store, gzipped(ndjson(*records, timeless, odd("ada", 7_000 + start))))
        load(store)


def merged(store: Store) -> None:
    sent(store)
    assert isinstance(store.clock, Clock)
    store.clock.move(hours=26)
    compact(store)


def merged_months(store: Store) -> None:
    sent(store)
    assert isinstance(store.clock, Clock)
    store.clock.now += timedelta(days=70)
    compact(store)
    with store.catalog.read() as connection:
        assert "month" in set(connection.scalars(select(files.c.tier)))


def with_late_rows(store: Store) -> None:
    """A merged file beside parts."""
    merged(store)
    sent(store, per_person=2)


@pytest.mark.parametrize("life", [sent, merged, merged_months, with_late_rows])
def test_files_of_this_version(store: Store, life: Callable[[Store], None]) -> None:
    life(store)

    assert users_of(store) == sorted(PEOPLE)
    assert demand_equal(store, PEOPLE) > 100


@pytest.mark.parametrize("life", [sent, merged])
def test_files_of_several_row_groups(
    store: Store, life: Callable[[Store], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("store.parquet.ordered_part.ROW_GROUP_ROWS", 5)
    monkeypatch.setattr("store.parquet.part_file.ROW_GROUP_ROWS", 5)

    life(store)

    demand_equal(store, PEOPLE)


@pytest.mark.parametrize("number", [None, UNCOUNTABLE])
def test_files_whose_users_nobody_counted(store: Store, number: int | None) -> None:
    with_late_rows(store)
    with store.catalog.write() as connection:
        connection.execute(update(files).values(users_number=number))

    demand_equal(store, PEOPLE)


def test_files_of_which_no_row_has_a_place(store: Store) -> None:
    with_late_rows(store)
    with store.catalog.write() as connection:
        connection.execute(update(user_days).values(first_row=None))

    demand_equal(store, PEOPLE)


@pytest.mark.parametrize("name", [*STORES, "0.1"])
def test_files_of_older_versions(tmp_path: Path, name: str) -> None:
    data = tmp_path / "data"
    old = old_store(data) if name == "0.1" else golden_store(data, name)
    with Store.open(old, Clock(), NO_LIMITS) as store:
        users = users_of(store)
        assert users
        refused = reader_of(store).of_users(DATASET, paths_of(store), users, ["RayID"])
        assert refused == Refused("the catalog does not know the footers of all files")

        know_footers(store)

        demand_equal(store, users)


def test_a_catalog_that_nobody_has_migrated_is_refused(tmp_path: Path) -> None:
    data = golden_store(tmp_path / "data", "format-2")
    paths = sorted(data.absolute().rglob("parts/http_requests/*/*.parquet"))
    reader = narrow_reader(Layout(data), {})
    assert reader is not None
    assert paths

    told = reader.of_users(DATASET, paths, ["srhea"], ["RayID"])

    assert told == Refused("the catalog does not know the footers of all files")


def test_another_dataset_with_users_by_mail(store: Store) -> None:
    send(store, gzipped(ndjson(login(), login(RayID="8f0e1d2c3b4a5961"))), "access_requests")
    load(store)

    assert demand_equal(store, ["srhea@widgetcorp.example"], "access_requests") == 2


def test_a_user_whom_no_file_has_has_no_rows(store: Store) -> None:
    with_late_rows(store)

    assert demand_equal(store, ["nobody", "ad", "adaa", ""]) == 0


def test_a_user_whose_key_is_somebody_elses_gets_none_of_their_rows(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_late_rows(store)
    monkeypatch.setattr(
        "store.reading.narrow.stretches.user_key",
        lambda user: user_key("bob" if user == "mallory" else user),
    )

    told = reader_of(store).of_users(DATASET, paths_of(store), ["mallory"], ["RayID"])

    assert isinstance(told, Refused)
    assert "the catalog tells of other rows of the user than it has" in told.why


def test_two_users_with_one_key_are_refused(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    sent(store)
    monkeypatch.setattr("store.reading.narrow.stretches.user_key", lambda _user: 7)

    told = reader_of(store).of_users(DATASET, paths_of(store), ["ada", "bob"], ["RayID"])

    assert isinstance(told, Refused)


@pytest.mark.parametrize("shift", [-1, 1])
def test_a_stretch_that_the_catalog_tells_wrongly_is_refused(store: Store, shift: int) -> None:
    merged(store)
    moved = user_days.c.first_row + shift
    with store.catalog.write() as connection:
        connection.execute(update(user_days).where(moved >= 0).values(first_row=moved))

    refused = 0
    for user in PEOPLE:
        told = reader_of(store).of_users(DATASET, paths_of(store), [user], columns())
        # Where the days contradict each other, the file is searched.
        assert isinstance(told, Refused) or rows_of(told) == rows_by_duckdb(store, [user])
        refused += isinstance(told, Refused)
    assert refused >= len(PEOPLE) - 1


def test_a_day_too_few_in_the_catalog_is_refused(store: Store) -> None:
    merged_months(store)
    with store.catalog.write() as connection:
        query = select(user_days).where(user_days.c.who == user_key("bob"))
        first = min(connection.execute(query).all(), key=lambda row: (-row.file, row.first_row))
        connection.execute(
            user_days.delete().where(user_days.c.who == first.who, user_days.c.day == first.day)
        )

    told = reader_of(store).of_users(DATASET, paths_of(store), ["bob"], ["RayID"])

    assert isinstance(told, Refused)


def test_days_that_are_missing_altogether_are_searched_in_the_files(store: Store) -> None:
    with_late_rows(store)
    with store.catalog.write() as connection:
        connection.execute(user_days.delete())

    demand_equal(store, PEOPLE)


def test_a_list_is_refused(store: Store) -> None:
    sent(store)

    told = reader_of(store).of_users(DATASET, paths_of(store), ["ada"], ["RayID", "BotTags"])

    assert told == Refused("a column is nested")


@pytest.mark.parametrize(("rows_max", "is_answered"), [(21, True), (20, False)])
def test_an_answer_has_so_many_rows_and_no_more(
    store: Store, rows_max: int, is_answered: bool
) -> None:
    sent(store)
    for number in (None, UNCOUNTABLE):
        told = reader_of(store, rows_max=rows_max).of_users(
            DATASET, paths_of(store), ["bob"], ["RayID"]
        )
        assert isinstance(told, Refused) is not is_answered
        with store.catalog.write() as connection:
            connection.execute(update(files).values(users_number=number))


def test_a_ray_id_is_found_in_every_file(store: Store) -> None:
    with_late_rows(store)
    reader, paths = reader_of(store), paths_of(store)
    names = columns()
    for ray in ("0000000000000001", "0000000000001b58", "0", "", "00000000000000zz"):
        told = rows_of(reader.of_ray(DATASET, paths, ray, names))
        everybody = rows_by_duckdb(store, PEOPLE)
        wanted = [row for row in everybody if row[names.index("RayID")] == ray]
        assert told == in_order(wanted)
    assert len(rows_of(reader.of_ray(DATASET, paths, "0000000000001b58", names))) > 0


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


@settings(deadline=None, max_examples=settings().max_examples // 2)
@given(
    st.lists(
        st.fixed_dictionaries(
            {
                "user": st.sampled_from([*PEOPLE[:3], None]),
                "ClientRequestURI": st.none() | TEXTS,
                "ClientRequestReferer": st.none() | TEXTS,
                "ClientASN": st.none() | st.integers(-(2**63), 2**63 - 1),
                "EdgeResponseStatus": st.none() | st.integers(-(2**15), 2**15 - 1),
                "WorkerSubrequest": st.none() | st.booleans(),
                "EdgeStartTimestamp": st.integers(0, 86_399).map(
                    lambda s: 1_763_596_800_000_000_000 + s * 10**9
                ),
            }
        ),
        min_size=1,
        max_size=40,
    )
)
def test_fuzzed_columns(
    tmp_path_factory: pytest.TempPathFactory, members: list[dict[str, Any]]
) -> None:
    data = tmp_path_factory.mktemp("fuzzed") / "data"
    records = [record(**{k: v for k, v in each.items() if k != "user"}) for each in members]
    for each, told in zip(records, members, strict=True):
        user = told["user"]
        each["RequestHeaders"] = {} if user is None else {"cf-access-user": user}
    with Store.create(data, Clock(), NO_LIMITS) as store:
        send(store, gzipped(ndjson(*records)))
        load(store)

        demand_equal(store, PEOPLE[:3])
