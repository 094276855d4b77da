"""Snapshots made of real bytes: records are decoded and written as the loader does it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from queries.engine import Engine, open_engine
from queries.limits import DEFAULT_LIMITS, Limits
from schema.columns import arrow_schema
from schema.dataset import datasets
from schema.decoding.decode import decode
from schema.decoding.result import Provenance
from store.parquet.fingerprint import fingerprint
from store.parquet.ordered_part import PartWriter
from store.reading.snapshot import Snapshot
from tests.factories import NOW, ndjson
from tests.finished import content

Record = Mapping[str, Any]


@pytest.fixture(scope="session")
def part(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Write records of one dataset as one Parquet part."""
    numbers = count(1)

    def write(dataset: str, *records: Record) -> Path:
        batch_id = f"batch-{next(numbers)}"
        folder = tmp_path_factory.mktemp("parts") / "it's one"
        folder.mkdir()
        kind = datasets()[dataset]
        provenance = Provenance(batch_id=batch_id, received_at=NOW)
        writer = PartWriter(folder, content(arrow_schema(kind), dataset))
        for piece in decode([ndjson(*records)], kind, provenance):
            assert piece.tally.rejected == 0, "a fixture's record was rejected"
            writer.add(piece.table)
        return writer.finish("part.parquet").path

    return write


@pytest.fixture(scope="session")
def snapshot(part: Callable[..., Path]) -> Callable[..., Snapshot]:
    """A snapshot of `requests` and `logins`, each of them one part."""

    def make(requests: Sequence[Record] = (), logins: Sequence[Record] = ()) -> Snapshot:
        files = {}
        if requests:
            files["http_requests"] = (part("http_requests", *requests),)
        if logins:
            files["access_requests"] = (part("access_requests", *logins),)
        return Snapshot(
            sequence=7,
            taken_at=NOW,
            files=files,
            columns={path: fingerprint(pq.read_schema(path)) for [path] in files.values()},
            pending_batches=0,
            lag_seconds=0.0,
        )

    return make


@pytest.fixture
def engine(snapshot: Callable[..., Snapshot]) -> Iterator[Callable[..., Engine]]:
    """An engine over a snapshot of the given records, or over the given snapshot."""
    with ExitStack() as opened:

        def make(
            requests: Sequence[Record] | Snapshot = (),
            logins: Sequence[Record] = (),
            limits: Limits = DEFAULT_LIMITS,
        ) -> Engine:
            taken = requests if isinstance(requests, Snapshot) else snapshot(requests, logins)
            return opened.enter_context(open_engine(taken, limits))

        yield make
