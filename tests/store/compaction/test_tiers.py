"""The catalog and the clock determine which files are merged."""

from datetime import datetime
from typing import Any

import pytest

from store.compaction.tiers import (
    DAY,
    MERGE_FILES_MIN,
    MONTH,
    PART,
    RUN,
    RUNS_MAX,
    chains,
    due_jobs,
)
from store.parquet.part_file import ROW_GROUP_ROWS

NOW = datetime(2026, 11, 22, 10)  # noqa: DTZ001 (UTC, as in the store)


def file(number: int, **changes: Any) -> dict[str, Any]:
    return {
        "path": f"parts/{number:04}.parquet",
        "dataset": "http_requests",
        "day": "2026-11-20",
        "rows": 1_000,
        "tier": PART,
        "user_min": "ada",
        "user_max": "zoe",
        "time_min": "2026-11-20T00:00:00.000000Z",
        "time_max": "2026-11-20T23:00:00.000000Z",
        "added_at": "2026-11-20T23:30:00.000000Z",
        **changes,
    }


def first(files: list[dict[str, Any]]) -> tuple[str, int] | None:
    job = next(due_jobs(files, NOW), None)
    return None if job is None else (job.tier, len(job.inputs))


@pytest.mark.parametrize(
    ("count", "job"), [(RUNS_MAX, (DAY, RUNS_MAX)), (RUNS_MAX + 1, (RUN, RUNS_MAX))]
)
def test_a_job_reads_no_more_runs_at_once_than_fit_into_memory(
    count: int, job: tuple[str, int]
) -> None:
    assert first([file(number) for number in range(count)]) == job


@pytest.mark.parametrize(
    ("rows", "job"),
    [(ROW_GROUP_ROWS * 6, (DAY, 8)), (ROW_GROUP_ROWS * 6 + 1, (RUN, 6))],
)
def test_a_large_part_counts_once_for_each_of_its_row_groups(
    rows: int, job: tuple[str, int]
) -> None:
    assert first([file(number, rows=rows) for number in range(8)]) == job


def test_parts_too_large_to_merge_together_are_merged_in_pairs() -> None:
    huge = ROW_GROUP_ROWS * (RUNS_MAX + 1)

    assert first([file(number, rows=huge) for number in range(3)]) == (RUN, 2)
    assert first([file(0, rows=huge)]) is not None


def test_of_a_day_too_large_for_one_job_the_smallest_files_are_merged_first() -> None:
    large = [file(number, rows=2_000 - number) for number in range(RUNS_MAX + 1)]

    [job] = due_jobs(large, NOW)

    assert [each["path"] for each in job.inputs] == [each["path"] for each in large[:0:-1]]


def test_of_too_many_parts_of_one_size_the_oldest_are_merged_first() -> None:
    today = {"day": "2026-11-22", "added_at": "2026-11-22T09:59:00.000000Z"}
    parts = [file(number, **today) for number in range(RUNS_MAX + 1)]

    [job] = due_jobs(parts, NOW)

    assert list(job.inputs) == parts[:RUNS_MAX]


def test_a_run_counts_once_however_large() -> None:
    runs = [file(number, rows=ROW_GROUP_ROWS * 20, tier=RUN) for number in range(RUNS_MAX)]

    assert first(runs) == (DAY, RUNS_MAX)


@pytest.mark.parametrize(
    ("count", "job"), [(MERGE_FILES_MIN - 1, None), (MERGE_FILES_MIN, (RUN, MERGE_FILES_MIN))]
)
def test_today_waits_for_enough_parts_of_one_size(count: int, job: tuple[str, int] | None) -> None:
    today = {"day": "2026-11-22", "added_at": "2026-11-22T09:59:00.000000Z"}

    assert first([file(number, **today) for number in range(count)]) == job


def test_a_large_run_of_today_is_not_rewritten_with_small_parts() -> None:
    today = {"day": "2026-11-22", "added_at": "2026-11-22T09:59:00.000000Z"}
    small = [file(number, **today) for number in range(MERGE_FILES_MIN - 1)]
    large = file(99, **today, rows=100_000, tier=RUN)

    assert first([*small, large]) is None
    assert first([*small, large, file(MERGE_FILES_MIN, **today)]) == (RUN, MERGE_FILES_MIN)


def test_a_manual_run_does_not_wait_for_late_rows() -> None:
    fresh = {"added_at": "2026-11-22T09:59:00.000000Z"}
    day = [file(0, **fresh), file(1, **fresh)]
    october = {"day": "2026-10-20", "tier": DAY, **fresh}
    month = [file(2, day="2026-10", tier=MONTH), file(3, **october)]

    assert first(day) is first(month) is None
    assert [job.tier for job in due_jobs([*day, *month], NOW, is_manual=True)] == [DAY, MONTH]


def test_files_with_disjoint_ranges_are_read_as_one_run() -> None:
    nobody = {"tier": DAY, "user_min": None, "user_max": None}
    later = {"time_min": "2026-11-21T00:00:00.000000Z", "time_max": "2026-11-21T23:00:00.000000Z"}
    files = [
        file(0, **nobody, **later),
        file(1, tier=DAY, user_min="ada", user_max="bob"),
        file(2, tier=DAY, user_min="bob", user_max="cleo"),
        file(3, tier=DAY, user_min="cleo", user_max="zoe"),
        file(4, **nobody),
        file(5, tier=PART, user_min="zoe", user_max="zoe"),
    ]

    found = [[each["path"][6:10] for each in chain] for chain in chains(files)]

    assert found == [["0001", "0003", "0004", "0000"], ["0002"], ["0005"]]
