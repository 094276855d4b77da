"""One store for all questions of this folder: it is not changed once it was made."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from store.intake.limits import IntakeLimits
from store.registers.identity import name_pairs
from store.store import Store
from tests.factories import NO_RESERVE, Clock, gzipped, load, ndjson, send
from tests.queries.shell.records import OTHER_NAME, RECORDS
from tests.queries.shell.two_ways import TwoWays, two_ways


@pytest.fixture(scope="session")
def asked_store(empty_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    data = tmp_path_factory.mktemp("asked") / "data"
    shutil.copytree(empty_store, data, symlinks=True)
    with Store.open(data, Clock(), IntakeLimits(reserve=NO_RESERVE)) as store:
        for dataset, records in RECORDS.items():
            send(store, gzipped(ndjson(*records)), dataset)
        # A line that is no record, in a batch of others.
        send(store, gzipped(ndjson(RECORDS["http_requests"][0]) + b'["8F0E1D2C3B4A5968"]\n'))
        load(store)
        with store.catalog.write() as connection:
            name_pairs.link(connection, store.layout, store.clock(), "srhea", OTHER_NAME)
        yield store


@pytest.fixture(scope="session")
def asked(asked_store: Store) -> Iterator[TwoWays]:
    with two_ways(asked_store) as opened:
        yield opened
