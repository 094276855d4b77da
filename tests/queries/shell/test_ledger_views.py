"""The views `batches` and `coverage` have what the catalog has."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest
from sqlalchemy import select

from queries.shell_content import SHELL_CONTENT
from store import timestamps
from store.catalog.register_tables import coverage as coverage_table
from store.catalog.tables import batches as batch_table
from store.intake.limits import IntakeLimits
from store.intake.outcome import Receipt
from store.ledger.ledger_files import ledger_files
from store.registers import coverage
from store.registers.coverage import HourVerdict, JobHours
from store.registers.verdicts import HOUR, CannotTell, Complete, Partial, Verdict
from store.replay.selection import Selection
from store.store import Store
from tests.factories import NO_RESERVE, NOW, Clock, gzipped, load, ndjson, record, send
from tests.queries.shell.two_ways import two_ways

STATES = {"entered": "waiting", "loaded": "loaded", "unread": "unread"}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.create(tmp_path, Clock(), IntakeLimits(reserve=NO_RESERVE)) as opened:
        yield opened


def body(number: int, *lines: bytes) -> bytes:
    return gzipped(b"".join((ndjson(record(RayID=f"{number:016x}")), *lines)))


def batch_of(store: Store, sent: bytes) -> str:
    received = send(store, sent)
    assert isinstance(received, Receipt)
    return received.batch_id


def test_batches_are_those_of_the_catalog(store: Store) -> None:
    send(store, body(1))
    send(store, body(2, b"not json\n"))
    send(store, body(3), "gateway_dns")
    [damaged] = store.layout.raw.rglob(f"{batch_of(store, body(4))}.gz")
    damaged.write_bytes(b"?")
    load(store)
    store.replay().run(Selection(), is_trial=False)
    store.reassignment("http_requests").run(Selection(dataset="gateway_dns"))
    send(store, body(5))

    with two_ways(store) as asked:
        rows = asked.rows("SELECT * FROM batches ORDER BY entry")

    with store.catalog.read() as connection:
        held = connection.execute(select(batch_table).order_by(batch_table.c.sequence)).all()
    names = ("batch_id", "dataset", "state", "reason", "bytes", "rows", "rejected", "entry")
    assert [tuple(row[name] for name in names) for row in rows] == [
        tuple(
            None if value is None else str(value)
            for value in (
                each.batch_id,
                each.dataset,
                STATES[each.state],
                each.reason,
                each.body_bytes,
                each.rows,
                each.rejected_lines,
                each.sequence,
            )
        )
        for each in held
    ]
    assert {row["state"] for row in rows} == set(STATES.values())
    assert {row["dataset"] for row in rows} == {"http_requests"}


def ids(store: Store) -> list[str]:
    with duckdb.connect(str(store.layout.audit), read_only=True) as audit:
        found = audit.execute("SELECT batch_id FROM batches ORDER BY entry").fetchall()
    return [batch_id for (batch_id,) in found]


def test_both_tell_which_snapshot_they_answer_for(store: Store) -> None:
    send(store, body(1))
    send(store, body(2, b"not json\n"))
    load(store)

    with two_ways(store) as asked:
        [told] = asked.rows("SELECT sequence, taken_at FROM snapshot")
        [rejected] = asked.rows("SELECT dataset, line_number FROM rejected")
        assert asked.rows("SELECT path FROM damaged") == []
        assert asked.column("SELECT count(*) FROM snapshot WHERE age IS NOT NULL") == ["1"]

    assert told["sequence"] == str(store.snapshot().sequence)
    assert rejected == {"dataset": "http_requests", "line_number": "2"}


def test_a_line_that_is_being_written_is_no_batch_yet(store: Store) -> None:
    first = batch_of(store, body(1))
    store.publish(SHELL_CONTENT)
    second = batch_of(store, body(2))
    newest = ledger_files(store.layout)[-1]
    whole = newest.read_bytes()
    newest.write_bytes(whole[:-9])

    assert ids(store) == [first]

    newest.write_bytes(whole)
    store.publish(SHELL_CONTENT)
    assert ids(store) == [first, second]


def test_a_damaged_ledger_is_an_error_and_not_a_shorter_answer(store: Store) -> None:
    send(store, body(1))
    send(store, body(2))
    store.publish(SHELL_CONTENT)
    [newest] = ledger_files(store.layout)
    lines = newest.read_bytes().splitlines(keepends=True)
    newest.write_bytes(b"".join((b"?\n", *lines[1:])))

    with pytest.raises(duckdb.Error, match="run `raytrail fsck`"):
        ids(store)


def test_coverage_is_that_of_the_catalog(store: Store) -> None:
    start = NOW.replace(minute=0, second=0, microsecond=0)
    verdicts: tuple[Verdict, ...] = (
        *[Complete()] * 30,
        Partial(3, "a batch is missing"),
        Partial(4, "a batch is missing"),
        *[CannotTell("no counts")] * 2,
        Complete(),
    )
    hours = {start + number * HOUR: HourVerdict(each, 7) for number, each in enumerate(verdicts)}
    del hours[start + 5 * HOUR]
    for job in (1, 2):
        found = JobHours(dataset="http_requests", job=job, place="zone", hours=hours)
        coverage.record(store.catalog, NOW, [found])

    def check() -> None:
        with two_ways(store) as asked:
            rows = asked.rows("SELECT * FROM coverage ORDER BY job, hour")
        table = coverage_table.c
        with store.catalog.read() as connection:
            held = connection.execute(select(coverage_table).order_by(table.job, table.hour)).all()
        assert [tuple(row.values()) for row in rows] == [
            (
                f"{timestamps.from_text(each.hour)}+00",
                each.dataset,
                str(each.job),
                each.state,
                None if each.missing is None else str(each.missing),
                each.why,
            )
            for each in held
        ]

    check()
    changed = {start + timedelta(hours=3): HourVerdict(Partial(1, "late"), 7)}
    again = JobHours(dataset="http_requests", job=2, place="zone", hours=changed)
    coverage.record(store.catalog, NOW, [again])
    check()
