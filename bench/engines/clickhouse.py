"""chDB: ClickHouse's own engine inside a process, with the settings that measured best for it.

Columns that cannot be NULL are some 5 % faster than those that can, so it gets those, although
an absent number is then 0. Its page index and bloom filters are off, since ours are few; with
them it is some 10 % slower.
"""

from collections.abc import Sequence
from pathlib import Path

from bench.engine import Peer, library
from schema.dataset import Field, FieldType

with library("chdb"):
    from chdb.session import Session

TYPES = {
    FieldType.STRING: "String",
    FieldType.INT: "Int64",
    FieldType.FLOAT: "Float64",
    FieldType.BOOL: "Bool",
    FieldType.TIMESTAMP: "DateTime64(6, 'UTC')",
    FieldType.OBJECT: "String",
    FieldType.STRINGS: "Array(String)",
    FieldType.INTS: "Array(Int64)",
    FieldType.OBJECTS: "String",
    FieldType.UNKNOWN: "String",
}
SETTINGS = (
    "date_time_input_format = 'best_effort'",
    "input_format_skip_unknown_fields = 1",
    "output_format_parquet_compression_method = 'zstd'",
    "output_format_compression_level = 1",
    "output_format_parquet_write_page_index = 0",
    "output_format_parquet_write_bloom_filter = 0",
)
# On one thread these cost more than they bring.
ONE_THREAD = (
    "input_format_parallel_parsing = 0",
    "output_format_parquet_parallel_encoding = 0",
)


class ChDB(Peer):
    def __init__(self, fields: Sequence[Field], cores: int) -> None:
        super().__init__(fields, cores)
        self._session = Session()
        settings = (f"max_threads = {cores}", *SETTINGS, *(ONE_THREAD if cores == 1 else ()))
        columns = ", ".join(f"{field.name} {TYPES[field.type]}" for field in fields)
        self._query = (
            "INSERT INTO FUNCTION file('{target}', Parquet) "  # noqa: S608 (no name is a stranger's)
            "SELECT nullIf(JSONExtractString(RequestHeaders, 'cf-access-user'), '') AS user_id, * "
            f"FROM file('{{body}}', JSONEachRow, $${columns}$$, 'gzip') "
            f"ORDER BY user_id, EdgeStartTimestamp SETTINGS {', '.join(settings)}"
        )

    def convert(self, bodies: Sequence[Path], target: Path) -> None:
        names = ",".join(body.name for body in bodies)
        # A name with braces stands for each of those within.
        files = bodies[0].with_name(f"{{{names}}}") if len(bodies) > 1 else bodies[0]
        self._session.query(self._query.format(body=files, target=target))
