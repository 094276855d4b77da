"""`raytrail replay` as a person types it, alone and beside a loader that runs."""

import json
import threading
from pathlib import Path

import duckdb
import pytest
from sqlalchemy import select

from raytrail.commands.service import replay
from raytrail.errors import CannotDo
from raytrail.service.loader import run
from raytrail.service.log import configure
from store import live_loading
from store.catalog.tables import removals
from store.errors import NoRoom
from store.files import durable
from store.intake.limits import IntakeLimits
from store.live_loading import LiveLoading
from store.reading import views
from store.replay.results import ReplayResult, SkippedBatches
from store.replay.selection import Selection
from store.store import Store
from tests.command import Command
from tests.factories import NO_RESERVE, SHELL, Clock, gzipped, ndjson, old_store, record, send
from tests.until import until


def loaded(folder: Path, *bodies: bytes) -> Path:
    with Store.create(folder, Clock(), IntakeLimits(reserve=NO_RESERVE)) as store:
        for body in bodies:
            send(store, body)
        LiveLoading(store, configure("test"), SHELL).until_drained()
    return folder


def test_a_store_of_version_0_1_is_replayed_and_says_what_changed(
    raytrail: Command, tmp_path: Path
) -> None:
    data = str(old_store(tmp_path / "data"))

    tried = raytrail("replay", "--data", data, "--dry-run")
    status, out, _ = raytrail("replay", "--data", data)

    assert tried[0] == status == 0
    assert tried[1].startswith("2 batches would be replayed; nothing was changed\n")
    assert out.startswith("2 batches replayed, 4 files replaced by 4 files\n")
    assert "http_requests\n    rows               2 -> 2 (the same)\n" in out
    assert "    misfits            0 -> 1\n" in out, "that version did not count them"
    with duckdb.connect(str(tmp_path / "data" / "audit.duckdb"), read_only=True) as audit:
        assert audit.execute("SELECT count(*) FROM http_requests").fetchone() == (2,)
    _, out, _ = raytrail("trail", "--data", data, "--user", "srhea", "--json")
    assert len(out.splitlines()) == 2


def test_facts_come_as_one_object(raytrail: Command, tmp_path: Path) -> None:
    data = loaded(tmp_path / "data", gzipped(ndjson(record()) + b"no json\n"))

    status, out, _ = raytrail("replay", "--data", str(data), "--json", "--rejected")

    facts = json.loads(out)
    assert status == 0
    assert (facts["dry_run"], facts["batches"], facts["sequence"]) == (False, 1, 3)
    assert facts["after"]["http_requests"]["rejected_lines"] == 1
    assert facts["left"] == []


def test_missing_raw_bodies_are_reported_with_status_1(raytrail: Command, tmp_path: Path) -> None:
    data = loaded(tmp_path / "data", gzipped(ndjson(record())))
    [raw] = (data / "raw").rglob("*.gz")
    raw.unlink()

    status, out, _ = raytrail("replay", "--data", str(data))

    assert status == 1
    assert f"unchanged: {raw.name[:16]} (http_requests)" in out
    assert "is missing" in out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--since", "yesterday"), "--since: give the day"),
        (("--until", "2026-13-01"), "--until: give the day"),
        (("--batch", "1234567"), "--batch: give the id"),
        (("--batch", "%%%%%%%%%"), "--batch: give the id"),
    ],
)
def test_invalid_options_are_refused(
    raytrail: Command, tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    data = loaded(tmp_path / "data", gzipped(ndjson(record())))

    status, _, err = raytrail("replay", "--data", str(data), *arguments)

    assert status == 2
    assert said in err


def test_a_second_replay_at_once_is_refused(raytrail: Command, tmp_path: Path) -> None:
    data = loaded(tmp_path / "data", gzipped(ndjson(record())))

    with durable.lock(data / ".replay.lock"):
        status, _, err = raytrail("replay", "--data", str(data))

    assert status == 2
    assert "another replay is running" in err


def test_a_hostile_reason_is_escaped_and_a_long_list_is_cut() -> None:
    left = SkippedBatches(batches=("a" * 64,), dataset="b\x1b", reason="\x1b[31m", was_loaded=False)
    done = ReplayResult(
        sequence=None,
        batches=0,
        parts_retired=0,
        parts_added=0,
        before={},
        after={},
        left=(left,) * (replay.LEFT_SHOWN + 3),
    )

    shown = list(replay.lines(done, is_trial=False))

    assert not any("\x1b" in line for line in shown)
    assert shown[1].startswith("still unread: aaaaaaaaaaaaaaaa (b\\u001b): \\u001b[31m")
    assert shown[-1] == "... and 3 more; --json has them all"
    assert not replay.is_wrong(done)


def test_a_selection_without_options_is_everything() -> None:
    nothing = {"dataset": "", "batch": "", "since": "", "until": "", "only_rejected": False}

    assert replay.selection(**nothing) == Selection()  # type: ignore[arg-type]
    with pytest.raises(CannotDo):
        replay.selection(**{**nothing, "since": "20"})  # type: ignore[arg-type]


def is_shown(store: Store) -> bool:
    """Whether `audit.duckdb` still names a retired file."""
    with store.catalog.read() as connection:
        shown = select(removals.c.path).where(removals.c.shown_until.is_not(None))
        return connection.execute(shown).first() is not None


def test_a_running_loader_publishes_new_parts_and_removes_old_ones(
    store: Store, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_loading, "TIDY_SECONDS", 0.05)
    send(store, gzipped(ndjson(record())))
    loader = LiveLoading(store, configure("test"), SHELL)
    thread = threading.Thread(target=run, args=(loader,))
    thread.start()
    until(
        lambda: store.status().pending.batches == 0 and store.layout.audit.exists(),
        "loaded and shown",
    )
    [old] = store.snapshot().files["http_requests"]

    replay.run(store, Selection(), is_trial=False)
    [new] = store.snapshot().files["http_requests"]
    until(lambda: new.name.encode() in store.layout.audit.read_bytes(), "the new part is shown")
    until(lambda: not is_shown(store), "no new shell reads the old part")
    assert old.exists()
    clock.move(hours=25)
    until(lambda: not old.exists(), "the old part is gone")
    loader.stop.set()
    thread.join()

    with duckdb.connect(str(store.layout.audit), read_only=True) as audit:
        assert audit.execute("SELECT count(*) FROM http_requests").fetchone() == (1,)


def test_the_loader_sweeps_files_of_a_killed_replay(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_loading, "TIDY_SECONDS", 0.05)
    loader = LiveLoading(store, configure("test"), SHELL)
    thread = threading.Thread(target=run, args=(loader,))
    thread.start()
    until(store.layout.audit.exists, "shown")
    stray = store.layout.parts / "half-made.parquet"
    stray.write_bytes(b"")
    durable.touch(store.layout.replay_mark)

    until(lambda: not stray.exists(), "the stray is gone")
    loader.stop.set()
    thread.join()

    assert not store.layout.replay_mark.exists()


def test_views_that_cannot_be_written_do_not_undo_a_replay(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(store, gzipped(ndjson(record())))
    store.loader().load_next()

    def full(*_: object) -> None:
        raise NoRoom("audit.duckdb")

    with monkeypatch.context() as patch:
        patch.setattr(views, "publish", full)
        with pytest.raises(NoRoom):
            replay.run(store, Selection(), is_trial=False)

    assert store.status().sequence == 3
    assert store.newest_change()[:2] == (3, 1)
