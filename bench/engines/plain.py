"""What one writes first: orjson for each line, `Table.from_pylist`, sort, write.

A line that is no JSON, or a value of the wrong type, fails the batch; unknown fields are lost.
"""

from collections.abc import Sequence
from pathlib import Path

import orjson
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from bench.engine import Peer, inflate
from schema.columns import ARROW_TYPES, TIME
from schema.dataset import Field, FieldType

ORDER = [("user_id", "ascending"), ("EdgeStartTimestamp", "ascending")]


class Plain(Peer):
    def __init__(self, fields: Sequence[Field], cores: int) -> None:
        super().__init__(fields, cores)
        pa.set_cpu_count(cores)
        self._times = [field.name for field in fields if field.type is FieldType.TIMESTAMP]
        self._objects = [field.name for field in fields if field.type is FieldType.OBJECT]
        columns = [
            (field.name, pa.string() if field.name in self._times else ARROW_TYPES[field.type])
            for field in fields
        ]
        self._schema = pa.schema([("user_id", pa.string()), *columns])

    def convert(self, bodies: Sequence[Path], target: Path) -> None:
        texts = (inflate(body.read_bytes()) for body in bodies)
        rows = [orjson.loads(line) for text in texts for line in text.splitlines()]
        for row in rows:
            row["user_id"] = row["RequestHeaders"].get("cf-access-user")
            for name in self._objects:
                if name in row:
                    row[name] = orjson.dumps(row[name]).decode()
        table = pa.Table.from_pylist(rows, schema=self._schema)
        for name in self._times:
            # By way of nanoseconds, of which Arrow cuts off none itself.
            sent = pc.cast(pc.utf8_rtrim(table[name], "Z"), pa.timestamp("ns"))
            times = pc.cast(sent, TIME, safe=False)
            table = table.set_column(table.schema.get_field_index(name), name, times)
        table = table.take(pc.sort_indices(table, sort_keys=ORDER))
        pq.write_table(table, target, compression="zstd", compression_level=1)
