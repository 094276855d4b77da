"""The compactor as a process, and `raytrail compact`."""

import threading
import time
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace

import orjson
import pytest
import structlog
from sqlalchemy import update
from typer.testing import CliRunner

from raytrail.commands.service import compaction
from raytrail.errors import DISK_FAILED, FINE, FOUND_SOMETHING_WRONG
from raytrail.service import compactor as compacting
from raytrail.service.compactor import Compacting
from store.backoff import Backoff
from store.catalog import damage
from store.catalog.tables import files
from store.compaction import progress as under_way
from store.compaction.compactor import Compactor, MergeResult
from store.compaction.progress import Stopped
from store.errors import DiskFailed, NoRoom, RewriteRefused
from store.files.notices import Notices
from store.files.trouble import MISSING
from store.intake.limits import IntakeLimits
from store.lifetimes import Lifetimes
from store.reading.status import Pending
from store.retention import holds
from store.retention.holds import Criteria
from store.store import Store
from tests.command import Command, app
from tests.factories import NO_RESERVE, gzipped, ndjson, record, send
from tests.service import post, running
from tests.store.compaction.test_compactor import keys, live, load, parts, rows, settle
from tests.until import PATIENCE_SECONDS

LIMITS = IntakeLimits(reserve=NO_RESERVE)
logger = structlog.get_logger()


def compactor(store: Store) -> Compacting:
    return Compacting(store, logger, idle_seconds=0.01)


def until(done: threading.Event, at_work: Compacting) -> int:
    """Run it beside us until something is done; its exit status."""
    statuses: list[int] = []
    thread = threading.Thread(target=lambda: statuses.append(at_work.forever()))
    thread.start()
    assert done.wait(PATIENCE_SECONDS)
    at_work.stop.set()
    thread.join(PATIENCE_SECONDS)
    return statuses[0]


def damaged_day(store: Store) -> str:
    """Three batches in one merged file, which is damaged; its path."""
    for number in range(3):
        records = [
            record(RayID=f"{number:012x}{place:04x}", RequestHeaders={"cf-access-user": "ada"})
            for place in range(4)
        ]
        send(store, gzipped(ndjson(*records)))
        load(store)
    settle(store)
    while compactor(store)._work():
        pass
    [file] = live(store)
    (store.layout.root / file["path"]).unlink()
    with store.catalog.write() as connection:
        damage.record(connection, file["path"], MISSING, found_at=store.clock(), found_by="a test")
    return str(file["path"])


def test_jobs_run_until_the_compactor_is_stopped(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts(store, 2)
    settle(store)
    done, real = threading.Event(), Compacting._work

    def watched(self: Compacting) -> bool:
        is_busy = real(self)
        if not is_busy:
            done.set()
        return is_busy

    monkeypatch.setattr(Compacting, "_work", watched)

    assert until(done, compactor(store)) == FINE
    assert {file["tier"] for file in live(store)} == {"day"}


def test_the_lock_is_released_between_two_jobs(store: Store) -> None:
    for day in range(10, 18):
        send(store, gzipped(ndjson(record(EdgeStartTimestamp=f"2026-11-{day}T00:00:00Z"))))
        load(store)
    settle(store)
    at_work = compactor(store)
    thread = threading.Thread(target=at_work.forever)
    with store.file_swap().locked():
        thread.start()
    left = None
    for _ in Backoff(seconds_max=60).attempts():
        with store.file_swap().locked() as has_lock:
            tiers = [file["tier"] for file in live(store)]
            if has_lock and "day" in tiers:
                left = tiers.count("part")
                break
    at_work.stop.set()
    thread.join(PATIENCE_SECONDS)

    assert left, "it had to wait for all of them"


def test_the_compactor_waits_while_the_loader_is_behind(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts(store, 2)
    settle(store)
    waited = []
    at_work = compactor(store)
    lags = [compacting.YIELD_LAG_SECONDS + 0.1, compacting.YIELD_LAG_SECONDS]
    real = store.progress()

    def progress(self: Store) -> object:
        lag = lags.pop(0) if lags else 0.0
        waited.append(lag)
        return replace(real, pending=Pending(1, lag))

    monkeypatch.setattr(Store, "progress", progress)
    monkeypatch.setattr(compacting, "YIELD_LOOK_SECONDS", 0.0)
    with at_work.store.file_swap().locked():
        pass

    assert at_work._work()
    assert waited[:2] == [3.1, 3.0]
    assert {file["tier"] for file in live(store)} == {"day"}


class Passing(threading.Event):
    """Each wait for it lets its time pass at once."""

    now = 100.0

    def wait(self, timeout: float | None = None) -> bool:
        self.now += timeout or 0.0
        return False


def test_a_loader_that_stays_behind_costs_the_compactor_half_of_its_time(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop, real = Passing(), store.progress()
    monkeypatch.setattr(compacting, "time", SimpleNamespace(monotonic=lambda: stop.now))
    monkeypatch.setattr(Store, "progress", lambda _: replace(real, pending=Pending(1, 9.0)))
    at_work = Compacting(store, logger, stop=stop)
    told, began, worked = compacting._Progress(at_work), stop.now, 0.0

    for written in range(600):
        told(written)
        stop.now, worked = stop.now + 1.0, worked + 1.0

    assert worked / (stop.now - began) == pytest.approx(0.5, abs=0.05)


def test_a_stopped_compactor_abandons_its_merge(store: Store) -> None:
    parts(store, 2)
    settle(store)
    before = keys(store)
    at_work = compactor(store)
    told = compacting._Progress(at_work)
    swap = store.file_swap(told)
    at_work.stop.set()

    with swap.locked(), pytest.raises(Stopped):
        Compactor(swap).run(Compactor(swap).due_jobs()[0])

    assert keys(store) == before
    assert {file["tier"] for file in live(store)} == {"part"}


def test_status_shows_the_progress_of_a_running_merge(
    store: Store, raytrail: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts(store, 2)
    settle(store)
    data = store.layout.root
    monkeypatch.setattr(compacting, "TELL_SECONDS", 0.0)
    told = compacting._Progress(compactor(store))
    swap = store.file_swap(told)

    with swap.locked():
        assert under_way.read(store.layout) is None, "nothing was told yet"
        job = Compactor(swap).due_jobs()[0]
        told.begin(job)
        told(1)
        words = raytrail("status", "--data", data).stdout
        facts = orjson.loads(raytrail("status", "--json", "--data", data).stdout)
        store.layout.rewrite_lock.write_bytes(b"half of it")
        assert under_way.read(store.layout) is None

    assert f"at work   http_requests {job.label}: 1 of {job.rows} rows" in words
    assert "2 of them not merged yet" in words
    assert (facts["rewriting"]["rows"], facts["unmerged_files"]) == (1, 2)
    assert orjson.loads(raytrail("status", "--json", "--data", data).stdout)["rewriting"] is None


def test_a_job_that_cannot_be_done_is_left_for_an_hour_and_others_go_on(store: Store) -> None:
    parts(store, 2)
    send(store, gzipped(ndjson(record(EdgeStartTimestamp="2026-11-19T00:00:00Z"))))
    load(store)
    victim = next(file for file in live(store) if file["day"] == "2026-11-19")
    with store.catalog.write() as connection:
        # The bytes are those that were written, but the file is not what the catalog says.
        is_victim = files.c.path == victim["path"]
        connection.execute(update(files).where(is_victim).values(format=1))
    settle(store)
    at_work = compactor(store)

    while at_work._work():
        pass

    assert len(at_work.refused) == 1
    assert {file["tier"] for file in live(store) if file["day"] == "2026-11-20"} == {"day"}
    at_work.refused = {
        paths: at - compacting.RETRY_SECONDS - 1 for paths, at in at_work.refused.items()
    }
    assert at_work._work(), "tried again"


def test_a_damaged_file_stops_no_merge_and_is_made_again(store: Store) -> None:
    parts(store, 2)
    send(store, gzipped(ndjson(record(EdgeStartTimestamp="2026-11-19T00:00:00Z", RayID="x"))))
    load(store)
    victim = next(file for file in live(store) if file["day"] == "2026-11-19")
    (store.layout.root / victim["path"]).write_bytes(b"damaged")
    settle(store)
    at_work = compactor(store)

    while at_work._work():
        pass

    assert not at_work.refused
    assert {file["tier"] for file in live(store) if file["day"] == "2026-11-20"} == {"day"}
    assert "x" in {str(row["RayID"]) for row in rows(store)}


def test_expired_rows_are_deleted_once_a_day(store: Store) -> None:
    for day in range(1, 21):
        send(store, gzipped(ndjson(record(EdgeStartTimestamp=f"2026-11-{day:02}T09:00:00Z"))))
        load(store)
    lifetimes = Lifetimes(datasets={"http_requests": 20})
    at_work = Compacting(store, logger, lifetimes)
    while at_work._work():
        pass
    assert len(keys(store)) == 19, "the first of November is 21 days ago"

    settle(store, hours=13)
    while at_work._work():
        pass
    assert len(keys(store)) == 19, "the clock is the same day's"
    settle(store, hours=2)
    at_work._work()

    assert len(keys(store)) == 18


def test_retention_that_needs_confirmation_does_not_stop_merging(store: Store) -> None:
    parts(store, 2)
    settle(store)
    lifetimes = Lifetimes(datasets={"http_requests": 1})
    at_work = Compacting(store, logger, lifetimes)

    assert at_work._work()
    assert len(keys(store)) == 8
    assert {file["tier"] for file in live(store)} == {"day"}
    assert at_work.retention_due_at == store.clock() + compacting.RETENTION_RETRY


def test_a_full_disk_is_waited_out_and_a_failed_one_ends_the_service(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    errors: list[Exception] = [NoRoom("full"), DiskFailed("gone")]

    def failing(_self: Compacting) -> bool:
        raise errors.pop(0)

    monkeypatch.setattr(compacting, "TROUBLE_SECONDS", 0.0)
    monkeypatch.setattr(Compacting, "_work", failing)

    assert compactor(store).forever() == DISK_FAILED
    assert errors == []


def test_compact_by_hand_runs_every_job_and_publishes_at_once(store: Store) -> None:
    parts(store, 2)
    settle(store)

    [done] = compaction.run(store) or []

    assert list(compaction.lines([done], {})) == [
        "http_requests 2026-11-20: 2 files merged into 2 (day, 8 rows)"
    ]
    assert store.layout.audit.exists()
    assert list(compaction.lines(compaction.run(store) or [], {})) == ["nothing to do"]


def test_compact_by_hand_merges_a_past_day_even_if_rows_of_it_came_just_now(
    store: Store,
) -> None:
    parts(store, 2)
    assert not compactor(store)._work()

    [done] = compaction.run(store) or []

    assert isinstance(done, MergeResult)
    assert (done.tier, done.rows) == ("day", 8)


def test_compact_by_hand_reports_a_failed_job_once(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts(store, 2)
    settle(store)

    def refusing(_self: Compactor, _job: object) -> None:
        raise RewriteRefused("two types of one column")

    monkeypatch.setattr(Compactor, "run", refusing)
    done = compaction.run(store)

    assert done is not None
    assert compaction.is_wrong(done)
    assert [line.partition(": ")[2] for line in compaction.lines(done, {})] == [
        "not merged: two types of one column"
    ]
    assert compaction.as_object(done, {})["refused"][0]["label"] == "2026-11-20"


def test_compact_prints_what_it_merged(tmp_path: Path) -> None:
    data = tmp_path / "data"
    now = datetime(2026, 11, 21, 12)  # noqa: DTZ001 (UTC, as in the store)
    with Store.create(data, lambda: now, LIMITS) as store:
        for ray in ("a", "b"):
            send(store, gzipped(ndjson(record(RayID=ray))))
            load(store)
    command = ["compact", "--data", str(data)]

    found = CliRunner().invoke(app, [*command, "--json"], env={"RAYTRAIL_RESERVE_BYTES": "0"})

    assert found.exit_code == 0, found.output
    facts = orjson.loads(found.stdout)
    assert [each["rows"] for each in facts["compacted"]] == [2]
    again = CliRunner().invoke(app, command, env={"RAYTRAIL_RESERVE_BYTES": "0"})
    assert again.stdout == "nothing to do\n"


def test_compact_refuses_a_store_that_another_process_compacts(tmp_path: Path) -> None:
    now = datetime(2026, 11, 21)  # noqa: DTZ001
    with Store.create(tmp_path, lambda: now, LIMITS) as store, store.file_swap().locked():
        found = CliRunner().invoke(app, ["compact", "--data", str(tmp_path)])

    assert (found.exit_code, found.stdout) == (0, "")
    assert "already running" in found.stderr


def test_compact_exits_with_1_if_a_job_failed(tmp_path: Path) -> None:
    now = datetime(2026, 11, 21, 12)  # noqa: DTZ001
    with Store.create(tmp_path, lambda: now, LIMITS) as store:
        send(store, gzipped(ndjson(record())))
        load(store)
        (store.layout.root / live(store)[0]["path"]).write_bytes(b"damaged")

    found = CliRunner().invoke(app, ["compact", "--data", str(tmp_path)])

    assert found.exit_code == FOUND_SOMETHING_WRONG
    assert "cannot be read" in found.stdout


@pytest.mark.slow
def test_a_service_compacts_by_itself(tmp_path: Path) -> None:
    with running(tmp_path / "data") as service:
        for place in range(16):
            sent = record(RayID=f"{place:016x}")
            assert post(service, gzipped(ndjson(sent))).status_code == 200
            service.wait_until_readable()
        pid = service.pid_of("compactor")
        started_with = Path(f"/proc/{pid}/environ").read_text(encoding="utf-8").split("\0")
        assert "ARROW_DEFAULT_MEMORY_POOL=jemalloc" in started_with
        found = service.wait_for("compacted")

    assert found["rows"] == 16


def test_a_compactor_that_hangs_is_told_after_a_while(store: Store, tmp_path: Path) -> None:
    at_work = Compacting(store, logger, notices=Notices(tmp_path))
    at_work._work()

    later = Notices(tmp_path, now=lambda: time.monotonic() + compacting.SILENCE_SECONDS_MAX)
    assert later.read() == {"merging": "the compactor has not reported for more than 30 minutes"}


class Slowness:
    """Lets nearly the time of a whole promise pass at each look at the loader."""

    def __init__(self, folder: Path) -> None:
        self.now = 0.0
        self.told = Notices(folder, now=lambda: self.now)
        self.looks = 0

    def passes(self, at_work: Compacting, monkeypatch: pytest.MonkeyPatch) -> None:
        real = at_work.store.progress()

        def progress(_store: Store) -> object:
            assert self.told.read() == {}
            self.looks += 1
            self.now += compacting.SILENCE_SECONDS_MAX - 1
            return replace(real, pending=Pending(0, 0.0))

        monkeypatch.setattr(compacting, "TELL_SECONDS", -1.0)
        monkeypatch.setattr(Store, "progress", progress)


def test_a_retention_that_rewrites_for_long_is_not_called_silent(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for day in range(1, 21):
        time_of = {"EdgeStartTimestamp": f"2026-11-{day:02}T09:00:00Z"}
        users = ({"cf-access-user": user} for user in ("ada", "bob"))
        send(store, gzipped(ndjson(*(record(RequestHeaders=each, **time_of) for each in users))))
        load(store)
    with store.catalog.write() as connection:
        # So that files are rewritten, and not only removed.
        holds.place(connection, store.layout, store.clock, Criteria(user="ada"), "a case")
    slowness = Slowness(tmp_path)
    lifetimes = Lifetimes(datasets={"http_requests": 18})
    at_work = Compacting(store, logger, lifetimes, notices=slowness.told)
    slowness.passes(at_work, monkeypatch)

    at_work._work()

    assert slowness.looks >= 3
    assert len(keys(store)) == 37


def test_a_replay_of_a_damaged_file_that_takes_long_is_not_called_silent(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    damaged_day(store)
    slowness = Slowness(tmp_path)
    at_work = Compacting(store, logger, notices=slowness.told)
    slowness.passes(at_work, monkeypatch)

    at_work.promise()
    assert at_work._remake()

    assert slowness.looks >= 3
    assert len(keys(store)) == 12


def test_a_replay_of_a_damaged_file_waits_while_the_loader_is_behind(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    damaged_day(store)
    at_work, looks, real = compactor(store), list[float](), store.progress()

    def progress(_store: Store) -> object:
        looks.append(0.0 if looks else compacting.YIELD_LAG_SECONDS + 0.1)
        return replace(real, pending=Pending(1, looks[-1]))

    monkeypatch.setattr(Store, "progress", progress)
    monkeypatch.setattr(compacting, "YIELD_LOOK_SECONDS", 0.0)

    assert at_work._remake()

    assert looks[:2] == [3.1, 0.0]
    assert len(keys(store)) == 12


def test_a_stopped_compactor_abandons_its_replay_of_a_damaged_file(store: Store) -> None:
    path = damaged_day(store)
    at_work = compactor(store)
    at_work.stop.set()

    with pytest.raises(Stopped):
        at_work._remake()

    assert path in {file["path"] for file in live(store)}
    at_work = compactor(store)
    store.loader().sweep()
    assert at_work._remake(), "made again after a restart"
    assert len(keys(store)) == 12


def test_a_compactor_that_another_process_keeps_out_for_too_long_says_so(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = Notices(tmp_path)
    at_work = Compacting(store, logger, notices=told)
    with store.file_swap().locked():
        at_work._work()
        assert told.read() == {}
        monkeypatch.setattr(compacting, "LOCKED_SECONDS_MAX", 0.0)
        at_work._work()
        assert told.read() == {"merging": compacting.LOCKED_OUT}

    at_work._work()
    assert told.read() == {}


def test_files_that_cannot_be_merged_are_told_until_they_are(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts(store, 2)
    settle(store)
    told = Notices(tmp_path)
    at_work = Compacting(store, logger, notices=told)
    with monkeypatch.context() as patch:

        def refuse(*_: object) -> None:
            raise RewriteRefused("the rows of the new file differ")

        patch.setattr(Compactor, "run", refuse)
        at_work._work()
    [text] = told.read().values()
    assert text == "http_requests 2026-11-20 cannot be merged: the rows of the new file differ"
    at_work._work()
    assert told.read(), "it is not tried again yet"

    monkeypatch.setattr(compacting, "RETRY_SECONDS", 0.0)
    at_work._work()
    at_work._work()
    assert told.read() == {}
