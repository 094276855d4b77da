"""What must hold beside a damaged file. Used as those in checks.py."""

import os

import duckdb
from sqlalchemy import update

from store.catalog import damage
from store.catalog.tables import files
from store.store import Store
from tests.factories import gzipped, load, ndjson, record, send
from tests.faults.damaged import loading, merge, remaking, shown, three_days
from tests.faults.lab import Lab


def error_of(store: Store, statement: str) -> str:
    """Empty if the statement was answered."""
    try:
        shown(store, statement)
    except duckdb.Error as error:
        return str(error)
    return ""


def no_answer_is_short(lab: Lab) -> None:
    with lab.store() as store:
        three_days(store)["2026-11-20"].unlink()
        loading(store).until_drained()

        for statement in (
            "SELECT count(*) FROM http_requests",
            "SELECT count(*) FROM http_requests WHERE user_id = 'srhea'",
            "SELECT count(*) FROM http_requests WHERE event_time = '2026-11-20 01:30:00Z'",
        ):
            assert "cannot be read" in error_of(store, statement), statement


def a_part_without_permission_is_not_damaged(lab: Lab) -> None:
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
        told = error_of(store, "SELECT count(*) FROM http_requests")
        assert "may not be read by this user" in told
        assert "permission to read it" in told
        with store.catalog.read() as connection:
            assert not damage.paths(connection)


def removed_rows_do_not_come_back(lab: Lab) -> None:
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
