"""Asks one engine three questions of a published table: `python -m tests.scale.ask ENGINE FOLDER`.

It runs as a process with the libraries of `.venv/scale` before its own. The questions come as JSON on
standard input, and one list of rows for each goes to standard output.
"""

import importlib.util
import json
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

Rows = list[list[Any]]

# What a trail and a table both tell of a request.
REQUEST = (
    "{time}, ClientRequestMethod, ClientRequestHost, ClientRequestURI, EdgeResponseStatus,"
    " ClientIP, RayID, batch_id, line_number"
)
STATEMENTS = {
    "trail": f"SELECT {REQUEST} FROM {{table}} WHERE user_id = '{{user}}'"
    " ORDER BY event_time, batch_id, line_number",
    "ray": f"SELECT user_id, {REQUEST} FROM {{table}} WHERE RayID = '{{ray}}'",
    "visitors": "SELECT user_id, count(*) AS requests FROM {table}"
    " WHERE ClientRequestHost = '{host}' AND user_id IS NOT NULL"
    " GROUP BY user_id ORDER BY requests DESC, user_id",
}


def chdb(folder: str, statements: Callable[..., Iterator[str]]) -> Iterator[Rows]:
    import chdb as library

    table, time = f"icebergLocal('{folder}')", "toUnixTimestamp64Micro(event_time)"
    for statement in statements(table=table, time=time):
        exactly = f"{statement} SETTINGS output_format_json_quote_64bit_integers = 0"
        told = library.query(exactly, "JSONCompactEachRow").bytes()
        yield [json.loads(line) for line in told.splitlines()]


def duckdb(folder: str, statements: Callable[..., Iterator[str]]) -> Iterator[Rows]:
    import duckdb as library

    with library.connect(config={"autoinstall_known_extensions": "false"}) as connection:
        for name in ("avro", "iceberg"):
            connection.execute(f"LOAD '{_extension(name)}'")
        table = f"iceberg_scan('{folder}')"
        for statement in statements(table=table, time="epoch_us(event_time)"):
            yield [list(row) for row in connection.execute(statement).fetchall()]


def polars(folder: str, statements: Callable[..., Iterator[str]]) -> Iterator[Rows]:
    import polars as pl

    version = Path(folder, "metadata", "version-hint.text").read_text(encoding="utf-8")
    frame = pl.scan_iceberg(f"file://{folder}/metadata/v{version}.metadata.json")
    frame = frame.with_columns(pl.col("event_time").dt.epoch("us").alias("micros"))
    with pl.SQLContext(http_requests=frame) as context:
        for statement in statements(table="http_requests", time="micros"):
            yield [list(row) for row in context.execute(statement, eager=True).iter_rows()]


def sail(folder: str, statements: Callable[..., Iterator[str]]) -> Iterator[Rows]:
    from pysail.spark import SparkConnectServer
    from pyspark.sql import SparkSession

    server = SparkConnectServer(port=0)
    server.start(background=True)
    _, port = server.listening_address
    session = SparkSession.builder.remote(f"sc://127.0.0.1:{port}").getOrCreate()
    session.read.format("iceberg").load(folder).createOrReplaceTempView("http_requests")
    for statement in statements(table="http_requests", time="unix_micros(event_time)"):
        yield [list(row) for row in session.sql(statement).collect()]


ENGINES = {"chdb": chdb, "duckdb": duckdb, "polars": polars, "sail": sail}


def _extension(name: str) -> Path:
    found = importlib.util.find_spec(f"duckdb_extension_{name}")
    assert found is not None
    assert found.origin is not None
    [path] = Path(found.origin).parent.rglob("*.duckdb_extension")
    return path


def main(engine: str, folder: str) -> None:
    asked: dict[str, str] = json.load(sys.stdin)

    def statements(**of_engine: str) -> Iterator[str]:
        for statement in STATEMENTS.values():
            yield statement.format(**asked, **of_engine)

    answers = dict(zip(STATEMENTS, ENGINES[engine](folder, statements), strict=True))
    print(json.dumps(answers))
    sys.stdout.flush()
    # Sail's server would wait for its sessions.
    os._exit(0)


if __name__ == "__main__":
    main(*sys.argv[1:])
