"""Of a span of time, what was not asked for yet."""

from datetime import datetime, timedelta

import pytest

from store.registers.backfills import Span, missing
from tests.factories import NOW


def span(since: float, until: float) -> Span:
    return Span(at(since), at(until))


def at(hours: float) -> datetime:
    return NOW + timedelta(hours=hours)


@pytest.mark.parametrize(
    ("done", "left"),
    [
        ([], [(0, 10)]),
        ([(0, 10)], []),
        ([(-5, 15)], []),
        ([(2, 3)], [(0, 2), (3, 10)]),
        ([(5, 7), (2, 6)], [(0, 2), (7, 10)]),
        ([(2, 9), (3, 4)], [(0, 2), (9, 10)]),
        ([(-3, 1), (9, 12)], [(1, 9)]),
        ([(-3, 0), (10, 12)], [(0, 10)]),
        ([(20, 30)], [(0, 10)]),
        ([(-9, -8)], [(0, 10)]),
    ],
)
def test_gaps_are_what_no_done_span_covers(
    done: list[tuple[float, float]], left: list[tuple[float, float]]
) -> None:
    found = missing(span(0, 10), [span(*each) for each in done])

    assert found == [span(*each) for each in left]
