"""ClickHouse's MergeTree, ordered by (user, time): one merged part, its best case for a trail, or many.

Many are as many as the files they come from: what it has while nothing has been merged.
"""

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa

from bench.engine import library
from bench.questions import COLUMNS, Found, Question

with library("chdb"):
    from chdb.session import Session

SETTINGS = (
    "use_hive_partitioning = 0",
    # Columns that cannot be NULL are faster; what was NULL is then empty.
    "schema_inference_make_columns_nullable = 0",
    "input_format_null_as_default = 1",
    "max_insert_threads = 1",
)

_MAKE = """
    CREATE TABLE bench.requests ENGINE = MergeTree ORDER BY (user_id, event_time)
    SETTINGS default_compression_codec = 'ZSTD(1)',
        max_bytes_to_merge_at_max_space_in_pool = 1000000000000,
        parts_to_delay_insert = 100000, parts_to_throw_insert = 100000
    EMPTY AS SELECT * FROM file('{files}', Parquet)
"""


class MergeTree:
    def __init__(self, folder: Path, cores: int, *, is_merged: bool) -> None:
        self._is_merged = is_merged
        folder.mkdir(parents=True, exist_ok=True)
        self._session = Session(str(folder))
        self._session.query("CREATE DATABASE IF NOT EXISTS bench ENGINE = Atomic")
        self._cores = cores

    def make(self, source: Sequence[Path]) -> None:
        for setting in SETTINGS:
            self._session.query(f"SET {setting}")
        self._session.query(_MAKE.format(files=source[0]))
        self._session.query(
            "ALTER TABLE bench.requests ADD INDEX ray RayID TYPE bloom_filter GRANULARITY 1"
        )
        if not self._is_merged:
            self._session.query("SYSTEM STOP MERGES bench.requests")
        for path in source:
            self._session.query(
                f"INSERT INTO bench.requests SELECT * FROM file('{path}', Parquet)"  # noqa: S608
            )
        if self._is_merged:
            self._session.query("OPTIMIZE TABLE bench.requests FINAL")

    def bytes(self) -> int:
        return self._told("sum(bytes_on_disk)")

    def files(self) -> int:
        return self._told("count()")

    def _told(self, what: str) -> int:
        told = self._session.query(
            f"SELECT {what} FROM system.parts "  # noqa: S608 (our own words)
            "WHERE active AND database = 'bench' AND table = 'requests'",
            "CSV",
        )
        return int(str(told).strip())

    def ask(self, question: Question) -> Found:
        conditions = []
        if question.user is not None:
            conditions.append(f"user_id = '{question.user}'")
        if question.ray_id is not None:
            conditions.append(f"RayID = '{question.ray_id}'")
        if question.since is not None:
            conditions.append(f"event_time >= toDateTime64('{question.since}', 6)")
        if question.until is not None:
            conditions.append(f"event_time < toDateTime64('{question.until}', 6)")
        query = (
            f"SELECT {', '.join(COLUMNS)} FROM bench.requests "  # noqa: S608 (our own words)
            f"WHERE {' AND '.join(conditions)} ORDER BY event_time "
            f"SETTINGS max_threads = {self._cores}, use_query_cache = 0"
        )
        answer = self._session.query(query, "Arrow")
        with pa.ipc.open_file(pa.py_buffer(answer.bytes())) as file:
            return Found.of(file.read_all())
