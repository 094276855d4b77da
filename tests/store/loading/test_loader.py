"""Loading turns every line of a batch into one row or one rejected line, exactly once."""

import contextlib
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest
from sqlalchemy import RowMapping, select

from schema.decoding.decode import Decoding, decode
from schema.decoding.decoder import CHOICE_VARIABLE
from schema.decoding.result import Piece
from store.catalog.tables import batches, files
from store.errors import DiskFailed, NoRoom, StoreUnavailable
from store.files.hashed_writer import HashedWriter
from store.files.layout import OTHER_DAY
from store.intake import raw_body
from store.intake.outcome import Receipt
from store.loading import claims as load
from store.loading import conversion, parts
from store.loading.claims import ATTEMPTS_MAX
from store.loading.outcome import Failed, Loaded, Unread
from store.parquet import ordered_part as part
from store.parquet.drafts.part_draft import Linked, PartDraft
from store.reading import views
from store.reading.shell import file_writing
from store.store import Store
from tests.deaths import Deaths
from tests.dying import Dying, Killed, dying
from tests.factories import SHELL, Body, Clock, gzipped, login, ndjson, record, send


def drain(store: Store) -> list[Loaded | Unread | Failed]:
    loader = store.loader()
    loader.sweep()
    return [outcome for found in iter(loader.load_next, []) for outcome in found]


def rows(store: Store, dataset: str = "http_requests") -> list[dict[str, object]]:
    return [
        row
        for path in store.snapshot().files.get(dataset, ())
        for row in pq.read_table(path, partitioning=None).to_pylist()
    ]


def test_a_batch_becomes_rows_with_its_provenance(store: Store, body: Body) -> None:
    receipt = send(store, body(record(), record(RayID="8f0e1d2c3b4a5969")))
    assert isinstance(receipt, Receipt)

    [loaded] = drain(store)

    assert loaded == Loaded(
        batch_id=receipt.batch_id,
        dataset="http_requests",
        lines=2,
        rows=2,
        rejected_lines=0,
        blank_lines=0,
        parts=1,
    )
    first, second = sorted(rows(store), key=lambda row: str(row["RayID"]))
    assert (first["user_id"], first["user_source"]) == ("srhea", "request_header")
    assert first["batch_id"] == second["batch_id"] == receipt.batch_id
    assert [first["line_number"], second["line_number"]] == [1, 2]


def test_lines_that_are_not_records_are_rows_of_rejected(store: Store) -> None:
    send(store, gzipped(b"{broken\n" + ndjson(record()) + b"\n[1]\n"))

    [loaded] = drain(store)

    assert isinstance(loaded, Loaded)
    assert (loaded.lines, loaded.rows, loaded.rejected_lines, loaded.blank_lines) == (4, 1, 2, 1)
    kept = rows(store, "rejected")
    assert [(row["line_number"], row["line"]) for row in kept] == [(1, b"{broken"), (4, b"[1]")]
    assert all(row["dataset"] == "http_requests" and row["reason"] for row in kept)


def test_events_lie_in_the_folder_of_their_day_and_distant_ones_in_a_common_one(
    store: Store, clock: Clock
) -> None:
    oldest, newest = clock.now - timedelta(days=31), clock.now + timedelta(days=1)
    moments = {
        oldest: oldest.date().isoformat(),
        oldest - timedelta(days=1): OTHER_DAY,
        newest: newest.date().isoformat(),
        newest + timedelta(days=1): OTHER_DAY,
        clock.now: clock.now.date().isoformat(),
    }
    lines = [record(EdgeStartTimestamp=f"{moment.isoformat()}Z") for moment in moments]
    timeless = {key: value for key, value in record().items() if "Timestamp" not in key}
    send(store, gzipped(ndjson(*lines, timeless)))

    drain(store)

    with store.catalog.read() as connection:
        found = Counter(
            dict(tuple(row) for row in connection.execute(select(files.c.day, files.c.rows)))
        )
    assert found == Counter([*moments.values(), OTHER_DAY])


def test_parts_have_checksums_statistics_and_a_declared_order(store: Store) -> None:
    names = ["zoe", "anna", "srhea"]
    users = [record(RequestHeaders={"cf-access-user": name}) for name in names]
    send(store, gzipped(ndjson(*users)))

    drain(store)

    [part] = store.snapshot().files["http_requests"]
    with pq.ParquetFile(part, page_checksum_verification=True) as file:
        assert [row["user_id"] for row in file.read(["user_id"]).to_pylist()] == sorted(names)
        group = file.metadata.row_group(0)
        assert [column.column_index for column in group.sorting_columns] == [
            file.schema_arrow.get_field_index("user_id"),
            file.schema_arrow.get_field_index("event_time"),
        ]
    with store.catalog.read() as connection:
        [row] = connection.execute(select(files)).mappings().all()
    assert (row["user_min"], row["user_max"]) == ("anna", "zoe")
    assert row["time_min"] == "2026-11-20T09:51:07.000000Z"
    assert row["rows"] == 3


@pytest.mark.deaths
def test_rows_exist_once_after_a_loader_was_killed_at_any_call(
    store: Store, monkeypatch: pytest.MonkeyPatch, deaths: Deaths
) -> None:
    for n, system in enumerate(deaths, 1):
        # A new day each time, so that folders are created, and a rejected line.
        day = 1 + n % 21
        times = {"EdgeStartTimestamp": f"2026-11-{day:02d}T00:00:00Z", "RayID": f"{n:016x}"}
        send(store, gzipped(ndjson(record(**times)) + b"not json\n"))
        with dying(monkeypatch, system), contextlib.suppress(Killed):
            drain(store)

        drain(store)

        assert len(rows(store)) == n, system.hit
        assert len({row["RayID"] for row in rows(store)}) == n
        assert len(rows(store, "rejected")) == n
        on_disk = [path for path in store.layout.parts.rglob("*") if path.is_file()]
        with store.catalog.read() as connection:
            assert len(on_disk) == len(connection.execute(select(files)).all())
    assert not store.layout.stray.exists()
    assert deaths.happened > 8


@pytest.mark.deaths
@pytest.mark.parametrize(("number", "expected"), [(28, NoRoom), (5, DiskFailed)])
def test_a_disk_error_leaves_the_batch_pending_and_no_part_visible(
    store: Store,
    body: Body,
    monkeypatch: pytest.MonkeyPatch,
    number: int,
    expected: type[Exception],
) -> None:
    send(store, body())
    n = 0
    fired = True
    while fired:
        n += 1
        fired = False
        system = Dying(n, lambda: OSError(number, "injected"), once=True)
        with dying(monkeypatch, system):
            try:
                drain(store)
            except expected:
                fired = True
        # The line in `ledger/` is written after the commit.
        if fired and "store/ledger" not in str(system.hit):
            assert rows(store) == []
            assert store.status().pending.batches == 1
    assert n > 4
    assert len(rows(store)) == 1


def test_a_changed_raw_file_is_kept_unread(store: Store, body: Body) -> None:
    receipt = send(store, body())
    assert isinstance(receipt, Receipt)
    [raw] = store.layout.raw.rglob("*.gz")
    raw.write_bytes(gzipped(ndjson(record(RequestHeaders={"cf-access-user": "someone"}))))

    [outcome] = drain(store)

    assert outcome == Unread(
        receipt.batch_id, f"raw/2026-11-22/{receipt.batch_id}.gz is not what was received"
    )
    assert rows(store) == []
    assert store.status().datasets["http_requests"].unread_batches == 1


def test_a_missing_raw_file_does_not_block_other_batches(store: Store, body: Body) -> None:
    send(store, body())
    [raw] = store.layout.raw.rglob("*.gz")
    send(store, body(record(RayID="1" * 16)))
    raw.unlink()

    outcomes = drain(store)

    assert [type(outcome) for outcome in outcomes] == [Unread, Loaded]


def test_a_batch_that_kills_its_loader_does_not_block_others(store: Store, body: Body) -> None:
    send(store, body())
    send(store, body(record(RayID="1" * 16)))
    for _ in range(2):
        # Both together first, then the older one alone.
        with contextlib.suppress(Killed):
            _die_in_the_first(store.loader())

    [outcome] = store.loader().load_next()

    with store.catalog.read() as connection:
        query = select(batches.c.state).order_by(batches.c.sequence)
        assert connection.scalars(query).all() == ["entered", "loaded"]
    assert isinstance(outcome, Loaded)


def _die_in_the_first(loader: object) -> None:
    def killed(_group: object) -> None:
        raise Killed

    loader._load = killed  # type: ignore[attr-defined]
    loader.load_next()  # type: ignore[attr-defined]


def test_a_snapshot_has_the_number_and_age_of_pending_batches(
    store: Store, body: Body, clock: Clock
) -> None:
    send(store, body())
    clock.move(seconds=7)

    before = store.snapshot()
    drain(store)
    after = store.snapshot()

    assert (before.sequence, before.pending_batches, before.lag_seconds) == (1, 1, 7.0)
    assert (after.sequence, after.pending_batches, after.lag_seconds) == (2, 0, 0.0)
    assert before.files == {}
    assert [path.is_absolute() for path in after.files["http_requests"]] == [True]


def test_an_empty_store_has_a_view_for_every_dataset(store: Store) -> None:
    views.publish(store.layout, store.snapshot(), SHELL)

    with duckdb.connect(str(store.layout.audit), read_only=True) as connection:
        for name in ("http_requests", "access_requests", "rejected"):
            assert connection.execute(f"SELECT count(*) FROM {name}").fetchone() == (0,)
        assert connection.execute("FROM trail('srhea')").fetchall() == []


def test_views_are_replaced_atomically_while_a_shell_reads_them(store: Store, body: Body) -> None:
    views.publish(store.layout, store.snapshot(), SHELL)
    with duckdb.connect(str(store.layout.audit), read_only=True) as old:
        far = record(EdgeStartTimestamp=0, RayID="7" * 16)
        send(store, gzipped(ndjson(record(), far)))
        send(store, gzipped(ndjson(login())), "access_requests")
        drain(store)
        views.publish(store.layout, store.snapshot(), SHELL)
        assert old.execute("SELECT count(*) FROM http_requests").fetchone() == (0,)

    with duckdb.connect(str(store.layout.audit), read_only=True) as connection:
        assert connection.execute("SELECT count(*) FROM http_requests").fetchone() == (2,)
        [(header,)] = connection.execute(
            "SELECT RequestHeaders->>'cf-access-user' FROM http_requests WHERE date = '2026-11-20'"
        ).fetchall()
        assert header == "srhea"
        trail = connection.execute("SELECT ray_id FROM trail('srhea')").fetchall()
        assert trail == [("7" * 16,), ("8f0e1d2c3b4a5968",)]
        people_seen = "SELECT name, requests FROM people() WHERE requests > 0"
        [(people, requests)] = connection.execute(people_seen).fetchall()
        assert (people, requests) == ("srhea", 2)
        assert connection.execute("SELECT sequence FROM snapshot").fetchone() == (4,)
    leftovers = [path.name for path in store.layout.root.glob(".draft-*")]
    assert leftovers == []


def test_a_batch_that_fails_by_a_fault_of_raytrail_is_retried_and_then_kept_unread(
    store: Store, body: Body, monkeypatch: pytest.MonkeyPatch
) -> None:
    faulty = send(store, body())
    assert isinstance(faulty, Receipt)
    send(store, body(record(RayID="1" * 16)))
    plain = raw_body.RawBodies.plain

    def failing(self: raw_body.RawBodies, batch: RowMapping) -> Iterator[bytes]:
        if batch["batch_id"] == faulty.batch_id:
            raise ZeroDivisionError("ours")
        return plain(self, batch)

    monkeypatch.setattr(raw_body.RawBodies, "plain", failing)

    outcomes = drain(store)

    reason = "ZeroDivisionError: ours"
    tries = [outcome for outcome in outcomes if not isinstance(outcome, Loaded)]
    assert tries == [
        *[Failed(faulty.batch_id, reason)] * (ATTEMPTS_MAX - 1),
        Unread(faulty.batch_id, reason),
    ]
    assert isinstance(outcomes[1], Loaded), "the other one waited for one try only"


def test_a_raw_folder_that_is_away_for_a_moment_leaves_every_batch_pending(
    store: Store, body: Body, tmp_path: Path
) -> None:
    send(store, body())
    store.layout.raw.rename(tmp_path / "aside")
    with pytest.raises(StoreUnavailable):
        drain(store)
    (tmp_path / "aside").rename(store.layout.raw)

    assert [type(outcome) for outcome in drain(store)] == [Loaded]


def _in_pieces_of(lines: int) -> Callable[..., Iterator[Piece]]:
    def small(chunks: Any, dataset: Any, provenance: Any, decoding: Decoding) -> Iterator[Piece]:
        return decode(chunks, dataset, provenance, replace(decoding, piece_lines=lines))

    return small


def test_rows_waiting_for_a_row_group_are_limited_by_bytes_over_all_days(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(CHOICE_VARIABLE, "python")
    monkeypatch.setattr(parts, "WAITING_BYTES_MAX", 100_000)
    monkeypatch.setattr(raw_body, "READ_BYTES_AT_ONCE", 500)
    monkeypatch.setattr(conversion, "decode", _in_pieces_of(50))
    days = [
        record(EdgeStartTimestamp=f"2026-11-{10 + n % 5}T00:00:00Z", RayID=f"{n:016x}")
        for n in range(1_000)
    ]
    send(store, gzipped(ndjson(*days)))

    drain(store)

    found = store.snapshot().files["http_requests"]
    groups = [pq.read_metadata(each).num_row_groups for each in found]
    assert len(found) == 5
    assert min(groups) > 1
    assert len({row["RayID"] for row in rows(store)}) == 1_000


def test_a_full_row_group_is_written_immediately(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(CHOICE_VARIABLE, "python")
    monkeypatch.setattr(part, "ROW_GROUP_ROWS", 4)
    monkeypatch.setattr(raw_body, "READ_BYTES_AT_ONCE", 50)
    monkeypatch.setattr(conversion, "decode", _in_pieces_of(4))
    send(store, gzipped(ndjson(*[record(RayID=f"{n:016x}") for n in range(8)])))

    drain(store)

    [path] = store.snapshot().files["http_requests"]
    assert pq.read_metadata(path).num_row_groups >= 2
    assert len(rows(store)) == 8


def test_a_part_that_reads_back_incomplete_is_never_live(
    store: Store, body: Body, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(store, body())
    real = PartDraft.finish

    def miscounting(self: PartDraft, name: str, *, dataset: str, rows: int) -> Linked:
        return real(self, name, dataset=dataset, rows=rows + 1)

    monkeypatch.setattr(PartDraft, "finish", miscounting)
    with pytest.raises(DiskFailed, match="read back 1"):
        drain(store)

    assert rows(store) == []
    assert store.status().pending.batches == 1


def test_a_batch_without_lines_is_loaded_with_no_rows(store: Store) -> None:
    send(store, gzipped(b""))
    [first] = drain(store)
    send(store, gzipped(b"only this is no JSON\n"))
    [second] = drain(store)

    assert isinstance(first, Loaded)
    assert isinstance(second, Loaded)
    assert (first.lines, first.parts) == (0, 0)
    assert (second.rejected_lines, second.parts) == (1, 1)


@pytest.mark.parametrize("dataset", ["brand_new_logs", None])
def test_a_dataset_without_a_description_becomes_rows(store: Store, dataset: str | None) -> None:
    send(store, gzipped(b'{"Timestamp":"2026-11-20T10:00:00Z","New":[1,{"a":2}]}\n'), dataset)

    [outcome] = drain(store)

    assert isinstance(outcome, Loaded)
    [row] = rows(store, dataset or "unknown")
    assert row["extra"] == '{"Timestamp":"2026-11-20T10:00:00Z","New":[1,{"a":2}]}'
    assert str(row["event_time"]) == "2026-11-20 10:00:00+00:00"
    views.publish(store.layout, store.snapshot(), SHELL)
    with duckdb.connect(str(store.layout.audit), read_only=True) as audit:
        assert audit.execute(f"SELECT date FROM {dataset or 'unknown'}").fetchall() == [
            (date(2026, 11, 20),)
        ]


def test_a_batch_with_an_invalid_dataset_name_is_kept_unread(store: Store, body: Body) -> None:
    send(store, body(), "From.The.Future")

    [outcome] = drain(store)

    assert isinstance(outcome, Unread)
    assert outcome.reason == "'From.The.Future' is not a valid dataset name"


def test_views_that_a_full_disk_cut_short_are_not_published(
    store: Store, body: Body, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(store, body())
    drain(store)
    views.publish(store.layout, store.snapshot(), SHELL)
    before = store.layout.audit.read_bytes()
    real = file_writing.write

    def half(path: Path, *others: Any) -> None:
        real(path, *others)
        Path(f"{path}.wal").write_bytes(b"the rest")

    with monkeypatch.context() as patch:
        patch.setattr(file_writing, "write", half)
        with pytest.raises(NoRoom):
            views.publish(store.layout, store.snapshot(), SHELL)
    with monkeypatch.context() as patch:
        patch.setattr(file_writing, "STORAGE_VERSION", "v0.0.0")
        with pytest.raises(NoRoom):
            views.publish(store.layout, store.snapshot(), SHELL)

    assert store.layout.audit.read_bytes() == before
    assert list(store.layout.root.glob(".draft-*")) == []


def test_unfinished_views_of_a_killed_loader_are_swept(store: Store) -> None:
    for name in (".draft-00-audit", ".draft-00-audit.wal"):
        (store.layout.root / name).write_bytes(b"half")

    assert store.loader().sweep() == 2


def test_small_batches_that_wait_together_share_parts(store: Store) -> None:
    for ray in range(5):
        send(store, gzipped(ndjson(record(RayID=f"{ray}"))))
    send(store, gzipped(ndjson(login())), "access_requests")

    found = [
        [type(outcome) for outcome in drained] for drained in iter(store.loader().load_next, [])
    ]

    assert found == [[Loaded] * 5, [Loaded]]
    [shared] = store.snapshot().files["http_requests"]
    assert sorted(row["RayID"] for row in pq.read_table(shared, partitioning=None).to_pylist()) == [
        f"{ray}" for ray in range(5)
    ]


@pytest.mark.parametrize(("batches_max", "groups"), [(2, [2, 2, 1]), (5, [5])])
def test_a_group_has_a_limited_number_of_batches(
    store: Store, monkeypatch: pytest.MonkeyPatch, batches_max: int, groups: list[int]
) -> None:
    monkeypatch.setattr(load, "GROUP_BATCHES_MAX", batches_max)
    for ray in range(5):
        send(store, gzipped(ndjson(record(RayID=f"{ray}"))))

    assert [len(found) for found in iter(store.loader().load_next, [])] == groups


def test_a_group_has_a_limited_size(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    one = ndjson(record(RayID="1"))
    monkeypatch.setattr(load, "GROUP_BYTES_MAX", 2 * len(one))
    for ray in range(3):
        send(store, gzipped(ndjson(record(RayID=f"{ray}"))))

    assert [len(found) for found in iter(store.loader().load_next, [])] == [2, 1]


@pytest.mark.parametrize("limit", ["GROUP_BATCHES_MAX", "GROUP_BYTES_MAX"])
@pytest.mark.parametrize(("bodies", "groups"), [(2, [2, 2]), (6, [])])
def test_a_loader_of_full_groups_leaves_a_group_that_others_may_join(
    store: Store, monkeypatch: pytest.MonkeyPatch, limit: str, bodies: int, groups: list[int]
) -> None:
    body = ndjson(record(RayID="0"))
    monkeypatch.setattr(load, limit, bodies * (len(body) if limit == "GROUP_BYTES_MAX" else 1))
    for ray in range(5):
        send(store, gzipped(ndjson(record(RayID=f"{ray}"))))
    loader = store.loader()

    assert [len(found) for found in iter(lambda: loader.load_next(only_full=True), [])] == groups
    assert sum(len(found) for found in iter(loader.load_next, [])) == 5 - sum(groups)


def test_one_unreadable_batch_of_a_group_does_not_stop_the_others(store: Store) -> None:
    receipts = [send(store, gzipped(ndjson(record(RayID=f"{ray}")))) for ray in range(3)]
    bad = receipts[1]
    assert isinstance(bad, Receipt)
    next(store.layout.raw.rglob(f"{bad.batch_id}.gz")).unlink()

    outcomes = store.loader().load_next()

    assert [type(outcome) for outcome in outcomes] == [Loaded, Unread, Loaded]
    assert len(rows(store)) == 2


def test_several_threads_load_each_batch_once(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(load, "GROUP_BATCHES_MAX", 2)
    for ray in range(12):
        send(store, gzipped(ndjson(record(RayID=f"{ray}"))))
    loader = store.loader()

    with ThreadPoolExecutor(3) as pool:
        found = [
            outcomes
            for _ in range(4)
            for outcomes in pool.map(lambda _: loader.load_next(), range(3))
        ]

    assert sum(len(outcomes) for outcomes in found) == 12
    assert {row["RayID"] for row in rows(store)} == {f"{ray}" for ray in range(12)}


def test_a_pool_decodes_the_pieces_of_a_large_batch(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(CHOICE_VARIABLE, "python")
    monkeypatch.setattr(conversion, "PIECE_BYTES", 1_000)
    monkeypatch.setattr(raw_body, "READ_BYTES_AT_ONCE", 300)
    monkeypatch.setattr(conversion, "decode", _in_pieces_of(10))
    send(store, gzipped(ndjson(*[record(RayID=f"{n:016x}") for n in range(500)])))

    with ThreadPoolExecutor(2) as pool:
        [loaded] = store.loader(pool).load_next()

    assert isinstance(loaded, Loaded)
    assert loaded.rows == 500
    assert [row["line_number"] for row in rows(store)] == list(range(1, 501))


def test_a_full_disk_leaves_every_batch_of_a_group_pending(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    for ray in range(2):
        send(store, gzipped(ndjson(record(RayID=f"{ray}"))))

    def full(*_: object) -> None:
        raise NoRoom("injected")

    with monkeypatch.context() as patch:
        patch.setattr(HashedWriter, "write", full)
        with pytest.raises(NoRoom):
            store.loader().load_next()

    assert store.status().pending.batches == 2
    assert {type(outcome) for outcome in drain(store)} == {Loaded}
