"""DuckDB, two ways: a typed read of the lines, and `json_transform` over each line as a value.

It reads the gzip file itself: handing it the bytes inflated by isal measured no faster.
"""

from collections.abc import Sequence
from pathlib import Path

import duckdb
import orjson

from bench.engine import Peer
from schema.dataset import Field, FieldType

TYPES = {
    FieldType.STRING: "VARCHAR",
    FieldType.INT: "BIGINT",
    FieldType.FLOAT: "DOUBLE",
    FieldType.BOOL: "BOOLEAN",
    FieldType.TIMESTAMP: "TIMESTAMP",
    FieldType.OBJECT: "JSON",
    FieldType.STRINGS: "VARCHAR[]",
    FieldType.INTS: "BIGINT[]",
    FieldType.OBJECTS: "JSON",
    FieldType.UNKNOWN: "JSON",
}


class _Duck(Peer):
    def __init__(self, fields: Sequence[Field], cores: int) -> None:
        super().__init__(fields, cores)
        self._connection = duckdb.connect(":memory:")
        self._connection.execute(f"SET threads = {cores}")
        self._connection.execute("SET preserve_insertion_order = false")
        self._connection.execute("SET TimeZone = 'UTC'")

    def source(self) -> str:
        raise NotImplementedError

    def convert(self, bodies: Sequence[Path], target: Path) -> None:
        # Neither name is anybody's but the bench's own.
        files = [str(body) for body in bodies]
        query = (
            "COPY (SELECT RequestHeaders->>'cf-access-user' AS user_id, * "  # noqa: S608
            f"FROM {self.source().format(files=files)} ORDER BY user_id, EdgeStartTimestamp) "
            f"TO '{target}' (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1)"
        )
        self._connection.execute(query)


class ReadJson(_Duck):
    """Unknown fields are lost; a value of the wrong type fails the batch or is bent to fit."""

    def source(self) -> str:
        columns = ", ".join(f"'{field.name}': '{TYPES[field.type]}'" for field in self.fields)
        return (
            f"read_json({{files}}, columns = {{{{{columns}}}}}, "
            "format = 'newline_delimited', compression = 'gzip')"
        )


class JsonTransform(_Duck):
    """A value of the wrong type becomes NULL or is bent to fit; a line that is no JSON fails the batch."""

    def source(self) -> str:
        shape = {field.name: _shape(field.type) for field in self.fields}
        literal = orjson.dumps(shape).decode().replace("{", "{{").replace("}", "}}")
        return (
            f"(SELECT unnest(json_transform(json, '{literal}')) FROM read_json_objects("  # noqa: S608
            "{files}, format = 'newline_delimited', compression = 'gzip'))"
        )


def _shape(kind: FieldType) -> str | list[str]:
    name = TYPES[kind]
    return [name.removesuffix("[]")] if name.endswith("[]") else name
