"""One damaged file stops nothing else: what needs it says so, and everything else goes on."""

import os
from collections.abc import Callable
from pathlib import Path

import duckdb
import orjson
import pytest

from raytrail.errors import COULD_NOT_DO_IT, FINE
from tests.command import Command
from tests.factories import gzipped, load, ndjson, record, send
from tests.faults import checks, damage_checks
from tests.faults.damaged import DAMAGE, OF_BOTH_KINDS, cut, loading, shown, three_days, zeroed
from tests.faults.lab import Lab
from tests.raytrail.service.test_loader import Heard


@pytest.mark.parametrize("harm", DAMAGE)
def test_with_a_damaged_part_later_batches_are_loaded_and_other_days_answered(
    harm: Callable[[Path], None], lab: Lab
) -> None:
    with lab.store() as store:
        parts = three_days(store)
        harm(parts["2026-11-20"])

        send(store, gzipped(ndjson(record(EdgeStartTimestamp="2026-11-21T09:00:00Z"))))
        assert loading(store).until_drained() == 1

        others = "SELECT count(*) FROM http_requests WHERE date <> '2026-11-20'"
        assert shown(store, others) == [(7,)]
        that_day = "SELECT count(*) FROM http_requests WHERE date = '2026-11-20' AND user_id = 'x'"
        with pytest.raises(duckdb.Error, match=rf"{parts['2026-11-20'].name} .* 3 rows of"):
            shown(store, that_day)
        assert shown(store, "SELECT count(*) FROM http_requests_without_damaged") == [(7,)]
        [[path, rows, day]] = shown(store, "SELECT path, rows, day FROM damaged")
        assert (store.layout.root / str(path), rows, day) == (parts["2026-11-20"], 3, "2026-11-20")


def test_a_part_that_no_loader_may_read_stops_nothing_and_is_not_called_damaged(lab: Lab) -> None:
    damage_checks.a_part_without_permission_is_not_damaged(lab)


def test_a_part_that_is_put_back_ends_the_sentence(lab: Lab) -> None:
    with lab.store() as store:
        part = three_days(store)["2026-11-20"]
        content = part.read_bytes()
        part.unlink()
        loading(store).until_drained()
        with pytest.raises(duckdb.Error, match="is missing"):
            shown(store, "SELECT count(*) FROM http_requests")

        part.write_bytes(content)
        loading(store).until_drained()

        assert shown(store, "SELECT count(*) FROM http_requests") == [(9,)]
        assert shown(store, "SELECT path FROM damaged") == []


def test_a_part_that_came_back_with_other_bytes_stays_damaged(lab: Lab) -> None:
    with lab.store() as store:
        part = three_days(store)["2026-11-20"]
        content = bytearray(part.read_bytes())
        part.unlink()
        loading(store).until_drained()

        content[len(content) // 2] ^= 1
        part.write_bytes(content)
        loading(store).until_drained()

        with pytest.raises(duckdb.Error, match="is missing"):
            shown(store, "SELECT count(*) FROM http_requests")


def test_a_part_put_back_with_its_old_times_ends_the_sentence(lab: Lab) -> None:
    """As `cp -p` from a backup does it, while a process that read the bad bytes goes on."""
    with lab.store() as store:
        part = three_days(store)["2026-11-20"]
        content, times = part.read_bytes(), part.stat()
        zeroed(part)
        os.utime(part, ns=(times.st_atime_ns, times.st_mtime_ns))
        watch = store.damage_watch(Heard(), found_by="loader")
        watch.note(store.snapshot().glanced().damaged)
        assert watch.recheck() == 0

        part.write_bytes(content)
        os.utime(part, ns=(times.st_atime_ns, times.st_mtime_ns))

        assert watch.recheck() == 1


def test_a_damaged_part_of_a_dataset_without_a_data_file_stops_no_other_question(lab: Lab) -> None:
    """Its merged files have columns that its parts lack, so its files are read by name."""
    with lab.store() as store:
        for number in range(6):
            line = ndjson({"Datetime": f"2026-11-19T0{number}:00:00Z"})
            send(store, gzipped(line), "my_things")
            load(store)
            if number == 2:
                checks.merge(store)
        newest = max(store.snapshot().files["my_things"], key=lambda path: path.stat().st_mtime_ns)
        cut(newest)
        loading(store).until_drained()

        with pytest.raises(duckdb.Error, match=newest.name):
            shown(store, "SELECT count(*) FROM my_things")
        assert shown(store, "SELECT count(*) FROM my_things_without_damaged") == [(5,)]
        assert shown(store, "SELECT count(*) FROM http_requests") == [(0,)]


ALL = "SELECT RayID FROM http_requests"


def of_files(told: str) -> list[str]:
    """What was told but times without a batch, which a trail of a period names too."""
    return [line for line in told.splitlines() if not line.startswith("Nothing was received")]


@pytest.mark.parametrize("harm", OF_BOTH_KINDS)
def test_a_question_that_needs_a_damaged_file_names_it_with_rows_and_day(
    harm: Callable[[Path], None], lab: Lab, raytrail: Command
) -> None:
    with lab.store() as store:
        part = three_days(store)["2026-11-20"]
        harm(part)
        data = ("--data", str(store.layout.root))

        status, _, told = raytrail("trail", "--user", "srhea", *data)
        assert status == COULD_NOT_DO_IT
        assert part.name in told
        assert "3 rows of http_requests of 2026-11-20 cannot be read" in told
        assert "`raytrail fsck --deep`" in told
        assert raytrail("sql", ALL, *data)[0] == COULD_NOT_DO_IT
        assert raytrail("report", "--user", "srhea", *data)[0] == COULD_NOT_DO_IT


@pytest.mark.parametrize("harm", OF_BOTH_KINDS)
def test_a_question_that_needs_no_damaged_file_is_answered(
    harm: Callable[[Path], None], lab: Lab, raytrail: Command
) -> None:
    with lab.store() as store:
        harm(three_days(store)["2026-11-20"])
        data = ("--data", str(store.layout.root))

        trail = ("trail", "--user", "srhea", "--since", "2026-11-21", "--json")
        status, rows, told = raytrail(*trail, *data)
        assert (status, rows.count("\n"), of_files(told)) == (FINE, 3, [])
        later = f"{ALL} WHERE event_time >= '2026-11-21'"
        status, rows, told = raytrail("sql", later, "--json", *data)
        assert (status, rows.count("\n"), told) == (FINE, 3, "")
        assert raytrail("sql", "SELECT * FROM access_requests", *data)[0] == FINE


@pytest.mark.parametrize("harm", OF_BOTH_KINDS)
def test_an_answer_without_damaged_files_is_marked_incomplete_in_every_output(
    harm: Callable[[Path], None], lab: Lab, raytrail: Command, tmp_path: Path
) -> None:
    with lab.store() as store:
        harm(three_days(store)["2026-11-20"])
        rest = ("--data", str(store.layout.root), "--without-damaged")
        mark = "3 rows of http_requests of 2026-11-20 are left out"

        trail = ("trail", "--user", "srhea")
        _, shown, told = raytrail(*trail, *rest)
        assert (shown.count("\n"), mark in told) == (6, True)
        _, rows, told = raytrail(*trail, "--json", *rest)
        assert [orjson.loads(row)["incomplete"] for row in rows.splitlines()] == [True] * 6
        assert mark in told
        _, rows, told = raytrail(*trail, "--csv", *rest)
        assert (rows.count("\r\n"), mark in told) == (7, True)
        _, rows, told = raytrail("sql", ALL, "--json", *rest)
        assert [orjson.loads(row)["incomplete"] for row in rows.splitlines()] == [True] * 6
        assert mark in told

        report = ("report", "--user", "srhea", "--save", str(tmp_path / "out"))
        _, page, _ = raytrail(*report, *rest)
        assert f"Incomplete: {mark}" in " ".join(page.split())
        _, found, _ = raytrail(*report, "--json", *rest)
        assert orjson.loads(found)["incomplete"] is True
        assert mark in orjson.loads(found)["coverage"]["left_out"][0]
        [html] = (tmp_path / "out").glob("*.html")
        assert f"Incomplete: {mark}" in html.read_text("utf-8")


@pytest.mark.parametrize("harm", OF_BOTH_KINDS)
def test_an_empty_trail_is_marked_if_the_person_may_be_in_a_damaged_file(
    harm: Callable[[Path], None], lab: Lab, raytrail: Command
) -> None:
    with lab.store() as store:
        known = set(three_days(store).values())
        send(store, gzipped(ndjson(record(RequestHeaders={"cf-access-user": "ann"}))))
        load(store)
        [of_ann] = set(store.snapshot().files["http_requests"]) - known
        harm(of_ann)
        trail = ("trail", "--user", "ann", "--since", "2026-11-27")
        rest = ("--data", str(store.layout.root))

        status, _, told = raytrail(*trail, *rest)
        assert status == COULD_NOT_DO_IT
        assert of_ann.name in told
        _, _, told = raytrail(*trail, "--without-damaged", *rest)
        assert "incomplete: 1 row of http_requests" in told


def test_an_answer_that_lacks_nothing_is_not_marked(lab: Lab, raytrail: Command) -> None:
    with lab.store() as store:
        three_days(store)["2026-11-20"].unlink()

        trail = ("trail", "--user", "srhea", "--since", "2026-11-21", "--json")
        rest = ("--without-damaged", "--data", str(store.layout.root))
        _, rows, told = raytrail(*trail, *rest)

        assert "incomplete" not in rows
        assert of_files(told) == []
