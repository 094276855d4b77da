"""A damaged file is made again from its raw bodies, with exactly the rows that it had."""

import errno
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from store.catalog import damage
from store.catalog.tables import batches
from store.replay.selection import Selection
from tests.factories import gzipped, ndjson, record, send
from tests.faults import damage_checks
from tests.faults.damaged import (
    OF_BOTH_KINDS,
    loading,
    merge,
    remaking,
    rows_once,
    shown,
    three_days,
)
from tests.faults.lab import Lab, entries, rays_found


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
    damage_checks.removed_rows_do_not_come_back(lab)


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
