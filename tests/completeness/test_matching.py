"""Held records match counted ones, in whichever hour the clocks put them."""

from collections import Counter
from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from completeness.counts import CLOCKS_APART, DatasetCounts
from completeness.hours import HOUR, hour_of
from completeness.matching import HourRange, missing_records
from store.registers.arrivals import Arrival, Times
from upstream.counts import Uploads

START = datetime(2026, 11, 20)  # noqa: DTZ001 (UTC without a zone, as in the store)
HOURS = [START + number * HOUR for number in range(8)]

# Uploads of the middle hours, by the minute they were counted at, with how far apart the clocks
# were and how many records.
UPLOADS = st.lists(
    st.tuples(
        st.integers(60, 7 * 60 - 1),
        st.integers(-5 * 60, 5 * 60),
        st.integers(1, 1000),
        st.booleans(),
    ),
    max_size=40,
)


def arrival(at: datetime, records: int, event: datetime | None = None) -> Arrival:
    first = event or at - timedelta(minutes=2)
    return Arrival(
        batch_id="b",
        received_at=at,
        records=records,
        bytes=1,
        is_unread=False,
        events=Times(first, first),
    )


def gaps(counted: dict[datetime, int], came: list[Arrival]) -> dict[datetime, int]:
    counts = DatasetCounts({hour: {1: Uploads(1, counted.get(hour, 0))} for hour in HOURS})
    counts.add(came)
    counts.match(HOURS[1:-1])
    return {hour: gap for hour, gap in counts.gaps.items() if gap}


@given(UPLOADS)
def test_records_received_within_minutes_of_their_hour_are_never_missing(
    uploads: list[tuple[int, int, int, bool]],
) -> None:
    counted: Counter[datetime] = Counter()
    came = []
    for minute, seconds_apart, records, _ in uploads:
        at = START + timedelta(minutes=minute)
        counted[hour_of(at)] += records
        came.append(arrival(at + timedelta(seconds=seconds_apart), records))

    assert gaps(counted, came) == {}


@given(UPLOADS)
def test_every_lost_record_is_reported_missing(
    uploads: list[tuple[int, int, int, bool]],
) -> None:
    counted: Counter[datetime] = Counter()
    came, lost = [], 0
    for minute, seconds_apart, records, is_lost in uploads:
        at = START + timedelta(minutes=minute)
        counted[hour_of(at)] += records
        lost += records if is_lost else 0
        if not is_lost:
            came.append(arrival(at + timedelta(seconds=seconds_apart), records))

    assert sum(gaps(counted, came).values()) == lost


@given(UPLOADS, st.integers(0, 48 * 60))
def test_records_imported_later_fill_their_gap(
    uploads: list[tuple[int, int, int, bool]], minutes_later: int
) -> None:
    counted: Counter[datetime] = Counter()
    came = []
    for minute, seconds_apart, records, is_late in uploads:
        at = START + timedelta(minutes=minute)
        counted[hour_of(at)] += records
        if is_late:
            healed_at = HOURS[-1] + HOUR + timedelta(minutes=minutes_later)
            came.append(arrival(healed_at, records, event=at - timedelta(minutes=3)))
        else:
            came.append(arrival(at + timedelta(seconds=seconds_apart), records))

    assert gaps(counted, sorted(came, key=lambda each: each.received_at)) == {}


def test_a_gap_is_reported_in_its_own_hour() -> None:
    counted = dict.fromkeys(HOURS, 100)
    came = []
    for hour in HOURS:
        came.append(arrival(hour + timedelta(minutes=1), 50))
        came.append(arrival(hour + timedelta(minutes=30), 30 if hour == HOURS[3] else 50))

    assert gaps(counted, came) == {HOURS[3]: 20}


def test_batches_beyond_the_tolerance_do_not_count_for_the_hour_before() -> None:
    late = HOURS[3] + CLOCKS_APART
    sooner = late - timedelta(seconds=1)

    assert gaps({HOURS[2]: 7}, [arrival(late, 7)]) == {HOURS[2]: 7}
    assert gaps({HOURS[2]: 7}, [arrival(sooner, 7)]) == {}


def test_an_archive_of_another_month_fills_no_gap() -> None:
    month_ago = START - timedelta(days=30)
    archived = arrival(HOURS[3] + timedelta(minutes=30), 500, event=month_ago)

    assert gaps({HOURS[3]: 7}, [archived]) == {HOURS[3]: 7}


def test_a_chain_of_batches_on_the_border_is_followed_to_its_end() -> None:
    """Each hour's last upload arrived in the next hour, and each was smaller than the one before."""
    counted, came = {}, []
    for number, hour in enumerate(HOURS):
        counted[hour] = 100 - number
        came.append(arrival(hour + HOUR + timedelta(minutes=2), 100 - number))

    assert gaps(counted, came) == {}


def test_records_of_an_hour_without_a_count_fill_no_gap_next_to_it() -> None:
    first_known = HOURS[3]
    counts = DatasetCounts({hour: {1: Uploads(1, 10)} for hour in HOURS[3:]})
    counts.add([arrival(first_known + timedelta(minutes=m), 5) for m in (2, 30)])
    counts.match([first_known])

    assert counts.gaps == {first_known: 5}
    assert counts.has_unknown_neighbour(first_known)
    assert not counts.has_unknown_neighbour(HOURS[4])


def test_no_record_is_matched_twice() -> None:
    one, other = HOURS[1], HOURS[2]
    shared = HourRange(one, one, other)

    assert missing_records({one: 5, other: 5}, {shared: 5}, [one, other]) == {one: 0, other: 5}
