"""A made-up company's logs as a snapshot of real Parquet files."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from schema.columns import arrow_schema
from schema.dataset import datasets
from store.parquet.fingerprint import fingerprint
from store.parquet.ordered_part import PartWriter
from store.reading.snapshot import Snapshot
from store.registers.application_version import Application, ApplicationVersion
from tests.factories import NOW
from tests.finished import content
from tests.queries.identity.company.traffic import Company, Login, Request

SINCE = datetime.fromisoformat("2020-01-01")
MICROSECONDS = 1_000_000


def snapshot_of(made: Company, folder: Path) -> Snapshot:
    files = {
        "http_requests": (_part(folder, "http_requests", _requests(made.requests)),),
        "access_requests": (_part(folder, "access_requests", _logins(made.logins)),),
    }
    return Snapshot(
        sequence=7,
        taken_at=NOW,
        files=files,
        columns={path: fingerprint(pq.read_schema(path)) for [path] in files.values()},
        applications=(covering(sorted({each.host for each in made.logins})),),
        pending_batches=0,
        lag_seconds=0.0,
    )


def covering(hosts: Sequence[str]) -> ApplicationVersion:
    """An application on these hosts that leaves the paths below /public open."""
    application = Application(
        id="7d9c1f0e",
        name="",
        type="self_hosted",
        aud="",
        covers=tuple(hosts),
        opens=tuple(f"{host}/public" for host in hosts),
    )
    return ApplicationVersion(application, since=SINCE, until=None)


def _requests(made: list[Request]) -> dict[str, list[Any]]:
    return {
        "event_time": [int(each.at * MICROSECONDS) for each in made],
        "user_id": [each.name for each in made],
        "ClientIP": [each.address for each in made],
        "ClientRequestHost": [each.host for each in made],
        "ClientRequestURI": [each.path for each in made],
    }


def _logins(made: list[Login]) -> dict[str, list[Any]]:
    return {
        "event_time": [int(each.at * MICROSECONDS) for each in made],
        "user_id": [each.name for each in made],
        "IPAddress": [each.address for each in made],
        "AppDomain": [each.host for each in made],
        "Action": ["login"] * len(made),
        "Allowed": [True] * len(made),
    }


def _part(folder: Path, dataset: str, columns: dict[str, list[Any]]) -> Path:
    """Columns that are not given are empty."""
    schema = arrow_schema(datasets()[dataset])
    rows = len(columns["event_time"])
    given = {
        "batch_id": ["batch-1"] * rows,
        "line_number": list(range(1, rows + 1)),
        "received_at": [0] * rows,
        **columns,
    }
    table = pa.table(
        [
            pa.array(given[field.name], field.type)
            if field.name in given
            else pa.nulls(rows, field.type)
            for field in schema
        ],
        schema=schema,
    )
    place = folder / dataset
    place.mkdir()
    writer = PartWriter(place, content(schema, dataset))
    writer.add(table)
    return writer.finish("part.parquet").path
