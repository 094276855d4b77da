"""The kinds add up over all published log lines, and over lines that were made to break readers."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pyarrow.parquet as pq
import pytest

from queries.engine import Engine, open_engine
from queries.errors import QueryFailed
from schema.columns import arrow_schema
from schema.dataset import datasets
from schema.decoding.decode import decode
from schema.decoding.result import Provenance
from store.parquet.fingerprint import fingerprint
from store.parquet.ordered_part import PartWriter
from store.reading.snapshot import Snapshot
from tests.factories import NOW
from tests.finished import content
from tests.schema.samples import files, needs_samples, read

KINDS = {"page", "download", "change", "api", "program", "asset", "prefetch"}


def objects(path: Path) -> bytes:
    """The lines of a file that are JSON objects, or the objects of a file that is one JSON text."""
    body = read(path)
    try:
        whole = orjson.loads(body)
    except orjson.JSONDecodeError:
        return body
    listed = whole if isinstance(whole, list) else [whole]
    return b"".join(orjson.dumps(each) + b"\n" for each in listed if isinstance(each, dict))


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every line of every sample that is a row of http_requests, as one part."""
    kind = datasets()["http_requests"]
    writer = PartWriter(
        tmp_path_factory.mktemp("parts"), content(arrow_schema(kind), "http_requests")
    )
    for number, path in enumerate(files("*/**/*")):
        if path.suffix in {".json", ".jsonl", ".ndjson", ".log", ".gz", ".txt"}:
            provenance = Provenance(batch_id=f"batch-{number}", received_at=NOW)
            for piece in decode([objects(path)], kind, provenance):
                writer.add(piece.table)
    return writer.finish("part.parquet").path


@needs_samples
def test_the_kinds_add_up_over_all_published_samples(
    published: Path, snapshot: Callable[..., Snapshot]
) -> None:
    taken = replace(
        snapshot(),
        files={"http_requests": (published,)},
        columns={published: fingerprint(pq.read_schema(published))},
    )
    with open_engine(taken) as asked:
        kinds = answer(asked, "select kind, count(*) from requests group by kind")
        [(folded, same)] = answer(
            asked, "select count(folded_into), count(folded_by) from requests"
        )
        [(rows,)] = answer(asked, "select count(*) from http_requests")

    counts = dict(kinds)
    assert counts.keys() <= KINDS
    assert sum(counts.values()) == rows == pq.read_metadata(published).num_rows > 100
    assert {"page", "change", "api"} <= counts.keys()
    assert folded == same


def answer(asked: Engine, question: str) -> list[tuple[Any, ...]]:
    return list(asked.run(question, {}, QueryFailed).rows)
