"""Spellings of a name and their rows are known without a file, or read where nobody counted them."""

from datetime import datetime
from pathlib import Path

import pytest

from store.compaction import uncounted
from store.files.layout import Layout
from store.parquet.statistics import user_days as counting
from store.reading import known_names as reading
from store.reading.known_names import (
    KnownName,
    KnownNames,
    NameRows,
    all_names,
    known_names,
    names_at_hand,
)
from store.store import Store
from tests.factories import Clock, gzipped, load, login, ndjson, old_store, send
from tests.golden_stores import golden_store
from tests.person_store import by

ANN, SHOUTED, SPACED = "ann.lee@example.com", "Ann.Lee@Example.com", "ann.lee@example.com "


def at(second: int) -> str:
    return f"2026-11-22T09:00:{second:02}Z"


def moment(second: int) -> datetime:
    return datetime(2026, 11, 22, 9, 0, second)  # noqa: DTZ001 (UTC without a zone)


@pytest.fixture
def ann(store: Store) -> Store:
    requests = [
        by(user, EdgeStartTimestamp=at(second), RayID=f"{second:016x}")
        for second, user in enumerate((ANN, ANN, SHOUTED, SPACED, "bob", None))
    ]
    send(store, gzipped(ndjson(*requests)))
    send(store, gzipped(ndjson(login(Email=SHOUTED, CreatedAt=at(9)))), "access_requests")
    gateway = {"Datetime": at(7), "Email": ANN, "HTTPHost": "files.example", "Action": "allow"}
    send(store, gzipped(ndjson(gateway)), "gateway_http")
    load(store)
    return store


def rows(dataset: str, count: int, first: int, last: int) -> NameRows:
    return NameRows(dataset=dataset, rows=count, first=moment(first), last=moment(last))


SPELLINGS = (
    KnownName(SHOUTED, (rows("access_requests", 1, 9, 9), rows("http_requests", 1, 2, 2))),
    KnownName(ANN, (rows("gateway_http", 1, 7, 7), rows("http_requests", 2, 0, 1))),
    KnownName(SPACED, (rows("http_requests", 1, 3, 3),)),
)


def test_spellings_are_known_by_dataset_without_opening_a_file(ann: Store) -> None:
    for path in ann.layout.parts.rglob("*.parquet"):
        path.unlink()

    found = known_names(ann.layout, "ANN.LEE@example.com")

    assert found == KnownNames(SPELLINGS)
    assert (found.names[1].rows_in("http_requests"), found.names[1].rows_in("dns_logs")) == (2, 0)
    assert [each.name for each in all_names(ann.layout).names] == [SHOUTED, ANN, SPACED, "bob"]


def test_files_of_too_many_names_are_read(ann: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(counting, "NAMES_MAX", 0)
        send(ann, gzipped(ndjson(by(ANN, EdgeStartTimestamp=at(30)), by(None), by("x"))))
        load(ann)

    found = known_names(ann.layout, ANN)

    assert found.names[1].datasets[1] == rows("http_requests", 3, 0, 30)
    assert "x" in {each.name for each in all_names(ann.layout).names}


def test_a_file_that_is_not_counted_and_cannot_be_read_is_named(
    ann: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counting, "NAMES_MAX", 0)
    send(ann, gzipped(ndjson(by(ANN, EdgeStartTimestamp="2026-11-19T09:00:00Z"))))
    load(ann)
    [path] = ann.layout.parts.glob("http_requests/date=2026-11-19/*.parquet")
    path.write_bytes(b"PAR1")

    found = known_names(ann.layout, ANN)

    assert found == KnownNames(SPELLINGS, unread=(path,))


def test_the_files_of_an_older_version_are_read_until_they_are_counted(tmp_path: Path) -> None:
    data = golden_store(tmp_path / "data", "spellings")
    before = all_names(Layout(data))
    with Store.open(data, Clock()) as store:
        with (swap := store.file_swap()).locked():
            while uncounted.count_some(swap):
                pass

        assert all_names(store.layout) == before
    assert {"srhea", "dora", "ada"} <= {each.name for each in before.names}


def test_names_are_at_hand_where_few_files_are_not_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    layout = Layout(golden_store(tmp_path / "data", "spellings"))
    every = [each.name for each in all_names(layout).names]

    assert sorted(names_at_hand(layout, 1_000)) == every
    assert len(names_at_hand(layout, 2)) == 2
    monkeypatch.setattr(reading, "UNCOUNTED_READ_MAX", 0)
    assert names_at_hand(layout, 1_000) == []


def test_a_file_that_cannot_be_read_leaves_the_other_names_at_hand(
    ann: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counting, "NAMES_MAX", 0)
    for day, name in (("2026-11-18", "dora"), ("2026-11-19", ANN.upper())):
        send(ann, gzipped(ndjson(by(name, EdgeStartTimestamp=f"{day}T09:00:00Z"))))
    load(ann)
    [path] = ann.layout.parts.glob("http_requests/date=2026-11-19/*.parquet")
    path.write_bytes(b"PAR1")

    assert sorted(names_at_hand(ann.layout, 100)) == sorted([ANN, SHOUTED, SPACED, "bob", "dora"])


def test_a_file_of_very_many_or_very_long_names_keeps_no_counted_name_away(
    ann: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counting, "NAMES_MAX", 10)
    made_up = [f"a{number:02}" for number in range(40)]
    users = [*made_up, "x" * (counting.NAME_BYTES_MAX + 1)]
    send(ann, gzipped(ndjson(*(by(each, EdgeStartTimestamp=at(9)) for each in users))))
    load(ann)

    everybody = names_at_hand(ann.layout, 1_000)
    few = names_at_hand(ann.layout, 6)

    assert sorted(everybody) == sorted([ANN, SHOUTED, SPACED, "bob", *made_up])
    assert len(few) == 6
    assert {ANN, SHOUTED, SPACED, "bob"} <= set(few)


def test_a_store_of_the_first_version_is_answered_too(tmp_path: Path) -> None:
    data = old_store(tmp_path / "data")

    assert [each.name for each in known_names(Layout(data), "SRHEA").names] == ["srhea"]


def test_a_name_that_no_row_can_have_is_unknown(ann: Store) -> None:
    assert known_names(ann.layout, "\udcff") == KnownNames(())
    assert known_names(ann.layout, "nobody") == KnownNames(())
