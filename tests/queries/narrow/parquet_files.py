"""Parquet files as a test wants them, and how the native reader reads them."""

import hashlib
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

pytest.importorskip("native._native", reason="without Rust DuckDB answers")

from native._native import Reader

__all__ = ["Reader"]

SCHEMA = pa.schema(
    [
        ("user_id", pa.string()),
        ("event_time", pa.timestamp("us", tz="UTC")),
        ("RayID", pa.string()),
        ("text", pa.string()),
        ("bytes", pa.binary()),
        ("short", pa.int16()),
        ("long", pa.int64()),
        ("double", pa.float64()),
        ("flag", pa.bool_()),
    ]
)
COLUMNS = [(each.name, str(each.type)) for each in SCHEMA]

Asked = tuple[tuple[str, int, bytes], list[tuple[str, tuple[int, int] | None]]]
Told = tuple[pa.RecordBatch | None, tuple[bool, str, str] | None]


def mark(path: Path) -> tuple[str, int, bytes]:
    """A file as its footer is now."""
    held = path.read_bytes()
    length = int.from_bytes(held[-8:-4], "little") + 8
    return str(path), length, hashlib.sha256(held[-length:]).digest()


def write(path: Path, rows: list[dict[str, Any]], **options: Any) -> pa.Table:
    table = pa.Table.from_pylist(rows, SCHEMA)
    usual: dict[str, Any] = {
        "write_page_checksum": True,
        "compression": "zstd",
        "store_schema": False,
    }
    pq.write_table(table, path, **{**usual, **options})
    return table


def of_user(
    path: Path,
    user: str = "ada",
    columns: list[tuple[str, str]] = COLUMNS,
    stretch: tuple[int, int] | None = None,
) -> Told:
    return Reader(10_000).of_users([(mark(path), [(user, stretch)])], columns, None, 10_000)


def refusal(told: Told) -> str:
    assert told[0] is None
    assert told[1] is not None
    return told[1][2]


def demand_rows(told: Told, wanted: pa.Table) -> None:
    assert told[1] is None, told[1]
    assert told[0] is not None
    assert told[0].to_pylist() == wanted.to_pylist()
