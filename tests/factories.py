"""Real records, batches and stores for the tests: change only what the test is about."""

import contextlib
import gzip
import shutil
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import orjson

from queries.shell_content import SHELL_CONTENT, QuestionContent
from schema.decoding.result import Tally
from store import timestamps
from store.catalog import ledger, removals
from store.compaction.compactor import Compactor
from store.files.reserve import Reserve
from store.intake.draft import Origin
from store.intake.outcome import Outcome
from store.loading import diagnosis
from store.loading.diagnosis import Diagnosis
from store.retention import clock
from store.store import Store
from store.uptime import Uptime

NOW = datetime(2026, 11, 22, 10, 0, 0)  # noqa: DTZ001 (UTC without a zone, as in the store)

OLD_STORE = Path(__file__).parent / "golden" / "store-0.1"

# What the program writes into every `audit.duckdb`.
SHELL = SHELL_CONTENT


class _Unpublishable(QuestionContent):
    @property
    def statements(self) -> Sequence[str]:
        return ["SELECT * FROM nowhere"]


UNPUBLISHABLE = _Unpublishable()

# Machines that run the tests are often nearly full; the reserve has tests of its own.
NO_RESERVE = Reserve(bytes_min=0, percent_min=0.0)


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> None:
        self.now += timedelta(**by)


def unshown(store: Store) -> None:
    """Let retired files become due, as if `audit.duckdb` had not named them for the whole grace."""
    with store.catalog.read() as connection:
        newest = ledger.sequence(connection)
    removals.release(store.catalog, newest, timestamps.to_text(store.clock()))


def lived(store: Store) -> None:
    """Note that the clock is right, as a service does that has run since the last call."""
    now = store.clock()
    found = clock.look(store.catalog, now, Uptime("test", (now - NOW).total_seconds()))
    assert found is None


def record(**changes: Any) -> dict[str, Any]:
    """A valid http_requests record in the short documented shape; change what the test is about."""
    return {
        "ClientIP": "192.0.2.17",
        "ClientRequestHost": "jira.widgetcorp.example",
        "ClientRequestMethod": "GET",
        "ClientRequestURI": "/browse/EXP-1",
        "EdgeEndTimestamp": "2026-11-20T09:51:07Z",
        "EdgeResponseBytes": 4600,
        "EdgeResponseStatus": 200,
        "EdgeStartTimestamp": "2026-11-20T09:51:07Z",
        "RayID": "8f0e1d2c3b4a5968",
        "RequestHeaders": {"cf-access-user": "srhea"},
        **changes,
    }


def login(**changes: Any) -> dict[str, Any]:
    """A valid access_requests record."""
    return {
        "Action": "login",
        "Allowed": True,
        "AppDomain": "jira.widgetcorp.example/secure",
        "AppUUID": "7d9c1f0e-5a51-4f5e-9f1e-0d6a3f6f8a11",
        "Connection": "saml",
        "Country": "gb",
        "CreatedAt": "2026-11-20T09:50:59Z",
        "Email": "srhea@widgetcorp.example",
        "IPAddress": "192.0.2.17",
        "RayID": "8f0e1d2c3b4a5960",
        "UserUID": "1b2c3d4e-0000-4000-8000-00000000000a",
        **changes,
    }


def ndjson(*records: Mapping[str, Any]) -> bytes:
    return b"".join(orjson.dumps(each) + b"\n" for each in records)


def gzipped(plain: bytes) -> bytes:
    """As Logpush sends it; the same bytes give the same body."""
    return gzip.compress(plain, mtime=0)


def old_store(data: Path) -> Path:
    """The data folder of a store that version 0.1 wrote; tests/golden/store-0.1 tells how."""
    shutil.copytree(OLD_STORE, data, symlinks=True)
    with contextlib.closing(sqlite3.connect(data / "catalog.sqlite")) as catalog:
        catalog.executescript((data / "catalog.sql").read_text(encoding="utf-8"))
    return data


Body = Callable[..., bytes]


def send(
    store: Store,
    body: bytes,
    dataset: str | None = "http_requests",
    *,
    claims_gzip: bool = False,
    is_fetched: bool = False,
    cut: int = 1 << 20,
) -> Outcome:
    """Hand a body to the store as a receiver does, or as who fetched it does."""
    pieces = (body[start : start + cut] for start in range(0, len(body), cut))
    origin = Origin(dataset, is_fetched)
    return store.intake().take(pieces, origin, claims_gzip=claims_gzip, declared_bytes=len(body))


def load(store: Store) -> None:
    """Load every entered batch."""
    loader = store.loader()
    while loader.load_next():
        pass


def compact(store: Store) -> None:
    """Merge all that is due now."""
    swap = store.file_swap()
    with swap.locked() as has_lock:
        assert has_lock
        while jobs := Compactor(swap).due_jobs():
            Compactor(swap).run(jobs[0])


# One line that became one row without any trouble.
CLEAN_TALLY = Tally(
    lines=1,
    blank=0,
    rows=1,
    rejected=0,
    misfits={},
    approximations={},
    unknown={},
    unknown_unnamed=0,
    duplicates=0,
)


def diagnosed(
    store: Store,
    sequence: int,
    dataset: str = "http_requests",
    shape: str = "ndjson",
    **changes: Any,
) -> None:
    """Record a diagnosis of a batch, without a body that decodes to it."""
    tally = replace(CLEAN_TALLY, **changes)
    found = Diagnosis.of([tally], shape=shape, decoder="python")
    with store.catalog.write() as connection:
        diagnosis.record(connection, dataset, {sequence: found})
