"""With catalog and ledger gone, what is on disk gets new entries, and nothing removed comes back."""

import shutil
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from store.errors import RebuildRefused
from store.files import stray
from store.fsck.check import check
from store.ledger import ledger_files
from store.rebuild.lost_ledger.decisions import ALL, Decisions
from store.rebuild.rebuild import Rebuilt, rebuild
from store.replay.selection import Selection
from store.retention import hold_files, holds
from store.retention.holds import Criteria
from store.store import Store
from tests.catalog_tables import delete
from tests.factories import SHELL, compact, gzipped, load, login, ndjson, send, unshown
from tests.person_store import USER, at, by, erase, everything, lived_in
from tests.system.operations import remove_retired, retain

RECEIPTS = "receipts of erasures"


def lost(store: Store, **decided: Any) -> tuple[Rebuilt, Store]:
    """Lose catalog and ledger, rebuild, and open the store again."""
    store.catalog.close()
    delete(store)
    shutil.rmtree(store.layout.ledger, ignore_errors=True)
    return again(store, **decided)


def again(store: Store, *, is_checked: bool = True, **decided: Any) -> tuple[Rebuilt, Store]:
    done = rebuild(store.layout, store.clock, store.limits, decisions=Decisions(**decided))
    found = Store.create(store.layout.root, store.clock, store.limits)
    found.recover()
    found.loader().sweep()
    load(found)
    checked = check(found, lambda: None, SHELL, is_deep=True, is_repairing=True)
    assert not (checked.left and is_checked)
    return done, found


def unknown(done: Rebuilt) -> list[str]:
    return [sentence for sentence in done.unknown if not sentence.startswith(RECEIPTS)]


def test_loaded_merged_rejected_and_unread_batches_are_as_before(store: Store) -> None:
    lived_in(store)
    rows = everything(store)

    done, found = lost(store)

    assert everything(found) == rows
    # A body that is cut off has no record that tells the dataset for certain.
    [sentence] = unknown(done)
    assert sentence.endswith("its records look like http_requests")
    assert not done.duplicates
    found.catalog.close()


def test_a_batch_without_rows_waits_for_a_decision(store: Store) -> None:
    send(store, gzipped(ndjson(by("ada"))))
    load(store)
    send(store, gzipped(ndjson(by("bob"))))

    with pytest.raises(RebuildRefused, match=r"1 raw bodies have no rows.*`--enter BATCH` loads"):
        lost(store)
    _, found = again(store, enter=[ALL])

    users = {row["user_id"] for row in everything(found)["http_requests"]}
    assert users == {"ada", "bob"}
    found.catalog.close()


def test_a_batch_that_is_left_out_loses_its_body_and_is_not_stored_again(store: Store) -> None:
    body = gzipped(ndjson(by("bob")))
    send(store, gzipped(ndjson(by("ada"))))
    load(store)
    receipt = send(store, body)

    _, found = lost(store, leave_out=[receipt.batch_id[:12]])  # type: ignore[union-attr]

    assert [row["user_id"] for row in everything(found)["http_requests"]] == ["ada"]
    assert send(found, body).is_duplicate  # type: ignore[union-attr]
    found.catalog.close()


def test_what_was_erased_does_not_come_back(store: Store) -> None:
    lived_in(store)
    erase(store)
    rows = everything(store)

    done, found = lost(store)

    assert everything(found) == rows
    assert not done.duplicates
    found.catalog.close()


def test_rows_past_their_retention_do_not_come_back_while_their_bodies_are_kept(
    store: Store,
) -> None:
    for day in ("2026-11-10", "2026-11-19"):
        send(store, gzipped(ndjson(by("ada", EdgeStartTimestamp=f"{day}T09:00:00Z", RayID=day))))
        load(store)
    retain(store, 7)
    unshown(store)
    remove_retired(store)
    rows = everything(store)

    with pytest.raises(RebuildRefused, match="1 raw bodies have no rows"):
        lost(store)
    _, found = again(store, leave_out=[ALL])

    assert everything(found) == rows
    found.catalog.close()


def test_replaced_files_that_wait_for_removal_are_not_live(store: Store) -> None:
    at(store, "2026-11-19T12:00:00")
    for user in ("ada", "bob"):
        send(store, gzipped(ndjson(by(user, EdgeStartTimestamp="2026-11-18T09:00:00Z"))))
        load(store)
    store.replay().run(Selection())
    at(store, "2026-11-21T12:00:00")
    compact(store)
    rows = everything(store)

    done, found = lost(store)

    assert everything(found) == rows
    assert not done.duplicates
    found.loader().tidy()
    assert len(list(found.layout.parts.rglob("*.parquet"))) == len(found.snapshot().files) == 1
    found.catalog.close()


def test_the_ledger_of_yesterday_is_continued(store: Store) -> None:
    send(store, gzipped(ndjson(by("ada"))))
    send(store, gzipped(ndjson(login())), "access_requests")
    load(store)
    send(store, gzipped(ndjson(by("cleo"))))
    path = store.layout.ledger / "000000000001.ndjson"
    before = path.read_bytes()
    load(store)
    send(store, gzipped(ndjson(by("bob"), by("eve"))))
    load(store)
    rows = everything(store)
    store.catalog.close()
    delete(store)
    path.write_bytes(before)

    done, found = again(store)

    assert everything(found) == rows
    assert not unknown(done)
    assert (found.layout.ledger / "000000000001.ndjson").read_bytes().startswith(before)
    found.catalog.close()


def test_lines_in_two_files_are_reported_and_stand_once(store: Store) -> None:
    for user in ("ada", "bob"):
        send(store, gzipped(ndjson(by(user))))
        load(store)
    first, second = sorted(store.layout.parts.rglob("*.parquet"))
    both = pa.concat_tables([pq.read_table(path, partitioning=None) for path in (first, second)])
    pq.write_table(both.replace_schema_metadata(None), first.with_name("copied.parquet"))
    second.unlink()

    done, found = lost(store, is_checked=False, enter=[ALL])

    [sentence] = done.duplicates
    assert "1 of its lines are in newer files as well" in sentence
    [moved] = stray.found(found.layout)
    assert moved.original.endswith("copied.parquet")
    users = sorted(row["user_id"] for row in everything(found)["http_requests"])
    assert users == ["ada", "bob"]
    found.catalog.close()


def test_holds_survive(store: Store) -> None:
    send(store, gzipped(ndjson(by("ada"))))
    load(store)
    with store.catalog.write() as connection:
        placed = holds.place(connection, store.layout, store.clock, Criteria(user="ada"), "case")
        closed = holds.place(connection, store.layout, store.clock, Criteria(host="h"), "old")
        holds.release(connection, store.clock, closed.id, "over")
        hold_files.write_missing(store.layout, connection)
    (store.layout.holds / "torn.json").write_bytes(b"{")

    done, found = lost(store)

    with found, found.catalog.read() as connection:
        [hold] = holds.active(connection)
        assert len(holds.list_all(connection)) == 2
    assert (hold.id, hold.user, hold.reason) == (placed.id, "ada", "case")
    [sentence] = unknown(done)
    assert sentence.startswith("hold torn is lost")


def test_rows_without_a_raw_body_are_kept(store: Store) -> None:
    send(store, gzipped(ndjson(by("ada"))))
    load(store)
    rows = everything(store)
    [body] = store.layout.raw.rglob("*.gz")
    body.unlink()

    done, found = lost(store)

    assert everything(found) == rows
    [sentence] = unknown(done)
    assert sentence.startswith("1 batches have rows and no raw body")
    found.catalog.close()


def test_a_fetched_batch_is_fetched_again_known(store: Store) -> None:
    old = by("ada", EdgeStartTimestamp="2026-06-01T09:00:00Z")
    send(store, gzipped(ndjson(old)), is_fetched=True)
    load(store)
    rows = everything(store)

    _, found = lost(store)
    found.replay().run(Selection())

    assert everything(found) == rows
    assert list(found.layout.parts.rglob("date=2026-06-01/*.parquet"))
    found.catalog.close()


def test_a_second_rebuild_gives_the_same(store: Store) -> None:
    lived_in(store)
    _, found = lost(store)
    rows, digest = everything(found), found.status().digest
    found.catalog.close()
    delete(found)

    done = rebuild(found.layout, found.clock, found.limits)

    assert done.digest == digest
    with Store.open(found.layout.root, found.clock, found.limits) as third:
        assert everything(third) == rows


def test_a_damaged_ledger_is_moved_away_when_the_catalog_has_all(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Fewer lines than follow a damaged one in any ledger that is older than a second.
    monkeypatch.setattr(ledger_files, "UNSYNCED_LINES_MAX", 1)
    send(store, gzipped(ndjson(by(USER))))
    load(store)
    path = store.layout.ledger / "000000000001.ndjson"
    path.write_bytes(path.read_bytes().replace(b"batch_id", b"batch_ix", 1))
    store.catalog.close()

    done = rebuild(store.layout, store.clock, store.limits)

    assert done.sequence == 2
    assert not store.layout.ledger.exists()
    assert [each.name for each in store.layout.root.glob("ledger-before-rebuild-*")]
