"""Odd lines and values through the whole store: each a row or a rejected line (reliability 5.5)."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from queries.engine import open_engine
from queries.errors import QueryFailed
from schema.body.lines import LINE_BYTES_MAX, Line
from schema.decoding.row import Rejected, record_of
from store.store import Store
from tests.factories import NOW, gzipped, ndjson, record
from tests.factories import send as hand_over
from tests.faults import line_checks
from tests.faults.lab import Lab, drain
from tests.injected import Injected

DEEP = 1022


@dataclass(frozen=True, slots=True)
class Odd:
    """A line, and what must stand in its row; None when it must be rejected."""

    rows: str
    line: bytes
    columns: Mapping[str, object] | None = field(default_factory=dict)


def with_member(member: str) -> bytes:
    """A good record with one member more, as it is written."""
    return ndjson(record()).strip()[:-1] + f",{member}}}".encode()


def nested(depth: int) -> str:
    return '{"a":' * depth + "1" + "}" * depth


LINES = {
    "NaN": Odd("L1", with_member('"New":NaN'), None),
    "infinity": Odd("L1", with_member('"New":Infinity'), None),
    "minus infinity": Odd("L1", with_member('"New":-Infinity'), None),
    "1e999": Odd("L1", with_member('"New":1e999'), None),
    "a name twice": Odd("L2", with_member('"RayID":"last"'), {"RayID": "last"}),
    "a lone surrogate": Odd("L3", with_member('"New":"\\ud800"'), None),
    "a lone surrogate in a key": Odd("L3", with_member('"\\udc00":1'), None),
    "invalid UTF-8": Odd("L4", with_member('"New":"?"').replace(b"?", b"\xff"), None),
    "overlong UTF-8": Odd("L4", with_member('"New":"?"').replace(b"?", b"\xc0\xaf"), None),
    "CESU-8": Odd("L4", with_member('"New":"?"').replace(b"?", b"\xed\xa0\xbd\xed\xb2\xa9"), None),
    "an escaped NUL": Odd("L5", with_member('"RayID":"a\\u0000b"'), {"RayID": "a\0b"}),
    "a raw NUL": Odd("L5", with_member('"RayID":"a\0b"'), None),
    "a raw control character": Odd("L5", with_member('"RayID":"a\x1bb"'), None),
    "deep": Odd("L6", with_member(f'"RequestHeaders":{nested(DEEP)}'), {"user_id": None}),
    "too deep": Odd("L6", with_member(f'"RequestHeaders":{nested(DEEP + 2)}'), None),
    "as long as may be": Odd("L7", b'{"RayID":"long"}'.ljust(LINE_BYTES_MAX), {"RayID": "long"}),
    "one too long": Odd("L7", b'{"RayID":"long"}'.ljust(LINE_BYTES_MAX + 1), None),
    "2^63 - 1": Odd("L8", with_member('"EdgeResponseBytes":9223372036854775807'), {"bytes": 2**63 - 1}),
    "2^63": Odd("L8", with_member('"EdgeResponseBytes":9223372036854775808'), {"bytes": None}),
    "2^64": Odd("L8", with_member('"EdgeResponseBytes":18446744073709551616'), {"bytes": None}),
    "-2^63 - 1": Odd("L8", with_member('"EdgeResponseBytes":-9223372036854775809'), {"bytes": None}),
    "300 digits": Odd("L8", with_member(f'"EdgeResponseBytes":{"9" * 300}'), {"bytes": None}),
    "1.0 for 1": Odd("L9", with_member('"EdgeResponseBytes":1.0'), {"bytes": None}),
    "1.5": Odd("L9", with_member('"EdgeResponseBytes":1.5'), {"bytes": None}),
    "text for 1": Odd("L9", with_member('"EdgeResponseBytes":"1"'), {"bytes": None}),
    "true for 1": Odd("L9", with_member('"EdgeResponseBytes":true'), {"bytes": None}),
    "an array": Odd("L10", b"[1]", None),
    "a string": Odd("L10", b'"a"', None),
    "a number": Odd("L10", b"1", None),
    "null": Odd("L10", b"null", None),
    "a mark of byte order in the middle": Odd("L11", b"\xef\xbb\xbf{}", None),
    "CRLF": Odd("L12", ndjson(record()).strip() + b"\r", {}),
    "no ray": Odd("L13", ndjson({"EdgeStartTimestamp": "2026-11-20T00:00:00Z"}).strip(), {"RayID": None}),
    "no time": Odd("L13", b'{"RayID":"timeless"}', {"RayID": "timeless"}),
    "null for a field": Odd("L14", with_member('"ClientIP":null'), {"ClientIP": None}),
    "nothing for a field": Odd("L14", with_member('"ClientIP":""'), {"ClientIP": ""}),
    "a new field": Odd("L15", with_member('"Brand_New":[1,{"a":2}]'), {}),
    "a wrong type": Odd("L16", with_member('"ClientIP":{"a":1}'), {"ClientIP": None}),
    "an empty object": Odd("L20", b"{}", {"RayID": None}),
}  # fmt: skip


def columns_of(store: Store) -> dict[int, dict[str, object]]:
    question = (
        "SELECT line_number, RayID, ClientIP, EdgeResponseBytes AS bytes, user_id,"
        " in_utc(event_time) AS event_time, extra FROM http_requests"
    )
    with open_engine(store.snapshot()) as engine:
        answer = engine.run(question, {}, QueryFailed)
        return {int(row["line_number"]): row for row in answer.records()}


def rejected(store: Store) -> dict[int, str]:
    with open_engine(store.snapshot()) as engine:
        answer = engine.run("SELECT line_number, reason FROM rejected", {}, QueryFailed)
        return {int(number): str(reason) for number, reason in answer.rows}


def send(store: Store, body: bytes) -> None:
    hand_over(store, body)
    drain(store)


def test_l1_to_l16_each_odd_line_is_the_row_it_should_be_or_rejected_with_a_reason(
    store: Store, injected: Injected
) -> None:
    """All in one batch, so that none of them can harm another."""
    send(store, gzipped(b"\n".join(odd.line for odd in LINES.values())))

    rows, refused = columns_of(store), rejected(store)

    assert rows.keys() | refused.keys() == set(range(1, len(LINES) + 1))
    assert not rows.keys() & refused.keys()
    for number, (name, odd) in enumerate(LINES.items(), 1):
        assert (number in refused) == (odd.columns is None), f"{odd.rows} {name}"
        for column, value in (odd.columns or {}).items():
            assert rows[number][column] == value, f"{odd.rows} {name}: {column}"
    assert all(refused.values())
    demand_whole_in_extra(rows)
    injected(len(LINES))


def test_l24_the_reason_of_a_rejected_line_is_true(lab: Lab) -> None:
    line_checks.reasons_are_true(lab)


@pytest.mark.parametrize("opening", [b"[", b"[1,", b"[[1,", b'{"a":[', b"[{},", b"[[],"])
def test_l24_no_number_of_open_brackets_is_taken_for_a_lack_of_memory(opening: bytes) -> None:
    for depth in range(2, 1_100):
        content = opening * depth
        line = Line(1, content, len(content))

        outcome = record_of(line)

        assert isinstance(outcome, Rejected)
        assert outcome.reason in {
            "not JSON: unexpected end of data",
            "not JSON: depth limit exceeded",
        }


def demand_whole_in_extra(rows: Mapping[int, Mapping[str, object]]) -> None:
    """What does not fit its column stands in `extra`, as it was sent."""
    extra = {name: str(rows[n]["extra"]) for n, name in enumerate(LINES, 1) if n in rows}
    assert '"EdgeResponseBytes":18446744073709551616' in extra["2^64"]
    assert "9" * 300 in extra["300 digits"]
    assert '"EdgeResponseBytes":1.0' in extra["1.0 for 1"]
    assert '"Brand_New":[1,{"a":2}]' in extra["a new field"]
    assert '"ClientIP":{"a":1}' in extra["a wrong type"]
    assert json.loads(extra["a name twice"])["RayID"] == record()["RayID"]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32"])
def test_l4_a_body_in_another_encoding_is_all_rejected(
    store: Store, injected: Injected, encoding: str
) -> None:
    body = ndjson(record(), record(RayID="2")).decode().encode(encoding)

    send(store, gzipped(body))

    injected(1)
    told = store.status().datasets["http_requests"]
    assert told.rows == 0
    assert told.rejected_lines == body.count(b"\n") + 1


@pytest.mark.parametrize(
    ("body", "counts"),
    [
        (b"\xef\xbb\xbf" + ndjson(record()), (1, 0, 0)),
        (b"\xef\xbb\xbf" * 2 + ndjson(record()), (0, 1, 0)),
        (ndjson(record()).replace(b"\n", b"\r\n"), (1, 0, 0)),
        (ndjson(record()).replace(b"\n", b"\r"), (1, 0, 0)),
        (b"\n\n \r\n" + ndjson(record()) + b"\n", (1, 0, 4)),
        (ndjson(record()).strip(), (1, 0, 0)),
        (b"\n" * 50, (0, 0, 50)),
        (b"{" * 50, (0, 1, 0)),
        (b"no\njson\nat\nall", (0, 4, 0)),
    ],
    ids=["mark", "two", "CRLF", "CR", "blank", "no end", "newlines", "braces", "all bad"],
)
def test_l11_l12_l21_lines_are_counted_however_they_end(
    store: Store, injected: Injected, body: bytes, counts: tuple[int, int, int]
) -> None:
    hand_over(store, gzipped(body))
    [loaded] = store.loader().load_next()

    injected(1)
    counted = (getattr(loaded, name, None) for name in ("rows", "rejected_lines", "blank_lines"))
    assert tuple(counted) == counts


def test_l17_every_way_to_write_an_instant_is_that_instant(store: Store) -> None:
    second = int(datetime(2026, 11, 20, 9, 51, 7, tzinfo=UTC).timestamp())
    same: list[object] = ["2026-11-20T09:51:07Z", "2026-11-20T10:51:07+01:00", second, str(second)]
    same += [second * 10**3, second * 10**6, second * 10**9, float(second)]
    impossible = ["2026-02-30T00:00:00Z", 1e20, -1e30, "year 0", "0000-01-01T00:00:00Z", {}]
    times: list[object] = [*same, *impossible]
    send(store, gzipped(ndjson(*[record(EdgeStartTimestamp=t, EdgeEndTimestamp=t) for t in times])))

    found = [row["event_time"] for _, row in sorted(columns_of(store).items())]

    assert len(found) == len(times)
    assert len(set(found[: len(same)])) == 1
    assert found[0] is not None
    assert found[len(same) :] == [None] * len(impossible)


def test_l18_c3_a_far_event_makes_no_folder_and_is_found(store: Store, injected: Injected) -> None:
    days = (-20_000, -32, 2, 20_000)
    times = [(NOW + timedelta(days=each)).isoformat() + "Z" for each in days]
    send(store, gzipped(ndjson(*[record(EdgeStartTimestamp=time) for time in times])))

    injected(len(days))
    folders = [path.name for path in (store.layout.parts / "http_requests").iterdir()]
    assert folders == ["date=__other__"]
    found = {row["event_time"] for row in columns_of(store).values()}
    assert found == {NOW + timedelta(days=each) for each in days}
    assert store.progress().pending.batches == 0


def test_l19_the_same_record_written_otherwise_is_kept_twice(store: Store) -> None:
    """An audit store must not choose between two statements; only equal bytes are one."""
    first = record(RayID="same")
    second = dict(reversed(first.items()))
    for body in (ndjson(first), ndjson(second), json.dumps(first).encode(), ndjson(first)):
        send(store, gzipped(body))

    with open_engine(store.snapshot()) as engine:
        answer = engine.run("SELECT RayID FROM http_requests", {}, QueryFailed)
        assert [row[0] for row in answer.rows] == ["same"] * 3


def test_l22_a_test_upload_is_no_batch(store: Store) -> None:
    for body in (b'{"content":"tests"}', gzipped(b'{"content":"test"}'), b"test"):
        hand_over(store, body)

    assert store.status().batches == 0
