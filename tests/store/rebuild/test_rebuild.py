"""A rebuilt catalog has what the lost one had, table by table."""

import re
import shutil
from collections.abc import Callable, Hashable
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from store.catalog import opening as catalogs
from store.catalog.migration import METADATA
from store.erasure.erasure import Erasure
from store.erasure.identifier import Identifier
from store.errors import CatalogMissing, RebuildRefused
from store.files import durable, stray
from store.files.layout import Layout
from store.fsck.check import check
from store.ledger.ledger_files import ledger_files
from store.rebuild import derivation
from store.rebuild.derivation import KNOWN_KINDS
from store.rebuild.rebuild import Rebuilt, rebuild
from store.registers import applications, canaries, coverage, drifts
from store.registers.application_version import Application
from store.registers.canaries import Canary
from store.registers.coverage import HourVerdict, JobHours
from store.registers.verdicts import CannotTell, Complete, Partial
from store.replay.selection import Selection
from store.retention import holds
from store.retention.holds import Criteria
from store.store import Store
from tests.catalog_tables import (
    delete,
    empty,
    keep_entries_only,
    put_back,
    tables,
)
from tests.dying import Dying, Killed, dying, state_of
from tests.factories import NOW, SHELL, compact, gzipped, load, ndjson, record, send
from tests.person_store import AT_ONCE, SALT, USER, at, by, erase, everything, lived_in
from tests.system.operations import retain


def rebuilt(store: Store) -> Rebuilt:
    return rebuild(store.layout, store.clock, store.limits)


def reopened(store: Store) -> Store:
    return Store.open(store.layout.root, store.clock, store.limits)


def compared(store: Store, losing: Callable[[Store], None] = delete) -> Rebuilt:
    """Lose the catalog, rebuild it, and compare it with the lost one."""
    before, rows = tables(store.layout.root), everything(store)
    store.catalog.close()
    losing(store)
    done = rebuilt(store)
    after = tables(store.layout.root)
    for table, wanted in before.items():
        assert after[table] == wanted, table
    with reopened(store) as again:
        assert everything(again) == rows
        found = check(again, lambda: None, SHELL, is_deep=True, is_repairing=True)
        assert not found.left
        assert {each.kind for each in found.mended} <= {"audit_outdated", "removal_overdue"}
    return done


def test_a_store_with_everything_in_it_is_rebuilt_as_it_was(store: Store) -> None:
    lived_in(store)
    with store.catalog.write() as connection:
        placed = holds.place(connection, store.layout, store.clock, Criteria(user="bob"), "case 1")
        closed = holds.place(
            connection, store.layout, store.clock, Criteria(host="h", since=NOW), "2"
        )
        holds.release(connection, store.clock, closed.id, "over")

    done = compared(store)

    assert done.is_whole, done.unknown
    with reopened(store) as again, again.catalog.read() as connection:
        assert [hold.id for hold in holds.active(connection)] == [placed.id]


def test_what_retention_removed_stays_removed(store: Store) -> None:
    for day in ("2026-11-10", "2026-11-19"):
        send(store, gzipped(ndjson(by("ada", EdgeStartTimestamp=f"{day}T09:00:00Z", RayID=day))))
        load(store)
    retain(store, 7)

    assert compared(store).is_whole
    with reopened(store) as again:
        assert len(everything(again)["http_requests"]) == 1


def test_what_an_erasure_removed_stays_removed(store: Store) -> None:
    lived_in(store)
    erase(store)

    assert compared(store).is_whole


def test_a_replayed_batch_has_its_newest_counts(store: Store) -> None:
    send(store, gzipped(ndjson(record(), record(Unknown="x", ClientIP=17))))
    send(store, gzipped(b"no json\n"))
    load(store)
    store.replay().run(Selection())

    assert compared(store).is_whole


def test_a_moved_batch_is_in_its_new_dataset(store: Store) -> None:
    send(store, gzipped(ndjson(record(), record(RayID="b")) + b"no json\n"), "http_request")
    send(store, gzipped(ndjson(record(RayID="c"))), "http_request")
    load(store)
    batch_id = str(everything(store)["http_request"][0]["batch_id"])
    store.reassignment("http_requests").run(Selection(batch=batch_id))

    assert compared(store).is_whole


def test_registers_are_as_they_were(store: Store) -> None:
    wiki = Application(
        id="1",
        name="Wiki",
        type="self_hosted",
        aud="a",
        covers=("wiki.example",),
        opens=(),
        session_duration="24h",
        created_at=NOW - timedelta(days=3),
    )
    shop = replace(wiki, id="2", name="Shop")
    clock = store.clock
    applications.record(store.catalog, clock(), [wiki, shop])
    at(store, "2026-11-23T10:00:00")
    applications.record(store.catalog, clock(), [replace(wiki, opens=("wiki.example/open",))])
    hour = datetime(2026, 11, 22, 9)  # noqa: DTZ001
    hours = {
        hour: HourVerdict(Complete(), 7),
        hour + timedelta(hours=1): HourVerdict(Partial(3, "lost"), 9),
        hour + timedelta(hours=2): HourVerdict(CannotTell("no count"), None),
    }
    for found in (hours, {hour + timedelta(hours=1): HourVerdict(Complete(), 9)}):
        job = JobHours(dataset="http_requests", job=5, place="zone", hours=found)
        coverage.record(store.catalog, clock(), [job])
    canaries.enter(store.catalog, clock(), Canary("c1", NOW, 200))
    for differences in ([{"name": "sample", "is": 2}], []):
        with store.catalog.write() as connection:
            drifts.record(connection, "zone", differences, clock())

    assert compared(store).is_whole


def test_a_lost_criterion_leaves_a_hold_that_covers_more(store: Store) -> None:
    with store.catalog.write() as connection:
        criteria = Criteria(user="bob", host="wiki.example")
        placed = holds.place(connection, store.layout, store.clock, criteria, "case 1")
    path = store.layout.holds / f"{placed.id}.json"
    path.write_bytes(path.read_bytes().replace(b'"bob"', b'"eve"'))
    store.catalog.close()
    keep_entries_only(store)

    done = rebuilt(store)

    [sentence] = done.unknown
    assert sentence.startswith(f"hold {placed.id}: its user cannot be known")
    with reopened(store) as again, again.catalog.read() as connection:
        [hold] = holds.active(connection)
        assert (hold.user, hold.host) == (None, "wiki.example")


def test_the_old_catalog_is_kept_until_an_erasure(store: Store) -> None:
    send(store, gzipped(ndjson(by(USER))))
    load(store)

    done = rebuilt(store)

    assert done.kept is not None
    with closing(catalogs.open_frozen(store.layout.root / done.kept)):
        pass
    assert done.kept in {path.name for path in store.layout.replaced_catalogs()}
    erase(reopened(store))
    assert not store.layout.replaced_catalogs()


@pytest.mark.parametrize("name", ["serve_lock", "loader_lock", "rewrite_lock", "replay_lock"])
def test_a_store_in_use_is_refused(store: Store, name: str) -> None:
    with durable.lock(getattr(store.layout, name)), pytest.raises(RebuildRefused, match="in use"):
        rebuilt(store)


@pytest.mark.parametrize("losing", [keep_entries_only, empty])
def test_a_damaged_catalog_is_rebuilt(store: Store, losing: Callable[[Store], None]) -> None:
    lived_in(store)

    assert compared(store, losing).kept


def test_an_older_catalog_put_back_is_caught_up(store: Store, tmp_path: Path) -> None:
    lived_in(store)
    store.catalog.copy_to(tmp_path / "older")
    older = (tmp_path / "older").read_bytes()
    send(store, gzipped(ndjson(by("dan"), by("eve"))))
    load(store)
    retain(store, 3)

    assert compared(store, lambda store: put_back(store, older)).is_whole


def test_what_an_old_catalog_moved_to_stray_is_moved_back(store: Store) -> None:
    send(store, gzipped(ndjson(by("dan"))))
    load(store)

    def swept(_: Store) -> None:
        delete(store)
        moved = [*store.layout.parts.rglob("*.parquet"), *store.layout.raw.rglob("*.gz")]
        stray.move(store.layout, moved, store.clock())

    assert compared(store, swept).is_whole
    assert not list(stray.found(store.layout))


def test_two_histories_are_refused(store: Store, tmp_path: Path) -> None:
    send(store, gzipped(ndjson(by("dan"))))
    other = Store.create(tmp_path / "other", store.clock, store.limits)
    send(other, gzipped(ndjson(by("eve"))))
    other.catalog.close()
    store.catalog.close()
    delete(store)
    (tmp_path / "other" / "catalog.sqlite").rename(store.layout.catalog)

    with pytest.raises(RebuildRefused, match="entry 1 is another one in ledger/ than"):
        rebuilt(store)


def test_a_ledger_that_ends_before_the_data_is_refused(store: Store) -> None:
    [path] = ledger_files(store.layout)
    send(store, gzipped(ndjson(by("dan"))))
    load(store)
    store.catalog.close()
    delete(store)
    path.write_bytes(b"")

    with pytest.raises(RebuildRefused, match="names 1 parts and 1 raw bodies"):
        rebuilt(store)

    assert not store.layout.catalog.exists()


def test_a_body_whose_entry_was_not_committed_is_entered_after_a_rebuild(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = gzipped(ndjson(by("dan")))
    # The last write of an upload is its line in `ledger/`, before the commit.
    with dying(monkeypatch, Dying(None)) as counted:
        send(store, gzipped(ndjson(by("eve"))))
    line = len(counted.calls) - counted.calls[::-1].index("write")
    with dying(monkeypatch, Dying(line)), pytest.raises(Killed):
        send(store, body)
    store.catalog.close()
    delete(store)

    assert rebuilt(store).is_whole

    with reopened(store) as again:
        assert again.recover().batches_entered == 1
        load(again)
        assert len(everything(again)["http_requests"]) == 2


def test_a_body_whose_bytes_are_not_its_names_does_not_stop_a_rebuild(store: Store) -> None:
    send(store, gzipped(ndjson(by("dan"))))
    foreign = store.layout.raw / "2026-11-22" / f"{'0' * 64}.gz"
    foreign.write_bytes(b"damaged before it was entered")
    store.catalog.close()
    delete(store)

    assert rebuilt(store).is_whole
    assert foreign.exists()


def test_an_erasure_that_is_run_again_removes_the_old_catalog(store: Store) -> None:
    lived_in(store)
    erase(store)
    store.catalog.close()
    rebuilt(store)

    with reopened(store) as again:
        assert store.layout.replaced_catalogs()
        erasure = Erasure(
            store=again,
            identifier=Identifier.of(USER),
            reason="r",
            salt=SALT,
            is_confirmed=lambda _count: True,
            timeouts=AT_ONCE,
        )
        assert erasure.is_purge_due()
        erasure.purge()
    assert not store.layout.replaced_catalogs()


def test_it_is_written_down_for_every_table_where_it_comes_from() -> None:
    told = set(re.findall(r"`([a-z_]+)`", derivation.__doc__ or ""))

    assert set(METADATA.tables) <= told


def test_every_kind_of_entry_is_known(store: Store) -> None:
    del store
    text = (Path(__file__).parents[3] / "docs" / "durability.md").read_text(encoding="utf-8")
    section = text.partition("| kind | written when")[2].partition("\n\n")[0]
    told = {line.split("`")[1] for line in section.splitlines() if line.startswith("| `")}

    assert told == KNOWN_KINDS


def test_a_rebuild_that_is_killed_is_finished_by_the_next(
    store: Store, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    send(store, gzipped(ndjson(by("dan"))))
    load(store)
    rows = everything(store)
    store.catalog.close()
    call = Dying(None)
    shutil.copytree(store.layout.root, tmp_path / "first")
    with dying(monkeypatch, call):
        rebuild(Layout(tmp_path / "first"), store.clock, store.limits)
    left = set[Hashable]()
    for number in range(1, len(call.calls) + 1):
        data = tmp_path / str(number)
        shutil.copytree(store.layout.root, data)
        with dying(monkeypatch, Dying(number)), pytest.raises(Killed):
            rebuild(Layout(data), store.clock, store.limits)
        if (state := state_of(data)) in left:
            continue
        left.add(state)
        if Layout(data).rebuild_mark.exists():
            # `raytrail serve` then does it by itself.
            with pytest.raises(CatalogMissing, match="a rebuild was not finished"):
                Store.create(data, store.clock, store.limits)

        done = rebuild(Layout(data), store.clock, store.limits)

        assert done.is_whole
        with Store.create(data, store.clock, store.limits) as again:
            assert everything(again) == rows
        assert not list(data.glob(".draft*"))
        old = [path for path in Layout(data).replaced_catalogs() if path.suffix == ".sqlite"]
        for path in old:
            catalogs.open_draft(path).close()
        assert old


def test_merged_files_list_their_users_again(store: Store) -> None:
    at(store, "2026-11-19T12:00:00")
    for user in ("ada", "bob", None):
        send(store, gzipped(ndjson(by(user, EdgeStartTimestamp="2026-11-18T09:00:00Z"))))
        load(store)
    at(store, "2026-11-21T12:00:00")
    compact(store)

    assert compared(store).is_whole
