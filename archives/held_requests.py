"""Finds the requests of an answer that the store already holds, in whatever format they came.

Each row in the store matches one line at most: of two requests that look the same, with one of
them held, the other one is new.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from importlib import resources

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from schema.dataset import datasets
from schema.decoding.decode import Decoding, decode
from schema.decoding.decoder import chosen
from schema.decoding.result import Provenance
from store.catalog.scope import Scope
from store.errors import ArchiveRefused
from store.reading import relations
from store.reading.snapshot import Snapshot
from store.store import Store

DATASET = "http_requests"

# The fields that distinguish a request, and its line number.
COLUMNS = (
    "line_number",
    "RayID",
    "EdgeStartTimestamp",
    "EdgeStartTimestamp_ns",
    "ClientRequestMethod",
    "ClientRequestHost",
    "ClientRequestURI",
    "ClientRequestPath",
    "ClientRequestSource",
)

# A piece of an answer is joined with some hours of rows. Nothing is spilled to disk, since a crash
# would leave personal data there.
CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "memory_limit": "2GB",
    "threads": "2",
    "temp_directory": "",
}

# A time that was logged in whole seconds may be up to one second before the real one.
_SLACK = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class HeldLines:
    """The numbers, from 1, of the lines whose request is in the store.

    `incomparable` counts the rows of that time without a Ray ID or a start time.
    """

    lines: frozenset[int] = frozenset()
    incomparable: int = 0


@dataclass(frozen=True, slots=True)
class HeldRequests:
    """Compares the pieces of one answer with the store.

    Batches that wait to be loaded are not compared, so the caller loads them first.
    """

    store: Store
    # Rows that already match a line; each matches one line at most.
    _used: set[int] = field(default_factory=set)

    def among(self, content: bytes) -> HeldLines:
        """The lines whose request is in the live files of the store."""
        answer = _decoded(content, self.store.clock())
        times = pc.min_max(answer["EdgeStartTimestamp"]).as_py()
        if times["min"] is None:
            return HeldLines()
        period = {"since": times["min"] - _SLACK, "until": times["max"] + _SLACK}
        # After the last time, since a scope excludes its end.
        scope = Scope(dataset=DATASET, since=period["since"], until=period["until"] + _SLACK)
        with duckdb.connect(":memory:", config=CONFIG) as connection:
            # Without it a bound time would be one in the machine's zone.
            connection.execute("SET TimeZone = 'UTC'")
            snapshot = self.store.snapshot(scope)
            _demand_readable(snapshot)
            # Defined alone, so that no other dataset's name collides with a table here.
            relations.define(connection, snapshot, only=[DATASET])
            connection.from_arrow(answer).create("answer")
            connection.execute(_sql("request_start"))
            lines = frozenset(
                self._matched(_pairs(connection.execute(_sql("held_requests"), period)))
            )
            (count,) = connection.execute(_sql("incomparable_rows"), period).fetchone() or (0,)
        return HeldLines(lines, count)

    def _matched(self, pairs: Iterable[tuple[int, int]]) -> Iterator[int]:
        """The held lines: the most exact matches first, each row used once."""
        lines = set[int]()
        for line, row in pairs:
            if line not in lines and row not in self._used:
                lines.add(line)
                self._used.add(row)
                yield line


def _demand_readable(snapshot: Snapshot) -> None:
    """ArchiveRefused where a file cannot be read: its records would be stored a second time."""
    lost = [each for each in snapshot.damaged if each.part.dataset == DATASET]
    if lost:
        raise ArchiveRefused(
            f"{lost[0].path} {lost[0].trouble.reason}: which records are stored already cannot be"
            " told; `raytrail fsck --deep` says how to get the file back"
        )


def _decoded(content: bytes, now: datetime) -> pa.Table:
    provenance = Provenance(batch_id="", received_at=now)
    decoding = Decoding(reader=chosen().reader)
    pieces = decode([content], datasets()[DATASET], provenance, decoding)
    tables = [piece.table.select(COLUMNS) for piece in pieces]
    schema = pa.schema([(name, _plain(tables[0].schema.field(name).type)) for name in COLUMNS])
    return pa.concat_tables([table.cast(schema) for table in tables])


def _plain(kind: pa.DataType) -> pa.DataType:
    return kind.value_type if pa.types.is_dictionary(kind) else kind


def _pairs(found: duckdb.DuckDBPyConnection) -> Iterator[tuple[int, int]]:
    while rows := found.fetchmany(10_000):
        yield from ((line, held) for line, held, _ in rows)


def _sql(name: str) -> str:
    return resources.files("archives").joinpath(f"sql/{name}.sql").read_text(encoding="utf-8")
