"""The rules for findings, judged by made-up companies whose incidents are known."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from queries.engine import open_engine
from queries.findings.question import judge
from queries.findings.rule import rules
from queries.identity.people import UnknownUser
from queries.identity.person import Grade, Person, PersonName
from queries.limits import KEPT_ROWS_MAX
from queries.period import ALWAYS
from queries.report.assembly import Options, reporting
from store.store import Store
from tests.findings.judge import (
    FALSE_ALARMS_MAX,
    LIMITS,
    found_in,
    judged,
    table,
    told_by_command,
    wrong,
)
from tests.findings.verdicts import Found, Verdicts, compared, rate
from tests.findings.world.shapes import SHAPES, Shape, drawn
from tests.findings.world.store import store_of
from tests.findings.world.truth import Incident, NearMiss, Truth
from tests.findings.world.world import World, world
from tests.suites import LONG_ONLY

NOON = datetime(2026, 11, 4, 12, tzinfo=UTC)

# To make up a thousand people takes minutes, and only their number is new about them.
COMPANIES = [*((name, 300) for name in (*SHAPES, "drawn")), ("offices", 1_000)]


def demand_targets(made: World, verdicts: Verdicts) -> None:
    """Of the rules that exist: each incident, no near miss, and few other findings."""
    known = {rule.name for rule in rules()}
    told = "\n".join((*table(made, verdicts), *wrong(made, verdicts)))

    assert not [one for one in verdicts.missed if one.rule in known], told
    assert not verdicts.near_misses_found, told
    assert rate(len(verdicts.false_alarms), made.shape.people) <= FALSE_ALARMS_MAX, told


@pytest.fixture(scope="module")
def small() -> World:
    shape = replace(SHAPES["offices"], people=40, requests_a_day=12.0, incidents=1, near_misses=1)
    return world(shape, 5)


@pytest.fixture(scope="module")
def company(small: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with store_of(small, tmp_path_factory.mktemp("company") / "store") as store:
        yield store


@pytest.fixture(scope="module")
def of_everybody(small: World, company: Store) -> list[Found]:
    return found_in(company, small)


def test_a_small_company_has_every_incident_found_and_nothing_else(
    small: World, of_everybody: list[Found]
) -> None:
    demand_targets(small, compared(of_everybody, small.truth))


def test_the_command_finds_what_sql_finds_though_it_asks_one_rule_after_the_other(
    small: World, company: Store, of_everybody: list[Found]
) -> None:
    assert Counter(told_by_command(company, small)) == Counter(of_everybody)


def test_about_some_names_the_same_is_found_with_less_of_the_requests_of_others(
    small: World, company: Store, of_everybody: list[Found]
) -> None:
    comparing = {rule.name for rule in rules() if rule.compares_requests}
    planted: list[Incident | NearMiss] = [*small.truth.incidents, *small.truth.near_misses]
    names = sorted({one.user for one in planted if one.rule in comparing and one.user})

    found = told_by_command(company, small, names)

    assert Counter(found) == Counter(each for each in of_everybody if each.user in names)


@pytest.mark.parametrize("kept_rows", [KEPT_ROWS_MAX, 0])
def test_requests_that_a_report_has_read_are_judged_as_those_of_the_files(
    small: World, company: Store, kept_rows: int
) -> None:
    planted: list[Incident | NearMiss] = [*small.truth.incidents, *small.truth.near_misses]
    names = sorted({one.user for one in planted if one.user})
    others = [PersonName(name, Grade.SETTING, "a test") for name in names[1:]]
    person = Person.of(names[0], others)
    snapshot, limits = company.snapshot(), replace(LIMITS, kept_rows=kept_rows)

    with (
        open_engine(snapshot, limits) as reader,
        reporting(reader, person, ALWAYS, Options()) as asked,
        open_engine(snapshot, LIMITS) as engine,
    ):
        assert not isinstance(asked, UnknownUser)
        told = judge(engine, ALWAYS, person.users, asked.requests.reader)

    with open_engine(snapshot, LIMITS) as engine:
        assert told == judge(engine, ALWAYS, person.users)
    assert len({each.rule for each in told.found}) > 10


@pytest.mark.findings
@LONG_ONLY
@pytest.mark.parametrize(("name", "people"), COMPANIES)
def test_companies_of_every_shape_meet_the_targets(
    name: str, people: int, seed: int, tmp_path: Path
) -> None:
    shape: Shape = drawn(seed, people) if name == "drawn" else SHAPES[name]

    demand_targets(*judged(replace(shape, people=people, incidents=5), seed, tmp_path / "store"))


@pytest.fixture
def found() -> Callable[..., Found]:
    def make(rule: str, user: str, *evidence: str) -> Found:
        return Found(rule, user, NOON, NOON, frozenset(evidence), "Something.")

    return make


def test_a_finding_is_a_hit_a_near_miss_or_false(found: Callable[..., Found]) -> None:
    incident = Incident(
        rule="travel",
        user="ann",
        since=NOON,
        until=NOON,
        rays=frozenset({"aa"}),
        what="",
        also=frozenset({"new_country"}),
    )
    silent = NearMiss(rule="travel", user="bob", since=NOON, until=NOON, kind="a plane", what="")
    truth = Truth([incident], [silent])
    of = [
        found("travel", "ann", "aa"),
        found("new_country", "ann", "aa"),
        found("travel", "bob", "bb"),
        found("travel", "cleo", "cc"),
        found("new_device", "ann", "aa"),
    ]

    told = compared(of, truth)

    assert told.hit == [incident]
    assert told.explained == [of[1]]
    assert [each for _, each in told.near_misses_found] == [of[2]]
    assert Counter(told.false_alarms) == Counter([of[3], of[4]])


def test_other_requests_of_the_person_are_no_hit(found: Callable[..., Found]) -> None:
    incident = Incident(
        rule="travel", user="ann", since=NOON, until=NOON, rays=frozenset({"aa"}), what=""
    )

    assert compared([found("travel", "ann", "bb")], Truth([incident], [])).missed == [incident]
