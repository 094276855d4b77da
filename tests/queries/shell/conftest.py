"""One store for all questions of this folder: it is not changed once it was made."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from store.intake.limits import IntakeLimits
from store.store import Store
from tests.factories import NO_RESERVE, Clock, gzipped, load, login, ndjson, record, send
from tests.queries.shell.two_ways import TwoWays, two_ways


@pytest.fixture(scope="session")
def asked(empty_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TwoWays]:
    data = tmp_path_factory.mktemp("asked") / "data"
    shutil.copytree(empty_store, data, symlinks=True)
    with Store.open(data, Clock(), IntakeLimits(reserve=NO_RESERVE)) as store:
        send(store, gzipped(ndjson(record())))
        send(store, gzipped(ndjson(login())), "access_requests")
        load(store)
        with two_ways(store) as opened:
            yield opened
