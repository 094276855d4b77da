"""Older records of an erased person are not loaded, however they come back."""

from datetime import timedelta
from itertools import islice
from typing import Any

import pytest
from sqlalchemy import select

from schema.decoding.decoder import CHOICE_VARIABLE, chosen
from store.catalog import ledger
from store.catalog.register_tables import keep_outs
from store.catalog.tables import batches
from store.erasure.remnants.remnant import Remnant, RemnantKind
from store.erasure.verification import find_remnants
from store.errors import ReplayRefused
from store.fsck import catalog_check
from store.fsck.check import check
from store.keepout import register, rules
from store.keepout.digest import matching_digest, matching_salt
from store.ledger.entry import Entry
from store.loading.claims import ATTEMPTS_MAX
from store.loading.outcome import Loaded
from store.rebuild.rebuild import rebuild
from store.replay.selection import Selection
from store.retention import holds
from store.retention.holds import Criteria
from store.store import Store
from tests.factories import NOW, SHELL, Clock, compact, gzipped, lived, load, login, ndjson, send
from tests.person_store import SALT, USER, by, erase, everything, places_of, request

X = request(USER, "2026-11-21T10:00:00", "0a01")
Y = request("bob", "2026-11-21T10:00:01", "0a02")
Z = request("cleo", "2026-11-21T10:00:02", "0a03")
LATER = request(USER, "2026-11-23T10:00:00", "0a04")

DECODERS = ["python", "native"] if chosen({}).name == "native" else ["python"]


def post(store: Store, *records: dict[str, Any], dataset: str = "http_requests") -> None:
    send(store, gzipped(ndjson(*records)), dataset)
    load(store)


def erased(store: Store, *records: dict[str, Any], **options: Any) -> None:
    """A store from which the person was erased; these records were posted before."""
    post(store, *(records or (X, Y)))
    erase(store, **options)


def rays(store: Store, dataset: str = "http_requests") -> list[str]:
    return sorted(row["RayID"] for row in everything(store).get(dataset, ()))


def kept_out(store: Store) -> list[Entry]:
    with store.catalog.read() as connection:
        return [each for each in ledger.walk(connection) if each.kind == "kept_out"]


def counted(store: Store) -> tuple[int, int]:
    found = store.status().kept_out
    return found.records, found.rejected_lines


def remnants(store: Store) -> list[Remnant]:
    return list(find_remnants(store.layout, store.catalog, USER))


def demand_nothing_left(store: Store) -> None:
    store.publish(SHELL)
    assert places_of(store.layout.root) == []
    assert remnants(store) == []
    assert not list(catalog_check.check_catalog(store.catalog, store.clock()))
    assert not check(store, lambda: None, SHELL, is_deep=True, is_repairing=False).left


@pytest.mark.parametrize("decoder", DECODERS)
def test_another_cut_of_the_same_lines_does_not_bring_the_person_back(
    store: Store, monkeypatch: pytest.MonkeyPatch, decoder: str
) -> None:
    monkeypatch.setenv(CHOICE_VARIABLE, decoder)
    erased(store)

    post(store, X, Y, Z)

    assert rays(store) == ["0a02", "0a02", "0a03"]
    [entry] = kept_out(store)
    [told] = entry.payload["batches"]
    assert (told["records"], told["rejected_lines"]) == (1, 0)
    assert entry.payload["raw_batches"] == [told["batch"]]
    assert USER not in str(entry)
    assert counted(store) == (1, 0)
    store.loader().tidy()
    demand_nothing_left(store)


def test_an_archive_with_the_person_does_not_bring_them_back(store: Store) -> None:
    erased(store)

    send(store, gzipped(ndjson(X, Z)), is_fetched=True)
    load(store)

    assert rays(store) == ["0a02", "0a03"]
    store.loader().tidy()
    demand_nothing_left(store)


def test_another_dataset_does_not_bring_the_person_back(store: Store) -> None:
    erased(store)

    post(store, X, Y, dataset="firewall_events")
    post(store, login(Email=USER), login(Email="bob"), dataset="access_requests")

    found = everything(store)
    users = {row.get("user_id") for rows in found.values() for row in rows}
    assert USER not in users
    assert "bob" in users
    assert len(found["access_requests"]) == 1


def test_later_records_of_the_person_are_ordinary_rows_until_they_come_with_older_ones(
    store: Store,
) -> None:
    erased(store)

    post(store, LATER)
    post(store, X, LATER, Z)

    assert rays(store) == ["0a02", "0a03", "0a04", "0a04"]
    paths = sorted(path.name for path in store.layout.raw.rglob("*.gz"))
    store.loader().tidy()
    assert len(paths) == 2
    assert len(list(store.layout.raw.rglob("*.gz"))) == 1, "only the body without older records"


def test_a_record_without_a_time_counts_as_an_older_one(store: Store) -> None:
    erased(store)

    post(store, by(USER, EdgeStartTimestamp=None, RayID="0a05"), Z)

    assert rays(store) == ["0a02", "0a03"]


def test_without_a_keep_out_the_person_comes_back_and_no_digest_is_stored(store: Store) -> None:
    erased(store, keep_out_days=0)

    post(store, X, Y, Z)

    assert rays(store) == ["0a01", "0a02", "0a02", "0a03"]
    with store.catalog.read() as connection:
        told = [
            each.payload["keep_out"] for each in ledger.walk(connection) if each.kind == "erased"
        ]
        assert told == [None]
        assert not connection.execute(select(keep_outs)).all()


def test_a_keep_out_ends_after_its_term_and_the_next_pass_forgets_its_digest(store: Store) -> None:
    erased(store, keep_out_days=30)
    assert isinstance(store.clock, Clock)

    store.clock.move(days=29, hours=23)
    compact(store)
    post(store, X, Z)
    assert rays(store) == ["0a02", "0a03"]

    store.clock.move(hours=1)
    post(store, X, Z, by("dora", RayID="0a09"))
    assert rays(store) == ["0a01", "0a02", "0a03", "0a03", "0a09"]
    compact(store)
    with store.catalog.read() as connection:
        assert not connection.execute(select(keep_outs)).all()
    assert store.status().kept_out.erasures == 0
    assert counted(store) == (1, 0)


def test_a_clock_that_jumps_past_the_term_ends_no_keep_out(store: Store) -> None:
    erased(store, keep_out_days=30)
    lived(store)
    assert isinstance(store.clock, Clock)

    store.clock.move(days=31)
    compact(store)
    post(store, X, Z)
    assert rays(store) == ["0a02", "0a03"]

    lived(store)  # The machine has run for as long: the clock is right.
    post(store, X, by("dora", RayID="0a09"))
    assert rays(store) == ["0a01", "0a02", "0a03", "0a09"]


def test_the_ledger_alone_restores_a_keep_out_after_the_catalog_is_lost(store: Store) -> None:
    erased(store)
    post(store, X, Y, Z)
    before = store.status().kept_out
    store.catalog.close()
    for path in store.layout.root.glob("catalog.sqlite*"):
        path.unlink()

    done = rebuild(store.layout, store.clock, store.limits)

    assert not done.unknown
    with Store.open(store.layout.root, store.clock, store.limits) as again:
        assert again.status().kept_out == before
        post(again, X, by("dora", RayID="0a06"))
        assert rays(again) == ["0a02", "0a02", "0a03", "0a06"]


def test_a_batch_that_is_being_loaded_while_the_person_is_erased_is_read_again(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    post(store, X, Y)
    send(store, gzipped(ndjson(X, Z)))
    loader, read = store.loader(), rules.KeepingOut.rules

    def then_erase(keeping_out: rules.KeepingOut) -> rules.Rules:
        found = read(keeping_out)
        monkeypatch.setattr(rules.KeepingOut, "rules", read)
        with store.catalog.write() as connection:
            told = register.facts(SALT, [USER], 30, store.clock())
            entry = ledger.append(connection, "coverage", store.clock(), {})
            register.add(connection, entry.sequence, told)
        return found

    monkeypatch.setattr(rules.KeepingOut, "rules", then_erase)
    [loaded] = loader.load_next()

    assert isinstance(loaded, Loaded)
    assert loaded.rows == 1
    assert rays(store) == ["0a01", "0a02", "0a03"]


def test_many_erasures_during_a_load_do_not_set_its_batch_aside(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(store, gzipped(ndjson(X, Z)))
    read, erasures = rules.KeepingOut.rules, iter(range(ATTEMPTS_MAX))

    def then_erase(keeping_out: rules.KeepingOut) -> rules.Rules:
        found = read(keeping_out)
        for number in islice(erasures, 1):
            with store.catalog.write() as connection:
                told = register.facts(SALT, [f"{number}@example.org"], 30, store.clock())
                entry = ledger.append(connection, "coverage", store.clock(), {})
                register.add(connection, entry.sequence, told)
        return found

    monkeypatch.setattr(rules.KeepingOut, "rules", then_erase)
    loader = store.loader()
    outcomes = [each for _ in range(ATTEMPTS_MAX) for each in loader.load_next()]

    assert [type(each) for each in outcomes] == [Loaded]
    assert rays(store) == ["0a01", "0a03"]


def test_a_hold_that_is_placed_while_a_batch_is_loaded_keeps_its_rows_and_its_body(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    erased(store)
    send(store, gzipped(ndjson(X, Z)))
    read = rules.KeepingOut.rules

    def then_hold(keeping_out: rules.KeepingOut) -> rules.Rules:
        found = read(keeping_out)
        monkeypatch.setattr(rules.KeepingOut, "rules", read)
        with store.catalog.write() as connection:
            holds.place(connection, store.layout, store.clock, Criteria(user=USER), "case 1")
        return found

    monkeypatch.setattr(rules.KeepingOut, "rules", then_hold)
    loader = store.loader()
    loader.load_next()
    loader.tidy()

    assert rays(store) == ["0a01", "0a02", "0a03"]
    assert len(list(store.layout.raw.rglob("*.gz"))) == 1


def test_a_reassignment_does_not_bring_the_person_back(store: Store) -> None:
    erased(store)
    # In this dataset nothing names the user of such a record.
    post(store, X, Z, dataset="gateway_dns")

    store.reassignment("http_requests").run(Selection(dataset="gateway_dns"))

    assert rays(store) == ["0a02", "0a03"]
    store.loader().tidy()
    assert [path for path in places_of(store.layout.root) if path.startswith("raw")] == []


def test_a_hold_that_is_placed_during_a_reassignment_refuses_it(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    erased(store)
    post(store, X, Z, dataset="gateway_dns")
    read = rules.KeepingOut.rules

    def then_hold(keeping_out: rules.KeepingOut) -> rules.Rules:
        found = read(keeping_out)
        monkeypatch.setattr(rules.KeepingOut, "rules", read)
        with store.catalog.write() as connection:
            holds.place(connection, store.layout, store.clock, Criteria(user=USER), "case 1")
        return found

    monkeypatch.setattr(rules.KeepingOut, "rules", then_hold)
    with pytest.raises(ReplayRefused, match="a hold was changed"):
        store.reassignment("http_requests").run(Selection(dataset="gateway_dns"))
    store.reassignment("http_requests").run(Selection(dataset="gateway_dns"))

    assert rays(store) == ["0a01", "0a02", "0a03"]


def test_a_replay_keeps_the_person_out_and_counts_a_batch_once(store: Store) -> None:
    with store.catalog.write() as connection:
        criteria = Criteria(host="held.example")
        holds.place(connection, store.layout, store.clock, criteria, "case 1")
    erased(store)
    post(store, X, request("cleo", "2026-11-21T10:00:02", "0a03", ClientRequestHost="held.example"))
    assert counted(store) == (1, 0)

    done = store.replay().run(Selection())

    assert done.batches >= 1
    assert rays(store) == ["0a02", "0a03"]
    assert counted(store) == (1, 0)


def test_a_legal_hold_is_stronger_than_a_keep_out(store: Store) -> None:
    erased(store)
    with store.catalog.write() as connection:
        holds.place(connection, store.layout, store.clock, Criteria(user=USER), "case 1")

    post(store, X, Z)

    assert rays(store) == ["0a01", "0a02", "0a03"]
    assert kept_out(store) == []


def test_rejected_lines_with_the_name_are_kept_out_too(store: Store) -> None:
    erased(store)
    spelt = USER.replace("@", r"\u0040")
    lines = (f"no json {USER}.", f'{{"user": "{spelt}", oops', "nobody's", f"{USER}x")

    send(store, gzipped("\n".join(lines).encode() + b"\n"))
    load(store)

    left = [bytes(row["line"]).decode() for row in everything(store)["rejected"]]
    assert left == [lines[2], lines[3]]
    assert counted(store) == (0, 2)


def test_a_rejected_line_under_a_legal_hold_is_loaded(store: Store) -> None:
    erased(store)
    with store.catalog.write() as connection:
        criteria = Criteria(since=NOW - timedelta(days=1))
        holds.place(connection, store.layout, store.clock, criteria, "case 1")

    send(store, gzipped(f"no json {USER}\n".encode()))
    load(store)

    assert len(everything(store)["rejected"]) == 1
    assert counted(store) == (0, 0)


def test_past_the_limit_of_compared_words_a_line_is_not_judged_and_stays(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "DIGESTS_MAX", 20)
    erased(store)
    words = " ".join(f"w{number}" for number in range(30))
    lines = (f"{USER} first", words, f"{USER} last")

    send(store, gzipped("\n".join(lines).encode() + b"\n"))
    load(store)

    left = [bytes(row["line"]).decode() for row in everything(store)["rejected"]]
    assert left == [words, lines[2]]
    assert any(each.kind is RemnantKind.LINE for each in remnants(store))


def test_a_body_of_two_datasets_stays_until_both_are_loaded(store: Store) -> None:
    erased(store)
    body = gzipped(ndjson(X, Z))
    for dataset in ("http_requests", "firewall_events"):
        send(store, body, dataset)
    loader = store.loader()

    loader.load_next()
    loader.tidy()
    assert len(list(store.layout.raw.rglob("*.gz"))) == 1
    loader.load_next()
    loader.tidy()

    assert list(store.layout.raw.rglob("*.gz")) == []
    with store.catalog.read() as connection:
        states = set(connection.scalars(select(batches.c.state)))
        retired = connection.scalars(select(batches.c.raw_retired_sequence)).all()
    assert states == {"loaded"}
    assert None not in retired


def test_the_digest_needs_the_salt_which_does_not_reveal_the_one_of_the_receipt() -> None:
    salt = matching_salt(SALT)

    assert salt != SALT
    assert matching_digest(salt, USER) != matching_digest(matching_salt(b"other"), USER)
    assert matching_digest(salt, USER) != matching_digest(salt, USER.upper())
