"""`raytrail erase` as a person types it, alone and beside a loader that runs."""

import hashlib
import json
import re
import threading
from pathlib import Path
from typing import Any

import duckdb
import pytest

from raytrail.commands.upkeep import erasure as erasing
from raytrail.commands.upkeep import erasure_words
from raytrail.commands.upkeep.erasure import Consent, Result
from raytrail.commands.upkeep.erasure_words import LEFT_SHOWN
from raytrail.service.loader import run
from raytrail.service.log import configure
from store import timestamps
from store.backoff import Backoff
from store.catalog import ledger
from store.erasure import erasure, receipts
from store.erasure.remnants.remnant import Remnant, RemnantKind
from store.files import durable
from store.intake.limits import IntakeLimits
from store.live_loading import LiveLoading
from store.parquet import part_file
from store.retention import holds
from store.retention.holds import Criteria
from store.store import Store
from tests.command import Command
from tests.factories import NO_RESERVE, SHELL, Clock, gzipped, load, ndjson, send
from tests.person_store import USER, by, places_of
from tests.until import until


def filled(folder: Path, *bodies: bytes, hold: Criteria | None = None) -> str:
    with Store.create(folder, Clock(), IntakeLimits(reserve=NO_RESERVE)) as store:
        for body in bodies:
            send(store, body)
        load(store)
        if hold is not None:
            with store.catalog.write() as connection:
                holds.place(connection, store.layout, store.clock, hold, "case 4")
    return str(folder)


BOTH = gzipped(ndjson(by(USER), by("bob")))


def test_one_person_is_erased_and_the_check_finds_nothing(
    raytrail: Command, tmp_path: Path
) -> None:
    data = filled(tmp_path / "data", BOTH)

    tried = raytrail("erase", "--data", data, "--user", USER, "--dry-run")
    checked = raytrail("erase", "--data", data, "--user", USER, "--check")
    arguments = ("erase", "--data", data, "--user", USER, "--reason", "request 17")
    counted = raytrail(*arguments)
    status, out, err = raytrail(*arguments, "--yes-remove", "2")

    would = (
        "would be erased; nothing was changed:\nhttp_requests\n    1 row in 1 file\n    1 raw body\n"
        "count to confirm: 2, with --yes-remove 2\n"
    )
    assert tried[:2] == (0, would)
    assert counted[:2] == (2, would)
    assert "nothing was erased" in counted[2]
    assert "salt" not in counted[2]
    assert checked[0] == 1
    assert "left: row (" in checked[1]
    assert status == 0
    assert out.startswith(
        "erased:\nhttp_requests\n    1 row in 1 file\n    1 raw body\n"
        "the receipt is ledger entry 3\nsearched everything: nothing is left\n"
        "what the receipt covers:\n"
    )
    assert USER not in out + err
    [told] = re.findall("stored nowhere: ([0-9a-f]{64})\n", err)
    salt = bytes.fromhex(told)
    with Store.open(Path(data), Clock()) as store, store.catalog.read() as connection:
        newest = ledger.newest(connection)
    assert newest is not None
    assert newest.payload["user_digest"] == hashlib.sha256(salt + USER.encode()).hexdigest()
    with duckdb.connect(str(tmp_path / "data" / "audit.duckdb"), read_only=True) as audit:
        assert audit.execute("SELECT user_id FROM http_requests").fetchall() == [("bob",)]
    assert places_of(tmp_path / "data") == []
    assert raytrail("erase", "--data", data, "--user", USER, "--check")[0] == 0


def test_the_receipt_and_the_check_say_what_they_cover_and_what_not(
    raytrail: Command, tmp_path: Path
) -> None:
    data = filled(tmp_path / "data", BOTH)
    person = ("erase", "--data", data, "--user", USER)

    checked = raytrail(*person, "--check")[1]
    out = raytrail(*person, "--reason", "request 17", "--yes-remove", "2", "--keep-out", "7")[1]
    told = json.loads(raytrail(*person, "--check", "--json")[1])

    for words in (*receipts.COVERS.values(), *receipts.DOES_NOT_COVER.values()):
        assert f"    {words}\n" in out
        assert f"    {words}\n" in checked
    assert "what the receipt covers:\n" in out
    assert "what was searched:\n" in checked
    assert "records of this user name from before the erasure are not loaded until 2" in out
    assert told["scope"]["does_not_cover"] == dict(receipts.DOES_NOT_COVER)
    with Store.open(Path(data), Clock()) as store, store.catalog.read() as connection:
        entry = ledger.newest(connection)
    assert entry is not None
    assert entry.payload["covers"] == sorted(receipts.COVERS)
    kept_out = entry.payload["keep_out"]
    days = timestamps.from_text(kept_out["until"]) - timestamps.from_text(kept_out["before"])
    assert days.days == 7


@pytest.mark.parametrize(("days", "is_back"), [("30", False), ("0", True)])
def test_a_person_does_not_come_back_with_another_cut_of_the_same_lines(
    raytrail: Command, tmp_path: Path, days: str, *, is_back: bool
) -> None:
    data = filled(tmp_path / "data", BOTH)
    person = ("erase", "--data", data, "--user", USER)
    done = raytrail(*person, "--reason", "r", "--yes-remove", "2", "--keep-out", days)

    filled(tmp_path / "data", gzipped(ndjson(by(USER), by("bob"), by("cleo"))))
    raytrail("load", "--data", data)

    shown = raytrail("status", "--data", data)[1]
    status = json.loads(raytrail("status", "--data", data, "--json")[1])
    assert done.returncode == 0
    assert ("kept out  1 record and 0 rejected lines of erased persons" in shown) is not is_back
    assert status["kept_out"]["records"] == (0 if is_back else 1)
    assert bool(places_of(tmp_path / "data")) is is_back


def test_an_archive_that_is_imported_does_not_bring_the_person_back(
    raytrail: Command, tmp_path: Path
) -> None:
    data = filled(tmp_path / "data", BOTH)
    raytrail("erase", "--data", data, "--user", USER, "--reason", "r", "--yes-remove", "2")
    archive = tmp_path / "archive.json.gz"
    archive.write_bytes(gzipped(ndjson(by(USER), by("cleo"))))

    done = raytrail("import", archive, "--dataset", "http_requests", "--data", data)

    raytrail("load", "--data", data)
    assert done.returncode == 0
    users = raytrail("sql", "SELECT user_id FROM http_requests ORDER BY 1", "--data", data)[1]
    assert USER not in users
    assert "cleo" in users
    assert places_of(tmp_path / "data") == []


def ledger_of(data: str) -> int:
    with Store.open(Path(data), Clock()) as store:
        return store.status().sequence


@pytest.mark.parametrize(
    "option", [("--reason", "request 17", "--yes-remove", "2"), ("--dry-run",)]
)
@pytest.mark.parametrize(
    ("misspelt", "offered"),
    [
        ("srhea@widgetcorp.exampel", USER),
        ("Srhea@widgetcorp.example", USER),
        ("srhea", USER),
        ("boob", "bob"),
        ("zoe", None),
    ],
)
def test_a_misspelt_person_is_refused_without_a_receipt_and_near_names_are_offered(
    raytrail: Command, tmp_path: Path, misspelt: str, offered: str | None, option: tuple[str, ...]
) -> None:
    data = filled(tmp_path / "data", BOTH)
    before = ledger_of(data)

    status, out, err = raytrail("erase", "--data", data, "--user", misspelt, *option)

    assert (status, out) == (2, "")
    assert "no receipt was written" in err
    assert (f"similar names: {offered}" if offered else "no logged name is similar") in err
    assert ledger_of(data) == before
    assert len(list((tmp_path / "data" / "raw").rglob("*.gz"))) == 1


def test_a_count_that_has_grown_is_refused_with_the_new_one(
    raytrail: Command, tmp_path: Path
) -> None:
    data = filled(tmp_path / "data", BOTH)
    arguments = ("erase", "--data", data, "--user", USER, "--reason", "request 17")
    filled(tmp_path / "data", gzipped(ndjson(by(USER, RayID="0a01"))))

    status, out, err = raytrail(*arguments, "--yes-remove", "2", "--json")

    assert status == 2
    assert "--yes-remove 2 is not the number" in err
    assert "confirm with --yes-remove 4" in err
    facts = json.loads(out)
    assert (facts["count"], facts["dry_run"]) == (4, False)
    assert facts["refused"]
    assert places_of(tmp_path / "data") != []
    assert raytrail(*arguments, "--yes-remove", "4").returncode == 0


def test_an_erasure_that_was_killed_before_its_purge_is_completed_by_the_same_command(
    raytrail: Command, tmp_path: Path
) -> None:
    data = filled(tmp_path / "data", BOTH)
    with Store.open(Path(data), Clock(), IntakeLimits(reserve=NO_RESERVE)) as store:
        given = Consent(reason="request 17", count=2)
        erasing.erasure(store, erasing.identifier(USER), given, b"salt", lambda _: None).run()
    before = ledger_of(data)
    other = raytrail("erase", "--data", data, "--user", "srhea", "--reason", "request 18")
    assert other.returncode == 2, "a misspelt name completes nothing"

    status, out, _ = raytrail(
        *("erase", "--data", data, "--user", USER, "--reason", "request 17", "--yes-remove", "2")
    )

    assert status == 0
    assert out.startswith(
        "this erasure was killed before its end; it is complete now, and its receipt was written then\n"
        "searched everything: nothing is left\nwhat was searched:\n"
    )
    assert ledger_of(data) == before, "one receipt is enough"


def test_a_person_in_a_batch_that_waits_is_counted_before_anything_is_refused(
    raytrail: Command, tmp_path: Path
) -> None:
    data = filled(tmp_path / "data")
    with Store.open(tmp_path / "data", Clock()) as store:
        send(store, BOTH)

    status, out, _ = raytrail("erase", "--data", data, "--user", USER, "--reason", "request 17")

    assert (status, "count to confirm: 2" in out) == (2, True)


def test_the_json_receipt_is_one_object_with_the_salt(raytrail: Command, tmp_path: Path) -> None:
    mention = by("bob", ClientRequestURI=f"/?q={USER}")
    body = gzipped(ndjson(by(USER), mention) + f"no json {USER}\n".encode())
    data = filled(tmp_path / "data", body)
    arguments = ("erase", "--data", data, "--user", USER, "--json")

    tried = json.loads(raytrail(*arguments, "--dry-run")[1])
    confirmed = ("--reason", "request 17", "--yes-remove", str(tried["count"]))
    status, out, _ = raytrail(*arguments, *confirmed)
    checked = raytrail(*arguments, "--check")

    facts: dict[str, Any] = json.loads(out)
    assert status == 1, "another's row mentions them"
    assert (tried["dry_run"], facts["dry_run"]) == (True, False)
    assert tried["datasets"] == facts["datasets"]
    assert facts["datasets"]["http_requests"] == {
        "rows": 1,
        "files": 1,
        "rejected_lines": 1,
        "raw_bodies": 1,
        "raw_bodies_kept": 0,
        "mentions": 1,
        "kept_by_hold": {},
    }
    assert facts["mentions"][0]["rows"] == 1
    [left] = facts["left"]
    assert (left["kind"], left["count"]) == ("mention", 1)
    salt = bytes.fromhex(facts["salt"])
    assert facts["user_digest"] == hashlib.sha256(salt + USER.encode()).hexdigest()
    assert checked[0] == 1
    scope = facts["scope"]["covers"], facts["scope"]["does_not_cover"]
    assert json.loads(checked[1]) == {
        "dry_run": False,
        "refused": None,
        "left": [left],
        "other_spellings": [],
        "mapped_names": [],
        "scope": dict(zip(("covers", "does_not_cover"), scope, strict=True)),
    }
    assert USER not in out


def test_rows_that_a_hold_keeps_are_reported_with_status_1(
    raytrail: Command, tmp_path: Path
) -> None:
    data = filled(tmp_path / "data", BOTH, hold=Criteria(host="jira.widgetcorp.example"))
    arguments = ("erase", "--data", data, "--user", USER)

    tried = raytrail(*arguments, "--dry-run")
    status, out, _ = raytrail(*arguments, "--reason", "request 17")

    [body] = (tmp_path / "data" / "raw").rglob("*.gz")
    hold = re.findall("raytrail hold release ([0-9a-f]{16})", out)[0]
    assert tried[0] == status == 1
    for said, verb in ((tried[1], "would be"), (out, "is")):
        assert f"    1 row kept: hold {hold}\n" in said
        assert "    1 raw body kept: rows under a hold\n" in said
        assert f"this erasure {verb} incomplete, because of a legal hold:\n" in said
        assert f"    {body.relative_to(data)}: hold {hold}\n" in said
        assert "to complete it, release the hold when its case is closed, then erase again" in said
    assert "left: row under a hold (kept by a hold; release the hold" in out


def test_a_damaged_body_without_the_name_is_not_erased_and_is_named(
    raytrail: Command, tmp_path: Path
) -> None:
    data = filled(tmp_path / "data", BOTH, *[gzipped(ndjson(by("bob")))[:-6]] * 3)
    arguments = ("erase", "--data", data, "--user", USER, "--reason", "request 17")

    status, out, _ = raytrail(*arguments, "--yes-remove", "2")

    [stays] = (tmp_path / "data" / "raw").rglob("*.gz")
    assert status == 1, "the person may be behind the damage"
    assert "bodies that are damaged, in UTF-16 or compressed twice stay" in out
    assert f"    {stays.relative_to(data)}\n" in out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((USER,), "--reason: give a reason"),
        (("", "--reason", "request 17"), "--user: give the user name exactly as logged"),
        ((USER, "--reason", f"mail of {USER}"), "contains the person's name"),
        ((USER, "--check", "--dry-run"), "cannot be combined"),
    ],
)
def test_invalid_options_are_refused(
    raytrail: Command, tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    data = filled(tmp_path / "data", BOTH)

    status, _, err = raytrail("erase", "--data", data, "--user", *arguments)

    assert status == 2
    assert said in err
    assert USER not in err


def test_a_running_rewrite_is_reported(
    raytrail: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = filled(tmp_path / "data", BOTH)
    at_once = Backoff(seconds_max=0)
    monkeypatch.setattr(
        erasing,
        "Erasure",
        lambda **given: erasure.Erasure(**given, timeouts=erasure.Timeouts(rewriting=at_once)),
    )

    with durable.lock(tmp_path / "data" / ".rewrite.lock"):
        status, _, err = raytrail("erase", "--data", data, "--user", USER, "--reason", "x")

    assert status == 2
    assert "another rewrite or a replay is running" in err


def test_a_dry_run_reports_batches_that_wait(raytrail: Command, tmp_path: Path) -> None:
    data = filled(tmp_path / "data")
    with Store.open(tmp_path / "data", Clock()) as store:
        send(store, BOTH)

    _, out, _ = raytrail("erase", "--data", data, "--user", USER, "--dry-run")

    assert "1 batch not loaded yet and not searched" in out


def test_a_running_loader_publishes_the_removal_of_a_file(
    tmp_path: Path,
) -> None:
    """Its row is gone from the catalog as well, so no entry's number tells of it."""
    folder = tmp_path / "data"
    filled(
        folder,
        gzipped(ndjson(by(USER))),
        gzipped(ndjson(by("bob", EdgeStartTimestamp="2026-11-21T09:00:00Z"))),
    )
    with Store.open(folder, Clock(), IntakeLimits(reserve=NO_RESERVE)) as store:
        loading = LiveLoading(store, configure("test"), SHELL, threads=1)
        thread = threading.Thread(target=run, args=(loading,))
        thread.start()
        try:
            until(lambda: users_shown(folder) == [(USER,), ("bob",)], "both are shown")
            given = Consent(reason="request 17", count=2)
            person = erasing.identifier(USER)
            wanted = erasing.erasure(store, person, given, b"salt", lambda _: None)
            assert erasing.run(wanted, given).left == ()
            until(lambda: users_shown(folder) == [("bob",)], "one is shown")
        finally:
            loading.stop.set()
            thread.join()


def users_shown(folder: Path) -> list[Any]:
    try:
        with duckdb.connect(str(folder / "audit.duckdb"), read_only=True) as audit:
            return audit.execute("SELECT user_id FROM http_requests ORDER BY 1 DESC").fetchall()
    except duckdb.Error:
        return []


def test_remnants_are_listed_by_kind_up_to_a_limit() -> None:
    many = [
        Remnant(RemnantKind.MENTION, f"parts/{number}\x1b", 2) for number in range(LEFT_SHOWN + 1)
    ]
    told = Result(
        left=(Remnant(RemnantKind.LEDGER, "catalog.sqlite: entries.payload", 1_000), *many)
    )

    lines = list(erasure_words.lines(told))

    assert lines[0].startswith("left: mention (")
    assert "\x1b" not in "".join(lines)
    assert lines[LEFT_SHOWN + 1] == "    ... and 1 more; --json has them all"
    place = lines.index("    catalog.sqlite: entries.payload: 1,000")
    assert lines[place + 1] == "what was searched:"
    assert told.is_wrong


def test_every_kind_of_remnant_is_explained() -> None:
    assert set(erasure_words.MEANS) == set(RemnantKind)


def test_what_an_earlier_version_left_is_named_and_removed_by_the_next_erasure(
    raytrail: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [by(USER if number % 2 else "bob", RayID=f"{number}") for number in range(40)]
    data = filled(tmp_path / "data", gzipped(ndjson(*rows)))
    with monkeypatch.context() as earlier:
        earlier.setattr(part_file, "used_only", lambda table: table)
        arguments = ("erase", "--data", data, "--reason", "r", "--yes-remove", "21")
        status, out, _ = raytrail(*arguments, "--user", USER)

    checked = raytrail("erase", "--data", data, "--check", "--user", USER)
    again = raytrail(*arguments, "--user", "somebody else")
    clean = raytrail("erase", "--data", data, "--check", "--user", USER)

    assert status == checked[0] == 1
    for told in (out, checked[1]):
        assert "left: name that no row has (" in told
        assert "    parts/http_requests/date=" in told
    assert again[0] == 2
    assert (
        "1 file of an earlier version listed texts that no row has, and was written again"
        in (again[2])
    )
    assert clean[0] == 0
