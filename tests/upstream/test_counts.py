"""Counts are asked for within the limits that Cloudflare tells, and what it refuses is a reason."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from tests.cloudflare_api.analytics import UPLOADS, VISITS, Bounds, Upload
from tests.cloudflare_api.world import ACCOUNT_ID, ACCOUNT_NAME, ZONE_ID, ZONE_NAME, Trouble, World
from tests.factories import NOW
from upstream.connection import Connection
from upstream.counts import HOUR, Counts, Visits
from upstream.errors import ApiUnavailable
from upstream.options import ApiOptions
from upstream.place import Account, Zone

HOME = Account(ACCOUNT_ID, ACCOUNT_NAME)
ZONE = Zone(ZONE_ID, ZONE_NAME, HOME)
SINCE = NOW - timedelta(days=5)


@pytest.fixture
def counts(world: World, api_url: str) -> Iterator[Counts]:
    world.clock = lambda: NOW
    with Connection(ApiOptions(token=world.token, url=api_url, tries=1, pause=0.0)) as connection:
        yield Counts(connection, ZONE, NOW)


def upload(at: datetime, **changes: object) -> Upload:
    return replace(Upload(place=ZONE_ID, job=1, at=at, records=10), **changes)  # type: ignore[arg-type]


def test_uploads_are_told_apart_by_what_became_of_them(world: World, counts: Counts) -> None:
    world.analytics.uploads = [
        upload(SINCE),
        upload(SINCE + HOUR / 2, status=204),
        upload(SINCE, status=500, final=False),
        upload(SINCE, status=1105, records=7),
        upload(SINCE, job=2, records=3),
        upload(SINCE + HOUR),
        upload(NOW),
        upload(SINCE, place=ACCOUNT_ID),
    ]

    found = counts.uploads(SINCE, NOW)

    assert set(found.hours) == {SINCE, SINCE + HOUR}
    assert (found.hours[SINCE][1].delivered, found.hours[SINCE][1].delivered_records) == (2, 20)
    assert (found.hours[SINCE][1].lost, found.hours[SINCE][1].lost_records) == (1, 7)
    assert found.hours[SINCE][1].records == 27
    assert found.hours[SINCE][2].records == 3


def test_of_an_account_it_is_asked_as_of_a_zone(world: World, counts: Counts) -> None:
    world.analytics.uploads = [upload(SINCE, place=ACCOUNT_ID)]

    found = replace(counts, place=HOME).uploads(SINCE, NOW)

    assert found.hours[SINCE][1].records == 10


def test_a_long_time_is_asked_for_in_windows_as_long_as_allowed(
    world: World, counts: Counts
) -> None:
    world.analytics.uploads = [upload(SINCE + number * HOUR) for number in range(120)]
    world.analytics.limits[UPLOADS].duration_max = timedelta(hours=30, minutes=30)

    assert len(counts.uploads(SINCE, NOW).hours) == 120
    # The limits, and four windows.
    assert len(world.requests) == 5


def test_a_window_that_fills_a_page_is_asked_in_halves(world: World, counts: Counts) -> None:
    world.analytics.uploads = [upload(SINCE + number * HOUR) for number in range(120)]
    world.analytics.limits[UPLOADS].page_size_max = 50

    assert len(counts.uploads(SINCE, NOW).hours) == 120


def test_an_hour_that_fills_a_page_alone_cannot_be_told(world: World, counts: Counts) -> None:
    world.analytics.uploads = [upload(SINCE, job=number) for number in range(3)]
    world.analytics.limits[UPLOADS].page_size_max = 3

    found = counts.uploads(SINCE, NOW)

    assert not found.knows(SINCE)
    assert "3 groups or more in one hour" in found.why


def test_hours_older_than_cloudflare_keeps_are_not_asked_for(world: World, counts: Counts) -> None:
    world.analytics.uploads = [upload(SINCE), upload(NOW - HOUR)]
    world.analytics.limits[UPLOADS].not_older_than = timedelta(days=1)

    found = counts.uploads(SINCE, NOW)

    assert set(found.hours) == {NOW - HOUR}
    assert not found.knows(NOW - timedelta(days=1))
    assert found.knows(NOW - timedelta(hours=23))
    assert not found.knows(NOW)
    assert found.why == "Cloudflare keeps logpushHealthAdaptiveGroups for 1 days"


def test_visits_come_with_their_bounds_as_whole_requests(world: World, counts: Counts) -> None:
    world.analytics.visits[ZONE_ID][SINCE] = Bounds(1000, 950.2, 1049.8, interval=10)

    found = counts.visits(SINCE, NOW)

    assert found.hours == {SINCE: Visits(1000, 951, 1049, 10.0)}
    assert found.knows(SINCE + HOUR)


def test_what_a_plan_does_not_have_is_a_reason(world: World, counts: Counts) -> None:
    world.analytics.limits[VISITS].enabled = False

    found = counts.visits(SINCE, NOW)

    assert not found.knows(SINCE)
    assert found.why == f"the plan of {ZONE_NAME} does not have {VISITS}"


def test_an_answer_of_another_shape_is_a_reason(world: World, counts: Counts) -> None:
    world.analytics.visits[ZONE_ID][SINCE] = Bounds(1, None, 2)  # type: ignore[arg-type]

    assert "not as documented" in counts.visits(SINCE, NOW).why


def test_trouble_that_passes_is_an_error_and_no_reason(world: World, counts: Counts) -> None:
    world.troubles.append(Trouble("/graphql", 503))

    with pytest.raises(ApiUnavailable):
        counts.uploads(SINCE, NOW)
