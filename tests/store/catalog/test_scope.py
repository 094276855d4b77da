"""A question opens the files that can hold its rows, and no others."""

import shutil
from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from store.catalog.scope import Scope
from store.intake.limits import IntakeLimits
from store.store import Store
from tests.factories import NO_RESERVE, Clock, gzipped, login, ndjson, record, send
from tests.store.compaction.test_compactor import compact, live, load, settle

DAYS = [f"2026-11-{day:02}" for day in range(10, 20)]
EVERYBODY = ["ada", "bob", "cleo", "dora", "eve"]


def opened(store: Store, dataset: str = "http_requests", **asked: Any) -> int:
    scope = Scope(dataset="http_requests", **asked)
    return len(store.snapshot(scope).files.get(dataset, ()))


@pytest.fixture(scope="module")
def compacted(empty_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Ten days with every user, except dora on one day only and eve in a part. Tests only read it."""
    root = tmp_path_factory.mktemp("compacted") / "data"
    shutil.copytree(empty_store, root, symlinks=True)
    with Store.open(root, Clock(), IntakeLimits(reserve=NO_RESERVE)) as store:
        fill(store)
        yield store


def fill(store: Store) -> None:
    for day in DAYS:
        users = ["ada", "bob", "cleo", *(["dora"] if day == DAYS[3] else [])]
        sent = [
            record(
                EdgeStartTimestamp=f"{day}T{6 + 4 * place:02}:00:00Z",
                RequestHeaders={"cf-access-user": user},
            )
            for place, user in enumerate(users)
        ]
        send(store, gzipped(ndjson(*sent)))
        load(store)
    settle(store)
    compact(store)
    send(store, gzipped(ndjson(record(RequestHeaders={"cf-access-user": "eve"}))))
    send(store, gzipped(ndjson(login())), "access_requests")
    load(store)


def test_a_question_about_an_unknown_user_opens_no_file(compacted: Store) -> None:
    assert opened(compacted, users=("nobody",)) == 0
    assert opened(compacted, users=("bobby",)) == 0


def test_a_question_about_a_user_opens_only_the_files_with_their_rows(compacted: Store) -> None:
    assert opened(compacted, users=("dora",)) == 1


def test_a_part_is_opened_if_its_range_of_users_includes_the_user(compacted: Store) -> None:
    assert opened(compacted, users=("eve",)) == 1


def test_a_question_about_several_users_opens_the_files_of_each(compacted: Store) -> None:
    assert opened(compacted, users=("dora", "eve")) == 2
    assert opened(compacted, users=("nobody", "dora")) == 1
    assert opened(compacted, users=()) == 0


def test_a_name_with_a_nul_is_looked_for_as_it_is(store: Store) -> None:
    send(store, gzipped(ndjson(record(RequestHeaders={"cf-access-user": "a\x00b"}))))
    load(store)

    assert opened(store, users=("a\x00b",)) == 1
    assert opened(store, users=("a", "a\x00c")) == 0


def test_a_question_about_a_day_opens_the_file_of_that_day(compacted: Store) -> None:
    day = datetime(2026, 11, 12)  # noqa: DTZ001 (UTC, as in the store)

    assert opened(compacted, users=("ada",), since=day, until=day.replace(day=13)) == 1
    assert opened(compacted, users=("ada",)) == len(DAYS)


def test_an_open_period_opens_the_files_of_its_days(
    compacted: Store,
) -> None:
    day = datetime(2026, 11, 12)  # noqa: DTZ001 (UTC, as in the store)

    assert opened(compacted, until=day) == 2
    assert opened(compacted, since=day) == len(DAYS) - 2 + 1


def test_a_scope_leaves_other_datasets_whole(compacted: Store) -> None:
    assert opened(compacted, "access_requests", users=("nobody",)) == 1


TIMES = st.sampled_from([None, *(datetime(2026, 11, day, 12) for day in range(9, 22))])  # noqa: DTZ001


@settings(
    deadline=None,
    max_examples=settings().max_examples // 3,
)
@given(st.sampled_from(EVERYBODY), TIMES, TIMES)
def test_every_file_with_a_matching_row_is_opened(
    compacted: Store, user: str, since: datetime | None, until: datetime | None
) -> None:
    scope = Scope(dataset="http_requests", users=(user,), since=since, until=until)

    def wanted(row: dict[str, Any]) -> bool:
        happened = row["event_time"].replace(tzinfo=None)
        return bool(
            row["user_id"] == user
            and (since is None or happened >= since)
            and (until is None or happened < until)
        )

    counts = [
        sum(
            wanted(row)
            for path in compacted.snapshot(narrowed).files.get("http_requests", ())
            for row in pq.read_table(path, partitioning=None).to_pylist()
        )
        for narrowed in (None, scope)
    ]

    assert all(one == other for one, other in pairwise(counts))


def test_rows_without_a_time_are_found_without_a_period(store: Store) -> None:
    send(store, gzipped(ndjson(record(EdgeStartTimestamp="never", EdgeEndTimestamp="never"))))
    load(store)
    assert len(live(store)) == 1

    assert opened(store, users=("srhea",)) == 1
    assert opened(store, users=("srhea",), since=datetime(2026, 1, 1)) == 0  # noqa: DTZ001
