"""Finished files for the tests, made by the store's own writer."""

import hashlib
from pathlib import Path

import pyarrow as pa

from store.parquet.footer import OLDEST_FORMAT, Lineage, NamedFile
from store.parquet.part_file import Content

LINEAGE = Lineage(sequence=7, receipts=(3, 5), decoders=("native/1",))


def content(schema: pa.Schema, dataset: str = "http_requests", day: str = "2026-11-20") -> Content:
    return Content(dataset=dataset, day=day, schema=schema, lineage=LINEAGE)


def named(path: Path) -> NamedFile:
    """A file of format 1 as a catalog would name it."""
    return NamedFile(
        path=path,
        sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
        dataset="d",
        day="x",
        format=OLDEST_FORMAT,
    )
