"""Polars, two ways: `read_ndjson` with a schema, and its streaming engine from file to file.

The first gets bytes inflated by isal; the second reads the gzip files itself, which measured a
sixth faster than bytes in memory. The size of its batches made no difference.
"""

from collections.abc import Sequence
from pathlib import Path

from bench.engine import Peer, inflate, library
from schema.dataset import Field, FieldType

with library("polars"):
    import polars as pl


class _Frames(Peer):
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
        self.schema = {field.name: kinds[field.type] for field in fields}
        times = [
            pl.col(field.name).str.to_datetime("%Y-%m-%dT%H:%M:%S%.fZ", time_unit="us")
            for field in fields
            if field.type is FieldType.TIMESTAMP
        ]
        user = pl.col("RequestHeaders").str.json_path_match("$.cf-access-user").alias("user_id")
        self.derived = (user, *times)


class Polars(_Frames):
    def convert(self, bodies: Sequence[Path], target: Path) -> None:
        lines = b"".join(inflate(body.read_bytes()) for body in bodies)
        frame = pl.read_ndjson(lines, schema=self.schema)
        frame = frame.with_columns(*self.derived).sort("user_id", "EdgeStartTimestamp")
        frame.write_parquet(target, compression="zstd", compression_level=1)


class PolarsStreaming(_Frames):
    def convert(self, bodies: Sequence[Path], target: Path) -> None:
        frame = pl.scan_ndjson(list(bodies), schema=self.schema)
        frame = frame.with_columns(*self.derived).sort("user_id", "EdgeStartTimestamp")
        frame.sink_parquet(target, compression="zstd", compression_level=1, engine="streaming")
