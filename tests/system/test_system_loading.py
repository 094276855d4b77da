"""A service whose loader dies, and one that loads a large body beside small ones."""

import os
import signal
from pathlib import Path

import pytest
from sqlalchemy import select

from store.catalog.tables import batches
from store.store import Store
from store.timestamps import system_clock
from tests.factories import gzipped, ndjson, record
from tests.service import post, running
from tests.until import until

pytestmark = [pytest.mark.slow, pytest.mark.kills]

# Takes a loader half a minute: a second for 1,300,000 of such lines.
MANY_LINES = b"{}\n" * 40_000_000


def column(data: Path, name: str) -> list[object]:
    with Store.open(data, system_clock) as store, store.catalog.read() as connection:
        query = select(batches.c[name]).order_by(batches.c.sequence)
        return list(connection.scalars(query))


def test_a_large_body_holds_up_no_other_and_survives_kills_and_restarts(tmp_path: Path) -> None:
    with running(tmp_path / "data") as service:
        post(service, gzipped(MANY_LINES))
        until(lambda: column(service.data, "tried_by")[0], "the large one is loaded")
        for number in range(3):
            post(service, gzipped(ndjson(record(RayID=f"{number}"))))
        until(lambda: column(service.data, "state")[1:] == ["loaded"] * 3, "small ones are rows")
        assert column(service.data, "state")[0] == "entered"
        os.kill(service.pid_of("loader"), signal.SIGKILL)
        until(lambda: column(service.data, "deaths")[0] == 1, "counted")
        until(lambda: column(service.data, "tried_by")[0], "it is loaded again")
        service.stop()

    found = {name: column(service.data, name)[0] for name in ("state", "deaths", "tried_by")}
    assert found == {"state": "entered", "deaths": 1, "tried_by": None}, "a stop is no death"
