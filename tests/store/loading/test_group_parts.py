"""A part that Rust writes from its block is the part that Arrow writes from the reference's rows."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sqlalchemy import select

from schema.body.lines import LINE_BYTES_MAX
from schema.decoding import native_rows
from schema.decoding.decoder import CHOICE_VARIABLE
from store.catalog.tables import batches, files
from store.catalog.users.tables import user_days
from store.errors import DiskFailed
from store.files import hashed_writer
from store.files.layout import OTHER_DAY
from store.intake import dataset_names, raw_body
from store.intake.limits import IntakeLimits
from store.loading import group_parts
from store.loading.outcome import Loaded
from store.parquet.drafts import native_part
from store.store import Store
from tests.factories import NO_RESERVE, Clock, gzipped, load, ndjson, record, send
from tests.schema.pieces import bits

pytest.importorskip("native._native")

# What differs between two stores with the same content.
BY_CHANCE = {b"raytrail.name", b"raytrail.decoders"}
CATALOG_COLUMNS = ("dataset", "day", "rows", "time_min", "time_max", "user_min", "user_max")


@dataclass(frozen=True)
class Written:
    """One live file: its rows and columns, its metadata, and what is told of each column chunk."""

    table: pa.Table
    metadata: Mapping[bytes, bytes]
    statistics: list[dict[str, tuple[Any, ...]]]
    blooms: set[str]
    sorted_by: list[tuple[int, bool, bool]]


def written(path: Path) -> Written:
    with pq.ParquetFile(path, page_checksum_verification=True) as file:
        told = file.metadata
        groups = [told.row_group(number) for number in range(told.num_row_groups)]
        chunks = [[group.column(at) for at in range(group.num_columns)] for group in groups]
        return Written(
            table=file.read(),
            metadata={key: told.metadata[key] for key in told.metadata.keys() - BY_CHANCE},
            statistics=[
                {
                    each.path_in_schema: (each.statistics.min, each.statistics.max)
                    for each in group
                    if each.statistics is not None and each.statistics.has_min_max
                }
                for group in chunks
            ],
            blooms=blooms_of(path),
            sorted_by=[
                (each.column_index, each.descending, each.nulls_first)
                for each in groups[0].sorting_columns
            ],
        )


def blooms_of(path: Path) -> set[str]:
    asked = "SELECT path_in_schema FROM parquet_metadata(?) WHERE bloom_filter_offset IS NOT NULL"
    return {name for (name,) in duckdb.execute(asked, [str(path)]).fetchall()}


def loaded_by(decoder: str, folder: Path, bodies: list[tuple[str, bytes, int]]) -> Store:
    """A store of these bodies: dataset, content, and how many hours after the one before it came."""
    clock = Clock()
    limits = IntakeLimits(reserve=NO_RESERVE)
    store = Store.create(folder / decoder, clock, limits)
    for dataset, body, hours in bodies:
        clock.move(hours=hours)
        send(store, gzipped(body), dataset)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(CHOICE_VARIABLE, decoder)
        load(store)
    return store


def catalog_of(
    store: Store, unlike: Collection[str] = ()
) -> tuple[list[Any], list[Any], list[Any]]:
    """What the catalog tells of files, of batches and of users, whatever the names of the files.

    `unlike` are columns of `user_days` that may differ.
    """
    with store.catalog.read() as connection:
        listed = connection.execute(select(files)).mappings().all()
        told = connection.execute(select(batches).order_by(batches.c.sequence)).mappings().all()
        users = connection.execute(
            select(*(each for each in user_days.c if each.name not in {"file", *unlike}))
        ).all()
    return (
        sorted([[str(row[name]) for name in (*CATALOG_COLUMNS, "columns")] for row in listed]),
        [
            {
                key: orjson.loads(row[key] or b"{}") if key == "tally" else row[key]
                for key in row
                if key not in {"decoder", "tried_by"}
            }
            for row in told
        ],
        sorted(map(str, users)),
    )


def demand_equal_parts(folder: Path, bodies: list[tuple[str, bytes, int]]) -> None:
    """An assertion fails where a part of the native decoder differs from one of the Python decoder."""
    native, python = (loaded_by(decoder, folder, bodies) for decoder in ("native", "python"))
    assert catalog_of(native) == catalog_of(python)
    found, expected = native.snapshot().files, python.snapshot().files
    assert found.keys() == expected.keys()
    for dataset in expected:
        assert len(found[dataset]) == len(expected[dataset])
        for ours, theirs in zip(by_day(found[dataset]), by_day(expected[dataset]), strict=True):
            demand_equal(written(ours), written(theirs))


def by_day(paths: Any) -> list[Path]:
    return sorted(paths, key=lambda path: path.parent.name)


def demand_equal(ours: Written, theirs: Written) -> None:
    columns, expected = (each.table.schema.remove_metadata() for each in (ours, theirs))
    assert columns.equals(expected, check_metadata=True)
    for name in theirs.table.schema.names:
        assert bits(ours.table[name]).equals(bits(theirs.table[name])), name
    assert ours.metadata == theirs.metadata
    assert ours.sorted_by == theirs.sorted_by
    assert ours.blooms == theirs.blooms
    if len(ours.statistics) == len(theirs.statistics):
        assert ours.statistics == theirs.statistics


def requests(*changes: Mapping[str, Any]) -> bytes:
    return ndjson(*(record(**change) for change in changes))


def several(count: int) -> list[dict[str, Any]]:
    """Requests of a few clients, each with habits, and with values of every type."""
    return [
        {
            "RayID": f"{number:016x}",
            "ClientIP": f"192.0.2.{number % 7}",
            "ClientRequestPath": f"/browse/{number % 11}",
            "ClientRequestUserAgent": f"agent {number % 7}",
            "EdgeStartTimestamp": f"2026-11-2{number % 3}T09:5{number % 7}:07.{number % 5}Z",
            "EdgeResponseBytes": number * 977 % 100_003,
            "ClientSrcPort": number * 7_919 % 65_536,
            "OriginResponseDurationMs": number % 3 or None,
            "WAFAttackScore": number % 100,
            "BotTags": [f"tag {number % 3}"] * (number % 4),
            "BotDetectionIDs": list(range(number % 3)),
            "CacheReserveUsed": number % 2 == 0,
            "RequestHeaders": {"cf-access-user": f"user {number % 5}"} if number % 6 else {},
        }
        for number in range(count)
    ]


ODD = b"""{"RayID":"1","RayID":"2"}
not json
{"EdgeResponseStatus":"many","New":{"a":[1]},"EdgeStartTimestamp":"2026-11-20T00:00:00.123456789Z"}
{"ClientIP":"192\\u002e0.2.1","BotTags":["a","\\n"],"BotDetectionIDs":[1,2.0]}

{"RequestHeaders":{"cf-access-user":7},"EdgeStartTimestamp":1795000000.5}
{"a":1,"b":2,"c":3,"d":4,"EdgeStartTimestamp":"2026-11-20T00:00:00Z"}
[1]
\xff{"RayID":"3"}
{"RayID":"4","EdgeResponseStatus":1e2,"Cookies":{"x":"\xc3\xa9"}}"""

BODIES: dict[str, list[tuple[str, bytes, int]]] = {
    "many batches of one day": [
        ("http_requests", requests({"RayID": f"{number}", "ClientIP": "192.0.2.1"}), 0)
        for number in range(20)
    ],
    "habits of clients, lists, NULLs, and several days": [
        ("http_requests", requests(*several(700)[part::3]), 1) for part in range(3)
    ],
    "odd lines": [("http_requests", requests({}) + ODD, 0), ("http_requests", ODD, 0)],
    "an array": [
        ("http_requests", orjson.dumps([record(RayID=f"{ray}") for ray in range(9)]), 0),
        ("http_requests", requests({"RayID": "last"}), 0),
    ],
    "an array of records over several lines, with one that is too long": [
        (
            "http_requests",
            b'[{"RayID":\n"1"},\n{"RayID":"'
            + b"x" * (2 * LINE_BYTES_MAX)
            + b'"},\n\n{"EdgeResponseStatus":\n"many"}\n]',
            0,
        )
    ],
    "odd lines, none of which is rejected": [
        ("http_requests", b'{"RayID":"1","RayID":"2"}\n{"Ray\\u0049D":"3"}\n', 0)
    ],
    "a byte order mark, blank lines, and no newline at the end": [
        ("http_requests", b"\xef\xbb\xbf\n \n" + requests({"RayID": "1"}).strip(), 0)
    ],
    "a byte order mark before an array": [
        ("http_requests", b"\xef\xbb\xbf[" + requests({"RayID": "1"}).strip() + b"]", 0)
    ],
    "lines of every length": [
        (
            "http_requests",
            requests(
                {"RayID": "x" * LINE_BYTES_MAX}, {"RayID": "y" * (LINE_BYTES_MAX - 2_000)}, {}
            ),
            0,
        )
    ],
    "only a line that is too long": [("http_requests", b"{" * (LINE_BYTES_MAX + 1), 0)],
    "batches that were received on other days, of which each has its own near days": [
        ("http_requests", requests(*days), hours)
        for days, hours in (
            ([{"EdgeStartTimestamp": f"2026-10-{day}T00:00:00Z"} for day in range(20, 31)], 0),
            ([{"EdgeStartTimestamp": f"2026-10-{day}T00:00:00Z"} for day in range(20, 31)], 72),
            ([{"EdgeStartTimestamp": "2026-11-25T00:00:00Z", "RayID": "b"}], 0),
        )
    ],
    "a column that is NULL on one of two days": [
        (
            "http_requests",
            requests(
                *[{"RayID": f"{n}", "ClientCity": "Oslo", "ClientASN": 7} for n in range(40)],
                *[
                    {"RayID": f"{n}", "EdgeStartTimestamp": "2026-11-19T00:00:00Z"}
                    for n in range(9)
                ],
            ),
            0,
        )
    ],
    "no time and no user": [("http_requests", b'{"RayID":"1"}\n{}\n', 0)],
    "a dataset without a data file": [
        ("brand_new", b'{"Timestamp":"2026-11-20T10:00:00Z","New":[1,{"a":2}]}\n', 0)
    ],
    "no records": [("http_requests", b"\n", 0), ("http_requests", b"x\n", 0)],
}


@pytest.mark.parametrize("bodies", BODIES.values(), ids=BODIES.keys())
def test_a_part_is_the_same_whoever_writes_it(
    tmp_path: Path, bodies: list[tuple[str, bytes, int]]
) -> None:
    demand_equal_parts(tmp_path, bodies)


def test_odd_lines_join_the_block_while_a_body_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd = b"".join(b'{"RayID":"%d","RayID":"%d"}\nno json\n' % (n, n) for n in range(200))
    monkeypatch.setattr(native_rows, "REFERRED_BYTES_MAX", 500)
    monkeypatch.setattr(raw_body, "READ_BYTES_AT_ONCE", 100)

    demand_equal_parts(tmp_path, [("http_requests", requests({}) + odd, 0)])


def test_too_many_users_are_counted_in_no_file_whoever_writes_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = [{"RequestHeaders": {"cf-access-user": f"user {number}"}} for number in range(40)]
    monkeypatch.setattr("store.parquet.statistics.user_days.NAMES_MAX", 9)
    monkeypatch.setattr("store.parquet.statistics.user_days.USER_DAYS_MAX", 4)
    monkeypatch.setattr(raw_body, "READ_BYTES_AT_ONCE", 100)
    monkeypatch.setattr(group_parts, "ROW_GROUP_ROWS", 10)

    store = loaded_by("native", tmp_path, [("http_requests", requests(*named), 0)])

    with store.catalog.read() as connection:
        assert connection.execute(select(user_days)).all() == []


def test_names_without_a_table_of_their_own_stay_with_their_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dataset_names, "NEW_NAMES_MAX", 0)
    bodies = [("one", b'{"a":1}\n', 0), ("two", b'{"a":2}\n{"a":3}\n', 0), ("unknown", b"{}", 0)]

    demand_equal_parts(tmp_path, bodies)

    again = Store.open(tmp_path / "native", Clock(), IntakeLimits(reserve=NO_RESERVE))
    [path] = again.snapshot().files["unknown"]
    named = pq.read_table(path, partitioning=None)["sent_as"].to_pylist()
    assert Counter(named) == {"one": 1, "two": 2, None: 1}


@pytest.mark.parametrize(
    ("module", "limit", "value"),
    [(group_parts, "ROW_GROUP_ROWS", 100), (group_parts, "HELD_BYTES_MAX", 30_000)],
)
def test_rows_are_written_when_they_are_many_or_large(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, module: Any, limit: str, value: int
) -> None:
    bodies = [("http_requests", requests(*several(900)[part::2]), 0) for part in range(2)]
    monkeypatch.setattr(raw_body, "READ_BYTES_AT_ONCE", 500)
    whole = loaded_by("python", tmp_path, bodies)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, limit, value)
        store = loaded_by("native", tmp_path, bodies)

    for path, alike in zip(
        by_day(store.snapshot().files["http_requests"]),
        by_day(whole.snapshot().files["http_requests"]),
        strict=True,
    ):
        assert pq.read_metadata(path).num_row_groups > 1
        assert pq.read_metadata(alike).num_row_groups == 1
        tables = [pq.read_table(each, partitioning=None) for each in (path, alike)]
        ours, theirs = (
            table.sort_by([("batch_id", "ascending"), ("line_number", "ascending")])
            for table in tables
        )
        assert ours.equals(theirs)
    # The rows of a user are in several row groups.
    unlike = {"first_row"}
    assert catalog_of(store, unlike) == catalog_of(whole, unlike)


def test_rows_below_both_limits_are_one_row_group(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(group_parts, "ROW_GROUP_ROWS", 100)
    monkeypatch.setattr(raw_body, "READ_BYTES_AT_ONCE", 500)
    body = requests(*({"RayID": f"{ray}"} for ray in range(99)))

    store = loaded_by("native", tmp_path, [("http_requests", body, 0)])

    [path] = store.snapshot().files["http_requests"]
    assert pq.read_metadata(path).num_row_groups == 1


def test_a_row_group_has_a_limited_number_of_rows_even_if_more_came_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(native_part, "ROW_GROUP_ROWS", 10)
    body = requests(*({"RayID": f"{ray}"} for ray in range(25)))

    store = loaded_by("native", tmp_path, [("http_requests", body, 0)])

    [path] = store.snapshot().files["http_requests"]
    told = pq.read_metadata(path)
    assert [told.row_group(number).num_rows for number in range(3)] == [10, 10, 5]


def test_a_long_column_has_several_pages(tmp_path: Path) -> None:
    lines = 45_000
    body = b"".join(b'{"RayID":"%016x","ClientASN":%d}\n' % (n, n % 3) for n in range(lines))

    demand_equal_parts(tmp_path, [("http_requests", body, 0)])


def test_a_damaged_page_is_noticed(tmp_path: Path) -> None:
    body = requests(*({"RayID": f"{ray * 7919:016x}"} for ray in range(400)))
    store = loaded_by("native", tmp_path, [("http_requests", body, 0)])
    [path] = store.snapshot().files["http_requests"]
    place = pq.read_metadata(path).row_group(0)
    chunk = next(
        place.column(at)
        for at in range(place.num_columns)
        if place.column(at).path_in_schema == "RayID"
    )
    content = bytearray(path.read_bytes())
    content[chunk.data_page_offset + chunk.total_compressed_size - 1] ^= 1

    with (
        pq.ParquetFile(pa.BufferReader(bytes(content)), page_checksum_verification=True) as file,
        pytest.raises(OSError, match=r"(?i)crc|checksum"),
    ):
        file.read(["RayID"])


def test_a_part_that_cannot_be_written_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*_: object) -> None:
        raise DiskFailed("injected")

    with monkeypatch.context() as patch:
        patch.setattr(hashed_writer.HashedWriter, "write", failing)
        with pytest.raises(DiskFailed):
            loaded_by("native", tmp_path, [("http_requests", requests({}), 0)])

    store = Store.open(tmp_path / "native", Clock(), IntakeLimits(reserve=NO_RESERVE))
    assert list(store.layout.parts.rglob("*.parquet")) == []
    assert [type(each) for each in store.loader().load_next()] == [Loaded]


def test_a_time_far_from_its_receipt_is_in_the_common_folder(tmp_path: Path) -> None:
    late = {"EdgeStartTimestamp": "2025-01-01T00:00:00Z"}

    store = loaded_by("native", tmp_path, [("http_requests", requests({}, late), 0)])

    days = {path.parent.name for path in store.snapshot().files["http_requests"]}
    assert days == {"date=2026-11-20", f"date={OTHER_DAY}"}
