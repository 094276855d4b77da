"""Erasure, retention and backup do what they can beside a damaged file, and say what they could not."""

import duckdb
import pytest

from raytrail.commands.upkeep import retention
from raytrail.errors import COULD_NOT_DO_IT, FINE, FOUND_SOMETHING_WRONG
from store.lifetimes import Lifetimes
from store.retention import holds
from store.retention.confirmation import Confirmation
from store.retention.retention import RetentionResult
from store.store import Store
from tests.command import Command, Ended
from tests.factories import gzipped, load, ndjson, record, send
from tests.faults.damaged import QUILL, loading, lose_raw_bodies, shown, two_people, zeroed
from tests.faults.lab import Lab, entries


def erased(raytrail: Command, store: Store, user: str, count: int) -> Ended:
    erase = ("erase", "--user", user, "--reason", "asked", "--yes-remove", str(count))
    return raytrail(*erase, "--data", store.layout.root)


def test_an_erasure_says_which_file_it_could_not_search(lab: Lab, raytrail: Command) -> None:
    with lab.store() as store:
        part = two_people(store)["2026-11-20"]
        lose_raw_bodies(store)
        part.unlink()

        status, told, _ = erased(raytrail, store, QUILL, 2)

        assert status == FOUND_SOMETHING_WRONG
        assert "incomplete: these files cannot be read" in told
        assert part.name in told
        assert "nothing is left" not in told
        receipt = entries(store)[-1]
        assert receipt.kind == "erased"
        assert receipt.payload["unsearched_files"] == [store.layout.relative(part)]
        status, told, _ = raytrail("erase", "--check", "--user", QUILL, "--data", store.layout.root)
        assert (status, part.name in told) == (FOUND_SOMETHING_WRONG, True)


def test_an_erasure_makes_a_damaged_file_again_before_it_removes_raw_bodies(
    lab: Lab, raytrail: Command
) -> None:
    """The raw bodies are the last copy of the other person's rows."""
    with lab.store() as store:
        zeroed(two_people(store)["2026-11-20"])

        status, told, _ = erased(raytrail, store, QUILL, 6)

        assert (status, "nothing is left" in told) == (FINE, True), told
        [others] = shown(store, "SELECT count(*), count(DISTINCT user_id) FROM http_requests")
        assert others == (3, 1)


def test_an_unknown_name_is_refused_with_the_file_that_may_have_it(
    lab: Lab, raytrail: Command
) -> None:
    with lab.store() as store:
        part = two_people(store)["2026-11-20"]
        lose_raw_bodies(store)
        part.unlink()

        status, _, told = erased(raytrail, store, "zoe", 0)

        assert status == COULD_NOT_DO_IT
        assert f"{part.name} cannot be read" in told


SURE = Confirmation(clock_is_right=True, count=2)


def test_retention_removes_what_it_can_and_names_the_file_it_cannot_read(lab: Lab) -> None:
    """In `date=__other__` the age of each row counts, so the file must be read."""
    with lab.store() as store:
        two_people(store)
        send(store, gzipped(ndjson(record(EdgeStartTimestamp=0))))
        load(store)
        lose_raw_bodies(store)
        [part] = store.layout.part_folder("http_requests", "__other__").iterdir()
        zeroed(part)

        done = retention.run(store, Lifetimes(datasets={"http_requests": 2}), SURE)

        assert isinstance(done, RetentionResult)
        assert [file["path"] for file in done.plan.unreadable] == [store.layout.relative(part)]
        told = "\n".join(retention.lines(done.plan, SURE, is_trial=False))
        assert f"{part.name} cannot be read: expired rows in it stay" in told
        days = {path.parent.name for path in store.snapshot().parts}
        assert days == {"date=2026-11-20", "date=2026-11-21"}, "2026-11-19 is past its retention"


def test_retention_keeps_the_raw_bodies_that_a_damaged_file_is_made_of(lab: Lab) -> None:
    with lab.store() as store:
        two_people(store)["2026-11-20"].unlink()
        loading(store).until_drained()

    with lab.store(day=40) as store:
        plan = retention.plan(store, Lifetimes())

        assert (plan.bodies, plan.bodies_needed) == (2, 1)


def test_a_hold_keeps_every_raw_body_while_a_file_cannot_be_searched_for_its_rows(
    lab: Lab,
) -> None:
    with lab.store() as store:
        with store.catalog.write() as connection:
            criteria = holds.Criteria(user=QUILL)
            holds.place(connection, store.layout, store.clock, criteria, "a case")
        zeroed(two_people(store)["2026-11-20"])

    with lab.store(day=40) as store:
        assert retention.plan(store, Lifetimes()).bodies == 0


def test_a_backup_has_everything_but_the_damaged_file_and_can_be_restored(
    lab: Lab, raytrail: Command
) -> None:
    with lab.store() as store:
        part = two_people(store)["2026-11-20"]
        lose_raw_bodies(store)
        whole = part.read_bytes()
        zeroed(part)

        backup = ("backup", lab.folder / "backup", "--data", store.layout.root)
        status, told, _ = raytrail(*backup)
        assert status == FOUND_SOMETHING_WRONG
        assert part.name in told

        restore = ("restore", lab.folder / "backup", "--data", lab.folder / "again")
        status, told, _ = raytrail(*restore)
        assert (status, part.name in told) == (FOUND_SOMETHING_WRONG, True)

    with lab.store("again") as again:
        that_day = "SELECT count(*) FROM http_requests WHERE date = '2026-11-20'"
        assert shown(again, "SELECT count(*) FROM http_requests_without_damaged") == [(4,)]
        with pytest.raises(duckdb.Error, match="2 rows of http_requests of 2026-11-20"):
            shown(again, that_day)
        put_back = again.layout.root / part.relative_to(store.layout.root)
        put_back.parent.mkdir()
        put_back.write_bytes(whole)
        loading(again).until_drained()
        assert shown(again, that_day) == [(2,)]


def test_a_backup_keeps_the_whole_copy_of_a_file_that_is_damaged_since(
    lab: Lab, raytrail: Command
) -> None:
    with lab.store() as store:
        part = two_people(store)["2026-11-20"]
        lose_raw_bodies(store)
        backup = ("backup", lab.folder / "backup", "--data", store.layout.root)
        assert raytrail(*backup).returncode == FINE
        zeroed(part)
        loading(store).until_drained()

        assert raytrail(*backup).returncode == FINE, "it lacks nothing"

        copy = lab.folder / "backup" / store.layout.relative(part)
        part.write_bytes(copy.read_bytes())
        loading(store).until_drained()
        assert shown(store, "SELECT count(*) FROM http_requests") == [(6,)]
