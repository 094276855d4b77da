"""Sorted runs are merged into one sorted stream; files are cut between users."""

from collections.abc import Generator, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from store.catalog.tables import batches
from store.compaction import late_rows, merge, merge_output, rewriter
from store.compaction.compactor import Compactor
from store.compaction.merge import merge_runs
from store.compaction.merge_output import SortedOutput, Target
from store.errors import RewriteRefused, StoreDamaged
from store.parquet.file_reader import demand_unchanged, opened
from store.parquet.part_file import SORTED, Kind
from store.parquet.row_order import in_order, ordered
from store.parquet.sorted_run import SortedRun
from store.store import Store
from tests.factories import gzipped, ndjson, record, send
from tests.finished import content, named
from tests.store.compaction.test_compactor import (
    a_day,
    compact,
    keys,
    live,
    load,
    settle,
    two_parts,
)
from tests.store.conftest import Built

START = datetime(2026, 11, 20)  # noqa: DTZ001 (UTC, as in the store)
SCHEMA = pa.schema(
    [
        ("user_id", pa.string()),
        ("event_time", pa.timestamp("us")),
        ("line_number", pa.int64()),
        ("batch_id", pa.string()),
    ]
)
Row = tuple[str | None, int | None]
ROWS = st.lists(
    st.tuples(
        st.none() | st.sampled_from(["a", "ab", "b", "é", "\U0001f600", "z"]),
        st.none() | st.integers(0, 3),
    ),
    max_size=12,
)


def table(rows: Sequence[Row], first_line: int = 0) -> pa.Table:
    return pa.Table.from_pylist(
        [
            {
                "user_id": user,
                "event_time": None if second is None else START + timedelta(seconds=second),
                "line_number": first_line + line,
                "batch_id": "b",
            }
            for line, (user, second) in enumerate(rows)
        ],
        SCHEMA,
    )


def run(rows: pa.Table, slice_rows: int, step_rows: int = 1) -> SortedRun:
    def slices() -> Generator[pa.Table]:
        for start in range(0, rows.num_rows, slice_rows):
            # Texts are dictionaries in some files and not in others.
            piece = rows.slice(start, slice_rows)
            is_odd = bool(start // slice_rows % 2) and "user_id" in rows.column_names
            yield (
                piece.set_column(0, "user_id", piece["user_id"].dictionary_encode())
                if is_odd
                else piece
            )

    return SortedRun(slices(), rows.num_rows, step_rows)


def listed(tables: Sequence[pa.Table]) -> list[tuple[Any, ...]]:
    return [tuple(row.values()) for each in tables for row in each.to_pylist()]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.lists(ROWS, min_size=1, max_size=4),
    st.integers(1, 5),
    st.integers(1, 5),
    st.sampled_from([2, 1_000]),
)
def test_every_row_is_merged_once_and_in_order_for_any_slicing(
    monkeypatch: pytest.MonkeyPatch,
    rows: list[list[Row]],
    slice_rows: int,
    step_rows: int,
    held_max: int,
) -> None:
    whole = [in_order(table(each, 100 * place)) for place, each in enumerate(rows)]
    monkeypatch.setattr(merge, "ROWS_HELD_MAX", held_max)

    found = listed(list(merge_runs([run(each, slice_rows, step_rows) for each in whole])))

    assert sorted(found, key=str) == sorted(listed(whole), key=str)
    marks = [(user is None, user or "", time is None, time or START) for user, time, *_ in found]
    assert marks == sorted(marks)


def test_rows_of_one_time_are_emitted_together_up_to_a_limit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def sizes(held_max: int) -> list[int]:
        monkeypatch.setattr(merge, "ROWS_HELD_MAX", held_max)
        runs = [run(table([(None, None)] * 10), 2) for _ in range(2)]
        return [each.num_rows for each in merge_runs(runs)]

    assert sizes(100) == [20]
    assert len(sizes(5)) > 1


def test_a_run_that_is_not_sorted_is_refused() -> None:
    with pytest.raises(RewriteRefused, match="not sorted"):
        list(merge_runs([run(table([("b", 0), ("b", 1), ("a", 0), ("a", 1)]), 2)]))


def test_rejected_lines_keep_their_order() -> None:
    lines = pa.table({"batch_id": ["b", "a", "c"], "line_number": [2, 1, 3]})

    found = pa.concat_tables(merge_runs([run(lines, 1), run(lines.slice(0, 1), 1)]))

    assert found["batch_id"].to_pylist() == ["b", "a", "c", "b"]


def test_taking_rows_of_a_run_before_reading_is_an_error() -> None:
    with pytest.raises(ValueError, match="no row of this run was read"):
        run(table([("a", 0)]), 1).take_all()


PAIRS = replace(SORTED, row_group_rows=2)


def files(
    folder: Path, rows: Sequence[Row], file_rows: int, kind: Kind = SORTED
) -> list[list[str | None]]:
    """The users of the rows of each file, which is cut after `file_rows` rows."""
    target = Target(
        folder=folder,
        content=content(SCHEMA),
        stem="s",
        kind=kind,
        file_rows=file_rows,
    )
    with SortedOutput(target) as output:
        for place, row in enumerate(rows):
            output.add(table([row], place))
        made = output.finish()
    return [
        pq.read_table(each.part.path, partitioning=None)["user_id"].to_pylist() for each in made
    ]


def test_files_are_cut_between_users_and_rows_without_a_user_are_apart(tmp_path: Path) -> None:
    rows: list[Row] = [(user, 0) for user in ["a", "a", "a", "b", "c", "d", None, None, None]]

    found = files(tmp_path, rows, 2, PAIRS)

    assert found == [["a", "a", "a"], ["b", "c"], ["d"], [None, None], [None]]


def test_long_rows_make_row_groups_of_fewer_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(merge_output, "WAITING_BYTES_MAX", 5 * table([("a", 0)]).nbytes)
    rows: list[Row] = [("a", place) for place in range(12)]

    assert files(tmp_path, rows, 100) == [["a"] * 12]
    [made] = tmp_path.glob("*.parquet")
    footer = pq.read_metadata(made)
    groups = [footer.row_group(each).num_rows for each in range(footer.num_row_groups)]
    assert groups == [5, 5, 2]


def test_a_step_has_only_the_dictionary_values_of_its_rows() -> None:
    rows = table([(f"user-{place:03}", 0) for place in range(100)])
    folded = rows.set_column(0, "user_id", rows["user_id"].dictionary_encode())

    found = ordered([folded.slice(7, 3), folded.slice(2, 3)])

    assert listed([found]) == listed([rows.slice(2, 3), rows.slice(7, 3)])
    assert len(found["user_id"].combine_chunks().dictionary) == 6


def test_texts_with_large_dictionaries_are_read_as_plain_texts_on_request(
    tmp_path: Path,
) -> None:
    path = tmp_path / "texts.parquet"
    texts = ["short", "long" * 100] * 50
    pq.write_table(pa.table({"few": ["x"] * 100, "long": texts}), path)

    def kinds(bytes_max: int | None) -> list[bool]:
        with opened(named(path), bytes_max) as file:
            [read] = file.tables(1_000, file.columns)
            assert read["long"].to_pylist() == texts
            return [pa.types.is_dictionary(kind) for kind in read.schema.types]

    assert kinds(None) == [True, True]
    assert kinds(200) == [True, False]


def test_all_rows_of_one_user_are_in_one_file(tmp_path: Path) -> None:
    assert files(tmp_path, [("a", 0)] * 7 + [("b", 0)], 2, PAIRS) == [["a"] * 7, ["b"]]


def test_files_with_different_types_of_one_column_are_not_merged(built: Built) -> None:
    store, _ = built(two_parts)
    old = live(store)[0]
    path = store.layout.root / old["path"]
    read = pq.read_table(path, partitioning=None)
    place = read.column_names.index("ClientASN")
    pq.write_table(read.set_column(place, "ClientASN", pa.nulls(len(read), pa.bool_())), path)

    with pytest.raises(RewriteRefused, match="ClientASN"):
        compact(store)

    assert {file["tier"] for file in live(store)} == {"part"}


def test_a_row_that_changes_its_batch_is_noticed(
    built: Built, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The counts of each batch show it, even if the digest of all rows did not."""
    store, _ = built(two_parts)
    real = merge.merge_runs

    def confused(runs: Any) -> Iterator[pa.Table]:
        for found in real(runs):
            first = found["batch_id"].to_pylist()[0]
            place = found.column_names.index("batch_id")
            yield found.set_column(place, "batch_id", pa.array([first] * found.num_rows))

    monkeypatch.setattr(rewriter, "merge_runs", confused)
    monkeypatch.setattr(
        rewriter, "_full_hashes", lambda found: found["line_number"].cast(pa.uint64())
    )
    with pytest.raises(RewriteRefused, match="of a batch"):
        compact(store)


def test_late_rows_of_too_many_users_rewrite_every_file(
    built: Built, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, _ = built(a_day)
    late = record(RayID="1a7e", RequestHeaders={"cf-access-user": "zoe"})
    send(store, gzipped(ndjson(late)))
    load(store)
    settle(store)
    monkeypatch.setattr(late_rows, "USERS_ASKED_MAX", 0)

    [done] = compact(store)

    assert (done.files_before, done.rows) == (3, 13)


def test_a_job_knows_the_number_of_its_rows(built: Built) -> None:
    store, _ = built(two_parts)

    [job] = Compactor(store.file_swap()).due_jobs()

    assert job.rows == len(keys(store)) == 8


def test_a_missing_file_is_named_and_the_job_fails(built: Built) -> None:
    store, _ = built(two_parts)
    compaction = Compactor(store.file_swap())
    [job] = compaction.due_jobs()
    victim = store.layout.root / live(store)[0]["path"]
    victim.unlink()

    with pytest.raises(StoreDamaged, match=victim.name):
        demand_unchanged(victim, live(store)[0]["sha256"])
    with pytest.raises(StoreDamaged, match=victim.name):
        compaction.run(job)


def test_raw_lines_are_read_from_kept_bodies_only(store: Store) -> None:
    lines = [f'{{"RayID":"{number}"}}'.encode() for number in range(20_000)]
    send(store, gzipped(b"\r\n".join(lines)))
    originals = store.file_swap().originals
    assert originals is not None
    with store.catalog.read() as connection:
        batch_id = connection.scalars(select(batches.c.batch_id)).one()

    found = originals.lines("http_requests", batch_id, [1, 20_000])

    assert found == {1: lines[0], 20_000: lines[-1]}
    assert originals.lines("access_requests", batch_id, [1]) == {}
    with store.catalog.write() as connection:
        connection.execute(update(batches).values(raw_retired_sequence=1))
    assert originals.lines("http_requests", batch_id, [1]) == {}


def test_a_file_without_rows_can_be_read(tmp_path: Path) -> None:
    path = tmp_path / "empty.parquet"
    pq.ParquetWriter(path, SCHEMA).close()

    with opened(named(path)) as file:
        assert list(file.tables(1_000, file.held_columns())) == []
