"""Of which files the catalog has facts, after an older version or a failure."""

from dataclasses import dataclass, replace
from pathlib import Path

import duckdb
import pytest
from sqlalchemy import update

from queries.baseline import file_facts
from queries.baseline.file_facts import read_facts
from store.catalog.tables import files
from store.catalog.users import user_days
from store.catalog.users import user_days as counting
from store.catalog.users.facts_number import REVISION
from store.catalog.users.packed_facts import UserFacts, is_readable
from store.catalog.users.user_facts import enter
from store.compaction.facts import waiting
from store.compaction.facts.reading import Failure
from store.compaction.facts.waiting import RETRY_SECONDS, PutOff
from store.files.layout import Layout
from store.store import Store
from tests.kept_facts import compute_waiting, demand_kept, kept, live
from tests.store.catalog.test_user_facts import everything, merge, on, refuse, send


def count_again_as_an_older_version(store: Store) -> None:
    """What `fsck --repair` of a version does that knows no facts of users."""
    [file] = live(store)
    with store.catalog.write() as connection:
        counted = user_days.of_file(connection, file["users_number"])
        number = user_days.enter(connection, counted)
        connection.execute(update(files).values(users_number=number))


def test_facts_of_a_file_that_an_older_version_counted_again_are_not_taken_for_its(
    store: Store,
) -> None:
    send(store, on("2026-11-20T09:00:00"))
    merge(store)
    [before] = kept(store).values()

    count_again_as_an_older_version(store)

    assert kept(store) == {}
    assert {part.facts for part in store.snapshot().every_part} == {None}
    assert compute_waiting(store) == 1
    assert list(kept(store).values()) == [before]
    with store.catalog.write() as connection:
        user_days.remove_unused(connection)
    demand_kept(store)
    assert len({row.file for row in everything(store)}) == 1


def test_what_is_no_blob_cannot_be_told() -> None:
    assert is_readable(b"", b"", [])
    assert not is_readable("a text", b"", [])
    assert not is_readable(b"", None, [])


@pytest.mark.parametrize(("users", "revision"), [(None, REVISION), (0, REVISION), (-1, -REVISION)])
def test_a_file_in_which_nobody_did_anything_has_no_facts_and_does_not_wait(
    store: Store, users: int | None, revision: int
) -> None:
    """0 stands for a file without users, and -1 for one whose users cannot be counted."""
    send(store, on("2026-11-20T09:00:00"))
    merge(store, reading=refuse)
    [file] = live(store)

    with store.catalog.write() as connection:
        if users is not None:
            connection.execute(update(files).values(users_number=users))
        enter(connection, file["path"], UserFacts((), ()))

    [entered] = live(store)
    assert entered["facts_revision"] == revision
    assert everything(store) == []
    assert compute_waiting(store) == 0


@dataclass
class Seconds:
    now: float = 0.0

    def __call__(self) -> float:
        return self.now


def run_out(*_: object) -> Failure:
    return Failure.PASSING


def test_a_file_that_failed_for_lack_of_memory_or_room_is_tried_again_later(store: Store) -> None:
    send(store, on("2026-11-20T09:00:00"))
    merge(store, reading=run_out)
    clock = Seconds()
    put_off = PutOff(clock)

    assert compute_waiting(store, run_out, put_off) == 1
    assert compute_waiting(store, read_facts, put_off) == 0
    clock.now = RETRY_SECONDS - 1
    assert compute_waiting(store, read_facts, put_off) == 0

    clock.now = RETRY_SECONDS
    assert compute_waiting(store, read_facts, put_off) == 1
    demand_kept(store)
    assert len(kept(store)) == 1


def test_a_file_that_would_fail_again_is_tried_by_no_other_process(store: Store) -> None:
    send(store, on("2026-11-20T09:00:00"))
    merge(store, reading=run_out)

    assert compute_waiting(store, refuse) == 1
    assert compute_waiting(store, read_facts, PutOff()) == 0


def test_too_little_memory_passes_and_a_file_without_the_columns_does_not(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(store, on("2026-11-20T09:00:00"))
    merge(store)
    [file] = live(store)
    assert read_facts(store.layout, "rows/of/nobody.parquet", None) is Failure.PASSING

    with monkeypatch.context() as changed:
        changed.setattr(file_facts, "LIMITS", replace(file_facts.LIMITS, memory_bytes=2**20))
        assert read_facts(store.layout, file["path"], file["columns"]) is Failure.PASSING
    other = str(tmp_path / "other.parquet")
    duckdb.execute(f"COPY (SELECT 'x' AS event_time) TO '{other}' (FORMAT parquet)")
    assert read_facts(Layout(tmp_path), "other.parquet", None) is Failure.LASTING


def test_a_merge_of_more_users_than_one_entry_counts_has_facts_when_they_are_counted(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(store, on("2026-11-16T09:00:00"), on("2026-11-16T10:00:00", "bob", "2"))
    with monkeypatch.context() as changed:
        changed.setattr(counting, "ROWS_OF_AN_ENTRY_MAX", 1)
        merge(store)
    assert [each["users_number"] for each in live(store)] == [None]

    with (swap := store.file_swap()).locked():
        while waiting.complete_some(swap, read_facts, waiting.PutOff()):
            pass

    assert len(kept(store)) == 1
    demand_kept(store)


def test_files_wait_in_bounded_steps_the_newest_first(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting, "ROWS_AT_ONCE", 1)
    send(store, on("2026-11-19T09:00:00"), on("2026-11-20T09:00:00", ray="2"))
    merge(store, reading=refuse)

    with (swap := store.file_swap()).locked():
        assert waiting.compute_some(swap, read_facts, waiting.PutOff()) == 1
        assert ["2026-11-20" in path for path in kept(store)] == [True]
        assert waiting.compute_some(swap, read_facts, waiting.PutOff()) == 1
        assert waiting.compute_some(swap, read_facts, waiting.PutOff()) == 0
