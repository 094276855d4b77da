"""Verdicts on hours are stored, replaced by better ones, and kept in the ledger."""

from datetime import datetime, timedelta

from store.catalog import ledger
from store.catalog.scope import Scope
from store.registers.coverage import HourVerdict, JobHours, record, uploaded_counts
from store.registers.verdicts import HOUR, CannotTell, Complete, Partial, Verdict
from store.store import Store
from tests.factories import NOW

NINE = datetime(2026, 11, 20, 9)  # noqa: DTZ001 (UTC without a zone, as in the store)


def kept(
    store: Store, hours: dict[datetime, Verdict], job: int = 1, counted: int = 5
) -> int | None:
    judged = {hour: HourVerdict(verdict, counted) for hour, verdict in hours.items()}
    found = JobHours(dataset="http_requests", job=job, place="zone", hours=judged)
    return record(store.catalog, NOW, [found]).sequence


def known(
    store: Store, since: datetime | None = None, until: datetime | None = None
) -> list[tuple[int, datetime, Verdict]]:
    scope = Scope(dataset="http_requests", since=since, until=until)
    found = store.snapshot(scope).coverage
    return [(each.job, each.hour, each.verdict) for each in found.hours]


def test_a_later_verdict_replaces_an_earlier_one_and_the_ledger_has_both(store: Store) -> None:
    kept(store, {NINE: Partial(7, "lost")})
    kept(store, {NINE: Complete()})

    assert known(store) == [(1, NINE, Complete())]
    with store.catalog.read() as connection:
        told = [each.payload["hours"] for each in ledger.of_kinds(connection, ["coverage"], 0)]
    assert [(run["verdict"], run["missing"]) for [run] in told] == [
        ("partial", 7),
        ("complete", None),
    ]


def test_cannot_tell_does_not_replace_a_verdict(store: Store) -> None:
    kept(store, {NINE: Partial(7, "lost"), NINE + HOUR: Complete()})

    assert kept(store, {NINE: CannotTell("too old"), NINE + HOUR: CannotTell("too old")}) is None
    assert [verdict for *_, verdict in known(store)] == [Partial(7, "lost"), Complete()]
    assert kept(store, {NINE: CannotTell("x")}, job=2) is not None


def test_an_unchanged_verdict_writes_no_entry(store: Store) -> None:
    first = kept(store, {NINE: Complete(), NINE + HOUR: CannotTell("filtered")})

    assert first is not None
    assert kept(store, {NINE: Complete(), NINE + HOUR: CannotTell("filtered")}) is None
    assert kept(store, {NINE + HOUR: CannotTell("sampled")}) == first + 1


def test_the_entry_merges_consecutive_hours_with_the_same_verdict(store: Store) -> None:
    hours = {NINE + number * HOUR: Complete() for number in (0, 1, 2, 4)}
    kept(store, {**hours, NINE + 3 * HOUR: Partial(1, "lost")})

    with store.catalog.read() as connection:
        [entry] = ledger.of_kinds(connection, ["coverage"], 0)
    told = [
        (run["since"][11:16], run["until"][11:16], run["verdict"]) for run in entry.payload["hours"]
    ]
    assert told == [
        ("09:00", "12:00", "complete"),
        ("12:00", "13:00", "partial"),
        ("13:00", "14:00", "complete"),
    ]
    assert entry.payload["hours"][0]["counted"] == [5, 5, 5]


def test_months_of_hours_can_be_recorded_at_once(store: Store) -> None:
    hours: dict[datetime, Verdict] = {NINE - number * HOUR: Complete() for number in range(2400)}
    kept(store, hours)
    kept(store, dict.fromkeys(hours, Partial(1, "lost")))

    assert {verdict for *_, verdict in known(store)} == {Partial(1, "lost")}


def test_a_period_has_every_hour_that_it_touches(store: Store) -> None:
    kept(store, {NINE + number * HOUR: Complete() for number in range(5)})
    half = timedelta(minutes=30)

    found = known(store, since=NINE + HOUR + half, until=NINE + 3 * HOUR)

    assert [hour for _, hour, _ in found] == [NINE + HOUR, NINE + 2 * HOUR]


def test_the_counts_of_cloudflare_are_kept(store: Store) -> None:
    kept(store, {NINE: Complete(), NINE + HOUR: Partial(2, "lost")}, counted=9)

    assert uploaded_counts(store.catalog, [1, 2], NINE, NINE + HOUR) == {1: {NINE: 9}}


def test_a_snapshot_with_a_scope_has_its_coverage(store: Store) -> None:
    kept(store, {NINE: Complete("a note")})

    taken = store.snapshot(Scope(dataset="http_requests"))

    assert [each.verdict for each in taken.coverage.hours] == [Complete("a note")]
    assert store.snapshot(Scope(dataset="access_requests")).coverage.hours == ()
    assert store.snapshot().coverage.hours == ()
    with store.catalog.read() as connection:
        assert all(entry.is_sound() for entry in ledger.walk(connection))
