"""The verification finds every remnant of a person, and nothing else."""

import gzip
import os
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sqlalchemy import insert, update

from store.catalog import ledger
from store.catalog.tables import batches, fields, files, refusals
from store.catalog.users.tables import user_days, user_names
from store.erasure.body_search import SearchResult, search
from store.erasure.erasure import UnknownPerson
from store.erasure.identifier import Identifier
from store.erasure.remnants.place_search import LIKE_CHARS_MAX
from store.erasure.remnants.remnant import Remnant, RemnantKind
from store.erasure.row_search import RowSearch
from store.erasure.verification import find_remnants
from store.files import durable
from store.parquet.file_reader import opened_unnamed
from store.personal_data import naming_columns
from store.retention import holds
from store.retention.holds import Criteria
from store.store import Store
from tests.factories import gzipped, load, ndjson, old_store, record, send
from tests.person_store import USER, by, erase, try_to_erase

WHO = Identifier.of(USER)


def found(store: Store, user: str = USER) -> list[Remnant]:
    return list(find_remnants(store.layout, store.catalog, user))


def kinds(store: Store) -> dict[RemnantKind, int]:
    told: dict[RemnantKind, int] = {}
    for remnant in found(store):
        told[remnant.kind] = told.get(remnant.kind, 0) + remnant.count
    return told


def test_nothing_is_found_of_an_unknown_person(store: Store) -> None:
    send(store, gzipped(ndjson(by("bob")) + b"no json\n"))
    load(store)

    assert found(store) == []


def test_rows_lines_bodies_and_mentions_are_distinguished(store: Store) -> None:
    rows = (by(USER), by(USER), by("bob", ClientRequestURI=f"/?q={USER}"))
    send(store, gzipped(ndjson(*rows) + f"no json {USER}\n".encode()))
    load(store)
    send(store, gzipped(ndjson(by(USER)))[:-6])
    [path] = [file["path"] for file in store.file_swap().live_files() if file["rows"] == 3]

    assert Remnant(RemnantKind.ROW, path, 2) in found(store)
    assert Remnant(RemnantKind.MENTION, path, 1) in found(store)
    assert kinds(store) == {
        RemnantKind.ROW: 2,
        RemnantKind.MENTION: 1,
        RemnantKind.LINE: 1,
        RemnantKind.RAW: 1,
        RemnantKind.QUARANTINED: 1,
        RemnantKind.CATALOG: 2,
    }, "the catalog has the range of users of a part, and their names"


def test_after_an_erasure_only_mentions_are_found(store: Store) -> None:
    send(store, gzipped(ndjson(by(USER), by("bob", ClientRequestURI=f"/?q={USER}"))))
    load(store)
    erase(store)

    assert kinds(store) == {RemnantKind.MENTION: 1}


def test_rows_and_bodies_under_a_hold_are_reported_as_held(store: Store) -> None:
    send(store, gzipped(ndjson(by(USER))))
    load(store)
    with store.catalog.write() as connection:
        holds.place(connection, store.layout, store.clock, Criteria(user=USER), "case 4")
    erase(store)

    told = kinds(store)
    # The hold's own criterion, also in its file, the name of a user, and the part's range of
    # users, at both ends.
    assert told == {RemnantKind.HELD: 1, RemnantKind.HELD_RAW: 1, RemnantKind.CATALOG: 5}


def test_a_body_not_loaded_yet_is_reported_as_new(store: Store) -> None:
    send(store, gzipped(ndjson(by(USER))))

    assert kinds(store) == {RemnantKind.NEW_RAW: 1}


def test_a_body_of_two_datasets_is_new_until_both_are_loaded(store: Store) -> None:
    body = gzipped(ndjson(by(USER)))
    send(store, body)
    load(store)
    send(store, body, "gateway_http")

    assert {RemnantKind.NEW_RAW, RemnantKind.RAW} & kinds(store).keys() == {RemnantKind.NEW_RAW}
    load(store)
    assert {RemnantKind.NEW_RAW, RemnantKind.RAW} & kinds(store).keys() == {RemnantKind.RAW}


def test_a_body_without_catalog_row_is_found(store: Store) -> None:
    folder = store.layout.raw / "2026-11-22"
    durable.make_folder(folder)
    (folder / "stray.gz").write_bytes(gzipped(USER.encode()))
    (folder / "damaged.gz").write_bytes(gzipped(b"no matter")[:-1])
    (store.layout.raw / ".draft-0-_").write_bytes(USER.encode())

    assert sorted(found(store), key=lambda remnant: remnant.path) == [
        Remnant(RemnantKind.RAW, "raw/.draft-0-_", 1),
        Remnant(RemnantKind.UNREADABLE, "raw/2026-11-22/damaged.gz", 1),
        Remnant(RemnantKind.RAW, "raw/2026-11-22/stray.gz", 1),
    ]
    erased = erase(store).occurrences
    assert [Path(body.path).name for body in erased.quarantined] == ["stray.gz"], "and no draft"
    [left] = found(store)
    assert left.kind is RemnantKind.UNREADABLE
    assert Path(left.path).match("stray/*/raw/2026-11-22/damaged.gz")


def test_a_draft_that_is_being_written_is_not_searched(store: Store) -> None:
    fd = durable.create_locked(store.layout.raw / ".draft-0-_")
    try:
        os.write(fd, USER.encode())
        assert found(store) == []
    finally:
        os.close(fd)


def test_parquet_files_without_catalog_row_are_found(store: Store) -> None:
    folder = store.layout.part_folder("http_requests", "2026-11-20")
    folder.mkdir(parents=True)
    for name, user in (("theirs.parquet", USER), ("bobs.parquet", "bob")):
        pq.write_table(pa.table({"user_id": [user], "batch_id": ["b"]}), folder / name)
    (folder / ".draft-0-part").write_bytes(b"half of one")
    (folder / "garbage.parquet").write_bytes(b"no Parquet at all")
    prefix = store.layout.relative(folder)

    assert sorted(found(store), key=lambda remnant: remnant.path) == [
        Remnant(RemnantKind.UNREADABLE, f"{prefix}/.draft-0-part", 1),
        Remnant(RemnantKind.UNREADABLE, f"{prefix}/garbage.parquet", 1),
        Remnant(RemnantKind.STRAY, f"{prefix}/theirs.parquet", 1),
    ]


def test_an_unreadable_retired_file_is_reported(store: Store) -> None:
    send(store, gzipped(ndjson(by("bob"))))
    load(store)
    [file] = store.file_swap().live_files()
    with store.catalog.write() as connection:
        connection.execute(update(files).values(retired_sequence=1))
    (store.layout.root / file["path"]).write_bytes(b"damaged")

    assert found(store) == [Remnant(RemnantKind.UNREADABLE, file["path"], 1)]


def test_field_names_made_by_a_sender_are_found_in_the_catalog(store: Store) -> None:
    send(store, gzipped(ndjson(record(**{USER: 1}))))
    load(store)
    erase(store)

    told = {
        remnant.path: remnant.kind
        for remnant in found(store)
        if remnant.kind is RemnantKind.CATALOG
    }
    assert told == {
        "catalog.sqlite: batches.tally": RemnantKind.CATALOG,
        "catalog.sqlite: fields.field": RemnantKind.CATALOG,
    }


def test_every_catalog_column_with_foreign_text_is_searched(store: Store) -> None:
    send(store, gzipped(ndjson(record())))
    with store.catalog.write() as connection:
        ledger.append(connection, "test", store.clock(), {"reason": f"of {USER}"})
        holds.place(connection, store.layout, store.clock, Criteria(user=USER, host=USER), "case 4")
        connection.execute(update(batches).values(reason=USER, foreign_dataset=USER))
        at = {"first_at": "x", "last_at": "x"}
        row = {"sha256": "0", "times": 1, "reason": f"not {USER}", **at}
        connection.execute(insert(refusals).values(row))
        name = {"dataset": "x", "kind": "unknown", "field": f"{USER}'s", "times": 1}
        connection.execute(insert(fields).values(**name, first_batch=1))

    told = {
        remnant.path.partition(": ")[2] or remnant.path.partition("/")[0]: remnant.kind
        for remnant in found(store)
    }

    assert told == {
        "holds": RemnantKind.CATALOG,
        "ledger": RemnantKind.LEDGER,
        "entries.payload": RemnantKind.LEDGER,
        "batches.reason": RemnantKind.CATALOG,
        "batches.foreign_dataset": RemnantKind.CATALOG,
        "holds.user": RemnantKind.CATALOG,
        "holds.host": RemnantKind.CATALOG,
        "refusals.reason": RemnantKind.CATALOG,
        "fields.field": RemnantKind.CATALOG,
    }
    assert {f"{column.table.name}.{column.name}" for column in naming_columns()} > set(told) - {
        "holds",
        "ledger",
    }


def test_ledger_entries_of_version_0_1_with_the_name_are_counted(
    tmp_path: Path, store: Store
) -> None:
    with Store.open(old_store(tmp_path / "old"), store.clock, store.limits) as old:
        erase(old, "srhea")
        told = list(find_remnants(old.layout, old.catalog, "srhea"))

    found = [each for each in told if each.kind is RemnantKind.LEDGER]
    assert {each.path.partition("/")[0] for each in found} == {
        "catalog.sqlite: entries.payload",
        "ledger",
    }
    assert all(each.count > 0 for each in found)


def test_deleted_bytes_in_the_catalog_file_are_found(store: Store) -> None:
    for number in range(2):
        send(store, gzipped(ndjson(by(USER, RayID=f"{number}"))))
        load(store)
    with store.catalog.write() as connection:
        for table in (files, user_days, user_names):
            connection.execute(table.delete())
        connection.execute(update(batches).values(raw_retired_sequence=1))
    for path in (*store.layout.raw.rglob("*.gz"), *store.layout.parts.rglob("*.parquet")):
        path.unlink()

    assert {(remnant.kind, remnant.path) for remnant in found(store)} == {
        (RemnantKind.BYTES, "catalog.sqlite-wal")
    }
    assert isinstance(try_to_erase(store), UnknownPerson)
    assert found(store) == []


def test_of_names_with_a_common_beginning_only_the_same_one_is_found(store: Store) -> None:
    """SQL compares only the beginning of a long name."""
    common = "a" * LIKE_CHARS_MAX
    with store.catalog.write() as connection:
        for sha256, user in enumerate((f"{common}b", f"{common}c", f"{common}c")):
            row = {"sha256": str(sha256), "times": 1, "first_at": "x", "last_at": "x"}
            connection.execute(insert(refusals).values(**row, reason=user))

    assert [each.count for each in found(store, f"{common}c")] == [2]
    assert found(store, f"{common}d") == []


def test_bytes_and_names_of_other_files_are_found(store: Store) -> None:
    (store.layout.root / "audit.duckdb").write_bytes(b"x" * 300_000 + USER.encode())
    (store.layout.quarantine / USER).mkdir()

    assert found(store) == [
        Remnant(RemnantKind.BYTES, "audit.duckdb", 1),
        Remnant(RemnantKind.NAME, f"quarantine/{USER}", 1),
    ]


def test_a_name_inside_a_longer_name_is_a_mention(store: Store) -> None:
    send(store, gzipped(ndjson(by("joann"))))
    load(store)

    told = {remnant.kind for remnant in found(store, "ann")}
    assert told == {RemnantKind.MENTION, RemnantKind.RAW, RemnantKind.CATALOG}


@pytest.mark.parametrize("user", ["", "\ud800"])
def test_an_empty_or_invalid_identifier_is_refused(user: str) -> None:
    with pytest.raises((ValueError, TypeError)):
        Identifier.of(user)


@pytest.mark.parametrize("length", range(1, len(USER) + 2))
def test_an_identifier_is_found_across_pieces(length: int) -> None:
    content = f"before {USER} and {USER}{USER[:-1]}".encode()
    pieces = [content[start : start + length] for start in range(0, len(content), length)]

    assert WHO.is_in(pieces)
    assert WHO.count(pieces) == 2
    assert not WHO.is_in([USER[:-1].encode(), b"x"])


def test_the_search_stops_at_the_first_hit() -> None:
    def pieces() -> Iterator[bytes]:
        yield USER.encode()
        raise AssertionError

    assert WHO.is_in(pieces())


@pytest.mark.parametrize(
    ("body", "was_read", "verdict"),
    [
        (gzipped(b"x" * 400_000 + USER.encode()), False, SearchResult.FOUND),
        (gzipped(b"x") + gzipped(USER.encode()), False, SearchResult.FOUND),
        (gzipped(USER.encode() + b"x")[:-3], False, SearchResult.FOUND),
        (gzipped(b"x")[:-3], False, SearchResult.UNSEARCHABLE),
        (b"?" + gzipped(USER.encode())[1:], False, SearchResult.FOUND),
        (b"?" + gzipped(b"x")[1:], False, SearchResult.UNSEARCHABLE),
        (gzipped(b"x")[:-1] + gzipped(USER.encode()), False, SearchResult.FOUND),
        (USER.encode() + b"half of a letter \xc3", False, SearchResult.FOUND),
        (b"half of a letter \xc3", False, SearchResult.UNSEARCHABLE),
        (b"half of a letter \xc3", True, SearchResult.NOT_FOUND),
        (USER.encode(), False, SearchResult.FOUND),
        (b"", False, SearchResult.NOT_FOUND),
        (b"\x1f", True, SearchResult.UNSEARCHABLE),
        (gzip.compress(b"x" * 400_000, mtime=0), False, SearchResult.NOT_FOUND),
    ],
)
def test_bodies_are_searched_while_they_are_inflated(
    tmp_path: Path, body: bytes, was_read: bool, verdict: SearchResult
) -> None:
    path = tmp_path / "body"
    path.write_bytes(body)

    assert search(path, WHO, was_read=was_read) is verdict


def looked(table: pa.Table, dataset: str = "http_requests") -> Any:
    with TemporaryDirectory() as folder:
        path = Path(folder, "rows.parquet")
        pq.write_table(table, path, row_group_size=3)
        with opened_unnamed(path) as file:
            return RowSearch(WHO, ()).rows(file, dataset)


@pytest.mark.parametrize(
    "column",
    [
        pa.array([None, "x", f"/?q={USER}&", None]),
        pa.array([None, "x", USER, None]).dictionary_encode(),
        pa.array([None, b"\xff", USER.encode() + b"\xff", None]),
        pa.array([None, ["x", None], ["x", USER], []]),
        pa.array([None, [], [USER, USER], [None]], pa.list_(pa.string())),
        pa.array([None, "x", USER, None], pa.large_string()),
        pa.array([None, "x", orjson.dumps({"deep": [USER]}).decode(), "{}"]),
    ],
    ids=str,
)
def test_a_mention_is_found_in_every_type_of_column(column: pa.Array) -> None:
    batch_ids = pa.array(["a", "b", "c", "d"])
    users = pa.array(["bob", None, "bob", USER])
    found = looked(pa.table({"user_id": users, "batch_id": batch_ids, "column": column}))

    assert (found.mentions, found.rows, found.batches) == (1, 1, {"d"})


def test_numbers_and_our_own_columns_are_no_mention() -> None:
    ours = {"batch_id": [USER], "user_source": [USER], "also_in": [f'["{USER}:1"]']}
    table = pa.table({"user_id": ["bob"], **ours, "n": [1]})

    found = looked(table)

    assert (found.mentions, found.rows) == (0, 0)


def test_only_the_sent_text_of_a_rejected_line_is_searched(store: Store) -> None:
    """Its reason contains the word object."""
    send(store, gzipped(b"[1]\nno json\n"))
    load(store)

    [path] = store.snapshot().files["rejected"]
    reasons = pq.read_table(path, partitioning=None)["reason"].to_pylist()
    assert any("object" in reason for reason in reasons)
    assert found(store, "object") == []


def test_a_file_without_a_user_column_has_no_rows_of_a_person() -> None:
    assert looked(pa.table({"batch_id": ["a"], "line_number": [1]})).rows == 0
