"""A person is forgotten: all that is theirs goes at once, and nothing of anybody else's changes."""

import contextlib
import hashlib
import shutil
import sqlite3
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from store import backlog, timestamps
from store.backoff import STEP_SECONDS, Backoff
from store.catalog import catalog as catalogs
from store.catalog import ledger
from store.catalog import removals as retired
from store.catalog.catalog import Catalog
from store.catalog.tables import batches, entries, files, people, removals
from store.catalog.tables import holds as table_of_holds
from store.compaction import rewriter
from store.erasure import erasure, row_search
from store.erasure.erasure import Erasure, Timeouts, preview, user_digest
from store.erasure.identifier import Identifier
from store.errors import EraseRefused, RewriteRefused, StoreBusy
from store.files import durable
from store.intake.limits import IntakeLimits
from store.retention import holds
from store.retention.holds import Criteria
from store.store import Store
from tests.dying import Dying, Killed, dying
from tests.factories import NO_RESERVE, Clock, gzipped, login, ndjson, send
from tests.person_store import (
    AT_ONCE,
    SALT,
    USER,
    at,
    by,
    compact,
    erase,
    everything,
    lived_in,
    load,
    of_others,
    places_of,
    request,
)


@pytest.fixture(scope="module")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of a store in which they are everywhere, made once."""
    folder = tmp_path_factory.mktemp("furnished") / "data"
    with Store.create(folder, Clock(), IntakeLimits(reserve=NO_RESERVE)) as made:
        lived_in(made)
    return folder


@pytest.fixture
def home(furnished: Path, tmp_path: Path) -> Iterator[Store]:
    """A copy of it."""
    folder = tmp_path / "home"
    shutil.copytree(furnished, folder)
    clock = Clock(datetime.fromisoformat("2026-11-21T12:00:00"))
    with Store.open(folder, clock, IntakeLimits(reserve=NO_RESERVE)) as opened:
        yield opened


def test_wherever_somebody_was_nothing_is_left_and_all_other_rows_are_as_they_were(
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
    # Both batches of the folded line, and the one that could not be read.
    assert shares["http_requests"].raw_bodies == 8
    assert shares["http_requests"].rejected_lines == 1
    assert len(erased.occurrences.quarantined) == 1


def test_files_without_them_and_their_bodies_are_not_touched(home: Store) -> None:
    theirs = {each.file["path"] for each in preview(home, Identifier.of(USER)).rewritten}
    before = {file["path"]: file["sha256"] for file in home.file_swap().live_files()}

    erase(home)

    after = {file["path"]: file["sha256"] for file in home.file_swap().live_files()}
    kept = {path: sha256 for path, sha256 in before.items() if path not in theirs}
    assert kept
    assert kept.items() <= after.items()
    assert not theirs & after.keys()
    raw = list(home.layout.raw.rglob("*.gz"))
    assert len(raw) == 1, "the one of nobody at all"


def test_what_is_rewritten_stays_what_it_is_for_the_compactor(home: Store) -> None:
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


def test_the_receipt_tells_how_much_and_why_and_nobodys_name(home: Store) -> None:

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


def test_batches_stay_and_name_the_entry_that_let_go_of_their_bodies(home: Store) -> None:

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
        assert waiting == set(connection.scalars(retired_files)), "in their grace, and not theirs"


def test_rows_of_others_that_mention_them_stay_and_are_told(store: Store) -> None:
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
    assert not (store.layout.root / raw.path).exists(), "evidence of rows that are all there"


def test_nobody_elses_double_is_folded_or_marked_on_the_way(store: Store) -> None:
    twice = request("bob", "2026-11-20T09:00:00", "0e01")
    alike = {**twice, "EdgeResponseStatus": 500}
    send(store, gzipped(ndjson(twice, by(USER))))
    send(store, gzipped(ndjson(twice, alike)))
    load(store)
    before = of_others(store)

    erase(store)

    assert everything(store) == before


ODD = 'sören "the <b>" o/rhea'


@pytest.mark.parametrize("spelt", [ODD.encode(), rb'{"who": "s\u00f6ren \"the <b>\" o/rhea"'])
def test_a_rejected_line_goes_however_json_spells_them(store: Store, spelt: bytes) -> None:
    send(store, gzipped(spelt + b"\nanother line\n"))
    load(store)

    erase(store, ODD)

    assert [row["line"] for row in everything(store)["rejected"]] == [b"another line"]
    assert list(store.layout.raw.rglob("*.gz")) == []


def test_a_body_goes_by_its_rows_however_odd_it_is_spelt(store: Store) -> None:
    """Deduplicated lines too: their bodies are found by the places that the row names."""
    odd = ndjson(login(Email=USER)).replace(b"srhea", rb"\u0073rhea")
    send(store, gzipped(odd), "access_requests")
    send(store, gzipped(odd + ndjson(login(Email="bob"))), "access_requests")
    load(store)
    at(store, "2026-11-25T12:00:00")
    compact(store)
    assert any("also_in" in row for row in everything(store)["access_requests"])
    at(store, "2026-11-25T14:00:00")
    store.loader().tidy()
    assert len(on_disk(store)) == 2 + len(store.file_swap().live_files()), "no part tells any more"

    erase(store)

    assert list(store.layout.raw.rglob("*.gz")) == []
    assert [row["user_id"] for row in everything(store)["access_requests"]] == ["bob"]


def test_a_body_that_two_datasets_share_goes_for_both(store: Store) -> None:
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


def test_a_body_that_was_erased_and_is_sent_again_is_known_and_not_kept(store: Store) -> None:
    body = gzipped(ndjson(by(USER)))
    send(store, body)
    erase(store)

    outcome: Any = send(store, body)

    assert outcome.is_duplicate
    assert places_of(store.layout.root) == []
    assert erase(store).sequence is None


def test_a_body_that_is_entered_again_before_its_removal_stays(store: Store) -> None:
    body = gzipped(ndjson(by(USER)))
    send(store, body)
    load(store)
    [raw] = store.layout.raw.rglob("*.gz")
    path = store.layout.relative(raw)
    with store.catalog.write() as connection:
        connection.execute(batches.update().values(raw_retired_sequence=1))
    send(store, body, "custom_logs")
    with store.catalog.write() as connection:
        # As whoever removes had read it before the body came.
        retired.reschedule(connection, [path], timestamps.to_text(store.clock()))

    retired.remove_due(store.layout, store.catalog, store.clock())

    assert raw.exists()
    assert [each.batch_id for each in store.loader().load_next()] == [raw.stem]


def test_nothing_waits_when_nothing_is_found_and_no_entry_is_written(store: Store) -> None:
    send(store, gzipped(ndjson(by("bob"))))
    load(store)
    before = store.status().sequence
    told: list[str] = []

    erased = erase(store, "nobody@widgetcorp.example", before_commit=lambda: told.append("salt"))

    assert (erased.sequence, erased.occurrences.is_nothing) == (None, True)
    assert (store.status().sequence, told) == (before, [])


def test_a_look_changes_nothing(home: Store) -> None:
    before = tree(home)

    found = preview(home, Identifier.of(USER))

    assert tree(home) == before
    assert found.by_dataset()["http_requests"].rows == 5


def tree(store: Store) -> dict[str, bytes]:
    paths = (path for path in store.layout.root.rglob("*") if path.is_file())
    return {
        store.layout.relative(path): path.read_bytes() for path in paths if "shm" not in path.name
    }


def test_what_was_received_and_not_loaded_is_loaded_first(store: Store) -> None:
    send(store, gzipped(ndjson(by(USER), by("bob"))))

    erased = erase(store)

    assert erased.occurrences.by_dataset()["http_requests"].rows == 1
    assert [row["user_id"] for row in everything(store)["http_requests"]] == ["bob"]


def test_where_a_loader_is_at_work_it_is_waited_for_but_not_for_ever(store: Store) -> None:
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


def test_a_loader_that_catches_up_is_enough(store: Store) -> None:
    send(store, gzipped(ndjson(by(USER))))
    waits = Timeouts(loading=Backoff(seconds_max=1, sleep=lambda _: load(store)))

    with durable.lock(store.layout.loader_lock):
        erased = erase(store, timeouts=waits)

    assert erased.sequence is not None


@pytest.mark.parametrize("name", [".rewrite.lock", ".replay.lock"])
def test_another_that_changes_files_is_waited_for_but_not_for_ever(store: Store, name: str) -> None:
    send(store, gzipped(ndjson(by(USER))))
    load(store)
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
def test_a_reason_that_names_them_is_refused(store: Store, reason: str) -> None:
    with pytest.raises(EraseRefused, match="contains the person's name"):
        erase(store, reason=reason)


def placed(store: Store, **criteria: Any) -> str:
    with store.catalog.write() as connection:
        return holds.place(connection, store.clock, Criteria(**criteria), "case 4").id


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


def test_a_body_with_held_rows_of_others_stays_whole(store: Store) -> None:
    send(store, gzipped(ndjson(by(USER), by("bob"))))
    load(store)
    placed(store, user="bob")

    erased = erase(store)

    assert [row["user_id"] for row in everything(store)["http_requests"]] == ["bob"]
    assert (len(erased.occurrences.bodies), len(erased.occurrences.kept_bodies)) == (0, 1)


def test_a_body_that_nobody_could_read_stays_under_any_hold(store: Store) -> None:
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


def test_a_hold_that_is_placed_meanwhile_keeps_everything(store: Store) -> None:
    send(store, gzipped(ndjson(by(USER))))
    load(store)

    with pytest.raises(RewriteRefused, match="a hold was placed"):
        erase(store, before_commit=lambda: placed(store, user=USER))

    assert len(everything(store)["http_requests"]) == 1
    assert list(store.layout.raw.rglob("*.gz"))


def test_a_released_hold_forgets_whom_it_was_about(store: Store) -> None:
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


def test_rows_that_would_go_by_mistake_stop_it(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(store, gzipped(ndjson(by(USER), by("bob"))))
    load(store)

    def all_of_them(_self: Any, table: Any, _dataset: str) -> Any:
        return row_search.none_of(table).is_valid()

    monkeypatch.setattr(row_search.RowSearch, "erasable", all_of_them)
    with pytest.raises(RewriteRefused, match="left out 2 rows instead of 1"):
        erase(store)

    assert len(everything(store)["http_requests"]) == 2


def test_a_row_of_somebody_else_that_changes_stops_it(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(store, gzipped(ndjson(by(USER), by("bob"))))
    load(store)
    real = vars(rewriter)["merge_runs"]

    def wrong(runs: Any) -> Any:
        for table in real(runs):
            place = table.column_names.index("ClientRequestHost")
            yield table.set_column(place, "ClientRequestHost", [table["ClientRequestMethod"]])

    monkeypatch.setattr(rewriter, "merge_runs", wrong)
    with pytest.raises(RewriteRefused, match="a value changed"):
        erase(store)


def test_more_files_than_can_change_places_at_once_are_refused(
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


def test_a_damaged_file_is_named_and_nothing_goes(store: Store) -> None:
    send(store, gzipped(ndjson(by(USER))))
    load(store)
    [file] = store.file_swap().live_files()
    path = store.layout.root / file["path"]
    path.write_bytes(path.read_bytes()[:-9])

    with pytest.raises(Exception, match=path.name):
        erase(store)

    assert list(store.layout.raw.rglob("*.gz"))


def test_files_in_their_grace_go_at_once_readable_or_not(store: Store) -> None:
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
def test_killed_at_any_call_nothing_has_changed_or_the_next_erasure_ends_it(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    # How a loader dies is tested where it is at home.
    monkeypatch.setattr(backlog, "drain", lambda _store, _patience: None)
    n, died, before_it, after_it = 0, True, 0, 0
    furnish(store, n)
    while died:
        n += 1
        others, sequence = of_others(store), store.status().sequence
        bodies = set(store.layout.raw.rglob("*.gz"))
        with store.file_swap().locked():
            pass  # Swept, so that every try takes the same calls.
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
        assert everything(store) == others, f"after the end of what was killed at call {n}"
        assert on_disk(store) == {file["path"] for file in store.file_swap().live_files()}
        furnish(store, n)
    assert before_it > 10
    assert after_it >= 6, "a name and its folder, for a part and for a body"
    erase(store)
    assert places_of(store.layout.root) == []


def rows_in(found: dict[str, list[dict[str, Any]]]) -> int:
    return sum(map(len, found.values()))


def on_disk(store: Store) -> set[str]:
    """Files of rows and raw bodies."""
    found = (*store.layout.parts.rglob("*.parquet"), *store.layout.raw.rglob("*.gz"))
    return {store.layout.relative(path) for path in found}


def furnish(store: Store, number: int) -> None:
    """One batch more with a row of theirs and one of another, of few columns, to be quick."""
    theirs, bobs = login(Email=USER, RayID=f"{number:x}"), login(Email="bob", RayID=f"b{number:x}")
    send(store, gzipped(ndjson(theirs, bobs)), "access_requests")
    load(store)


def unpurged(store: Store) -> None:
    Erasure(
        store=store, identifier=Identifier.of(USER), reason="x", salt=SALT, timeouts=AT_ONCE
    ).run()


def test_a_loader_ends_what_a_killed_erasure_began(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
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
    assert len(on_disk(store)) == 2, "the new file, and the body that was to go"

    store.loader().tidy()

    assert on_disk(store) == {file["path"] for file in store.file_swap().live_files()}


def test_the_catalog_keeps_no_byte_of_what_was_deleted(store: Store) -> None:
    for number in range(3):
        furnish(store, number)
    in_catalog = [path for path in places_of(store.layout.root) if "catalog" in path]
    assert in_catalog

    erase(store)

    assert places_of(store.layout.root) == []


def test_what_a_version_without_overwriting_deleted_is_gone_as_well(store: Store) -> None:
    with contextlib.closing(sqlite3.connect(store.layout.catalog)) as old:
        old.execute("PRAGMA secure_delete = OFF")
        old.execute("INSERT INTO refusals VALUES ('0', 1, ?, 'x', 'x')", [f"not {USER}"])
        old.commit()
        old.execute("DELETE FROM refusals")
        old.commit()
        old.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert places_of(store.layout.root) == ["catalog.sqlite"]

    erase(store)

    assert places_of(store.layout.root) == []


def test_a_catalog_that_somebody_holds_says_that_it_was_not_purged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalogs, "LOCK_SECONDS_MAX", 0.01)
    slept: list[float] = []
    with Store.create(tmp_path / "held", Clock(), IntakeLimits(reserve=NO_RESERVE)) as held:
        with contextlib.closing(sqlite3.connect(held.layout.catalog)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(StoreBusy, match="could not be purged"):
                held.catalog.purge(Backoff(seconds_max=0.4, sleep=slept.append))
        held.catalog.purge(AT_ONCE.purging)
    assert slept == [STEP_SECONDS] * 2


def test_a_catalog_that_somebody_reads_all_the_time_says_that_it_was_not_purged(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Catalog, "_rewrite", lambda _self: False)
    slept: list[float] = []
    with pytest.raises(StoreBusy, match="could not be purged"):
        store.catalog.purge(Backoff(seconds_max=0.4, sleep=slept.append))
    assert slept == [STEP_SECONDS] * 2
