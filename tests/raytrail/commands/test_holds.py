"""`raytrail hold add` counts what a hold covers, and a hold covers rows that arrive later."""

import json
from pathlib import Path

import pytest

from store.intake.draft import Origin
from store.intake.limits import IntakeLimits
from store.lifetimes import Lifetimes
from store.retention.confirmation import Confirmation
from store.retention.retention import Retention
from store.store import Store
from tests.command import Command
from tests.factories import NO_RESERVE, Clock, compact, gzipped, load, ndjson, send
from tests.person_store import USER, at, by, erase, everything, request

REASON = ("--reason", "case 7")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A row of the person and one of another, loaded."""
    folder = tmp_path / "data"
    with opened(folder) as store:
        send(store, gzipped(ndjson(by(USER), by("bob"))))
        load(store)
    return folder


def opened(folder: Path) -> Store:
    return Store.create(folder, Clock(), IntakeLimits(reserve=NO_RESERVE))


def test_a_new_hold_says_how_many_rows_it_covers(raytrail: Command, data: Path) -> None:
    status, out, err = raytrail("hold", "add", "--data", data, "--user", USER, *REASON)

    assert (status, len(out.strip())) == (0, 16)
    assert err == "the hold covers 1 row in 1 file today, and every later row that matches\n"
    by_host = ("--host", "JIRA.widgetcorp.example:443", "--json")
    told = json.loads(raytrail("hold", "add", "--data", data, *by_host, *REASON)[1])
    assert (told["rows"], told["files"], told["waiting_batches"]) == (2, 1, 0)


@pytest.mark.parametrize(
    ("criteria", "said"),
    [
        (("--user", "srhea"), f"similar names: {USER}"),
        (("--user", "nobody"), "no logged name is similar"),
        (("--host", "wiki.widgetcorp.example"), "--nothing-yet"),
        (("--user", USER, "--until", "2020-01-01"), "--nothing-yet"),
    ],
)
def test_a_hold_that_fits_no_row_is_refused_unless_a_person_insists(
    raytrail: Command, data: Path, criteria: tuple[str, ...], said: str
) -> None:
    arguments = ("hold", "add", "--data", data, *criteria, *REASON)

    status, out, err = raytrail(*arguments)

    assert (status, out) == (2, "")
    assert "no row matches" in err
    assert said in err
    assert raytrail("hold", "list", "--data", data).stdout == "no holds\n"
    insisted = raytrail(*arguments, "--nothing-yet")
    assert (insisted.returncode, insisted.stderr) == (
        0,
        "the hold covers no row today, and every later row that matches\n",
    )


def test_a_hold_after_the_erasure_of_its_person_is_refused(raytrail: Command, data: Path) -> None:
    with opened(data) as store:
        erase(store)

    assert raytrail("hold", "add", "--data", data, "--user", USER, *REASON).returncode == 2


def test_batches_that_wait_are_reported(raytrail: Command, data: Path) -> None:
    with opened(data) as store:
        send(store, gzipped(ndjson(by("cleo"))))

    status, _, err = raytrail("hold", "add", "--data", data, "--user", "cleo", *REASON)

    assert status == 2
    assert "1 batch not loaded yet was not searched" in err


def test_a_part_that_cannot_be_read_does_not_prevent_a_hold(raytrail: Command, data: Path) -> None:
    with opened(data) as store:
        [file] = store.file_swap().live_files()
    (data / file["path"]).write_bytes(b"damaged")

    status, _, err = raytrail("hold", "add", "--data", data, "--user", USER, *REASON)

    assert status == 0
    assert "1 file cannot be read and may have more" in err


@pytest.mark.parametrize("is_merged", [False, True])
@pytest.mark.parametrize("is_fetched", [False, True])
def test_a_hold_covers_rows_that_arrive_after_it(
    raytrail: Command, data: Path, is_merged: bool, is_fetched: bool
) -> None:
    """Uploaded or fetched, in a part or merged: neither retention nor an erasure removes them."""
    added = raytrail("hold", "add", "--data", data, "--user", "cleo", *REASON, "--nothing-yet")
    assert added.returncode == 0
    with opened(data) as store:
        at(store, "2026-11-20T12:00:00")
        late = request("cleo", "2026-11-19T10:00:00", "0c01")
        body = gzipped(ndjson(late, request("bob", "2026-11-19T10:00:01", "0b01")))
        origin = Origin("http_requests", is_fetched=is_fetched)
        store.intake().take([body], origin, claims_gzip=True)
        load(store)
        if is_merged:
            at(store, "2026-12-10T12:00:00")
            compact(store)
        kept = erase(store, "cleo")
        for hour in (12, 14):  # Files are deleted after a grace period of an hour.
            at(store, f"2027-11-20T{hour}:00:00")
            retention = Retention(store.file_swap(), Lifetimes(raw=30, others=30))
            count = retention.plan().count or None
            retention.run(Confirmation(clock_is_right=True, count=count))

        assert kept.sequence is None
        assert kept.occurrences.is_incomplete
        assert [row["RayID"] for row in everything(store)["http_requests"]] == ["0c01"]
        [body_kept] = store.layout.raw.rglob("*.gz")
        assert body_kept.read_bytes() == body
