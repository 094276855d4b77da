"""Rows and bodies past their retention are removed, held ones stay, and mistakes are refused."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from sqlalchemy import Connection, Delete, Update, delete, select, update

from store.catalog import ledger
from store.catalog.tables import batches, removals
from store.catalog.tables import holds as table_of_holds
from store.compaction.compactor import Compactor
from store.compaction.tiers import RewriteJob
from store.errors import NoRoom, RetentionRefused, RewriteRefused
from store.files.reserve import Reserve
from store.intake.limits import IntakeLimits
from store.intake.outcome import Receipt
from store.ledger.entry import Entry
from store.lifetimes import Lifetimes, cutoff
from store.replay.selection import Selection
from store.retention import confirmation, expired_bodies, expired_rows, holds, retention
from store.retention.clock import SILENCE_MAX
from store.retention.confirmation import Confirmation
from store.retention.holds import Criteria
from store.retention.plan import RetentionPlan
from store.retention.retention import Retention, RetentionResult
from store.store import Store
from tests.dying import Dying, Killed, dying
from tests.factories import Clock, gzipped, lived, load, login, ndjson, record, send, unshown
from tests.store.conftest import Built

USERS = ("ada", "bob")
FOREVER = Lifetimes(raw=None)


def at(store: Store, text: str) -> datetime:
    assert isinstance(store.clock, Clock)
    store.clock.now = datetime.fromisoformat(text)
    return store.clock.now


def request(user: str, time: str, **changes: Any) -> dict[str, Any]:
    sent = {"EdgeStartTimestamp": f"{time}Z", "RequestHeaders": {"cf-access-user": user}}
    return record(**(sent | changes))


def receive(
    store: Store, text: str, *users: str, dataset: str = "http_requests", **more: Any
) -> None:
    """Receive and load a batch at that time, with a row for each user."""
    lived(store)
    at(store, text)
    lived(store)
    send(store, gzipped(ndjson(*(request(user, text, **more) for user in users or USERS))), dataset)
    load(store)


def one_batch(store: Store) -> None:
    receive(store, "2026-11-10T12:00:00")


def kept_for(days: int, dataset: str = "http_requests") -> Lifetimes:
    return Lifetimes(raw=None, datasets={dataset: days})


def planned(store: Store, lifetimes: Lifetimes) -> RetentionPlan:
    return Retention(store.file_swap(), lifetimes).plan()


def run(
    store: Store, lifetimes: Lifetimes, given: Confirmation = confirmation.NONE
) -> RetentionResult:
    swap = store.file_swap()
    with swap.locked() as has_lock:
        assert has_lock
        return Retention(swap, lifetimes).run(given)


def retain(store: Store, lifetimes: Lifetimes) -> RetentionResult:
    """With a confirmation of everything."""
    count = planned(store, lifetimes).count
    return run(store, lifetimes, Confirmation(clock_is_right=True, count=count))


def hold(store: Store, **asked: Any) -> str:
    with store.catalog.write() as connection:
        return holds.place(connection, store.layout, store.clock, Criteria(**asked), "a case").id


def rows(store: Store, dataset: str = "http_requests") -> list[dict[str, Any]]:
    return read(store.snapshot().files.get(dataset, ()))


def read(paths: Iterable[Path]) -> list[dict[str, Any]]:
    return [row for path in paths for row in pq.read_table(path, partitioning=None).to_pylist()]


def days(store: Store, dataset: str = "http_requests") -> list[str]:
    return sorted(str(row["event_time"].date()) for row in rows(store, dataset))


def users(store: Store) -> list[str]:
    return sorted(row["user_id"] for row in rows(store))


def paths(store: Store) -> set[str]:
    return {file["path"] for file in store.file_swap().live_files()}


def raw(store: Store) -> set[str]:
    return {store.layout.relative(path) for path in store.layout.raw.rglob("*.gz")}


def entries(store: Store, kind: str = "retired") -> list[Entry]:
    with store.catalog.read() as connection:
        found = list(ledger.walk(connection))
    assert all(entry.is_sound() for entry in found)
    return [entry for entry in found if entry.kind == kind]


def retired_bodies(store: Store) -> set[int]:
    gone = select(batches.c.sequence).where(batches.c.raw_retired_sequence.is_not(None))
    with store.catalog.read() as connection:
        return set(connection.scalars(gone))


def kept_bodies(store: Store) -> set[str]:
    with store.catalog.read() as connection:
        kept = select(batches.c.raw_path).where(batches.c.raw_retired_sequence.is_(None))
        return set(connection.scalars(kept))


def after_grace(store: Store, lifetimes: Lifetimes = FOREVER) -> None:
    assert isinstance(store.clock, Clock)
    unshown(store)
    store.clock.move(hours=1, seconds=1)
    run(store, lifetimes)


@pytest.mark.parametrize(
    ("now", "days_kept", "first"),
    [
        ("2026-11-16T00:00:00", 5, "2026-11-11"),
        ("2026-11-16T23:59:59", 5, "2026-11-11"),
        ("2026-11-17T00:00:00", 5, "2026-11-12"),
        ("2028-03-01T12:00:00", 1, "2028-02-29"),
    ],
)
def test_a_retention_ends_at_the_start_of_a_day(now: str, days_kept: int, first: str) -> None:
    assert cutoff(datetime.fromisoformat(now), days_kept) == datetime.fromisoformat(first)
    assert cutoff(datetime.fromisoformat(now), None) is None


def test_a_dataset_has_its_own_retention_or_the_default() -> None:
    lifetimes = Lifetimes(raw=1, others=2, datasets={"dns_logs": 3, "rejected": None})

    assert [lifetimes.of(name) for name in ("dns_logs", "rejected", "audit_logs")] == [3, None, 2]


def test_files_of_expired_days_are_removed_whole_and_the_first_kept_day_stays(store: Store) -> None:
    for number in (10, 11, 12):
        receive(store, f"2026-11-{number}T23:59:59")
    at(store, "2026-11-16T23:00:00")

    done = retain(store, kept_for(5))

    assert days(store) == ["2026-11-11"] * 2 + ["2026-11-12"] * 2
    [each] = done.plan.datasets
    assert (each.rows, each.files_whole, each.files_rewritten) == (2, 1, 0)
    assert store.status().datasets["http_requests"].rows == 4
    assert retain(store, kept_for(5)).sequence is None
    at(store, "2026-11-17T00:00:00")
    assert retain(store, kept_for(5)).plan.rows == 2


def test_one_ledger_entry_has_all_counts_and_no_user(store: Store) -> None:
    receive(store, "2026-11-10T09:00:00")
    receive(store, "2026-11-10T10:00:00")
    before = paths(store)
    at(store, "2026-11-20T00:00:00")
    hold_id = hold(store, user="ada")

    done = retain(store, Lifetimes(raw=1, others=1))

    [entry] = entries(store)
    assert entry.sequence == done.sequence
    told = dict(entry.payload)
    assert set(told.pop("retired")) == before
    assert sum(file["rows"] for file in told.pop("files")) == 2
    assert told.pop("raw_bytes") == 0
    assert told == {
        "dataset": "http_requests",
        "days": 1,
        "rows_removed": 2,
        "rows_before": 4,
        "rows_after": 2,
        "files_whole": 0,
        "files_rewritten": 2,
        "raw_batches": [],
        "stray_files": 0,
        "held_rows": {hold_id: 2},
        "held_bodies": {hold_id: 2},
    }
    assert "bob" not in str(entry.payload)


def a_month(store: Store) -> None:
    """Rows of 11 and 12 November, merged into the file of their month."""
    at(store, "2026-11-12T13:00:00")
    sent = [request(user, f"2026-11-{day}T12:00:00") for user in USERS for day in (11, 12)]
    send(store, gzipped(ndjson(*sent)))
    load(store)
    at(store, "2026-12-05T00:00:00")
    swap = store.file_swap()
    with swap.locked():
        inputs = tuple(swap.live_files())
        job = RewriteJob(dataset="http_requests", label="2026-11", tier="month", inputs=inputs)
        Compactor(swap).run(job)


def test_a_partly_expired_month_is_rewritten_without_its_expired_rows(built: Built) -> None:
    store, _ = built(a_month)
    at(store, "2026-12-12T00:00:00")

    done = retain(store, kept_for(30))

    assert days(store) == ["2026-11-12"] * 2
    assert (done.plan.datasets[0].files_whole, done.plan.datasets[0].files_rewritten) == (0, 1)
    [file] = store.file_swap().live_files()
    assert (file["tier"], file["day"]) == ("month", "2026-11")
    assert file["number"] is not None, "its users are indexed"


@pytest.mark.parametrize(("day", "rows_left"), [(12, 2), (13, 0)])
def test_a_month_is_removed_whole_once_its_newest_row_expires(
    built: Built, day: int, rows_left: int
) -> None:
    """Its last row is of the 12th."""
    store, _ = built(a_month)
    at(store, f"2026-12-{day}T00:00:00")

    done = retain(store, kept_for(30))

    assert len(rows(store)) == rows_left
    assert done.plan.datasets[0].files_whole == (rows_left == 0)


@pytest.mark.parametrize(
    ("received_at", "rows_left"), [("2026-11-10T00:00:00", 1), ("2026-11-09T23:59:59", 0)]
)
def test_a_row_exactly_as_old_as_the_limit_is_kept(
    store: Store, received_at: str, rows_left: int
) -> None:
    at(store, received_at)
    send(store, gzipped(ndjson(request("ada", "1999-01-01T00:00:00"))))
    load(store)
    at(store, "2026-11-15T12:00:00")

    retain(store, kept_for(5))

    assert len(rows(store)) == rows_left


def test_events_outside_any_day_expire_by_their_receipt(store: Store) -> None:
    at(store, "2026-11-10T12:00:00")
    send(store, gzipped(ndjson(request("ada", "1999-01-01T00:00:00"))))
    at(store, "2026-11-12T12:00:00")
    send(store, gzipped(ndjson(request("bob", "1998-01-01T00:00:00"))))
    load(store)
    [file] = store.file_swap().live_files()
    assert (file["day"], file["rows"]) == ("__other__", 2)
    at(store, "2026-11-16T00:00:00")

    done = retain(store, kept_for(5))

    assert users(store) == ["bob"]
    assert done.plan.datasets[0].files_rewritten == 1
    at(store, "2026-11-18T00:00:00")
    assert retain(store, kept_for(5)).plan.datasets[0].files_whole == 1
    assert rows(store) == []


def test_rejected_lines_expire_by_their_receipt_and_their_own_retention(
    store: Store,
) -> None:
    for number in (10, 11):
        at(store, f"2026-11-{number}T12:00:00")
        send(store, gzipped(f"no json {number}\n".encode()))
    load(store)
    at(store, "2026-11-16T00:00:00")

    assert retain(store, kept_for(1)).sequence is None
    retain(store, kept_for(5, "rejected"))

    assert [row["line"] for row in rows(store, "rejected")] == [b"no json 11"]


def test_the_default_retention_applies_to_unknown_datasets(store: Store) -> None:
    receive(store, "2026-11-10T12:00:00")
    receive(store, "2026-11-10T12:00:00", dataset="dns_logs", Timestamp="2026-11-10T12:00:00Z")
    at(store, "2026-11-16T00:00:00")

    retain(store, Lifetimes(raw=None, others=5, datasets={"http_requests": None}))

    assert (len(rows(store)), len(rows(store, "dns_logs"))) == (2, 0)


@pytest.mark.parametrize(
    "edit",
    [
        delete(table_of_holds),
        update(table_of_holds).values(user="bob"),
        update(table_of_holds).values(is_exact=True),
        update(table_of_holds).values(released_sequence=1),
    ],
    ids=["deleted", "another person", "exact", "released"],
)
def test_nothing_is_removed_while_a_hold_is_not_what_the_ledger_says(
    store: Store, edit: Delete | Update
) -> None:
    one_batch(store)
    hold(store, user="ada")
    at(store, "2026-12-20T12:00:00")
    lived(store)
    with store.catalog.write() as connection:
        connection.execute(edit)

    with pytest.raises(RewriteRefused, match="the catalog has not what the ledger says of it"):
        retain(store, kept_for(30))

    assert users(store) == ["ada", "bob"]


@pytest.mark.parametrize(
    "asked",
    [
        {"user": "ada"},
        {"host": "WIKI.example:443"},
        {"since": datetime(2026, 11, 10, 12), "until": datetime(2026, 11, 10, 13)},  # noqa: DTZ001
        {"user": "ada", "since": datetime(2026, 11, 1)},  # noqa: DTZ001
    ],
    ids=["user", "host", "time", "both"],
)
def test_rows_under_a_hold_stay_and_are_not_rewritten_every_day(
    store: Store, asked: dict[str, Any]
) -> None:
    at(store, "2026-11-10T14:00:00")
    theirs = request("ada", "2026-11-10T12:00:00", ClientRequestHost="wiki.example:8443")
    others = [request("bob", "2026-11-10T13:00:00"), request("cleo", "2026-11-10T11:00:00")]
    send(store, gzipped(ndjson(theirs, *others)))
    load(store)
    hold_id = hold(store, **asked)
    at(store, "2026-11-16T00:00:00")

    done = retain(store, kept_for(5))

    assert users(store) == ["ada"]
    [each] = done.plan.datasets
    assert (each.rows, each.files_rewritten, each.held_rows) == (2, 1, {hold_id: 1})
    left = paths(store)
    again = retain(store, kept_for(5))
    assert (again.sequence, again.plan.datasets[0].held_rows) == (None, {hold_id: 1})
    assert paths(store) == left
    with store.catalog.write() as connection:
        holds.release(connection, store.clock, hold_id, "closed")
    retain(store, kept_for(5))
    assert rows(store) == []


def test_a_row_under_two_holds_counts_for_each(built: Built) -> None:
    store, _ = built(one_batch)
    ids = [hold(store, user="ada"), hold(store, host="jira.widgetcorp.example")]
    at(store, "2026-11-16T00:00:00")

    done = retain(store, kept_for(5))

    assert done.sequence is None
    assert done.plan.datasets[0].held_rows == {ids[0]: 1, ids[1]: 2}


def test_a_month_with_a_held_row_is_rewritten_without_the_others(built: Built) -> None:
    store, _ = built(a_month)
    hold(store, user="ada", until=datetime(2026, 11, 12))  # noqa: DTZ001
    at(store, "2027-02-01T00:00:00")

    retain(store, kept_for(30))

    assert (users(store), days(store)) == (["ada"], ["2026-11-11"])


def test_a_row_without_event_time_is_held_by_user_and_never_by_time(store: Store) -> None:
    at(store, "2026-11-10T12:00:00")
    timeless = {"EdgeStartTimestamp": None, "EdgeEndTimestamp": None}
    for user in USERS:
        send(store, gzipped(ndjson(request(user, "", **timeless))))
        load(store)
    hold(store, since=datetime(2000, 1, 1))  # noqa: DTZ001
    hold(store, user="ada")
    at(store, "2026-11-16T00:00:00")

    retain(store, kept_for(5))

    assert users(store) == ["ada"]


def test_rejected_lines_are_held_by_time_of_receipt(store: Store) -> None:
    at(store, "2026-11-10T12:00:00")
    send(store, gzipped(b"no json\n"))
    load(store)
    hold(store, until=datetime(2026, 11, 11))  # noqa: DTZ001
    hold(store, user="ada")
    at(store, "2026-11-16T00:00:00")

    assert retain(store, Lifetimes(raw=1, others=5)).sequence is None
    assert len(rows(store, "rejected")) == 1
    assert retired_bodies(store) == set(), "their raw body stays as well"


def test_a_hold_placed_during_a_run_stops_the_run(
    built: Built,
) -> None:
    store, _ = built(a_month)
    at(store, "2026-12-12T00:00:00")

    def hold_meanwhile(_rows: int) -> None:
        hold(store, user="ada")

    swap = store.file_swap(hold_meanwhile)
    before = paths(store)
    given = Confirmation(clock_is_right=True, count=2)

    with swap.locked(), pytest.raises(RewriteRefused, match="a hold was placed"):
        Retention(swap, kept_for(30)).run(given)

    assert paths(store) == before
    assert entries(store) == []


@pytest.mark.parametrize("silence", [SILENCE_MAX, SILENCE_MAX + timedelta(seconds=1)])
def test_a_clock_more_than_48_hours_after_the_last_batch_needs_confirmation(
    built: Built, silence: timedelta
) -> None:
    store, _ = built(one_batch)
    receive(store, "2026-11-18T12:00:00", *("ada",) * 20)
    at(store, (store.clock() + silence).isoformat())

    if silence == SILENCE_MAX:
        assert run(store, kept_for(5)).plan.rows == 2
        return
    with pytest.raises(RetentionRefused, match=r"more than 48 hours after .*--clock-is-right"):
        run(store, kept_for(5))
    assert (len(rows(store)), entries(store)) == (22, [])
    assert run(store, kept_for(5), Confirmation(clock_is_right=True)).plan.rows == 2


def test_a_file_in_which_no_row_has_a_user_is_not_read_for_a_hold_on_a_user(store: Store) -> None:
    """So that its damage does not matter."""
    receive(store, "2026-11-10T12:00:00", RequestHeaders={})
    receive(store, "2026-11-18T12:00:00", *("ada",) * 20)
    hold(store, user="ada")
    [path] = [each for each in paths(store) if "date=2026-11-10" in each]
    (store.layout.root / path).write_bytes(b"damaged")

    plan = planned(store, kept_for(5))

    assert (plan.rows, plan.datasets[0].held_rows, plan.unreadable) == (2, {}, ())


def test_ledger_entries_we_write_ourselves_do_not_confirm_the_clock(store: Store) -> None:
    receive(store, "2026-11-18T12:00:00")
    at(store, "2038-01-19T03:14:08")
    hold(store, user="nobody")

    with pytest.raises(RetentionRefused, match="clock says 2038"):
        run(store, kept_for(5))

    assert len(rows(store)) == 2


def test_a_clock_before_the_newest_ledger_entry_needs_confirmation(built: Built) -> None:
    store, _ = built(one_batch)
    receive(store, "2026-11-18T12:00:00", *("ada",) * 20)
    at(store, "2026-11-18T12:00:00")
    hold(store, user="nobody")
    at(store, "2026-11-18T10:59:59")

    with pytest.raises(RetentionRefused, match="is before 2026-11-18T12:00:00"):
        run(store, kept_for(5))

    assert len(rows(store)) == 22
    at(store, "2026-11-18T12:00:00")
    assert run(store, kept_for(5)).plan.rows == 2


def test_an_implausible_clock_with_nothing_to_remove_is_no_error(built: Built) -> None:
    store, _ = built(one_batch)
    at(store, "2038-01-19T03:14:08")

    assert run(store, FOREVER).sequence is None


@pytest.mark.parametrize("others", [18, 17])
def test_removing_more_than_a_tenth_of_the_rows_needs_their_exact_number(
    built: Built, others: int
) -> None:
    store, _ = built(one_batch)
    receive(store, "2026-11-18T12:00:00", *("ada",) * others)
    if others == 18:
        assert run(store, kept_for(5)).plan.rows == 2
        return

    with pytest.raises(RetentionRefused, match=r"2 of 19 rows .*10 %; .*--yes-remove=2"):
        run(store, kept_for(5))
    with pytest.raises(RetentionRefused, match="--yes-remove=3 is not"):
        run(store, kept_for(5), Confirmation(count=3))

    assert (len(rows(store)), entries(store)) == (19, [])
    assert run(store, kept_for(5), Confirmation(count=2)).plan.rows == 2


@pytest.mark.parametrize("others", [9, 8])
def test_removing_more_than_a_tenth_of_the_raw_bodies_needs_their_exact_number(
    store: Store, others: int
) -> None:
    receive(store, "2026-11-10T12:00:00")
    at(store, "2026-11-18T12:00:00")
    lived(store)
    for number in range(others):
        send(store, gzipped(ndjson(record(RayID=f"{number:x}"))))
    load(store)
    lifetimes = Lifetimes(raw=5)
    if others == 9:
        assert run(store, lifetimes).plan.bodies == 1
        return

    with pytest.raises(RetentionRefused, match=r"1 of 9 raw bodies .*--yes-remove=1"):
        run(store, lifetimes)

    assert retired_bodies(store) == set()
    assert run(store, lifetimes, Confirmation(count=1)).plan.bodies == 1


@pytest.mark.parametrize(("now", "gone"), [("2026-12-10", 0), ("2026-12-11", 1)])
def test_a_loaded_raw_body_is_removed_after_thirty_days(built: Built, now: str, gone: int) -> None:
    store, _ = built(one_batch)
    at(store, f"{now}T00:00:00")

    done = retain(store, Lifetimes())

    assert (done.plan.bodies, len(retired_bodies(store)), len(rows(store))) == (gone, gone, 2)
    assert len(raw(store)) == 1, "during its grace period"
    after_grace(store)
    assert len(raw(store)) == 1 - gone
    assert store.status().batches == 1


def test_a_raw_body_not_loaded_yet_stays(store: Store) -> None:
    at(store, "2026-11-10T12:00:00")
    send(store, gzipped(ndjson(record())))
    at(store, "2027-11-10T12:00:00")

    assert retain(store, Lifetimes(raw=1, others=1)).sequence is None
    load(store)
    assert len(rows(store)) == 1


@pytest.mark.parametrize(("days_kept", "gone"), [(None, 0), (7, 0), (6, 1)])
def test_an_unreadable_raw_body_stays_as_long_as_rows_would(
    store: Store, days_kept: int | None, gone: int
) -> None:
    at(store, "2026-11-10T12:00:00")
    for _ in range(3):  # At the third time damaged bytes are kept as evidence.
        send(store, gzipped(b"{}\n" * 99)[:-9])
    at(store, "2026-11-17T00:00:00")

    retain(store, Lifetimes(raw=1, others=days_kept))

    assert len(retired_bodies(store)) == gone


def test_an_unreadable_raw_body_is_kept_by_every_hold(store: Store) -> None:
    at(store, "2026-11-10T12:00:00")
    for _ in range(3):
        send(store, gzipped(b"{}\n" * 99)[:-9])
    hold_id = hold(store, user="ada")
    at(store, "2027-11-17T00:00:00")

    [each] = retain(store, Lifetimes(raw=1, others=1)).plan.datasets

    assert (each.bodies, each.held_bodies) == ([], {hold_id: 1})


def test_the_raw_body_of_a_held_row_stays(store: Store) -> None:
    receive(store, "2026-11-10T12:00:00", "ada", "bob")
    receive(store, "2026-11-10T12:00:01", "bob")
    receive(store, "2026-11-18T12:00:01", "bob")
    at(store, "2026-11-18T13:00:00")
    hold_id = hold(store, user="ada")

    [each] = retain(store, Lifetimes(raw=5)).plan.datasets

    assert (len(each.bodies), each.held_bodies) == (1, {hold_id: 1})
    after_grace(store)
    assert len(raw(store)) == 2


def test_the_raw_body_of_a_line_folded_into_a_held_row_stays(store: Store) -> None:
    at(store, "2026-11-10T12:00:00")
    line = request("ada", "2026-11-10T12:00:00")
    for other in "bc":  # The same line arrives in two batches.
        send(store, gzipped(ndjson(line, request(other, "2026-11-10T12:00:00", RayID=other))))
    load(store)
    at(store, "2026-11-12T12:00:00")
    swap = store.file_swap()
    with swap.locked():
        [job] = Compactor(swap).due_jobs()
        assert Compactor(swap).run(job).folded == 1
    hold_id = hold(store, user="ada")

    [each] = retain(store, Lifetimes(raw=1)).plan.datasets

    assert (len(each.bodies), each.held_bodies) == (0, {hold_id: 2})


def test_a_raw_file_of_two_datasets_is_removed_with_the_second(store: Store) -> None:
    at(store, "2026-11-10T12:00:00")
    body = gzipped(ndjson(login()))
    send(store, body, "access_requests")
    send(store, body, "dns_logs")
    assert len(raw(store)) == 1
    load(store)
    late = select(batches.c.sequence).where(batches.c.dataset == "dns_logs")
    with store.catalog.write() as connection:  # As if it was not loaded yet.
        connection.execute(
            batches.update()
            .where(batches.c.sequence == late.scalar_subquery())
            .values(state="entered")
        )
    at(store, "2026-12-18T12:00:00")

    assert len(retain(store, Lifetimes()).plan.datasets) == 1
    after_grace(store)
    assert len(raw(store)) == 1
    with store.catalog.write() as connection:
        connection.execute(batches.update().values(state="loaded"))
    retain(store, Lifetimes())
    after_grace(store)

    assert raw(store) == set()
    assert len(retired_bodies(store)) == 2


def test_a_resend_after_removal_is_a_duplicate_and_nothing_is_stored(built: Built) -> None:
    store, _ = built(one_batch)
    body = gzipped(ndjson(*(request(user, "2026-11-10T12:00:00") for user in USERS)))
    at(store, "2026-12-18T12:00:00")
    retain(store, Lifetimes(raw=1, others=1))
    after_grace(store)
    assert (raw(store), rows(store)) == (set(), [])
    at(store, "2027-12-18T12:00:00")

    for sent in (body, gzipped(ndjson(*(request(user, "2026-11-10T12:00:00") for user in USERS)))):
        receipt = send(store, sent)
        assert isinstance(receipt, Receipt)
        assert receipt.is_duplicate

    load(store)
    assert (raw(store), rows(store), store.status().batches) == (set(), [], 1)


def test_recovery_does_not_enter_a_retired_body_again(built: Built) -> None:
    store, _ = built(one_batch)
    at(store, "2026-12-18T12:00:00")
    retain(store, Lifetimes())
    assert len(raw(store)) == 1

    recovered = store.recover()

    assert (recovered.batches_entered, recovered.strays, store.status().batches) == (0, (), 1)
    load(store)
    assert len(rows(store)) == 2


def test_after_a_clock_step_back_a_resend_of_a_retired_body_stores_no_file(
    built: Built,
) -> None:
    store, _ = built(one_batch)
    at(store, "2026-12-18T12:00:00")
    retain(store, Lifetimes())
    after_grace(store)
    at(store, "2026-11-10T12:00:00")

    receipt = send(store, gzipped(ndjson(*(request(u, "2026-11-10T12:00:00") for u in USERS))))

    assert isinstance(receipt, Receipt)
    assert receipt.is_duplicate
    assert raw(store) == set()


def test_after_a_clock_step_back_a_new_batch_keeps_the_file_of_a_retired_body(
    built: Built,
) -> None:
    store, _ = built(one_batch)
    at(store, "2026-12-18T12:00:00")
    retain(store, Lifetimes())
    at(store, "2026-11-10T12:00:00")
    body = gzipped(ndjson(*(request(user, "2026-11-10T12:00:00") for user in USERS)))

    send(store, body, "firewall_events")

    at(store, "2026-12-18T12:00:00")
    after_grace(store)
    assert len(raw(store)) == 1
    load(store)
    assert len(rows(store, "firewall_events")) == 2


def test_a_replay_skips_batches_whose_body_was_removed_and_says_why(built: Built) -> None:
    store, _ = built(one_batch)
    receive(store, "2026-12-17T12:00:00")
    at(store, "2026-12-18T12:00:00")
    done = retain(store, Lifetimes())

    replayed = store.replay().run(Selection())

    [left] = replayed.left
    assert left.reason == f"a raw body was removed by ledger entry {done.sequence}"
    assert (left.is_gone, left.was_loaded, replayed.batches) == (True, True, 1)
    assert len(rows(store)) == 4


def test_a_replay_does_not_bring_back_expired_rows(built: Built) -> None:
    store, _ = built(one_batch)
    at(store, "2026-11-18T12:00:00")
    retain(store, kept_for(5))

    replayed = store.replay().run(Selection())

    assert (replayed.batches, len(replayed.left), rows(store)) == (0, 1, [])


def test_the_body_of_a_batch_replayed_during_a_run_stays(
    built: Built, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, _ = built(one_batch)
    at(store, "2026-12-18T12:00:00")
    real = expired_rows.held_batches

    def replayed_meanwhile(*arguments: Any) -> expired_rows.HeldBatches:
        store.replay().run(Selection())
        return real(*arguments)

    monkeypatch.setattr("store.retention.plan.held_batches", replayed_meanwhile)
    with pytest.raises(RewriteRefused, match="was replayed"):
        run(store, Lifetimes(), Confirmation(clock_is_right=True, count=1))

    assert retired_bodies(store) == set()
    assert entries(store) == []


def test_a_batch_loaded_while_the_plan_is_made_keeps_its_body(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    at(store, "2026-11-10T12:00:00")
    send(store, gzipped(ndjson(request("ada", "2026-11-10T12:00:00"))))
    hold(store, user="ada")
    at(store, "2026-12-18T12:00:00")
    real = expired_bodies.count_kept

    def loaded_meanwhile(connection: Connection) -> int:
        load(store)
        return real(connection)

    monkeypatch.setattr(expired_bodies, "count_kept", loaded_meanwhile)

    assert run(store, Lifetimes(), Confirmation(clock_is_right=True)).sequence is None
    assert (users(store), retired_bodies(store)) == (["ada"], set())


def test_a_query_that_began_before_a_run_reads_its_snapshot(built: Built) -> None:
    store, _ = built(a_month)
    snapshot = store.snapshot()
    at(store, "2026-12-12T00:00:00")
    retain(store, kept_for(30))
    assert isinstance(store.clock, Clock)
    store.clock.move(minutes=59)
    run(store, FOREVER)

    assert len(read(snapshot.files["http_requests"])) == 4
    assert len(rows(store)) == 2


def test_a_large_run_removes_the_oldest_files_and_bodies_first(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        receive(store, f"2026-11-1{number}T12:00:00")
    old = sorted(paths(store))
    at(store, "2027-02-01T00:00:00")
    monkeypatch.setattr(retention, "FILES_AT_ONCE", 2)
    monkeypatch.setattr(retention, "BODIES_AT_ONCE", 1)

    retain(store, Lifetimes(raw=1, others=1))

    assert [entry.payload["retired"] for entry in entries(store)] == [old[:2], old[2:], []]
    assert [entry.payload["raw_batches"] for entry in entries(store)] == [[1], [3], [5]]
    assert rows(store) == []


def test_on_a_full_disk_whole_files_are_removed_and_the_others_wait(built: Built) -> None:
    store, _ = built(a_month)
    send(store, gzipped(ndjson(request("late", "2026-11-10T12:00:00"))))
    load(store)
    at(store, "2026-12-12T00:00:00")
    full = IntakeLimits(reserve=Reserve(bytes_min=2**60))
    cramped = Store(store.layout, store.catalog, store.clock, full)

    with pytest.raises(NoRoom):
        retain(cramped, kept_for(30))

    assert users(store) == ["ada", "ada", "bob", "bob"]
    [entry] = entries(store)
    assert (entry.payload["rows_removed"], entry.payload["files_rewritten"]) == (1, 0)
    retain(store, kept_for(30))
    assert len(rows(store)) == 2


def test_on_a_full_disk_nothing_is_entered_if_all_files_must_be_rewritten(built: Built) -> None:
    store, _ = built(a_month)
    at(store, "2026-12-12T00:00:00")
    full = IntakeLimits(reserve=Reserve(bytes_min=2**60))

    with pytest.raises(NoRoom):
        retain(Store(store.layout, store.catalog, store.clock, full), kept_for(30))

    assert (len(rows(store)), entries(store)) == (4, [])


def test_an_unreadable_file_is_named_and_stays(built: Built) -> None:
    store, _ = built(a_month)
    [file] = store.file_swap().live_files()
    (store.layout.root / file["path"]).write_bytes(b"PAR1 no more")
    at(store, "2026-12-12T00:00:00")

    done = run(store, kept_for(30), Confirmation(clock_is_right=True, count=0))

    assert [each["path"] for each in done.plan.unreadable] == [file["path"]]
    assert {each["path"] for each in store.file_swap().live_files()} == {file["path"]}


def test_a_rewrite_that_leaves_out_other_rows_than_planned_is_not_committed(
    built: Built, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, _ = built(a_month)
    before = paths(store)
    at(store, "2026-12-12T00:00:00")
    count = planned(store, kept_for(30)).count
    real = expired_rows.ExpiredRowSearch.among

    def one_too_few(
        self: expired_rows.ExpiredRowSearch, files: Any
    ) -> tuple[list[expired_rows.ExpiredRows], list[Any]]:
        found, _ = real(self, files)
        return [expired_rows.ExpiredRows(file=e.file, rows=e.rows - 1) for e in found], []

    monkeypatch.setattr(expired_rows.ExpiredRowSearch, "among", one_too_few)
    with pytest.raises(RewriteRefused, match="left out 2 rows instead of 1"):
        run(store, kept_for(30), Confirmation(clock_is_right=True, count=count - 1))

    assert paths(store) == before


@pytest.mark.deaths
def test_after_a_kill_at_any_call_each_step_is_complete_or_has_not_happened(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each round has a file to rewrite, from the second on one to remove whole, two bodies to
    remove, and the retired files of the round before.
    """
    lifetimes = Lifetimes(raw=5, others=5)
    n, died, deaths = 0, True, set[str]()
    at(store, "2026-11-01T00:00:00")
    while died:
        n += 1
        a_round(store, n)
        before, told = states(store), len(entries(store))
        count = planned(store, lifetimes).count
        with dying(monkeypatch, Dying(n)) as system:
            try:
                run(store, lifetimes, Confirmation(clock_is_right=True, count=count))
                died = False
            except Killed:
                deaths.add(system.calls[n - 1])
        happened = len(entries(store)) - told
        assert happened in {0, 1}, f"killed at call {n}"
        assert states(store) == (after(before) if happened else before), f"killed at call {n}"
        assert kept_bodies(store) <= raw(store), f"killed at call {n}"
        assert store.recover().batches_entered == 0
        store.loader().sweep()
        retain(store, lifetimes)
        assert len(entries(store)) == told + 1, f"chained once, killed at call {n}"
        assert states(store) == after(before)
    assert {"open", "write", "fsync", "unlink"} <= deaths
    after_grace(store, lifetimes)
    assert raw(store) == kept_bodies(store)
    assert on_disk(store) == paths(store)
    assert not store.layout.stray.exists()
    with store.catalog.read() as connection:
        assert connection.execute(select(removals)).all() == []


def a_round(store: Store, n: int) -> None:
    assert isinstance(store.clock, Clock)
    send(store, gzipped(ndjson(request("old", "1999-01-01T00:00:00", RayID=f"{n:x}b"))))
    unshown(store)
    store.clock.move(days=10)
    send(store, gzipped(ndjson(request("new", "1999-01-01T00:00:00", RayID=f"{n:x}c"))))
    load(store)


def states(store: Store) -> tuple[list[str], int]:
    """The users of live rows, and the number of kept bodies."""
    return users(store), len(kept_bodies(store))


def after(before: tuple[list[str], int]) -> tuple[list[str], int]:
    """Only the newest batch is left."""
    assert "new" in before[0]
    return ["new"], 1


def on_disk(store: Store) -> set[str]:
    return {store.layout.relative(path) for path in store.layout.parts.rglob("*.parquet")}
