"""Polars: `read_ndjson` with a schema, sorted, written."""

from collections.abc import Sequence
from pathlib import Path

from bench.engine import Peer, inflate, library
from schema.dataset import Field, FieldType

with library("polars"):
    import polars as pl


class Polars(Peer):
    def __init__(self, fields: Sequence[Field], cores: int) -> None:
        super().__init__(fields, cores)
        kinds = {
            FieldType.STRING: pl.String,
            FieldType.INT: pl.Int64,
            FieldType.FLOAT: pl.Float64,
            FieldType.BOOL: pl.Boolean,
            FieldType.TIMESTAMP: pl.String,
            FieldType.OBJECT: pl.String,
            FieldType.STRINGS: pl.List(pl.String),
            FieldType.INTS: pl.List(pl.Int64),
            FieldType.OBJECTS: pl.String,
            FieldType.UNKNOWN: pl.String,
        }
        self._schema = {field.name: kinds[field.type] for field in fields}
        self._times = [field.name for field in fields if field.type is FieldType.TIMESTAMP]

    def convert(self, body: Path, target: Path) -> None:
        lines = inflate(body.read_bytes())
        frame = pl.read_ndjson(lines, schema=self._schema)
        times = [
            pl.col(name).str.to_datetime("%Y-%m-%dT%H:%M:%S%.fZ", time_unit="us")
            for name in self._times
        ]
        user = pl.col("RequestHeaders").str.json_path_match("$.cf-access-user").alias("user_id")
        frame = frame.with_columns(user, *times).sort("user_id", "EdgeStartTimestamp")
        frame.write_parquet(target, compression="zstd", compression_level=1)
