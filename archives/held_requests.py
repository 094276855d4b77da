"""Which requests of an answer are in the store already, whatever bytes they came as.

Every held row accounts for one line at most: where two requests are alike as far as anybody
told, and one of them is held, the other is not.
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
from schema.decoding.piece import Provenance
from store.catalog.scope import Scope
from store.reading import relations
from store.store import Store

DATASET = "http_requests"

# What of a request tells it from others, and the number of its line.
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

# One answer's piece against some hours of rows; nothing is spilled, since that would lie about.
CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "memory_limit": "2GB",
    "threads": "2",
    "temp_directory": "",
}

# Times that were logged in whole seconds lie up to one before what they stand for.
_SLACK = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Held:
    """The numbers, from 1, of lines whose request is in the store.

    `incomparable` counts rows of that time without a Ray ID or a start: what they are nobody
    can tell.
    """

    lines: frozenset[int] = frozenset()
    incomparable: int = 0


@dataclass(frozen=True, slots=True)
class HeldRequests:
    """For one answer, however many pieces it comes in.

    What waits to be loaded is not looked at: whoever asks has waited for it.
    """

    store: Store
    # Rows that account for a line already: of two alike requests only one may be held.
    _used: set[int] = field(default_factory=set)

    def among(self, content: bytes) -> Held:
        """Which of these lines are requests in the live files of the store."""
        asked = _asked(content, self.store.clock())
        times = pc.min_max(asked["EdgeStartTimestamp"]).as_py()
        if times["min"] is None:
            return Held()
        period = {"since": times["min"] - _SLACK, "until": times["max"] + _SLACK}
        # Behind the last moment, since a scope ends before its end.
        scope = Scope(dataset=DATASET, since=period["since"], until=period["until"] + _SLACK)
        with duckdb.connect(":memory:", config=CONFIG) as connection:
            snapshot = self.store.snapshot(scope)
            # No other dataset's name can stand in our way.
            relations.define(connection, snapshot, with_date=False, only=[DATASET])
            connection.from_arrow(asked).create("asked")
            connection.execute(_text("start_of"))
            lines = frozenset(self._matched(_pairs(connection.execute(_text("held"), period))))
            (count,) = connection.execute(_text("incomparable"), period).fetchone() or (0,)
        return Held(lines, count)

    def _matched(self, pairs: Iterable[tuple[int, int]]) -> Iterator[int]:
        """Lines that are held, the surest pairs first, each row used once."""
        lines = set[int]()
        for line, row in pairs:
            if line not in lines and row not in self._used:
                lines.add(line)
                self._used.add(row)
                yield line


def _asked(content: bytes, now: datetime) -> pa.Table:
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


def _text(name: str) -> str:
    return resources.files("archives").joinpath(f"{name}.sql").read_text(encoding="utf-8")
