"""An erasure removes everything of one person, and changes nothing of others."""

import contextlib
import hashlib
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, select

from store import backlog, timestamps
from store.backoff import STEP_SECONDS, Backoff
from store.catalog import ledger
from store.catalog import removals as retired
from store.catalog.databases import sqlite_engine as engine
from store.catalog.tables import batches, entries, files, removals
from store.catalog.tables import holds as table_of_holds
from store.catalog.users.tables import people
from store.compaction import rewriter
from store.erasure import erasure, evidence, row_search
from store.erasure.erasure import Erasure, Timeouts, Unconfirmed, UnknownPerson, preview
from store.erasure.identifier import Identifier
from store.erasure.receipts import user_digest
from store.errors import EraseRefused, RewriteRefused, StoreBusy
from store.files import durable
from store.intake.limits import IntakeLimits
from store.retention import holds
from store.retention.holds import Criteria
from store.store import Store
from tests.dying import Dying, Killed, dying
from tests.factories import NO_RESERVE, Clock, compact, gzipped, load, login, ndjson, send, unshown
from tests.person_store import (
    AT_ONCE,
    SALT,
    USER,
    at,
    by,
    erase,
    everything,
    lived_in,
    of_others,
    places_of,
    request,
    try_to_erase,
)
from tests.store.conftest import Built


@pytest.fixture
def home(built: Built) -> Store:
    """A store with the person everywhere."""
    return built(lived_in)[0]


def test_an_erasure_removes_the_person_everywhere_and_changes_no_other_row(
    home: Store,
) -> None:
    tiers = {file["tier"] for file in home.file_swap().live_files()}
    before = of_others(home)
    where = {place.partition("/")[0] for place in places_of(home.layout.root)}
    assert tiers == {"part", "day", "month"}
    assert {"raw", "parts", "quarantine", "catalog.sqlite"} <= where

    erased = erase(home)

    assert of_others(home) == everything(home) == before
    assert places_of(home.layout.root) == []
    shares = erased.occurrences.by_dataset()
    assert {name: share.rows for name, share in shares.items()} == {
        "access_requests": 1,
        "http_requests": 5,
        "rejected": 1,
    }
    # Both batches of the folded line, and the unreadable one.
    assert shares["http_requests"].raw_bodies == 8
    assert shares["http_requests"].rejected_lines == 1
    assert len(erased.occurrences.quarantined) == 1


def test_files_and_bodies_without_the_person_are_not_changed(home: Store) -> None:
    theirs = {each.file["path"] for each in preview(home, Identifier.of(USER)).rewritten}
    before = {file["path"]: file["sha256"] for file in home.file_swap().live_files()}

    erase(home)

    after = {file["path"]: file["sha256"] for file in home.file_swap().live_files()}
    kept = {path: sha256 for path, sha256 in before.items() if path not in theirs}
    assert kept
    assert kept.items() <= after.items()
    assert not theirs & after.keys()
    raw = list(home.layout.raw.rglob("*.gz"))
    assert len(raw) == 1, "the body without the person"


def test_rewritten_files_keep_their_tier_and_their_index_of_users(home: Store) -> None:
    before = {(file["tier"], file["day"]) for file in home.file_swap().live_files()}

    erase(home)

    live = home.file_swap().live_files()
    assert {(file["tier"], file["day"]) for file in live} == {
        ("month", "2026-10"),
        ("day", "2026-10-10"),
        ("day", "2026-11-18"),
        ("part", "2026-11-21"),
        ("run", "2026-11-20"),
        ("run", "2026-11-21"),
    }
    assert ("part", "2026-11-21") in before
    with home.catalog.read() as connection:
        listed = set(connection.scalars(select(people.c.file)))
    assert listed == {file["number"] for file in live if file["number"] and file["user_min"]}
    at(home, "2026-11-23T12:00:00")
    rows = everything(home)
    compact(home)
    assert everything(home) == rows


def test_the_receipt_has_counts_and_reason_and_no_name(home: Store) -> None:

    erased = erase(home)

    with home.catalog.read() as connection:
        newest = ledger.newest(connection)
        told = list(connection.scalars(select(entries.c.payload)))
    assert newest is not None
    assert (newest.kind, newest.sequence, newest.is_sound()) == ("erased", erased.sequence, True)
    payload = newest.payload
    assert payload["reason"] == "request 17"
    assert payload["user_digest"] == user_digest(SALT, USER)
    assert payload["user_digest"] == hashlib.sha256(SALT + USER.encode()).hexdigest()
    requests = payload["datasets"]["http_requests"]
    assert {name: requests[name] for name in ("rows", "files", "rejected_lines")} == {
        "rows": 5,
        "files": 3,
        "rejected_lines": 1,
    }
    assert requests["left_out"].startswith("5:")
    assert payload["quarantined_bodies"] == 1
    assert payload["rows_before"] - payload["rows_after"] == 7
    assert not any(USER in each or "srhea" in each or SALT.hex() in each for each in told)


def test_batches_stay_and_name_the_entry_that_retired_their_bodies(home: Store) -> None:

    erased = erase(home)

    with home.catalog.read() as connection:
        rows = connection.execute(select(batches)).mappings().all()
    assert len(rows) == 10
    for batch in rows:
        is_there = (home.layout.root / batch["raw_path"]).exists()
        assert batch["raw_retired_sequence"] == (None if is_there else erased.sequence)
    with home.catalog.read() as connection:
        waiting = set(connection.scalars(select(removals.c.path)))
        retired_files = select(files.c.path).where(files.c.retired_sequence.is_not(None))
        assert waiting == set(connection.scalars(retired_files)), (
            "retired files without rows of the person"
        )


def test_rows_of_others_that_mention_the_person_stay_and_are_counted(store: Store) -> None:
    mention = by("bob", ClientRequestURI=f"/search?q={USER}", RayID="0d01")
    in_a_list = by("bob", RayID="0d02", FirewallMatchesRuleIDs=["x", USER])
    in_extra = by(None, RayID="0d03", NewField={"deep": USER})
    send(store, gzipped(ndjson(by(USER), mention, in_a_list, in_extra, by("bob"))))
    load(store)
    before = of_others(store)

    erased = erase(store)

    assert everything(store) == before
    assert erased.occurrences.by_dataset()["http_requests"].mentions == 3
    [raw] = erased.occurrences.bodies
    assert not (store.layout.root / raw.path).exists(), (
        "the body has the name, though rows of it stay"
    )


def test_an_erasure_does_not_deduplicate_rows_of_others(store: Store) -> None:
    twice = request("bob", "2026-11-20T09:00:00", "0e01")
    alike = {**twice, "EdgeResponseStatus": 500}
    send(store, gzipped(ndjson(twice, by(USER))))
    send(store, gzipped(ndjson(twice, alike)))
    load(store)
    before = of_others(store)

    erase(store)

    assert everything(store) == before


def one_row(store: Store) -> None:
    send(store, gzipped(ndjson(by(USER))))
    load(store)


def with_bob(store: Store) -> None:
    """One batch with a row of the person and one of another."""
    send(store, gzipped(ndjson(by(USER), by("bob"))))
    load(store)


ODD = 'sören "the <b>" o/rhea'


@pytest.mark.parametrize("spelt", [ODD.encode(), rb'{"who": "s\u00f6ren \"the <b>\" o/rhea"'])
def test_a_rejected_line_is_erased_in_every_json_spelling(store: Store, spelt: bytes) -> None:
    send(store, gzipped(spelt + b"\nanother line\n"))
    load(store)

    erase(store, ODD)

    assert [row["line"] for row in everything(store)["rejected"]] == [b"another line"]
    assert list(store.layout.raw.rglob("*.gz")) == []


def test_a_body_is_erased_by_its_rows_in_any_spelling(store: Store) -> None:
    """Bodies of folded lines too: they are found by the places that the row names."""
    odd = ndjson(login(Email=USER)).replace(b"srhea", rb"\u0073rhea")
    send(store, gzipped(odd), "access_requests")
    send(store, gzipped(odd + ndjson(login(Email="bob"))), "access_requests")
    load(store)
    at(store, "2026-11-25T12:00:00")
    compact(store)
    assert any("also_in" in row for row in everything(store)["access_requests"])
    unshown(store)
    store.loader().tidy()
    assert len(on_disk(store)) == 2 + len(store.file_swap().live_files()), (
        "the loader's parts are deleted"
    )

    erase(store)

    assert list(store.layout.raw.rglob("*.gz")) == []
    assert [row["user_id"] for row in everything(store)["access_requests"]] == ["bob"]


def test_a_body_of_two_datasets_is_erased_for_both(store: Store) -> None:
    body = gzipped(ndjson(by(USER), by("bob")))
    send(store, body)
    send(store, body, "custom_logs")
    load(store)

    erased = erase(store)

    assert list(store.layout.raw.rglob("*.gz")) == []
    shares = erased.occurrences.by_dataset()
    assert (shares["http_requests"].raw_bodies, shares["custom_logs"].raw_bodies) == (1, 1)
    with store.catalog.read() as connection:
        assert set(connection.scalars(select(batches.c.raw_retired_sequence))) == {erased.sequence}


def test_an_erased_body_sent_again_is_a_duplicate_and_not_stored(store: Store) -> None:
    body = gzipped(ndjson(by(USER)))
    send(store, body)
    erase(store)

    outcome: Any = send(store, body)

    assert outcome.is_duplicate
    assert places_of(store.layout.root) == []
    assert isinstance(try_to_erase(store), UnknownPerson)


def test_a_body_entered_again_before_its_removal_stays(store: Store) -> None:
    body = gzipped(ndjson(by(USER)))
    send(store, body)
    load(store)
    [raw] = store.layout.raw.rglob("*.gz")
    path = store.layout.relative(raw)
    with store.catalog.write() as connection:
        connection.execute(batches.update().values(raw_retired_sequence=1))
    send(store, body, "custom_logs")
    with store.catalog.write() as connection:
        # As if the removal had been scheduled before the body arrived.
        retired.reschedule(connection, [path], timestamps.to_text(store.clock()))

    retired.remove_due(store.layout, store.catalog, store.clock())

    assert raw.exists()
    assert [each.batch_id for each in store.loader().load_next()] == [raw.stem]


def test_an_erasure_that_finds_nothing_writes_no_entry(store: Store) -> None:
    send(store, gzipped(ndjson(by("bob"))))
    load(store)
    before = store.status().sequence
    told: list[str] = []

    outcome = try_to_erase(
        store, "nobody@widgetcorp.example", before_commit=lambda: told.append("salt")
    )

    assert isinstance(outcome, UnknownPerson)
    assert (store.status().sequence, told) == (before, [])


def test_a_count_that_nobody_confirmed_erases_nothing(home: Store) -> None:
    before, asked = tree(home), list[int]()

    def is_confirmed(count: int) -> bool:
        asked.append(count)
        return False

    outcome = try_to_erase(home, is_confirmed=is_confirmed)

    assert isinstance(outcome, Unconfirmed)
    assert outcome.occurrences.count == asked[0] == 7 + 9 + 1, "rows and lines, bodies, quarantine"
    assert {name for name in before if name.startswith(("raw", "parts", "quarantine"))} == {
        name for name in tree(home) if name.startswith(("raw", "parts", "quarantine"))
    }


def test_a_part_of_a_name_is_no_person_and_gets_no_receipt(home: Store) -> None:
    """Each body and rejected line of the person contains it."""
    before = home.status().sequence

    for part in ("srhea", "hea@widgetcorp.example", "srhea@widgetcorp.exampl", "widgetcorp"):
        outcome = try_to_erase(home, part)
        assert isinstance(outcome, UnknownPerson)
        live = home.file_swap().live_files()
        assert USER in evidence.similar_names(home.layout, live, part) or part == "widgetcorp"

    assert home.status().sequence == before


@pytest.mark.parametrize(
    "body",
    [
        b"no json, by " + USER.encode() + b".\n",
        gzipped(ndjson(by(USER)))[:-6],
        b"\xff " + USER.encode() + b" \xff\n",
    ],
)
def test_a_person_in_lines_or_damaged_bodies_only_is_known(store: Store, body: bytes) -> None:
    for _ in range(3):
        send(store, body)

    assert erase(store).sequence is not None
    assert places_of(store.layout.root) == []


def test_a_damaged_body_without_the_name_stays_and_is_reported(store: Store) -> None:
    for _ in range(3):
        send(store, gzipped(ndjson(by("bob")))[:-6])
    send(store, gzipped(ndjson(by("cleo")))[:-6])
    send(store, gzipped(ndjson(by(USER))))
    [quarantined] = store.layout.quarantine.iterdir()

    erased = erase(store)

    stays = {body.path for body in erased.occurrences.unsearchable}
    assert store.layout.relative(quarantined) in stays
    assert len(stays) == 2, "in quarantine, and stored unread when it came for the third time"
    assert all((store.layout.root / path).exists() for path in stays)
    assert not erased.occurrences.quarantined


def test_a_purge_stays_due_until_it_is_done(store: Store) -> None:
    furnish(store, 1)
    unpurged(store)
    wanted = erasure_of(store, USER)
    assert wanted.is_purge_due()
    assert not erasure_of(store, "srhea").is_purge_due(), "no other name completes it"

    wanted.purge()

    assert not wanted.is_purge_due()


def test_a_preview_changes_nothing(home: Store) -> None:
    before = tree(home)

    found = preview(home, Identifier.of(USER))

    assert tree(home) == before
    assert found.by_dataset()["http_requests"].rows == 5


def tree(store: Store) -> dict[str, bytes]:
    paths = (path for path in store.layout.root.rglob("*") if path.is_file())
    return {
        store.layout.relative(path): path.read_bytes() for path in paths if "shm" not in path.name
    }


def test_received_batches_are_loaded_before_an_erasure(store: Store) -> None:
    send(store, gzipped(ndjson(by(USER), by("bob"))))

    erased = erase(store)

    assert erased.occurrences.by_dataset()["http_requests"].rows == 1
    assert [row["user_id"] for row in everything(store)["http_requests"]] == ["bob"]


def test_an_erasure_waits_for_a_running_loader_up_to_a_limit(store: Store) -> None:
    send(store, gzipped(ndjson(by(USER))))
    slept: list[float] = []
    waits = Timeouts(loading=Backoff(seconds_max=1, sleep=slept.append))

    with (
        durable.lock(store.layout.loader_lock),
        pytest.raises(EraseRefused, match="1 batches still wait"),
    ):
        erase(store, timeouts=waits)

    assert slept == [STEP_SECONDS] * 5
    assert store.progress().pending.batches == 1


def test_an_erasure_continues_once_the_loader_has_caught_up(store: Store) -> None:
    send(store, gzipped(ndjson(by(USER))))
    waits = Timeouts(loading=Backoff(seconds_max=1, sleep=lambda _: load(store)))

    with durable.lock(store.layout.loader_lock):
        erased = erase(store, timeouts=waits)

    assert erased.sequence is not None


@pytest.mark.parametrize("name", [".rewrite.lock", ".replay.lock"])
def test_an_erasure_waits_for_another_rewrite_or_replay_up_to_a_limit(
    built: Built, name: str
) -> None:
    store, _ = built(one_row)
    slept: list[float] = []
    waits = Timeouts(rewriting=Backoff(seconds_max=0.4, sleep=slept.append))

    with (
        durable.lock(store.layout.root / name),
        pytest.raises(EraseRefused, match="another rewrite or a replay is running"),
    ):
        erase(store, timeouts=waits)

    assert slept == [STEP_SECONDS] * 2
    assert len(everything(store)["http_requests"]) == 1


@pytest.mark.parametrize("reason", [f"{USER} wrote to us", f"mail of {USER.upper()}"])
def test_a_reason_with_the_name_is_refused(store: Store, reason: str) -> None:
    with pytest.raises(EraseRefused, match="contains the person's name"):
        erase(store, reason=reason)


def placed(store: Store, **criteria: Any) -> str:
    with store.catalog.write() as connection:
        return holds.place(connection, store.layout, store.clock, Criteria(**criteria), "case 4").id


def test_rows_under_a_hold_stay_with_their_bodies_and_the_hold_is_named(store: Store) -> None:
    held = by(USER, ClientRequestHost="held.example", RayID="0f01")
    send(store, gzipped(ndjson(held, by(USER, RayID="0f02"))))
    send(store, gzipped(ndjson(by(USER, RayID="0f03"), by("bob"))))
    load(store)
    hold = placed(store, host="held.example")

    erased = erase(store)

    left = [row["RayID"] for row in everything(store)["http_requests"]]
    assert sorted(left) == ["0f01", "8f0e1d2c3b4a5968"]
    [share] = erased.occurrences.by_dataset().values()
    assert (share.rows, share.kept_by_hold) == (2, {hold: 1})
    assert (share.raw_bodies, share.raw_bodies_kept) == (1, 1)
    [body] = erased.occurrences.kept_bodies
    assert (store.layout.root / body.path).exists()
    with store.catalog.read() as connection:
        newest = ledger.newest(connection)
    assert newest is not None
    assert newest.payload["datasets"]["http_requests"]["kept_by_hold"] == {hold: 1}


def test_a_body_with_held_rows_of_others_stays(built: Built) -> None:
    store, _ = built(with_bob)
    placed(store, user="bob")

    erased = erase(store)

    assert [row["user_id"] for row in everything(store)["http_requests"]] == ["bob"]
    assert (len(erased.occurrences.bodies), len(erased.occurrences.kept_bodies)) == (0, 1)


def test_an_unreadable_body_stays_while_there_is_any_hold(store: Store) -> None:
    for _ in range(3):
        send(store, gzipped(ndjson(by(USER)))[:-6])
    hold = placed(store, user="bob")

    assert len(erase(store).occurrences.kept_bodies) == 1
    [raw] = store.layout.raw.rglob("*.gz")
    assert raw.exists()

    with store.catalog.write() as connection:
        holds.release(connection, store.clock, hold, "over")
    assert len(erase(store).occurrences.bodies) == 1
    assert not raw.exists()


def test_a_hold_placed_during_an_erasure_stops_it(built: Built) -> None:
    store, _ = built(one_row)

    with pytest.raises(RewriteRefused, match="a hold was placed"):
        erase(store, before_commit=lambda: placed(store, user=USER))

    assert len(everything(store)["http_requests"]) == 1
    assert list(store.layout.raw.rglob("*.gz"))


def test_nothing_is_erased_while_a_hold_was_deleted_without_an_entry(built: Built) -> None:
    store, _ = built(one_row)
    placed(store, user=USER)
    with store.catalog.write() as connection:
        connection.execute(delete(table_of_holds))
    with pytest.raises(RewriteRefused, match="the catalog has not what the ledger says of it"):
        erase(store)

    assert len(everything(store)["http_requests"]) == 1


def test_the_user_of_a_released_hold_is_erased(store: Store) -> None:
    first, second = placed(store, user=USER), placed(store, user="bob")
    with store.catalog.write() as connection:
        holds.release(connection, store.clock, first, "over")
        holds.release(connection, store.clock, second, "over")

    erased = erase(store)

    assert erased.occurrences.released_holds == (first,)
    with store.catalog.read() as connection:
        users = dict(connection.execute(select(table_of_holds.c.id, table_of_holds.c.user)).all())
        assert len(holds.list_all(connection)) == 2
    assert users == {first: None, second: "bob"}
    assert places_of(store.layout.root) == []


def test_an_erasure_that_would_remove_other_rows_is_refused(
    built: Built, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, _ = built(with_bob)

    def all_of_them(_self: Any, table: Any, dataset: str) -> Any:
        return row_search.none_of(table).is_valid()

    monkeypatch.setattr(row_search.RowSearch, "erasable", all_of_them)
    with pytest.raises(RewriteRefused, match="left out 2 rows instead of 1"):
        erase(store)

    assert len(everything(store)["http_requests"]) == 2


def test_an_erasure_that_would_change_another_row_is_refused(
    built: Built, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, _ = built(with_bob)
    real = vars(rewriter)["merge_runs"]

    def wrong(runs: Any) -> Any:
        for table in real(runs):
            place = table.column_names.index("ClientRequestHost")
            yield table.set_column(place, "ClientRequestHost", [table["ClientRequestMethod"]])

    monkeypatch.setattr(rewriter, "merge_runs", wrong)
    with pytest.raises(RewriteRefused, match="a value changed"):
        erase(store)


def test_more_files_than_fit_one_transaction_are_refused(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(store, gzipped(ndjson(by(USER))))
    send(store, gzipped(ndjson(login(Email=USER))), "access_requests")
    load(store)

    monkeypatch.setattr(erasure, "FILES_MAX", 1)
    with pytest.raises(EraseRefused, match="2 files"):
        erase(store)
    monkeypatch.setattr(erasure, "FILES_MAX", 2)
    assert erase(store).sequence is not None


def test_a_damaged_file_is_made_again_and_then_erased_from(built: Built) -> None:
    store, _ = built(one_row)
    [file] = store.file_swap().live_files()
    path = store.layout.root / file["path"]
    path.write_bytes(path.read_bytes()[:-9])

    done = erase(store)

    assert not done.occurrences.unreadable
    assert not list(store.layout.raw.rglob("*.gz"))
    assert not store.snapshot().parts


def test_retired_files_are_deleted_at_once_readable_or_not(store: Store) -> None:
    send(store, gzipped(ndjson(by(USER), by("bob"))))
    send(store, gzipped(ndjson(by(USER, RayID="0a"), by("bob", RayID="0b"))), "http_requests")
    load(store)
    at(store, "2026-11-25T12:00:00")
    compact(store)
    old = list(store.layout.parts.rglob("0*.parquet"))
    assert old
    old[0].write_bytes(b"damaged")

    erase(store)

    assert not any(path.exists() for path in old)
    assert places_of(store.layout.root) == []


@pytest.mark.deaths
def test_after_a_kill_at_any_call_nothing_has_changed_or_the_next_erasure_completes(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Kills of the loader are tested with the loader.
    monkeypatch.setattr(backlog, "drain", lambda _store, _patience: None)
    n, died, before_it, after_it = 0, True, 0, 0
    furnish(store, n)
    while died:
        n += 1
        others, sequence = of_others(store), store.status().sequence
        bodies = set(store.layout.raw.rglob("*.gz"))
        with store.file_swap().locked():
            pass  # Deletes uncommitted files, so that every try takes the same calls.
        with dying(monkeypatch, Dying(n)):
            try:
                unpurged(store)
                died = False
            except Killed:
                pass
        if store.status().sequence == sequence:
            before_it += 1
            assert rows_in(everything(store)) == rows_in(others) + 1
            assert set(store.layout.raw.rglob("*.gz")) == bodies
            continue
        after_it += died
        assert everything(store) == others, f"killed at call {n}"
        sequence = store.status().sequence
        unpurged(store)
        assert store.status().sequence == sequence, "one receipt is enough"
        assert everything(store) == others, f"after the run that follows a kill at call {n}"
        assert on_disk(store) == {file["path"] for file in store.file_swap().live_files()}
        furnish(store, n)
    assert before_it > 10
    assert after_it >= 6, "unlink and sync, for a part and for a body"
    erase(store)
    assert places_of(store.layout.root) == []
    assert not store.layout.stray.exists()


def rows_in(found: dict[str, list[dict[str, Any]]]) -> int:
    return sum(map(len, found.values()))


def on_disk(store: Store) -> set[str]:
    """Parquet files and raw bodies."""
    found = (*store.layout.parts.rglob("*.parquet"), *store.layout.raw.rglob("*.gz"))
    return {store.layout.relative(path) for path in found}


def furnish(store: Store, number: int) -> None:
    """Load one more batch with a row of the person and one of another, of few columns."""
    theirs, bobs = login(Email=USER, RayID=f"{number:x}"), login(Email="bob", RayID=f"b{number:x}")
    send(store, gzipped(ndjson(theirs, bobs)), "access_requests")
    load(store)


def unpurged(store: Store) -> None:
    erasure_of(store, USER).run()


def erasure_of(store: Store, user: str) -> Erasure:
    return Erasure(
        store=store,
        identifier=Identifier.of(user),
        reason="x",
        salt=SALT,
        is_confirmed=lambda _count: True,
        timeouts=AT_ONCE,
        # These tests send the same records again.
        keep_out_days=0,
    )


def test_a_loader_completes_a_killed_erasure(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    furnish(store, 1)
    real, calls = durable.remove, list[Path]()

    def die(path: Path, **how: Any) -> None:
        calls.append(path)
        if store.layout.raw in path.parents and path.suffix == ".gz":
            raise Killed
        real(path, **how)

    with monkeypatch.context() as patch:
        patch.setattr(durable, "remove", die)
        with pytest.raises(Killed):
            unpurged(store)
    assert len(on_disk(store)) == 2, "the new file, and the body to delete"

    store.loader().tidy()

    assert on_disk(store) == {file["path"] for file in store.file_swap().live_files()}


def test_the_catalog_file_has_no_deleted_bytes(store: Store) -> None:
    for number in range(3):
        furnish(store, number)
    in_catalog = [path for path in places_of(store.layout.root) if "catalog" in path]
    assert in_catalog

    erase(store)

    assert places_of(store.layout.root) == []


def test_bytes_deleted_by_a_version_without_secure_delete_are_removed(store: Store) -> None:
    with contextlib.closing(sqlite3.connect(store.layout.catalog)) as old:
        old.execute("PRAGMA secure_delete = OFF")
        old.execute("INSERT INTO refusals VALUES ('0', 1, ?, 'x', 'x')", [f"not {USER}"])
        old.commit()
        old.execute("DELETE FROM refusals")
        old.commit()
        old.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert places_of(store.layout.root) == ["catalog.sqlite"]

    assert isinstance(try_to_erase(store), UnknownPerson)

    assert places_of(store.layout.root) == []


def test_a_locked_catalog_is_reported_as_not_purged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "LOCK_SECONDS_MAX", 0.01)
    slept: list[float] = []
    with Store.create(tmp_path / "held", Clock(), IntakeLimits(reserve=NO_RESERVE)) as held:
        with contextlib.closing(sqlite3.connect(held.layout.catalog)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(StoreBusy, match="could not be purged"):
                held.catalog.purge(Backoff(seconds_max=0.4, sleep=slept.append))
        held.catalog.purge(AT_ONCE.purging)
    assert slept == [STEP_SECONDS] * 2


def test_a_catalog_that_is_always_read_is_reported_as_not_purged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "LOCK_SECONDS_MAX", 0.01)
    slept: list[float] = []
    with Store.create(tmp_path / "read", Clock(), IntakeLimits(reserve=NO_RESERVE)) as read:
        with contextlib.closing(sqlite3.connect(read.layout.catalog)) as other:
            other.execute("BEGIN")
            other.execute("SELECT * FROM facts").fetchall()
            with pytest.raises(StoreBusy, match="could not be purged"):
                read.catalog.purge(Backoff(seconds_max=0.4, sleep=slept.append))
        read.catalog.purge(AT_ONCE.purging)
    assert slept == [STEP_SECONDS] * 2
