"""A store of many days, made of a few decoded batches: the loader's parts, without their bodies.

Real rows are decoded once; each day has them many times, with its own times, Ray IDs and people.
People come as they do: a few often, most now and then.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import pyarrow as pa

from bench import adapter
from bench.bodies import Body, bodies
from bench.traffic import START, Traffic

BASE_RECORDS = 10_000
BASE_BODIES = 4
PARTS_A_DAY = 24

# Of 30 million rows some 200,000 are the busiest person's, and some 1,000 a usual one's.
PEOPLE = 20_000
RARE = "rare"

_DAY = """
    SELECT base.* REPLACE (
        moment AS event_time,
        moment AS EdgeStartTimestamp,
        moment + INTERVAL 120 MILLISECOND AS EdgeEndTimestamp,
        lpad(to_hex(hash(number, moment, 1) >> 4), 16, '0') AS RayID,
        person AS user_id,
        CASE WHEN person IS NULL THEN NULL ELSE 'request_header' END AS user_source,
        CASE WHEN person IS NULL THEN '{}' ELSE '{"cf-access-user":"' || person || '"}' END
            AS RequestHeaders,
        '10.' || (hash(person, 7) % 200) || '.' || (hash(person, 8) % 250) || '.'
            || (hash(person, moment, 9) % 3 + 1) AS ClientIP,
        lpad(to_hex(hash($day, number // 10000)), 64, 'b') AS batch_id,
        number % 10000 + 1 AS line_number
    )
    FROM (
        SELECT
            number,
            $day::TIMESTAMP + to_microseconds(
                ((number + (hash(number, $day) % 100) / 100.0) * 86400000000.0 / $rows)::BIGINT
            ) AS moment,
            CASE
                WHEN number = 777 AND $is_first THEN 'rare'
                WHEN hash(number, $day, 2) % 10 < 3 THEN NULL
                ELSE 'person-' || (pow(hash(number, $day, 3) / 18446744073709551615.0, 2)
                    * $people)::BIGINT || '@widgetcorp.example'
            END AS person
        FROM range($first, $last) AS numbers(number)
    ) AS made
    JOIN base ON base.place = made.number % $base_rows
"""


@dataclass(frozen=True, slots=True)
class History:
    days: int
    rows_a_day: int

    @property
    def rows(self) -> int:
        return self.days * self.rows_a_day

    def day(self, place: int) -> datetime:
        return (START - timedelta(days=self.days - place)).replace(hour=0, minute=0, tzinfo=None)

    def parts(self, place: int) -> Iterator[pa.Table]:
        """The rows of one day, as the loader's parts would have them."""
        with duckdb.connect(":memory:") as connection:
            base = _base()
            connection.register("rows", base)
            connection.execute(
                "CREATE TABLE base AS SELECT *, row_number() OVER () - 1 AS place FROM rows"
            )
            each = self.rows_a_day // PARTS_A_DAY
            for part in range(PARTS_A_DAY):
                asked = {
                    "day": self.day(place),
                    "rows": self.rows_a_day,
                    "is_first": place == 0,
                    "people": PEOPLE,
                    "first": part * each,
                    "last": (part + 1) * each,
                    "base_rows": base.num_rows,
                }
                made = connection.sql(_DAY, params=asked).to_arrow_table()
                yield made.drop_columns(["place"]).cast(base.schema)


def base_bodies() -> list[Body]:
    return bodies(Traffic(), BASE_RECORDS, BASE_BODIES)


def _base() -> pa.Table:
    tables = [
        table for body in base_bodies() for table in adapter.decoded(body.path.read_bytes(), 1)
    ]
    return adapter.plain(adapter.joined(tables))


def build(history: History, folder: Path) -> None:
    """Make the store; nothing of it is compacted yet."""
    with adapter.open_store(folder) as store:
        for place in range(history.days):
            day = history.day(place).date().isoformat()
            adapter.write_parts(store, day, history.parts(place))
