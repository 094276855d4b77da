"""A store with one person in every place, and a search that shares no code with the product."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import orjson
import pyarrow.parquet as pq

from store.backoff import Backoff
from store.erasure.erasure import Erasure, ErasureResult, Outcome, Timeouts
from store.erasure.identifier import Identifier
from store.store import Store
from tests import inflated
from tests.factories import Clock, compact, gzipped, load, login, ndjson, record, send

USER = "srhea@widgetcorp.example"
SALT = b"salt" * 8

# Tests do not wait.
AT_ONCE = Timeouts(
    loading=Backoff(seconds_max=0),
    rewriting=Backoff(seconds_max=0),
    purging=Backoff(seconds_max=0),
)


def by(user: str | None, **changes: Any) -> dict[str, Any]:
    """A request of this person."""
    return record(RequestHeaders={"cf-access-user": user} if user else {}, **changes)


def erase(store: Store, user: str = USER, **changes: Any) -> ErasureResult:
    """As `raytrail erase` does it for a known person, whose count is confirmed."""
    outcome = try_to_erase(store, user, **changes)
    assert isinstance(outcome, ErasureResult)
    return outcome


def try_to_erase(store: Store, user: str = USER, **changes: Any) -> Outcome:
    facts = {
        "reason": "request 17",
        "salt": SALT,
        "timeouts": AT_ONCE,
        "is_confirmed": lambda _count: True,
        **changes,
    }
    erasure = Erasure(store=store, identifier=Identifier.of(user), **facts)
    outcome = erasure.run()
    erasure.purge()
    return outcome


def at(store: Store, time: str) -> None:
    assert isinstance(store.clock, Clock)
    store.clock.now = datetime.fromisoformat(time)


def request(user: str | None, time: str, ray: str, **changes: Any) -> dict[str, Any]:
    return by(user, EdgeStartTimestamp=f"{time}Z", RayID=ray, **changes)


def lived_in(store: Store) -> None:
    """The person in a month, a day and parts, in folded and rejected lines, unread, in quarantine."""
    at(store, "2026-10-10T12:00:00")
    october = request(USER, "2026-10-09T10:00:00", "0a01")
    bobs = request("bob", "2026-10-09T10:00:01", "0a02")
    send(store, gzipped(ndjson(october, bobs)))
    load(store)
    # The same line in another batch, which compaction folds into the first.
    send(store, gzipped(ndjson(october, request(None, "2026-10-09T10:00:02", "0a03"))))
    send(store, gzipped(f"no json {USER}\nnobody's\n".encode()))
    load(store)
    at(store, "2026-11-19T12:00:00")
    for number in range(2):
        time = f"2026-11-18T09:00:0{number}"
        days = (request(USER, time, f"0b1{number}"), request("bob", time, f"0b2{number}"))
        send(store, gzipped(ndjson(*days)))
        load(store)
    at(store, "2026-11-21T12:00:00")
    compact(store)
    today = (
        request(USER, "2026-11-21T11:00:00", "0c01"),
        request("cleo", "2026-11-21T11:00:01", "0c02"),
    )
    send(store, gzipped(ndjson(*today)))
    send(store, gzipped(ndjson(request(USER, "2026-11-21T11:00:03", "0c03"))))
    send(
        store,
        gzipped(ndjson(login(Email=USER), login(Email="bob@widgetcorp.example"))),
        "access_requests",
    )
    send(store, gzipped(b"nobody at all\n"))
    load(store)
    send(store, gzipped(ndjson(by(USER)))[:-6])
    for _ in range(3):
        send(store, gzipped(ndjson(by(USER), by("bob")))[:-6])


def everything(store: Store) -> dict[str, list[dict[str, Any]]]:
    """Every live row without its empty columns, by dataset."""
    found = {}
    for dataset, paths in store.snapshot().files.items():
        rows = [row for path in paths for row in pq.read_table(path, partitioning=None).to_pylist()]
        held = [{name: value for name, value in row.items() if value is not None} for row in rows]
        found[dataset] = sorted(held, key=lambda row: (row["batch_id"], row["line_number"]))
    return found


def of_others(store: Store, user: str = USER) -> dict[str, list[dict[str, Any]]]:
    """Every live row, except those of the person and rejected lines with the name."""
    return {
        dataset: kept
        for dataset, rows in everything(store).items()
        if (
            kept := [
                row
                for row in rows
                if row.get("user_id") != user and user.encode() not in row.get("line", b"")
            ]
        )
    }


def places_of(root: Path, user: str = USER) -> list[str]:
    """Every file below `root` with the person's name: in its file name, its bytes, inflated, or in
    any column of its rows.
    """
    needles = {user.encode(), orjson.dumps(user)[1:-1]}
    found = []
    with duckdb.connect(":memory:", config={"threads": "1"}) as connection:
        for path in sorted(path for path in root.rglob("*") if path.is_file()):
            contents = [path.name.encode(), *_contents(path, connection)]
            if any(needle in content for needle in needles for content in contents):
                found.append(path.relative_to(root).as_posix())
    return found


def _contents(path: Path, connection: duckdb.DuckDBPyConnection) -> Iterator[bytes]:
    """Inflated pages have values that no row uses; rows have what a page encodes otherwise."""
    yield from inflated.contents(path.read_bytes())
    if path.suffix == ".parquet":
        read = "read_parquet(?, hive_partitioning = false)"
        query = f"SELECT CAST(COLUMNS(*) AS VARCHAR) FROM {read}"
        rows = connection.execute(query, [str(path)]).fetchall()
        yield "\n".join(str(value) for row in rows for value in row).encode()
