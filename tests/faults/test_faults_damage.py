"""One damaged file stops nothing else: what needs it says so, and everything else goes on."""

import errno
import os
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import orjson
import pytest
from sqlalchemy import update

from raytrail.commands.service import compaction
from raytrail.errors import COULD_NOT_DO_IT, FINE
from store.catalog import damage
from store.catalog.tables import batches, files
from store.live_loading import LiveLoading
from store.replay.remake import Remaking
from store.replay.selection import Selection
from store.store import Store
from tests.command import Command
from tests.factories import SHELL, gzipped, load, ndjson, record, send
from tests.faults.lab import Lab, entries, rays_found
from tests.raytrail.service.test_loader import Heard

DAYS = ("2026-11-19", "2026-11-20", "2026-11-21")


def deleted(path: Path) -> None:
    path.unlink()


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


def zeroed(path: Path) -> None:
    path.write_bytes(bytes(path.stat().st_size))


def a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


DAMAGE = [deleted, emptied, cut, zeroed, a_folder]
# What a glance finds, and what only reading finds.
OF_BOTH_KINDS = [deleted, zeroed]


def loading(store: Store) -> LiveLoading:
    return LiveLoading(store, Heard(), SHELL)


def three_days(store: Store) -> dict[str, Path]:
    """One part a day with three rows; returns the part of each day."""
    for day in DAYS:
        hours = (
            record(EdgeStartTimestamp=f"{day}T0{hour}:00:00Z", RayID=f"{day}-{hour}")
            for hour in range(3)
        )
        send(store, gzipped(ndjson(*hours)))
        load(store)
    return {path.parent.name.removeprefix("date="): path for path in store.snapshot().parts}


def merge(store: Store) -> None:
    """Merge every day, as `raytrail compact` does when all days are over."""
    loading(store).until_drained()
    compaction.run(store)


def shown(store: Store, statement: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(store.layout.audit), read_only=True) as shell:
        return shell.execute(statement).fetchall()


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
    """Root may read everything, so the permission is asked for as an ordinary user would see it."""
    with lab.store() as store:
        parts = three_days(store)
        secret = parts["2026-11-19"]  # the first, which DuckDB opens to see its columns
        allowed = os.access
        lab.patch.setattr(os, "access", lambda path, mode: path != secret and allowed(path, mode))

        send(store, gzipped(ndjson(record(EdgeStartTimestamp="2026-11-21T09:00:00Z"))))
        assert loading(store).until_drained() == 1

        assert shown(store, "SELECT count(*) FROM http_requests WHERE date > '2026-11-19'") == [
            (7,)
        ]
        with pytest.raises(duckdb.Error, match=r"may not be read by this user.*permission"):
            shown(store, "SELECT count(*) FROM http_requests")
        with store.catalog.read() as connection:
            assert not damage.paths(connection)


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
        assert shown(store, "SELECT * FROM damaged") == []


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


ALL = "SELECT RayID FROM http_requests"


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
        assert (status, rows.count("\n"), told) == (FINE, 3, "")
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


def test_an_answer_that_lacks_nothing_is_not_marked(lab: Lab, raytrail: Command) -> None:
    with lab.store() as store:
        three_days(store)["2026-11-20"].unlink()

        trail = ("trail", "--user", "srhea", "--since", "2026-11-21", "--json")
        rest = ("--without-damaged", "--data", str(store.layout.root))
        _, rows, told = raytrail(*trail, *rest)

        assert "incomplete" not in rows
        assert told == ""


def remaking(store: Store) -> Remaking:
    return Remaking(store.file_swap(), store.limits, Heard(), time.monotonic)


def rows_once(store: Store) -> None:
    """Every row of the three days is there once."""
    rays = rays_found(store)
    assert rays == Counter(f"{day}-{hour}" for day in DAYS for hour in range(3))


@pytest.mark.parametrize("harm", OF_BOTH_KINDS)
def test_a_damaged_part_is_made_again_while_its_raw_bodies_are_kept(
    harm: Callable[[Path], None], lab: Lab
) -> None:
    with lab.store() as store:
        harm(three_days(store)["2026-11-20"])
        loading(store).until_drained()

        assert remaking(store).once()

        rows_once(store)
        assert entries(store)[-1].kind == "replayed"
        with store.catalog.read() as connection:
            assert not damage.paths(connection)
        assert not remaking(store).once()


@pytest.mark.parametrize("harm", OF_BOTH_KINDS)
def test_a_damaged_merged_file_is_made_again_while_its_raw_bodies_are_kept(
    harm: Callable[[Path], None], lab: Lab
) -> None:
    with lab.store() as store:
        three_days(store)
        send(
            store,
            gzipped(
                ndjson(record(EdgeStartTimestamp="2026-11-19T00:00:00Z", RayID="2026-11-18-x"))
            ),
        )
        merge(store)
        [merged] = store.layout.part_folder("http_requests", "2026-11-20").glob("sorted-*")
        harm(merged)
        loading(store).until_drained()

        assert remaking(store).once()

        assert rays_found(store).total() == 10
        assert set(rays_found(store).values()) == {1}
        with store.catalog.read() as connection:
            assert not damage.paths(connection)


def test_a_damaged_part_whose_raw_bodies_are_gone_stays_and_nothing_else_stops(lab: Lab) -> None:
    with lab.store() as store:
        part = three_days(store)["2026-11-20"]
        part.unlink()
        with store.catalog.write() as connection:
            connection.execute(update(batches).values(raw_retired_sequence=1))
        loading(store).until_drained()

        working = remaking(store)
        assert working.once()
        assert not working.once(), "it is not tried again at once"

        merge(store)
        others = "SELECT count(*) FROM http_requests WHERE date <> '2026-11-20'"
        loading(store).until_drained()
        assert shown(store, others) == [(6,)]
        with store.catalog.read() as connection:
            assert len(damage.listed(connection)) == 1


def test_a_file_of_which_an_erasure_removed_rows_is_not_made_again_with_them(lab: Lab) -> None:
    """Which rows it had cannot be told any more, and a raw body must not bring erased ones back."""
    with lab.store() as store:
        mine = record(RayID="mine", EdgeStartTimestamp="2026-11-20T00:00:00Z")
        other = record(
            RayID="other",
            EdgeStartTimestamp="2026-11-20T00:00:01Z",
            RequestHeaders={"cf-access-user": "ada"},
        )
        send(store, gzipped(ndjson(mine, other)))
        load(store)
        merge(store)
        [merged] = store.layout.part_folder("http_requests", "2026-11-20").glob("sorted-*")
        with store.catalog.write() as connection:
            # As if retention had rewritten the file without one of its rows.
            connection.execute(
                update(files).where(files.c.retired_sequence.is_(None)).values(rows=1)
            )
        merged.unlink()
        loading(store).until_drained()

        remaking(store).once()

        with store.catalog.read() as connection:
            assert len(damage.listed(connection)) == 1


def test_a_raw_body_that_may_not_be_read_makes_no_other_batch_wait(lab: Lab) -> None:
    with lab.store() as store:
        send(store, gzipped(ndjson(record(RayID="1"))))
        [body] = store.layout.raw.rglob("*.gz")
        send(store, gzipped(ndjson(record(RayID="2"))), "access_requests")
        opened = Path.open

        def forbidden(path: Path, *mode: Any, **named: Any) -> Any:
            if path == body:
                raise PermissionError(errno.EACCES, "Permission denied")
            return opened(path, *mode, **named)

        with lab.patch.context() as patch:
            patch.setattr(Path, "open", forbidden)
            loading(store).until_drained()

        assert store.status().datasets["access_requests"].rows == 1
        unread = store.status().datasets["http_requests"].oldest_unread
        assert unread is not None
        assert "may not be read by this user" in unread.reason
        with store.catalog.read() as connection:
            assert not damage.paths(connection)

        store.replay().run(Selection())
        assert store.status().datasets["http_requests"].rows == 1


def test_a_raw_body_on_a_bad_sector_is_one_unread_batch(lab: Lab) -> None:
    with lab.store() as store:
        send(store, gzipped(ndjson(record(RayID="1"))))
        [body] = store.layout.raw.rglob("*.gz")
        send(store, gzipped(ndjson(record(RayID="2"))), "access_requests")
        opened = Path.open

        def unreadable(path: Path, *mode: Any, **named: Any) -> Any:
            if path == body:
                raise OSError(errno.EIO, "Input/output error")
            return opened(path, *mode, **named)

        lab.patch.setattr(Path, "open", unreadable)
        loading(store).until_drained()

        assert store.status().datasets["access_requests"].rows == 1
        assert store.status().datasets["http_requests"].unread_batches == 1
