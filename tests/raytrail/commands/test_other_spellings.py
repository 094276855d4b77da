"""One person is logged under several spellings: erasures name the others, holds cover them."""

import json
from pathlib import Path

import pytest

from raytrail.commands.upkeep import erasure
from raytrail.commands.upkeep.erasure import Consent
from store.catalog import ledger
from store.intake.limits import IntakeLimits
from store.retention import holds
from store.store import Store
from tests.command import Command, Ended
from tests.factories import NO_RESERVE, Clock, gzipped, load, ndjson, send
from tests.person_store import by, erase, everything, places_of

# The last one begins with a letter of full width.
FRED, SHOUTED, WIDE = "fred@x.example", "Fred@X.example", "\uff46red@x.example"
REASON = ("--reason", "request 17")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Two rows of one spelling, one of two others, and one of another person."""
    folder = tmp_path / "data"
    with opened(folder) as store:
        users = (FRED, FRED, SHOUTED, WIDE, "frederic@x.example")
        for number, user in enumerate(users):
            send(store, gzipped(ndjson(by(user, RayID=f"0a{number}"))))
        load(store)
    return folder


def opened(folder: Path) -> Store:
    return Store.create(folder, Clock(), IntakeLimits(reserve=NO_RESERVE))


def users(data: Path) -> list[str]:
    with opened(data) as store:
        return sorted(row["user_id"] for row in everything(store)["http_requests"])


def erased(raytrail: Command, data: Path, *arguments: str) -> Ended:
    """The erasure, confirmed with the count that it asks for."""
    asked = ("erase", "--data", str(data), *arguments, *REASON)
    counted = json.loads(raytrail(*asked, "--json").stdout)["count"]
    return raytrail(*asked, "--yes-remove", str(counted))


def test_an_erasure_ends_with_status_1_while_other_spellings_have_rows(
    raytrail: Command, data: Path
) -> None:
    status, out, _ = erased(raytrail, data, "--user", FRED)

    assert status == 1
    assert "searched everything: nothing is left\n" in out
    assert f'rows, which stay:\n    "{SHOUTED}": 1 row\n    "{WIDE}": 1 row\n' in out
    assert users(data) == [SHOUTED, "frederic@x.example", WIDE]
    asked = ("erase", "--data", str(data), "--user", FRED, "--check", "--json")
    checked = raytrail(*asked)
    assert checked.returncode == 1
    assert json.loads(checked.stdout)["other_spellings"] == [
        {"user": SHOUTED, "rows": 1},
        {"user": WIDE, "rows": 1},
    ]


def test_several_names_are_erased_at_once_with_one_count(raytrail: Command, data: Path) -> None:
    names = ("--user", FRED, "--user", SHOUTED, "--user", WIDE)

    status, out, err = erased(raytrail, data, *names)

    assert status == 0, out
    assert "name 3 of 3:\nerased:\n" in out
    assert err.count("salt of the receipt") == 3
    assert users(data) == ["frederic@x.example"]
    assert places_of(data, FRED) == places_of(data, SHOUTED) == []
    assert raytrail("erase", "--data", data, *names, "--check").returncode == 0


def test_a_spelling_in_a_stray_file_is_named_too(raytrail: Command, data: Path) -> None:
    with opened(data) as store:
        [part] = store.snapshot().files["http_requests"]
        part.with_name("unknown.parquet").write_bytes(part.read_bytes())
        store.loader().sweep()

    told = raytrail("erase", "--data", data, "--user", FRED, "--dry-run", "--json").stdout

    assert [each["rows"] for each in json.loads(told)["other_spellings"]] == [2, 2]


def test_a_count_that_is_not_that_of_all_names_erases_nothing(
    raytrail: Command, data: Path
) -> None:
    names = ("--user", FRED, "--user", SHOUTED)

    status, out, err = raytrail("erase", "--data", data, *names, *REASON, "--yes-remove", "4")

    assert (status, len(users(data))) == (2, 5)
    assert "count of all names to confirm: 6, with --yes-remove 6\n" in out
    assert "confirm with --yes-remove 6" in err


def test_a_misspelt_name_among_several_erases_nothing(raytrail: Command, data: Path) -> None:
    names = ("--user", FRED, "--user", "fred@y.example")

    status, _, err = raytrail("erase", "--data", data, *names, *REASON, "--yes-remove", "4")

    assert (status, len(users(data))) == (2, 5)
    assert "similar names: Fred@X.example, fred@x.example" in err


def test_an_erasure_of_several_names_that_was_killed_is_completed_by_the_same_command(
    raytrail: Command, data: Path
) -> None:
    with opened(data) as store:
        given = Consent(reason="request 17", count=4)
        erasure.erasure(store, erasure.identifier(FRED), given, b"salt", lambda _: None).run()

    status, out, _ = erased(raytrail, data, "--user", FRED, "--user", SHOUTED, "--user", WIDE)

    assert status == 0, out
    assert "this erasure was killed before its end; it is complete now" in out
    assert users(data) == ["frederic@x.example"]


def test_a_body_that_two_names_share_is_erased_with_the_first(
    raytrail: Command, tmp_path: Path
) -> None:
    with opened(tmp_path / "data") as store:
        send(store, gzipped(ndjson(by(FRED), by(SHOUTED))))
        load(store)

    status, out, _ = erased(raytrail, tmp_path / "data", "--user", FRED, "--user", SHOUTED)

    assert status == 0, out
    assert places_of(tmp_path / "data", FRED) == places_of(tmp_path / "data", SHOUTED) == []


def test_a_spelling_of_somebody_else_is_recorded_once_and_told_no_more(
    raytrail: Command, data: Path
) -> None:
    others = ("--not-this-person", SHOUTED, "--not-this-person", WIDE)
    assert erased(raytrail, data, "--user", FRED, *others).returncode == 0
    with opened(data) as store, store.catalog.read() as connection:
        recorded = list(ledger.of_kinds(connection, ["distinct_names"], after=0))
        everything_written = b"".join(path.read_bytes() for path in store.layout.ledger.iterdir())

    assert raytrail("erase", "--data", data, "--user", FRED, "--check", *others).returncode == 0
    assert raytrail("erase", "--data", data, "--user", FRED, "--check").returncode == 0
    # The other way round, but not between the other two.
    checked = raytrail("erase", "--data", data, "--user", SHOUTED, "--dry-run", "--json")
    assert [each["user"] for each in json.loads(checked.stdout)["other_spellings"]] == [WIDE]
    assert len(recorded) == 2
    assert SHOUTED.encode() not in everything_written
    with opened(data) as store, store.catalog.read() as connection:
        assert len(list(ledger.of_kinds(connection, ["distinct_names"], after=0))) == 2


def test_a_dry_run_and_a_refused_erasure_record_nothing(raytrail: Command, data: Path) -> None:
    asked = ("erase", "--data", str(data), "--user", FRED, "--not-this-person", SHOUTED)

    assert raytrail(*asked, "--dry-run").returncode == 1
    assert raytrail(*asked, *REASON).returncode == 2

    with opened(data) as store, store.catalog.read() as connection:
        assert not list(ledger.of_kinds(connection, ["distinct_names"], after=0))


@pytest.mark.parametrize("other", [FRED, "fred@y.example"])
def test_only_another_spelling_can_be_somebody_elses(
    raytrail: Command, data: Path, other: str
) -> None:
    asked = ("erase", "--data", str(data), "--user", FRED, "--check", "--not-this-person", other)

    status, _, err = raytrail(*asked)

    assert status == 2
    assert "differs from --user only in letter case" in err


def test_a_record_of_distinct_names_outlives_the_catalog(raytrail: Command, data: Path) -> None:
    asked = ("erase", "--data", str(data), "--user", FRED, "--check")
    raytrail(*asked, "--not-this-person", SHOUTED, "--not-this-person", WIDE)
    for path in data.glob("catalog.sqlite*"):
        path.unlink()

    assert "does not know them" not in raytrail("rebuild", "--data", data).stdout

    told = json.loads(raytrail(*asked, "--json").stdout)
    assert told["other_spellings"] == []


def test_a_hold_covers_every_spelling_and_the_list_says_so(raytrail: Command, data: Path) -> None:
    added = raytrail("hold", "add", "--data", data, "--user", "FRED@x.example", *REASON)
    exact = raytrail("hold", "add", "--data", data, "--user", SHOUTED, "--exactly", *REASON)

    assert "the hold covers 4 rows" in added.stderr
    assert "the hold covers 1 row in" in exact.stderr
    listed = raytrail("hold", "list", "--data", data).stdout
    assert "user FRED@x.example (in any letter case, outer space and Unicode form)\n" in listed
    assert f"user {SHOUTED} (exactly)\n" in listed
    rows = raytrail("hold", "list", "--data", data, "--json").stdout.splitlines()
    assert [json.loads(row)["is_exact"] for row in rows] == [False, True]
    with opened(data) as store:
        assert erase(store, WIDE).occurrences.is_incomplete
    assert len(users(data)) == 5


def test_a_hold_keeps_its_width_when_the_catalog_is_lost(raytrail: Command, data: Path) -> None:
    for exactly in ((), ("--exactly",)):
        raytrail("hold", "add", "--data", data, "--user", FRED, *REASON, *exactly)
    for path in data.glob("catalog.sqlite*"):
        path.unlink()

    assert raytrail("rebuild", "--data", data).returncode == 0

    with opened(data) as store, store.catalog.read() as connection:
        assert [hold.is_exact for hold in holds.active(connection)] == [False, True]
