"""What a walk does to a store, and what it finds of it."""

import json
import secrets
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow.parquet as pq
from sqlalchemy import select

from store import timestamps
from store.backoff import Backoff
from store.catalog import ledger, removals
from store.catalog.scope import Scope
from store.catalog.tables import batches
from store.erasure.erasure import Erasure, Timeouts
from store.erasure.identifier import Identifier
from store.fsck.check import check
from store.fsck.finding import Finding, Kind
from store.lifetimes import DAYS_MAX, Lifetimes
from store.loading.event_days import EVENT_AGE_MAX
from store.rebuild import rebuild as rebuilding
from store.rebuild.lost_ledger.decisions import Decisions
from store.rebuild.rebuild import Rebuilt
from store.registers import applications, canaries, coverage, drifts
from store.registers.application_version import Application
from store.registers.canaries import Canary
from store.registers.coverage import HourVerdict, JobHours
from store.registers.verdicts import Partial
from store.replay.selection import Selection
from store.retention import holds
from store.retention.confirmation import Confirmation
from store.retention.holds import Criteria
from store.retention.retention import Retention
from store.store import Store
from tests import catalog_tables
from tests.factories import SHELL, gzipped, ndjson, record, send

Line = tuple[str, int]

# Left to the next loader: removals that are due, and the views.
LOADERS = {Kind.REMOVAL_OVERDUE, Kind.AUDIT_OUTDATED, Kind.VIEWS_DIFFER}


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
        # In force in the whole life: every event of a life is older than its erasures.
        keep_out_days=DAYS_MAX,
    ).run()


def place_and_release_holds(store: Store) -> None:
    with store.catalog.write() as connection:
        for criteria in (Criteria(user="nobody"), Criteria(user="no one", host="h.example")):
            held = holds.place(connection, store.layout, store.clock, criteria, "a case")
        holds.release(connection, store.clock, held.id, "over")


def note_in_registers(store: Store) -> None:
    now = store.clock()
    canaries.enter(store.catalog, now, Canary(secrets.token_hex(8), now, 200))
    hours = {now.replace(minute=0): HourVerdict(Partial(3, "lost"), 9)}
    job = JobHours(dataset="http_requests", job=5, place="zone", hours=hours)
    coverage.record(store.catalog, now, [job])
    app = Application(
        id="1",
        name=f"Wiki at {now}",
        type="self_hosted",
        aud="a",
        covers=("wiki.example",),
        opens=(),
        session_duration="24h",
    )
    applications.record(store.catalog, now, [app])
    with store.catalog.write() as connection:
        drifts.record(connection, "zone", [{"name": "sample", "is": now.hour}], now)


def replay(store: Store) -> None:
    """Rows whose batches are whole are made again, the others stay."""
    store.replay().run(Selection())


def receive_damaged(store: Store) -> None:
    """The third time it is kept as a batch that cannot be read."""
    send(store, body([("eve", "2026-11-20", 1)])[:-6])


# What changes no row; holds are on persons without rows.
OTHERS = (replay, receive_damaged, place_and_release_holds, note_in_registers)


def catalog_of(store: Store) -> bytes:
    """A copy of the catalog, as a person makes it to put it back later."""
    with TemporaryDirectory() as folder:
        copy = Path(folder) / "catalog"
        store.catalog.copy_to(copy)
        return copy.read_bytes()


# Ways to lose a catalog.
LOSSES = (catalog_tables.delete, catalog_tables.empty, catalog_tables.keep_entries_only)


def rebuild(store: Store, decisions: Decisions | None = None) -> Rebuilt:
    return rebuilding.rebuild(store.layout, store.clock, store.limits, decisions=decisions)


def has_every_body(store: Store) -> bool:
    """Whether every line that is sent again would be recognised without the ledger."""
    with store.catalog.read() as connection:
        kept = select(batches.c.sequence).where(batches.c.raw_retired_sequence.is_not(None))
        return connection.execute(kept.limit(1)).first() is None


def remove_retired(store: Store) -> None:
    """As a loader does when `audit.duckdb` is published and its grace is over."""
    with store.catalog.read() as connection:
        sequence = ledger.sequence(connection)
    removals.release(store.catalog, sequence, timestamps.to_text(store.clock()))
    while removals.remove_due(store.layout, store.catalog, store.clock()):
        pass


def waiting(store: Store) -> list[str]:
    """The ids of batches that are not loaded."""
    with store.catalog.read() as connection:
        query = select(batches.c.batch_id).where(batches.c.state == "entered")
        return list(connection.scalars(query))


def findings(store: Store) -> Sequence[Finding]:
    """What a deep check finds, but for what the next loader does anyway."""
    found = check(store, lambda: None, SHELL, is_deep=True)
    return [each for each in found.left if each.kind not in LOADERS]


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
