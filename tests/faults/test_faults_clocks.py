"""Clocks that jump, and days that are odd (reliability 5.7)."""

import random
import secrets
import subprocess
import sys
from datetime import datetime, timedelta

import pytest

from store.store import Store
from store.timestamps import to_text
from tests.factories import NOW, Clock, gzipped, ndjson, record, send
from tests.faults import checks
from tests.faults.lab import drain, entered, entries, numbered, raw_files, ray, rays_found
from tests.injected import Injected
from tests.service import environment

# An hour back, over the end of summer time, to the beginning of Unix time, and far ahead.
JUMPS = (
    NOW - timedelta(hours=1),
    datetime(2026, 10, 25, 1, 30),  # noqa: DTZ001 (UTC without a zone, as in the store)
    datetime(1970, 1, 1),  # noqa: DTZ001
    datetime(2038, 1, 19, 3, 14, 8),  # noqa: DTZ001
    NOW,
)


def test_c1_a_clock_that_jumps_changes_no_order_and_overwrites_nothing(
    store: Store, clock: Clock, injected: Injected
) -> None:
    """The same bodies again after each jump, so that a name made of the time would collide."""
    for number, now in enumerate(JUMPS):
        clock.now = now
        for each in range(number + 1):
            checks.stored(store, each)
    drain(store)
    injected(len(JUMPS))

    batches = [entry for entry in entries(store) if entry.kind == "batch"]
    assert [entry.recorded_at for entry in batches] == [to_text(now) for now in JUMPS]
    assert len(raw_files(store)) == len(JUMPS)
    assert {path.read_bytes() for path in raw_files(store)} == {
        numbered(number) for number in range(len(JUMPS))
    }
    assert rays_found(store) == {ray(number): 1 for number in range(len(JUMPS))}
    assert store.snapshot().lag_seconds == 0.0


def test_c1_a_lag_is_never_negative(store: Store, clock: Clock, injected: Injected) -> None:
    checks.stored(store, 1)
    clock.now -= timedelta(hours=1)

    injected(1)
    assert store.snapshot().lag_seconds == 0.0
    assert store.progress().pending.batches == 1


@pytest.mark.parametrize(
    ("received", "events"),
    [
        ("2026-12-31T23:59:59", ["2026-12-31T23:59:59.999999999Z", "2027-01-01T00:00:00Z"]),
        ("2028-02-29T12:00:00", ["2028-02-28T23:59:59Z", "2028-02-29T00:00:00Z"]),
        ("2028-03-01T00:00:00", ["2028-02-29T23:59:59.999999Z", "2028-03-01T00:00:00Z"]),
        ("2026-11-20T00:00:00", ["2026-11-19T23:59:59Z", "2026-11-20T00:00:00Z"]),
        ("2026-11-20T00:00:00", ["2026-11-20T00:59:59+01:00", "2026-11-19T23:00:00-01:00"]),
        ("2017-01-01T00:00:00", ["2016-12-31T23:59:59Z", "2016-12-31T23:59:60Z"]),
    ],
    ids=["year's end", "leap day", "after it", "midnight", "midnight elsewhere", "leap second"],
)
def test_c5_at_the_edge_of_a_day_each_event_lies_in_its_own(
    store: Store, clock: Clock, received: str, events: list[str]
) -> None:
    clock.now = datetime.fromisoformat(received)
    records = [record(RayID=ray(n), EdgeStartTimestamp=at) for n, at in enumerate(events)]
    send(store, gzipped(ndjson(*records)))
    drain(store)

    assert store.status().datasets["http_requests"].rows == 2
    folders = sorted(path.name for path in (store.layout.parts / "http_requests").iterdir())
    last = datetime.fromisoformat(received).date()
    later = last if events[1][:10] != "2027-01-01" else last + timedelta(days=1)
    assert folders == [f"date={later - timedelta(days=1)}", f"date={later}"]


@pytest.mark.slow
def test_c4_a_report_is_the_same_in_every_time_zone(store: Store, injected: Injected) -> None:
    seed = secrets.randbelow(1 << 32)
    offset = random.Random(seed).randrange(-11, 12)
    print(f"seed {seed}: TZ=X{offset:+}")
    for number in range(3):
        checks.stored(store, number)
    drain(store)
    command = [sys.executable, "-m", "raytrail", "trail", "--user", "srhea", "--json"]
    command += ["--data", str(store.layout.root)]

    answers = {
        subprocess.run(command, env=environment(TZ=zone), capture_output=True, check=True).stdout
        for zone in ("UTC", "America/New_York", "Pacific/Apia", "Asia/Kathmandu", f"X{offset:+}")
    }

    injected(5)
    assert len(answers) == 1
    assert answers.pop().count(b"\n") == 3
    assert len(entered(store)) == 3
