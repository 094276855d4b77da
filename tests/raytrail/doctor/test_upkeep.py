"""`raytrail doctor` says how long ago logins were pulled and hours judged, where anybody ever did."""

import json
from datetime import timedelta

from raytrail.doctor import upkeep
from raytrail.doctor.finding import Finding, Grade
from raytrail.doctor.upkeep import COVERAGE_AGE_MAX, LOGINS_AGE_MAX
from store.registers import coverage, fetches
from store.registers.coverage import HourVerdict, JobHours
from store.registers.fetches import Answer, Kind, Source, Span
from store.registers.verdicts import HOUR, Complete
from store.store import Store
from tests.command import Command
from tests.factories import Clock

SECOND = timedelta(seconds=1)


def examined(store: Store) -> list[Finding]:
    return list(upkeep.examine(store))


def pull(store: Store, clock: Clock, dataset: str, *, is_next: bool = True) -> None:
    source = Source(Kind.PULL, {"dataset": dataset, "account": "account"})
    answer = Answer(Span(clock.now - HOUR, clock.now), ())
    fetches.enter(store.catalog, clock.now, source, {"is_next": is_next}, answer)


def test_a_job_that_never_ran_gives_no_finding(store: Store, clock: Clock) -> None:
    assert examined(store) == []


def test_logins_that_are_an_hour_old_are_not_a_finding(store: Store, clock: Clock) -> None:
    pull(store, clock, "access_requests")
    pulled = clock.now

    clock.now = pulled + LOGINS_AGE_MAX
    [found] = examined(store)
    assert (found.grade, found.dataset) == (Grade.FINE, "access_requests")
    assert found.text == f"pulled up to {pulled:%Y-%m-%d %H:%M}, 60 minutes ago"

    clock.now = pulled + LOGINS_AGE_MAX + SECOND
    [found] = examined(store)
    assert found.grade is Grade.WRONG
    assert "trails lack" in found.means


def test_each_source_counts_by_its_newest_window_without_a_gap(store: Store, clock: Clock) -> None:
    pull(store, clock, "access_requests")
    clock.move(minutes=90)
    pull(store, clock, "access_requests", is_next=False)
    pull(store, clock, "access_login_events")

    found = {each.dataset: each.grade for each in examined(store)}

    assert found == {"access_requests": Grade.WRONG, "access_login_events": Grade.FINE}


def test_hours_without_a_verdict_for_two_days_give_a_note(store: Store, clock: Clock) -> None:
    hour = clock.now.replace(minute=0, second=0, microsecond=0)
    judged = JobHours(
        dataset="http_requests", job=1, place="zone", hours={hour: HourVerdict(Complete(), 3)}
    )
    coverage.record(store.catalog, clock.now, [judged])

    clock.now = hour + HOUR + COVERAGE_AGE_MAX
    [found] = examined(store)
    assert (found.grade, found.about) == (Grade.FINE, "coverage")
    assert found.text.endswith("48 hours ago")

    clock.now += SECOND
    [found] = examined(store)
    assert found.grade is Grade.NOTE


def test_doctor_reports_the_age_of_pulled_logins(
    store: Store, clock: Clock, raytrail: Command
) -> None:
    pull(store, clock, "access_requests")

    told = json.loads(raytrail("doctor", "--data", store.layout.root, "--json").stdout)

    assert "logins" in {each["about"] for each in told["findings"]}
