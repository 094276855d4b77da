"""The scrub finds every file whose bytes are not those that were written, and goes on after a kill."""

import errno
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from store.catalog import damage
from store.catalog.tables import batches
from store.catalog.tables import files as files_of_catalog
from store.files import trouble as reading
from store.files.notices import Notices
from store.files.trouble import Trouble, TroubleKind
from store.reading.degraded import SCRUB_AGE_MAX
from store.registers import scrubs
from store.registers.scrubs import ScrubState
from store.scrub.pace import FILE_BYTES, Pace, Stopped
from store.scrub.scrub import Scrub
from store.scrub.scrubbing import SILENCE_SECONDS_MAX, Scrubbing
from store.store import Store
from tests.command import Command
from tests.edge import Heard
from tests.factories import Body, Clock, load, record, send
from tests.until import until

DATASETS = ("http_requests", "firewall_events", "access_requests")


@pytest.fixture
def filled(store: Store, body: Body) -> Store:
    """Three parts and three raw bodies."""
    for number, dataset in enumerate(DATASETS):
        send(store, body(record(RayID=str(number))), dataset)
    load(store)
    return store


def scrub(store: Store, stop: threading.Event | None = None) -> Scrub:
    return Scrub(store, Heard(), Pace(stop or threading.Event(), bytes_per_second=1e12))


def files(store: Store, pattern: str) -> list[Path]:
    return sorted(store.layout.root.glob(pattern))


def flip(path: Path) -> None:
    """Change one bit, as a disk does."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def listed(store: Store) -> dict[str, tuple[TroubleKind, str]]:
    with store.catalog.read() as connection:
        return {each.path: (each.kind, each.found_by) for each in damage.listed(connection)}


def state(store: Store) -> ScrubState:
    with store.catalog.read() as connection:
        return scrubs.state(connection)


def test_whole_files_are_read_and_nothing_is_listed(filled: Store) -> None:
    done = scrub(filled).run_round()

    assert (done.files, done.unreadable, done.catalog_problem) == (6, 0, "")
    assert done.bytes == sum(each.stat().st_size for each in files(filled, "[pr]a*/**/*.*"))
    assert state(filled).complete == done
    assert listed(filled) == {}


def test_a_damaged_file_is_a_reason(filled: Store) -> None:
    [part, *_] = files(filled, "parts/**/*.parquet")
    flip(part)
    scrub(filled).run_round()

    [reason] = filled.degraded()

    name = filled.layout.relative(part)
    assert reason.code == "damaged"
    assert reason.text.startswith(f"damaged or missing files: 1, the first is {name};")


def test_a_file_that_is_whole_again_is_no_longer_listed_after_the_next_round(
    filled: Store,
) -> None:
    [part, *_] = files(filled, "parts/**/*.parquet")
    content = part.read_bytes()
    flip(part)
    scrub(filled).run_round()
    part.write_bytes(content)

    scrub(filled).run_round()

    assert listed(filled) == {}
    assert state(filled).newest == state(filled).complete


def test_a_round_that_was_stopped_at_any_file_goes_on_where_it_was(filled: Store) -> None:
    for number in range(6):
        stop = threading.Event()
        stopping = scrub(filled, stop)
        opened = 0

        def file() -> None:
            nonlocal opened
            opened += 1
            if opened > number:  # noqa: B023 (called before the next number)
                stop.set()  # noqa: B023
            stopping.pace.read(FILE_BYTES)  # noqa: B023

        stopping.pace.file = file  # type: ignore[method-assign]
        with pytest.raises(Stopped):
            stopping.run_round()
        stopped_at = state(filled).newest
        assert stopped_at is not None
        assert (stopped_at.files, stopped_at.ended_at) == (number, None)

        done = scrub(filled).run_round()

        assert (done.number, done.files) == (number + 1, 6), "each file once"


def test_a_file_that_a_merge_retired_meanwhile_is_not_missing(
    filled: Store, body: Body, clock: Clock
) -> None:
    """It is gone from disk when the scrub comes to it, as a list of files is read ahead."""
    going_on = scrub(filled)

    def file() -> None:
        with filled.catalog.write() as connection:
            connection.exec_driver_sql("UPDATE files SET retired_sequence = 1")
        for path in files(filled, "parts/**/*.parquet"):
            path.unlink()

    going_on.pace.file = file  # type: ignore[method-assign]
    going_on.run_round()

    assert listed(filled) == {}


def test_a_page_of_the_catalog_that_is_damaged_is_found(filled: Store) -> None:
    with filled.catalog.read() as connection:
        page = connection.exec_driver_sql(
            "SELECT rootpage FROM sqlite_master WHERE name = 'files_by_dataset_and_day'"
        ).scalar_one()
    filled.catalog.close()  # so that the whole catalog is in its file
    with filled.layout.catalog.open("r+b") as catalog:
        catalog.seek((page - 1) * 4096)
        catalog.write(bytes(range(256)) * 16)

    done = scrub(filled).run_round()

    assert done.catalog_problem
    [reason] = filled.degraded()
    assert reason.code == "catalog"


def test_rows_of_the_catalog_that_contradict_the_ledger_and_the_files_are_found(
    filled: Store,
) -> None:
    with filled.catalog.write() as connection:
        connection.execute(update(batches).values(rows=7))
        connection.execute(update(files_of_catalog).values(user_min="z", user_max="z"))

    done = scrub(filled).run_round()

    assert "entry_mismatch, " in done.catalog_problem
    assert "range_differs): see `raytrail fsck`" in done.catalog_problem
    assert [reason.code for reason in filled.degraded()] == ["catalog"]


def test_a_file_that_may_not_be_read_is_counted_and_not_listed_as_damaged(
    filled: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    refusing = OSError(errno.EACCES, "Permission denied")
    monkeypatch.setattr(reading, "trouble_of", lambda *_: Trouble.of(refusing))

    assert scrub(filled).run_round().unreadable == 6

    assert listed(filled) == {}
    [reason] = filled.degraded()
    assert (reason.code, reason.text) == (
        "scrub",
        "files that could not be read: 6; the log names them",
    )


def test_the_pace_allows_no_more_than_its_bytes_and_idle_time_earns_nothing() -> None:
    waits, now = list[float](), 0.0

    class Stop(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            nonlocal now
            assert timeout is not None
            waits.append(timeout)
            now += timeout
            return False

    pace = Pace(Stop(), bytes_per_second=1_000, now=lambda: now)
    for _ in range(10):
        pace.read(500)
    assert sum(waits) == pytest.approx(5.0)
    now += 100
    pace.read(500)
    pace.read(500)
    assert sum(waits) == pytest.approx(6.0)


def looping(store: Store, told: Notices, log: Heard) -> Scrubbing:
    stop = threading.Event()
    work = scrub(store, stop)
    return Scrubbing(work, log, stop, timedelta(days=7), told, start_seconds=0, idle_seconds=0.01)


@contextmanager
def running(at_work: Scrubbing) -> Iterator[None]:
    thread = threading.Thread(target=at_work.forever)
    thread.start()
    try:
        yield
    finally:
        at_work.stop.set()
        thread.join()


def test_a_round_is_made_when_it_is_due_and_not_before(
    filled: Store, clock: Clock, tmp_path: Path
) -> None:
    def complete() -> int:
        found = state(filled).complete
        return found.number if found else 0

    log = Heard()
    with running(looping(filled, Notices(tmp_path), log)):
        until(lambda: complete() == 1, "a first round")
        clock.move(days=6)
        time.sleep(0.1)
        assert complete() == 1
        clock.move(days=1)
        until(lambda: complete() == 2, "a second round")
        clock.move(days=-30)
        until(lambda: complete() == 3, "one when the clock was set back")
    assert {event for _, event, _ in log.lines} == {"scrubbed"}
    later = Notices(tmp_path, now=lambda: time.monotonic() + SILENCE_SECONDS_MAX)
    assert later.read() == {"scrub": "the scrub has not reported for more than 360 minutes"}


def test_a_scrub_that_does_not_get_on_says_so(filled: Store, tmp_path: Path) -> None:
    told, log = Notices(tmp_path), Heard()
    with filled.catalog.write() as connection:
        connection.exec_driver_sql(
            "UPDATE files SET path = '../outside' WHERE dataset = 'http_requests'"
        )

    with running(looping(filled, told, log)):
        until(told.read, "told")

    [text] = told.read().values()
    assert text.startswith("the scrub waits: the catalog names '../outside'")


def test_a_scrub_that_runs_out_of_memory_says_so_and_tries_again(
    filled: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told, log = Notices(tmp_path), Heard()
    with monkeypatch.context() as patch:

        def fail(*_: object) -> None:
            raise MemoryError

        patch.setattr(reading, "trouble_of", fail)
        at_work = looping(filled, told, log)
        with running(at_work):
            text = "the scrub failed: MemoryError, see the log; it tries again"
            until(lambda: told.read() == {"scrub": text}, "told")
            patch.undo()
            until(lambda: state(filled).complete, "a round")
            until(lambda: not told.read(), "the end of the notice")
    assert not at_work.disk_failed
    level, event, facts = log.lines[0]
    assert (level, event, facts) == ("exception", "scrub failed", {"reason": "MemoryError()"})


def test_a_scrub_reports_while_it_reads_a_large_file(
    filled: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file of a month may take longer than it may be silent."""
    monkeypatch.setattr(reading, "READ_BYTES_AT_ONCE", 100)
    bytes_read, unreported, most = 0, 0, 0
    work = scrub(filled)

    def read(count: int) -> None:
        nonlocal bytes_read, unreported, most
        bytes_read += count
        unreported += count
        most = max(most, unreported)

    def report() -> None:
        nonlocal unreported
        unreported = 0

    work.pace.read = read  # type: ignore[method-assign]
    done = work.run_round(report)

    assert bytes_read >= done.bytes > 100 * done.files
    assert most <= FILE_BYTES + 100


def test_a_scrub_that_is_late_is_a_reason_and_one_that_never_ran_is_none(
    filled: Store, clock: Clock
) -> None:
    clock.move(days=400)
    assert filled.degraded() == ()
    scrub(filled).run_round()
    clock.move(seconds=SCRUB_AGE_MAX.total_seconds())
    assert filled.degraded() == ()
    clock.move(days=1)

    [reason] = filled.degraded()

    assert reason.text == "for 31 days not every file was read against its hash"


def test_status_and_doctor_say_when_every_file_was_read_last(
    filled: Store, raytrail: Command
) -> None:
    root = filled.layout.root
    [part, *_] = files(filled, "parts/**/*.parquet")
    flip(part)
    scrub(filled).run_round()

    shown = json.loads(raytrail("status", "--json", "--data", root).stdout)["scrub"]
    assert (shown["files"], shown["damaged_files"], shown["running_files"]) == (6, 1, None)
    text = "all of 6 files read by 2026-11-22 10:00"
    assert f"scrub     {text}, 1 damaged file" in raytrail("status", "--data", root).stdout
    assert f"scrub     {text}" in raytrail("doctor", "--data", root).stdout


def test_a_report_says_when_its_files_were_checked_for_damage(
    filled: Store, raytrail: Command
) -> None:
    asked = ("report", "--user", "srhea", "--data", filled.layout.root)
    assert "not yet all read again to see whether one is damaged" in raytrail(*asked).stdout

    scrub(filled).run_round()

    shown = " ".join(raytrail(*asked).stdout.split())
    assert "files all checked for damage by 2026-11-22 10:00:00Z; none damaged" in shown
