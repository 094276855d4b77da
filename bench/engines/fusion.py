"""DataFusion: its JSON reader with a schema, sorted by SQL, written by `COPY`.

It reads the gzip files itself; text inflated before was a sixth slower. Statistics of pages are off,
as ours are few. Batches of other sizes, views of texts and no dictionaries measured no faster.
Its reader has no column that keeps an object's text, so objects become maps.
"""

import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from tempfile import mkdtemp

import pyarrow as pa

from bench.engine import Peer, library
from schema.dataset import Field, FieldType

with library("datafusion"):
    from datafusion import SessionConfig, SessionContext

TYPES = {
    FieldType.STRING: pa.string(),
    FieldType.INT: pa.int64(),
    FieldType.FLOAT: pa.float64(),
    FieldType.BOOL: pa.bool_(),
    FieldType.TIMESTAMP: pa.timestamp("us"),
    FieldType.OBJECT: pa.map_(pa.string(), pa.string()),
    FieldType.STRINGS: pa.list_(pa.string()),
    FieldType.INTS: pa.list_(pa.int64()),
    FieldType.OBJECTS: pa.list_(pa.map_(pa.string(), pa.string())),
    FieldType.UNKNOWN: pa.string(),
}
# The one object whose values are numbers, which it does not take for text.
OF_NUMBERS = "JA4Signals"
SETTINGS = {
    "datafusion.execution.parquet.compression": "zstd(1)",
    "datafusion.execution.parquet.statistics_enabled": "chunk",
}
# On one thread this costs more than it brings.
ONE_THREAD = {"datafusion.execution.parquet.allow_single_file_parallelism": "false"}

_COPY = """
    COPY (
        SELECT map_extract("RequestHeaders", 'cf-access-user')[1] AS user_id, *
        FROM lines ORDER BY user_id, "EdgeStartTimestamp"
    ) TO '{target}' STORED AS PARQUET
"""


class DataFusion(Peer):
    def __init__(self, fields: Sequence[Field], cores: int) -> None:
        super().__init__(fields, cores)
        config = SessionConfig().with_target_partitions(cores)
        for name, value in (SETTINGS | (ONE_THREAD if cores == 1 else {})).items():
            config = config.set(name, value)
        self._context = SessionContext(config)
        numbers = pa.map_(pa.string(), pa.float64())
        self._schema = pa.schema(
            [
                (field.name, numbers if field.name == OF_NUMBERS else TYPES[field.type])
                for field in fields
            ]
        )

    def convert(self, bodies: Sequence[Path], target: Path) -> None:
        # It takes one file or a folder, and remembers what a folder had: each time a new one.
        folder = Path(mkdtemp(dir=target.parent))
        for body in bodies:
            os.link(body, folder / body.name)
        lines = self._context.read_json(
            f"{folder.absolute()}/",
            schema=self._schema,
            file_extension=".gz",
            file_compression_type="gzip",
        )
        self._context.register_table("lines", lines.into_view())
        try:
            self._context.sql(_COPY.format(target=target)).collect()
        finally:
            self._context.deregister_table("lines")
            shutil.rmtree(folder)
