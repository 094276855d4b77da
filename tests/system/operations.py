"""What a walk does to a store, and what it finds of it."""

import json
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pyarrow.parquet as pq

from store.backoff import Backoff
from store.catalog import ledger
from store.catalog.scope import Scope
from store.erasure.erasure import Erasure, Timeouts
from store.erasure.identifier import Identifier
from store.lifetimes import Lifetimes
from store.loading.event_days import EVENT_AGE_MAX
from store.retention.confirmation import Confirmation
from store.retention.retention import Retention
from store.store import Store
from tests.factories import gzipped, ndjson, record

Line = tuple[str, int]


def retain(store: Store, days: int) -> None:
    swap = store.file_swap()
    lifetimes = Lifetimes(raw=None, datasets={"http_requests": days})
    with swap.locked() as has_lock:
        assert has_lock
        retention = Retention(swap, lifetimes)
        count = retention.plan().count
        retention.run(Confirmation(clock_is_right=True, count=count))


def erase(store: Store, user: str) -> None:
    hurried = Backoff(seconds_max=1, sleep=lambda _seconds: None)
    waits = Timeouts(loading=hurried, rewriting=hurried, purging=hurried)
    person = Identifier.of(user)
    Erasure(
        store=store,
        identifier=person,
        reason="r",
        salt=b"0" * 32,
        is_confirmed=lambda _count: True,
        timeouts=waits,
    ).run()


def entries(store: Store, kind: str) -> int:
    with store.catalog.read() as connection:
        return sum(entry.kind == kind for entry in ledger.walk(connection))


def rows(store: Store, scope: Scope | None = None) -> list[dict[str, Any]]:
    paths = store.snapshot(scope).files.get("http_requests", ())
    return [row for path in paths for row in pq.read_table(path, partitioning=None).to_pylist()]


def body(told: list[tuple[str | None, str, int]]) -> bytes:
    return gzipped(
        ndjson(
            *[
                record(
                    RayID=f"{number:016x}",
                    EdgeStartTimestamp=f"{day}T0{number}:00:00Z",
                    RequestHeaders={"cf-access-user": user} if user else {},
                )
                for user, day, number in told
            ]
        )
    )


def moment_of(day: str, received_at: datetime) -> datetime:
    happened = datetime.fromisoformat(day)
    is_near = (received_at - EVENT_AGE_MAX).date() <= happened.date()
    return happened if is_near else received_at


def lines_of(row: dict[str, Any]) -> Iterator[Line]:
    """The line of a row, and the lines that were folded into it."""
    yield row["batch_id"], row["line_number"]
    for place in json.loads(row.get("also_in") or "[]"):
        batch_id, _, number = place.partition(":")
        yield batch_id, int(number)


def keys(rows: list[dict[str, Any]]) -> Counter[Line]:
    return Counter((row["batch_id"], row["line_number"]) for row in rows)
