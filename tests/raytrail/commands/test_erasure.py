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
from raytrail.commands.upkeep.erasure import LEFT_SHOWN, Result
from raytrail.service.loader import run
from raytrail.service.log import configure
from store.backoff import Backoff
from store.catalog import ledger
from store.erasure import erasure
from store.erasure.verification import Remnant, RemnantKind
from store.files import durable
from store.intake.limits import IntakeLimits
from store.live_loading import LiveLoading
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
                holds.place(connection, store.clock, hold, "case 4")
    return str(folder)


BOTH = gzipped(ndjson(by(USER), by("bob")))


def test_one_person_is_erased_and_the_check_finds_nothing(
    raytrail: Command, tmp_path: Path
) -> None:
    data = filled(tmp_path / "data", BOTH)

    tried = raytrail("erase", "--data", data, "--user", USER, "--dry-run")
    checked = raytrail("erase", "--data", data, "--user", USER, "--check")
    status, out, err = raytrail("erase", "--data", data, "--user", USER, "--reason", "request 17")

    assert tried[:2] == (
        0,
        "would be erased; nothing was changed:\nhttp_requests\n    1 row in 1 file\n    1 raw body\n",
    )
    assert checked[0] == 1
    assert "left: row (" in checked[1]
    assert status == 0
    assert out == (
        "erased:\nhttp_requests\n    1 row in 1 file\n    1 raw body\n"
        "the receipt is ledger entry 3\nsearched everything: nothing is left\n"
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


def test_an_unknown_person_is_reported_as_not_found(raytrail: Command, tmp_path: Path) -> None:
    data = filled(tmp_path / "data", BOTH)

    status, out, err = raytrail("erase", "--data", data, "--user", "zoe", "--reason", "request 17")

    assert (status, "salt" in err) == (0, False)
    assert out == ("nothing found to erase\nsearched everything: nothing is left\n")
    assert raytrail("erase", "--data", data, "--user", "zoe", "--dry-run")[:2] == (
        0,
        "nothing found to erase\n",
    )


def test_the_json_receipt_is_one_object_with_the_salt(raytrail: Command, tmp_path: Path) -> None:
    mention = by("bob", ClientRequestURI=f"/?q={USER}")
    body = gzipped(ndjson(by(USER), mention) + f"no json {USER}\n".encode())
    data = filled(tmp_path / "data", body)
    arguments = ("erase", "--data", data, "--user", USER, "--json")

    tried = json.loads(raytrail(*arguments, "--dry-run")[1])
    status, out, _ = raytrail(*arguments, "--reason", "request 17")
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
    assert (checked[0], json.loads(checked[1])) == (1, {"dry_run": False, "left": [left]})
    assert USER not in out


def test_rows_that_a_hold_keeps_are_reported_with_status_1(
    raytrail: Command, tmp_path: Path
) -> None:
    data = filled(tmp_path / "data", BOTH, hold=Criteria(host="jira.widgetcorp.example"))
    arguments = ("erase", "--data", data, "--user", USER)

    tried = raytrail(*arguments, "--dry-run")
    status, out, _ = raytrail(*arguments, "--reason", "request 17")

    assert tried[0] == status == 1
    for said in (tried[1], out):
        assert "    1 row kept: hold " in said
        assert "    1 raw body kept: rows under a hold\n" in said
    assert "left: row under a hold (kept by a hold; release the hold" in out


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
            wanted = erasing.erasure(
                store, erasing.identifier(USER), "request 17", b"salt", lambda _: None
            )
            assert erasing.run(wanted).left == ()
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

    lines = list(erasing.lines(told))

    assert lines[0].startswith("left: mention (")
    assert "\x1b" not in "".join(lines)
    assert lines[LEFT_SHOWN + 1] == "    ... and 1 more; --json has them all"
    assert lines[-1] == "    catalog.sqlite: entries.payload: 1,000"
    assert told.is_wrong


def test_every_kind_of_remnant_is_explained() -> None:
    assert set(erasing.MEANS) == set(RemnantKind)
