"""Counts are queried within Cloudflare's limits, and a refusal is a reason."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from tests.cloudflare_api.analytics import UPLOADS, VISITS, Bounds, Upload
from tests.cloudflare_api.world import ACCOUNT_ID, ACCOUNT_NAME, ZONE_ID, ZONE_NAME, Trouble, World
from tests.factories import NOW
from upstream.connection import Connection
from upstream.counts import HOUR, WHY_CHARACTERS_MAX, Counts, Visits
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


def test_uploads_are_counted_by_job_and_outcome(world: World, counts: Counts) -> None:
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


def test_an_account_is_queried_like_a_zone(world: World, counts: Counts) -> None:
    world.analytics.uploads = [upload(SINCE, place=ACCOUNT_ID)]

    found = replace(counts, place=HOME).uploads(SINCE, NOW)

    assert found.hours[SINCE][1].records == 10


def test_a_long_period_is_queried_in_the_longest_windows_allowed(
    world: World, counts: Counts
) -> None:
    world.analytics.uploads = [upload(SINCE + number * HOUR) for number in range(120)]
    world.analytics.limits[UPLOADS].duration_max = timedelta(hours=30, minutes=30)

    assert len(counts.uploads(SINCE, NOW).hours) == 120
    # One request for the limits, and four windows.
    assert len(world.requests) == 5


def test_a_window_that_fills_a_page_is_queried_in_halves(world: World, counts: Counts) -> None:
    world.analytics.uploads = [upload(SINCE + number * HOUR) for number in range(120)]
    world.analytics.limits[UPLOADS].page_size_max = 50

    assert len(counts.uploads(SINCE, NOW).hours) == 120


def test_an_hour_that_fills_a_page_is_unknown(world: World, counts: Counts) -> None:
    world.analytics.uploads = [upload(SINCE, job=number) for number in range(3)]
    world.analytics.limits[UPLOADS].page_size_max = 3

    found = counts.uploads(SINCE, NOW)

    assert not found.knows(SINCE)
    assert "3 groups or more in one hour" in found.why


def test_hours_older_than_cloudflare_keeps_are_not_queried(world: World, counts: Counts) -> None:
    world.analytics.uploads = [upload(SINCE), upload(NOW - HOUR)]
    world.analytics.limits[UPLOADS].not_older_than = timedelta(days=1)

    found = counts.uploads(SINCE, NOW)

    assert set(found.hours) == {NOW - HOUR}
    assert not found.knows(NOW - timedelta(days=1))
    assert found.knows(NOW - timedelta(hours=23))
    assert not found.knows(NOW)
    assert found.why == "Cloudflare keeps logpushHealthAdaptiveGroups for 1 days"


def test_bounds_of_visits_are_rounded_to_whole_requests(world: World, counts: Counts) -> None:
    world.analytics.visits[ZONE_ID][SINCE] = Bounds(1000, 950.2, 1049.8, interval=10)

    found = counts.visits(SINCE, NOW)

    assert found.hours == {SINCE: Visits(1000, 951, 1049, 10.0)}
    assert found.knows(SINCE + HOUR)


def test_a_missing_permission_is_a_reason_that_names_it(world: World, counts: Counts) -> None:
    world.permissions -= {"zone analytics"}

    assert "Analytics: Read (of the zone)" in counts.uploads(SINCE, NOW).why


def test_a_long_reason_is_cut_at_its_end(world: World, counts: Counts) -> None:
    world.troubles.append(Trouble("/graphql", 403, f"first {'x' * 999} last"))

    why = counts.uploads(SINCE, NOW).why

    assert len(why) == WHY_CHARACTERS_MAX
    assert "first" in why
    assert "last" not in why


def test_a_count_that_the_plan_lacks_is_a_reason(world: World, counts: Counts) -> None:
    world.analytics.limits[VISITS].enabled = False

    found = counts.visits(SINCE, NOW)

    assert not found.knows(SINCE)
    assert found.why == f"the plan of {ZONE_NAME} does not have {VISITS}"


def test_an_answer_with_an_undocumented_shape_is_a_reason(world: World, counts: Counts) -> None:
    world.analytics.visits[ZONE_ID][SINCE] = Bounds(1, None, 2)  # type: ignore[arg-type]

    assert "not as documented" in counts.visits(SINCE, NOW).why


def test_a_temporary_error_is_an_error_and_not_a_reason(world: World, counts: Counts) -> None:
    world.troubles.append(Trouble("/graphql", 503))

    with pytest.raises(ApiUnavailable):
        counts.uploads(SINCE, NOW)
