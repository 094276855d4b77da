"""One person is logged under several spellings: every answer has them all, and names them."""

import json
import shutil
from pathlib import Path

import pytest

from queries.errors import QueryFailed
from queries.identity import people_list
from raytrail.commands.people import listing, other_names
from raytrail.commands.upkeep import holds
from store.intake.limits import IntakeLimits
from store.store import Store
from tests.command import Command
from tests.factories import NO_RESERVE, Clock, gzipped, load, login, ndjson, record, send

ASKED, SHOUTED, SPACED = "ann.lee@example.com", "Ann.Lee@Example.com", "ann.lee@example.com "
LOGGED_IN = "Ann.Lee@example.com"


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A request under each of three spellings, a login under a fourth, and somebody else."""
    folder = tmp_path_factory.mktemp("names") / "data"
    with Store.create(folder, Clock(), IntakeLimits(reserve=NO_RESERVE)) as store:
        users = (ASKED, SHOUTED, SPACED, "ann.leeds@example.com")
        rows = [
            record(RayID=f"8e{number}", RequestHeaders={"cf-access-user": user})
            for number, user in enumerate(users)
        ]
        send(store, gzipped(ndjson(*rows)))
        send(store, gzipped(ndjson(login(Email=LOGGED_IN))), "access_requests")
        load(store)
    return folder


@pytest.fixture
def data(filled: Path, tmp_path: Path) -> Path:
    return shutil.copytree(filled, tmp_path / "data", symlinks=True)


def test_a_report_counts_every_spelling_and_names_it(raytrail: Command, data: Path) -> None:
    asked = ("report", "--user", ASKED, "--data", str(data))

    told = json.loads(raytrail(*asked, "--json").stdout)
    shown = " ".join(raytrail(*asked).stdout.split())

    assert (told["totals"]["requests"], told["logins"]["total"]) == (3, 1)
    assert [each["name"] for each in told["who"]["person"]["names"]] == [
        ASKED,
        LOGGED_IN,
        SHOUTED,
        SPACED,
    ]
    assert f'also under "{LOGGED_IN}", equal (letter case): 0 requests, 1 login' in shown
    assert f'also under "{SHOUTED}", equal (letter case): 1 request, 0 logins' in shown
    assert f'also under "{SPACED}", equal (outer space): 1 request, 0 logins' in shown


def test_a_saved_page_names_every_spelling(raytrail: Command, data: Path, tmp_path: Path) -> None:
    saved = tmp_path / "saved"

    raytrail("report", "--user", ASKED, "--data", str(data), "--save", str(saved))

    [page] = saved.glob("*.html")
    assert f"{SHOUTED}&#34;: another spelling of it (letter case)" in page.read_text("utf-8")


def test_a_trail_has_the_rows_of_every_spelling(raytrail: Command, data: Path) -> None:
    ended = raytrail("trail", "--user", LOGGED_IN, "--data", str(data), "--json")

    rows = [json.loads(line) for line in ended.stdout.splitlines()]
    assert sorted(row["user_id"] for row in rows) == sorted([ASKED, SHOUTED, SPACED])
    assert f'also under "{ASKED}", equal (letter case): 1 request' in ended.stderr


def test_a_row_of_another_name_shows_it(raytrail: Command, data: Path, tmp_path: Path) -> None:
    asked = ("--user", ASKED, "--data", str(data))

    rows = raytrail("trail", *asked).stdout.splitlines()
    report = raytrail("report", *asked, "--save", str(tmp_path)).stdout

    shown = {f'as "{SHOUTED}" ': 1, f'as "{SPACED}" ': 1, 'as "': 2}
    assert {text: sum(text in row for row in rows) for text in shown} == shown
    assert f'as "{SPACED}"' in report
    [page] = tmp_path.glob("*.html")
    assert f"&#34;{SPACED}&#34;" in page.read_text(encoding="utf-8")


def test_exactly_asks_for_one_spelling_only(raytrail: Command, data: Path) -> None:
    asked = ("--user", ASKED, "--exactly", "--data", str(data), "--json")

    rows = raytrail("trail", *asked)
    told = json.loads(raytrail("report", *asked).stdout)

    assert [json.loads(line)["user_id"] for line in rows.stdout.splitlines()] == [ASKED]
    assert rows.stderr == ""
    assert (told["totals"]["requests"], told["logins"]["total"]) == (1, 0)


def test_linked_names_are_in_a_report_until_they_are_unlinked(
    raytrail: Command, data: Path
) -> None:
    asked = ("report", "--user", ASKED, "--data", str(data), "--json")
    leeds = "ann.leeds@example.com"

    told = raytrail("people", "link", ASKED, leeds, "--data", data).stdout
    linked = json.loads(raytrail(*asked).stdout)
    raytrail("people", "unlink", leeds, ASKED, "--data", data)
    unlinked = json.loads(raytrail(*asked).stdout)

    assert told == (
        f'"{ASKED}" and "{leeds}" are one person\'s\n'
        f'    "{ASKED}": 1 request, 0 logins\n    "{leeds}": 1 request, 0 logins\n'
    )
    assert (linked["totals"]["requests"], unlinked["totals"]["requests"]) == (4, 3)
    assert linked["who"]["person"]["names"][-1]["grade"] == "setting"


def test_unlinked_spellings_are_other_people(raytrail: Command, data: Path) -> None:
    raytrail("people", "unlink", ASKED, SHOUTED, "--data", data)
    raytrail("erase", "--user", ASKED, "--data", data, "--check", "--not-this-person", SPACED)

    ended = raytrail("trail", "--user", ASKED, "--data", str(data), "--json")

    assert [json.loads(line)["user_id"] for line in ended.stdout.splitlines()] == [ASKED]


def test_what_was_said_before_is_not_entered_again(raytrail: Command, data: Path) -> None:
    for verb in ("link", "unlink"):
        said = ("people", verb, ASKED, "nobody", "--data", str(data))
        assert json.loads(raytrail(*said, "--json").stdout)["is_new"]

        again = raytrail(*said)

        assert "as was said before" in again.stdout
        assert '"nobody": 0 requests, 0 logins; check the spelling' in again.stdout


def test_names_that_are_no_two_names_are_refused(raytrail: Command, data: Path) -> None:
    for verb in ("link", "unlink"):
        status, _, err = raytrail("people", verb, ASKED, ASKED, "--data", data)
        assert (status, err) == (2, "raytrail: both names are the same\n")


def test_the_pairs_of_the_setting_are_used(
    raytrail: Command, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = tmp_path / "people.csv"
    people.write_text(f"# from HR\nann.leeds@example.com, {ASKED}\n", encoding="utf-8")
    monkeypatch.setenv("RAYTRAIL_PEOPLE", str(people))

    told = json.loads(raytrail("report", "--user", ASKED, "--data", data, "--json").stdout)

    assert told["totals"]["requests"] == 4
    assert told["who"]["person"]["names"][-1]["evidence"] == "RAYTRAIL_PEOPLE"


def test_an_erased_name_is_linked_no_more(raytrail: Command, data: Path) -> None:
    raytrail("people", "link", ASKED, "ann.leeds@example.com", "--data", data)
    asked = ("erase", "--user", ASKED, "--data", str(data), "--reason", "request 17")

    raytrail(*asked, "--yes-remove", json.loads(raytrail(*asked, "--json").stdout)["count"])

    left = json.loads(raytrail(*asked[:5], "--check", "--json").stdout)
    # Of the spelling with a space at its end, whose rows stay.
    assert {each["kind"] for each in left["left"]} == {"mention"}
    told = json.loads(
        raytrail("report", "--user", "ann.leeds@example.com", "--data", data, "--json").stdout
    )
    assert len(told["who"]["person"]["names"]) == 1


def test_everybody_is_listed_with_the_names_that_belong_together(
    raytrail: Command, data: Path
) -> None:
    raytrail("people", "link", ASKED, "alee", "--data", data)
    asked = ("people", "--data", str(data))

    shown = raytrail(*asked).stdout.splitlines()
    [ann, leeds] = [json.loads(line) for line in raytrail(*asked, "--json").stdout.splitlines()]

    assert shown[0].startswith(f'"{LOGGED_IN}"  3 requests, 1 login, 2026-')
    today = ann["not_covered"][0]["evidence"]
    assert shown[1:5] == [
        f'    "{SHOUTED}", equal (letter case): 1 request, 0 logins in the whole store',
        f'    "{ASKED}", equal (letter case): 1 request, 0 logins in the whole store',
        f'    "{SPACED}", equal (outer space and letter case): 1 request, 0 logins in the whole store',
        f'    not "alee", setting for "{ASKED}" ({today}): 0 requests, 0 logins in the whole store',
    ]
    assert (ann["name"], ann["mail"], ann["requests"]) == (LOGGED_IN, LOGGED_IN, 3)
    assert (leeds["name"], leeds["mail"], leeds["evidence"]) == (
        "ann.leeds@example.com",
        "ann.leeds@example.com",
        None,
    )


def test_a_long_list_is_cut_for_a_person(
    raytrail: Command, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "PEOPLE_SHOWN", 1)
    monkeypatch.setattr(listing, "NAMES_SHOWN", 1)
    monkeypatch.setattr(people_list, "NAMES_LISTED_MAX", 4)

    status, out, err = raytrail("people", "--data", data)

    assert (status, out.splitlines()[2]) == (0, "    ... and 2 more names")
    assert err.splitlines()[-1] == "1 more name with 1 request and no login: not listed"


def test_a_store_without_people_says_so(raytrail: Command, tmp_path: Path) -> None:
    Store.create(tmp_path, Clock(), IntakeLimits(reserve=NO_RESERVE)).catalog.close()

    assert raytrail("people", "--data", tmp_path).stdout == "no people\n"


REASON = ("--reason", "case 7")


def test_a_hold_names_the_spellings_that_it_covers_and_names_that_it_does_not(
    raytrail: Command, data: Path
) -> None:
    raytrail("people", "link", ASKED, "ann.leeds@example.com", "--data", data)
    asked = ("hold", "add", "--user", ASKED, "--data", str(data), *REASON)

    told = raytrail(*asked).stderr
    facts = json.loads(raytrail(*asked, "--json").stdout)

    spellings = [SHOUTED, LOGGED_IN, ASKED, SPACED]
    assert "the hold covers 4 rows" in told
    assert all(f'    "{each}": 1 row\n' in told for each in spellings)
    assert sorted(each["user"] for each in facts["spellings"]) == sorted(spellings)
    assert "it does not cover other names of the person; add a hold for each:\n" in told
    assert '    "ann.leeds@example.com", setting (linked ' in told
    assert [each["requests"] for each in facts["not_covered"]] == [1]


def test_a_hold_on_one_spelling_names_the_others(raytrail: Command, data: Path) -> None:
    asked = ("hold", "add", "--user", ASKED, "--exactly", "--data", str(data), *REASON)

    told = raytrail(*asked).stderr

    assert "the hold covers 1 row" in told
    assert "it covers these spellings" not in told
    assert f'    "{SHOUTED}", equal (letter case): 1 request, 0 logins' in told


def test_a_hold_on_a_host_names_nobody(raytrail: Command, data: Path) -> None:
    asked = ("hold", "add", "--host", "h.example", "--nothing-yet", "--data", str(data), *REASON)

    assert "covers these" not in raytrail(*asked).stderr


def test_many_spellings_of_a_hold_are_cut(
    raytrail: Command, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(holds, "NAMES_SHOWN", 1)
    monkeypatch.setattr(other_names, "NAMES_SHOWN", 1)
    asked = ("hold", "add", "--user", ASKED, "--data", str(data), *REASON)

    told = raytrail(*asked).stderr
    exact = raytrail(*asked, "--exactly").stderr

    assert told.endswith("    ... and 3 more spellings, 3 rows\n")
    assert exact.endswith("    ... and 2 more names; --json has them\n")


def test_an_erasure_names_the_names_that_were_mapped(raytrail: Command, data: Path) -> None:
    raytrail("people", "link", ASKED, "ann.leeds@example.com", "--data", data)
    asked = ("erase", "--user", ASKED, "--data", str(data), "--dry-run")

    told = raytrail(*asked).stdout
    facts = json.loads(raytrail(*asked, "--json").stdout)

    assert "other names were mapped to this one" in told
    assert '    "ann.leeds@example.com", setting (linked ' in told
    assert [each["name"] for each in facts["mapped_names"]] == ["ann.leeds@example.com"]
    assert [each["user"] for each in facts["other_spellings"]] == [SHOUTED, LOGGED_IN, SPACED]


def test_neither_a_hold_nor_an_erasure_fails_because_names_cannot_be_found(
    raytrail: Command, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_arguments: object) -> None:
        raise QueryFailed("no answer within 30 s")

    monkeypatch.setattr(other_names, "find_person", fails)

    held = raytrail("hold", "add", "--user", ASKED, "--data", data, *REASON)
    erased = raytrail("erase", "--user", ASKED, "--data", data, "--check")

    assert held.returncode == 0
    assert "could not be found: no answer within 30 s" in held.stderr
    assert "could not be found: no answer within 30 s" in erased.stdout


def test_a_check_ends_with_status_1_while_a_spelling_has_rows(
    raytrail: Command, data: Path
) -> None:
    left = [ASKED, SHOUTED, SPACED, LOGGED_IN]
    while left:
        asked = ("erase", "--data", str(data), "--user", left.pop(), "--reason", "request 17")
        count = json.loads(raytrail(*asked, "--dry-run", "--json").stdout)["count"]
        raytrail(*asked, "--yes-remove", str(count))

        checked = raytrail("erase", "--data", str(data), "--user", ASKED, "--check")

        assert checked.returncode == (1 if left else 0), checked.stdout
