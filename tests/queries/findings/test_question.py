"""What can be judged of a period, and what has to be said of the rest."""

from datetime import date, datetime, timedelta

from queries.findings.question import Learning, end_of
from queries.period import ALWAYS, Period

NOON = datetime(2026, 11, 20, 12)  # noqa: DTZ001 - UTC without a zone


def test_a_period_that_is_not_over_is_judged_up_to_the_snapshot() -> None:
    month = Period(NOON, NOON + timedelta(days=30))

    assert end_of(month, NOON) == end_of(ALWAYS, NOON) == NOON
    assert end_of(month, NOON + timedelta(days=40)) == month.until


def test_a_store_is_young_although_the_period_ends_in_the_future() -> None:
    month = Period(NOON, NOON + timedelta(days=30))
    learning = Learning(
        people=1, learning=0, first_day=date(2026, 11, 1), active_days=14, store_days=30
    )

    assert learning.is_store_young(end_of(month, NOON))
    assert not learning.is_store_young(month.until or NOON)
