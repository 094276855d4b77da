"""What docs/performance.md says is what the bench does."""

import re
from pathlib import Path

import pytest

from bench import pool
from bench.measure import (
    history,
    importing,
    ingest,
    memory,
    merging,
    receiver,
    sustained,
    threads,
    traffic,
)
from bench.measure.awkward import awkward
from bench.mixes import MIXES
from bench.options import Options, Run
from bench.tables import Table, as_markdown

PAPER = (Path(__file__).parents[2] / "docs" / "performance.md").read_text(encoding="utf-8")


def rows(first_cell: str) -> list[dict[str, str]]:
    """The table whose first column is called so, by its columns."""
    block = PAPER[PAPER.index(f"| {first_cell} |") :].partition("\n\n")[0]
    head, _, *body = (
        [cell.strip() for cell in line.strip("|").split("|")] for line in block.splitlines()
    )
    return [dict(zip(head, row, strict=True)) for row in body]


def limits(text: str) -> list[float]:
    """Of "at most 0.5 / 1,200 MB", both numbers."""
    return [float(number.replace(",", "")) for number in re.findall(r"\d[\d,.]*", text)]


def test_the_goals_on_paper_are_those_in_the_code() -> None:
    written = [limit for row in rows("goal") for limit in limits(row["set"])]

    assert written == [
        *ingest.ALONE_GOALS.values(),
        *ingest.GOALS.values(),
        traffic.OFFICES_MIN,
        ingest.FLOOR_SHARE_MIN,
        threads.GAIN_MIN,
        ingest.PLAIN_MIN,
        ingest.ODD_SLOWDOWN_MAX,
        receiver.ACKNOWLEDGE_MAX,
        receiver.BUSY_MAX,
        receiver.HEALTH_MAX,
        memory.DECODE_MAX,
        memory.LOADER_BYTES_MAX / 1e6,
        importing.RATIO_MAX,
        sustained.LAG_SECONDS_MAX,
    ]


def test_the_goals_of_a_store_on_paper_are_those_in_the_code() -> None:
    written = [limit for row in rows("over a store of many days") for limit in limits(row["set"])]

    assert written == [
        *history.GOALS.values(),
        *history.PARTS_GOALS.values(),
        history.WAITING_MAX,
        history.LONGER_MAX,
        history.SIZE_MAX,
        merging.SIZE_MAX,
        merging.COPY_MIN,
        merging.INGEST_MIN,
        merging.MEMORY_MAX_MIB,
    ]


def test_every_kind_of_traffic_is_on_paper() -> None:
    written = " ".join(row["kind"] for row in rows("kind"))

    assert not [name for name in MIXES if name not in written]


def test_each_installed_engine_treats_awkward_lines_as_the_paper_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "WORK", tmp_path)
    (table,) = awkward(Run(Options(), None, print)).tables
    written = rows("line")

    assert {"duckdb read_json", "orjson + from_pylist", "raytrail"} <= set(table.columns)
    assert len(written) == len(table.rows)
    for paper, found in zip(written, table.rows, strict=True):
        for column, cell in zip(table.columns, found, strict=True):
            assert paper[column] == cell


def test_a_table_in_markdown_is_one_a_reader_can_paste() -> None:
    table = Table("Title", ("engine", "krec/s"), [("a", "1.0")], ["a note"])

    assert as_markdown(table).splitlines() == [
        "### Title",
        "",
        "| engine | krec/s |",
        "|---|---:|",
        "| a | 1.0 |",
        "",
        "a note",
    ]
