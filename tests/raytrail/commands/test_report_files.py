"""The files of a report's requests are written while the findings are judged."""

import threading
import time
from pathlib import Path

import pytest

from queries.engine import open_engine
from queries.errors import QueryFailed
from queries.limits import DEFAULT_LIMITS
from raytrail.commands.questions.report_files import beside
from raytrail.demo.run import samples
from store.store import Store
from tests.command import Command
from tests.factories import load, send

LONG = "select sum(hash(a.range, b.range)) from range(1000000) a, range(1000000) b"


def test_an_error_of_the_block_stops_what_the_thread_asks(store: Store) -> None:
    found = list[QueryFailed]()
    began = time.monotonic()
    is_asking = threading.Event()

    with open_engine(store.snapshot()) as engine:

        def ask() -> None:
            threading.Timer(0.3, is_asking.set).start()
            try:
                list(engine.run(LONG, {}, QueryFailed).rows)
            except QueryFailed as error:
                found.append(error)

        def failing_block() -> None:
            with beside(engine, ask):
                is_asking.wait()
                raise ValueError("of the block")

        with pytest.raises(ValueError, match="of the block"):
            failing_block()

    assert len(found) == 1
    assert time.monotonic() - began < DEFAULT_LIMITS.seconds, "the question ended by its own limit"


def test_an_error_of_the_thread_is_that_of_its_result(store: Store) -> None:
    def fail() -> None:
        raise QueryFailed("of the thread")

    with (
        open_engine(store.snapshot()) as engine,
        beside(engine, fail) as done,
        pytest.raises(QueryFailed, match="of the thread"),
    ):
        done.result()


def test_a_file_of_requests_that_cannot_be_written_is_named_after_the_report_is_printed(
    raytrail: Command, store: Store, tmp_path: Path
) -> None:
    for sample in samples():
        send(store, sample.body, sample.dataset)
    load(store)
    asked = ("report", "--user", "srhea", "--data", store.layout.root, "--save", tmp_path / "saved")
    raytrail(*asked)
    [csv] = (tmp_path / "saved").glob("*.csv")
    csv.unlink()
    (csv / "in the way").mkdir(parents=True)

    ended = raytrail(*asked)

    assert ended.returncode != 0
    assert "Findings" in ended.stdout
    assert csv.name in ended.stderr
