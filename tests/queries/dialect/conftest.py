"""One store in two states: parts of both formats as they were loaded, and merged ones."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from raytrail import inference
from raytrail.commands.service import compaction
from store.intake.limits import IntakeLimits
from store.registers.identity import name_pairs
from store.store import Store
from tests.factories import NO_RESERVE, Clock, gzipped, load, ndjson, send
from tests.golden_stores import golden_store
from tests.queries.dialect.records import RECORDS
from tests.queries.dialect.ways import Ways, every_way

LIMITS = IntakeLimits(reserve=NO_RESERVE)


@pytest.fixture(scope="session")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The records of this folder, beside those that another version wrote in format 1."""
    data = golden_store(tmp_path_factory.mktemp("twenty") / "data", "format-1")
    with Store.open(data, Clock(), LIMITS) as store:
        for dataset, records in RECORDS.items():
            half = len(records) // 2
            for some in (records[:half], records[half:]):
                send(store, gzipped(ndjson(*some)), dataset, is_fetched=True)
        send(store, gzipped(b"no json\n"))
        load(store)
        with store.catalog.write() as connection:
            name_pairs.link(connection, store.layout, store.clock(), "srhea", "s.rhea")
        # As the service does it; a command would do it where none runs.
        inference.judge(store, ())
    return data


@pytest.fixture(scope="session")
def unmerged(loaded: Path) -> Iterator[Ways]:
    with Store.open(loaded, Clock(), LIMITS) as store, every_way(store) as ways:
        yield ways


@pytest.fixture(scope="session")
def merged(loaded: Path) -> Iterator[Ways]:
    data = shutil.copytree(loaded, loaded.parent / "merged", symlinks=True)
    clock = Clock()
    clock.move(days=40)
    with Store.open(data, clock, LIMITS) as store:
        compaction.run(store, is_rewriting=True)
        with every_way(store) as ways:
            yield ways
