"""Clocks that jump, and days that are odd (reliability 5.7)."""

import random
import secrets
import subprocess
import sys
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from raytrail.doctor import upkeep
from raytrail.service.compactor import Compacting
from raytrail.service.log import configure
from store.catalog.tables import removals
from store.errors import RetentionRefused
from store.lifetimes import Lifetimes
from store.live_loading import LiveLoading
from store.retention import clock as clocks
from store.retention.clock_watch import ClockWatch
from store.retention.confirmation import Confirmation
from store.retention.retention import Retention, RetentionResult
from store.store import Store
from store.timestamps import to_text
from store.uptime import Uptime, system_uptime
from tests.factories import NOW, SHELL, Clock, compact, gzipped, ndjson, record, send
from tests.faults import checks
from tests.faults.lab import drain, entered, entries, numbered, raw_files, ray, rays_found
from tests.injected import Injected
from tests.service import environment

# An hour back, over the end of summer time, to the beginning of Unix time, and far ahead.
JUMPS = (
    NOW - timedelta(hours=1),
    datetime(2026, 10, 25, 1, 30),  # noqa: DTZ001 (UTC without a zone, as in the store)
    datetime(1970, 1, 1),  # noqa: DTZ001
    datetime(2038, 1, 19, 3, 14, 8),  # noqa: DTZ001
    NOW,
)


KEPT = Lifetimes(raw=None, datasets={"http_requests": 6})


class Machine:
    """A machine whose uptime goes on whatever its clock is set to."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.boots, self.seconds = 1, 0.0

    def uptime(self) -> Uptime:
        return Uptime(f"boot {self.boots}", self.seconds)

    def pass_time(self, **by: float) -> None:
        self.clock.move(**by)
        self.seconds += timedelta(**by).total_seconds()

    def boot(self) -> None:
        self.boots, self.seconds = self.boots + 1, 0.0

    def look(self, store: Store) -> None:
        ClockWatch(store.catalog, self.clock, self.uptime, configure("test")).once()


def a_row_a_day(store: Store, machine: Machine, days: int) -> None:
    """As a service has it that runs all the time; at the end two rows are past their six days."""
    for number in range(days):
        machine.look(store)
        time = f"{machine.clock.now.isoformat()}Z"
        send(store, gzipped(ndjson(record(RayID=ray(number), EdgeStartTimestamp=time))))
        machine.pass_time(days=1)
    drain(store)
    machine.look(store)


def rows_of(store: Store) -> int:
    return sum(file["rows"] for file in store.file_swap().live_files())


def loading(store: Store) -> None:
    LiveLoading(store, configure("test"), SHELL).until_drained()


def removed_paths(store: Store) -> list[str]:
    with store.catalog.read() as connection:
        return list(connection.scalars(select(removals.c.path)))


def retain(store: Store, machine: Machine, given: Confirmation) -> RetentionResult:
    swap = store.file_swap()
    with swap.locked() as has_lock:
        assert has_lock
        return Retention(swap, KEPT, machine.uptime).run(given)


def test_c1_a_clock_that_jumps_changes_no_order_and_overwrites_nothing(
    store: Store, clock: Clock, injected: Injected
) -> None:
    """The same bodies again after each jump, so that a name made of the time would collide."""
    for number, now in enumerate(JUMPS):
        clock.now = now
        for each in range(number + 1):
            checks.stored(store, each)
    drain(store)
    injected(len(JUMPS))

    batches = [entry for entry in entries(store) if entry.kind == "batch"]
    assert [entry.recorded_at for entry in batches] == [to_text(now) for now in JUMPS]
    assert len(raw_files(store)) == len(JUMPS)
    assert {path.read_bytes() for path in raw_files(store)} == {
        numbered(number) for number in range(len(JUMPS))
    }
    assert rays_found(store) == {ray(number): 1 for number in range(len(JUMPS))}
    assert store.snapshot().lag_seconds == 0.0


def test_c1_a_lag_is_never_negative(store: Store, clock: Clock, injected: Injected) -> None:
    checks.stored(store, 1)
    clock.now -= timedelta(hours=1)

    injected(1)
    assert store.snapshot().lag_seconds == 0.0
    assert store.progress().pending.batches == 1


def test_c6_a_clock_that_jumps_ahead_removes_nothing_until_a_person_confirms_it(
    store: Store, clock: Clock, injected: Injected
) -> None:
    machine = Machine(clock)
    a_row_a_day(store, machine, days=8)
    injected(1)
    clock.move(days=4)  # The uptime does not move with it.
    machine.pass_time(seconds=30)
    checks.stored(store, 1)  # The sender's batches go on, and carry the wrong time.
    at_work = Compacting(store, configure("test"), KEPT, machine.uptime)
    while at_work._work():
        pass

    assert rows_of(store) == 8, "six of them look older than six days now"
    [reason] = [each for each in store.degraded() if each.code == "clock"]
    assert "has jumped ahead by 96 h 0 min" in reason.text
    assert "--clock-is-right" in reason.text

    count = Retention(store.file_swap(), KEPT, machine.uptime).plan().count
    retain(store, machine, Confirmation(clock_is_right=True, count=count))
    assert rows_of(store) == 8 - count
    [act] = [entry for entry in entries(store) if entry.kind == "clock"]
    assert "has jumped ahead" in act.payload["why"]
    assert "clock" not in {each.code for each in store.degraded()}


def test_c6_a_doubt_ends_when_the_clock_is_set_back(store: Store, clock: Clock) -> None:
    machine = Machine(clock)
    a_row_a_day(store, machine, days=8)
    ended = list[str]()
    watch = ClockWatch(
        store.catalog, clock, machine.uptime, configure("test"), lambda: ended.append("doubt")
    )
    for days in (4, -4):
        clock.move(days=days)
        watch.once()
        assert [each.code for each in store.degraded()] == (["clock"] if days > 0 else [])
    assert ended == ["doubt"], "retention need not wait for its next hour"

    assert retain(store, machine, Confirmation(count=2)).plan.rows == 2


def test_c6_a_jump_that_was_noticed_is_doubted_after_the_next_boot_too(
    store: Store, clock: Clock
) -> None:
    machine = Machine(clock)
    a_row_a_day(store, machine, days=8)
    clock.move(hours=30)  # Less than the silence that a boot may take.
    machine.look(store)
    machine.boot()
    machine.pass_time(minutes=10)

    with pytest.raises(RetentionRefused, match="has jumped ahead by 30 h"):
        retain(store, machine, Confirmation(count=3))


@pytest.mark.parametrize("hours", [47, 49])
def test_c7_after_a_gap_that_no_process_lived_through_retention_asks(
    store: Store, clock: Clock, hours: int
) -> None:
    """The machine was off, or its clock was set: after a boot nothing tells which."""
    machine = Machine(clock)
    a_row_a_day(store, machine, days=8)
    machine.boot()
    clock.move(hours=hours)
    checks.stored(store, 1)  # A batch that comes later carries the same time, and proves nothing.
    count = Retention(store.file_swap(), KEPT, machine.uptime).plan().count
    given = Confirmation(count=count)

    if hours == 47:
        assert retain(store, machine, given).plan.rows
        return
    with pytest.raises(RetentionRefused, match="more than 48 hours after"):
        retain(store, machine, given)
    assert [each.code for each in store.degraded()] == ["clock"]


def test_c7_a_silent_machine_that_stayed_on_needs_no_confirmation(
    store: Store, clock: Clock
) -> None:
    """No sender, and no service: the time since the boot tells that the clock went on as it should."""
    machine = Machine(clock)
    a_row_a_day(store, machine, days=8)
    machine.pass_time(days=4)
    count = Retention(store.file_swap(), KEPT, machine.uptime).plan().count

    assert retain(store, machine, Confirmation(count=count)).plan.rows
    assert not store.degraded()


def test_c7_entries_show_a_gap_where_no_service_ever_ran(store: Store, clock: Clock) -> None:
    """Of commands only, or with a catalog that was made again of the entries."""
    checks.stored(store, 1)
    clock.move(days=4)
    checks.stored(store, 2)
    drain(store)
    clock.move(hours=1)

    with store.catalog.read() as connection:
        found = clocks.doubt(connection, clock.now, None)
    assert found is not None
    assert found.kind == clocks.SILENCE


@pytest.mark.parametrize(
    ("received", "events"),
    [
        ("2026-12-31T23:59:59", ["2026-12-31T23:59:59.999999999Z", "2027-01-01T00:00:00Z"]),
        ("2028-02-29T12:00:00", ["2028-02-28T23:59:59Z", "2028-02-29T00:00:00Z"]),
        ("2028-03-01T00:00:00", ["2028-02-29T23:59:59.999999Z", "2028-03-01T00:00:00Z"]),
        ("2026-11-20T00:00:00", ["2026-11-19T23:59:59Z", "2026-11-20T00:00:00Z"]),
        ("2026-11-20T00:00:00", ["2026-11-20T00:59:59+01:00", "2026-11-19T23:00:00-01:00"]),
        ("2017-01-01T00:00:00", ["2016-12-31T23:59:59Z", "2016-12-31T23:59:60Z"]),
    ],
    ids=["year's end", "leap day", "after it", "midnight", "midnight elsewhere", "leap second"],
)
def test_c5_at_the_edge_of_a_day_each_event_lies_in_its_own(
    store: Store, clock: Clock, received: str, events: list[str]
) -> None:
    clock.now = datetime.fromisoformat(received)
    records = [record(RayID=ray(n), EdgeStartTimestamp=at) for n, at in enumerate(events)]
    send(store, gzipped(ndjson(*records)))
    drain(store)

    assert store.status().datasets["http_requests"].rows == 2
    folders = sorted(path.name for path in (store.layout.parts / "http_requests").iterdir())
    last = datetime.fromisoformat(received).date()
    later = last if events[1][:10] != "2027-01-01" else last + timedelta(days=1)
    assert folders == [f"date={later - timedelta(days=1)}", f"date={later}"]


@pytest.mark.slow
def test_c4_a_report_is_the_same_in_every_time_zone(store: Store, injected: Injected) -> None:
    seed = secrets.randbelow(1 << 32)
    offset = random.Random(seed).randrange(-11, 12)
    print(f"seed {seed}: TZ=X{offset:+}")
    for number in range(3):
        checks.stored(store, number)
    drain(store)
    command = [sys.executable, "-m", "raytrail", "trail", "--user", "srhea", "--json"]
    command += ["--data", str(store.layout.root)]

    answers = {
        subprocess.run(command, env=environment(TZ=zone), capture_output=True, check=True).stdout
        for zone in ("UTC", "America/New_York", "Pacific/Apia", "Asia/Kathmandu", f"X{offset:+}")
    }

    injected(5)
    assert len(answers) == 1
    assert answers.pop().count(b"\n") == 3
    assert len(entered(store)) == 3


def test_c8_a_file_whose_removal_a_wrong_clock_set_for_2037_goes_after_its_grace(
    store: Store, clock: Clock
) -> None:
    machine = Machine(clock)
    a_row_a_day(store, machine, days=8)
    right = clock.now
    clock.now = datetime(2037, 11, 11)  # noqa: DTZ001
    compact(store)
    loading(store)
    clock.now = right
    for hours in (0, 25):
        clock.move(hours=hours)
        waiting = [path for path in removed_paths(store) if (store.layout.root / path).exists()]
        assert waiting
        loading(store)

    assert removed_paths(store) == []


def test_c8_a_clock_that_is_behind_ends_no_grace(store: Store, clock: Clock) -> None:
    machine = Machine(clock)
    a_row_a_day(store, machine, days=8)
    clock.move(days=3)
    compact(store)
    loading(store)
    due = removed_paths(store)
    clock.now = datetime(1970, 1, 2)  # noqa: DTZ001
    machine.look(store)

    loading(store)

    clock.now = NOW + timedelta(days=11, hours=2)
    loading(store)
    assert removed_paths(store) == due


def test_c8_doctor_names_raw_folders_of_days_that_the_ledger_does_not_have(
    store: Store, clock: Clock
) -> None:
    for number, now in enumerate((NOW, datetime(2037, 11, 11), datetime(1970, 1, 2))):  # noqa: DTZ001
        clock.now = now
        checks.stored(store, number)
    clock.now = NOW + timedelta(hours=14)  # The next day, which is no wrong one.
    checks.stored(store, 3)
    (store.layout.raw / "2036-01-01").mkdir()
    clock.move(days=9)
    (store.layout.raw / "2026-11-27").mkdir()  # A day of refused uploads, which is no wrong one.

    found = {each.alarm: each for each in upkeep.examine(store)}

    assert list(found) == ["day/1970-01-02", "day/2036-01-01", "day/2037-11-11"]
    assert found["day/1970-01-02"].text == (
        "raw/1970-01-02 does not fit the days of the ledger: 1 body; by the order of the ledger"
        " they came about 2026-11-23"
    )
    assert "0 bodies" in found["day/2036-01-01"].text


def test_c6_the_uptime_of_this_machine_goes_on_and_names_its_boot() -> None:
    before, after = system_uptime(), system_uptime()

    assert before.boot == after.boot != ""
    assert after.seconds >= before.seconds > 0
