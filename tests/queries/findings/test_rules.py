"""Every rule finds its hits, and none of its near misses, in records as the loader writes them."""

from collections import Counter
from collections.abc import Iterator

import pytest

from queries.findings.rule import Rule, rules
from tests.queries.findings.case import Case, cases
from tests.queries.findings.case_store import CaseStore

CASES = list(cases())


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CaseStore]:
    opened = CaseStore(tmp_path_factory.mktemp("cases"))
    yield opened
    opened.close()


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_rule_finds_its_hits_and_no_near_miss(case: Case, store: CaseStore) -> None:
    found = store.found(case)

    expected = [(each["user"], each["evidence"]) for each in case.expected]
    assert [(each["user_id"], each["evidence"]) for each in found] == expected
    for each in found:
        assert each["what"].endswith(".")
        assert each["identity"] in {"access", "unconfirmed"}


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.name)
def test_a_rule_has_a_hit_and_two_near_misses(rule: Rule) -> None:
    held = Counter((each.rule, each.is_hit) for each in CASES)

    assert held[rule.name, True] >= 1
    assert held[rule.name, False] >= 2


def test_a_finding_without_evidence_has_one_id_in_every_time_zone(store: CaseStore) -> None:
    case = next(each for each in CASES if each.rule == "silent_source" and each.is_hit)

    ids = []
    for zone in ("UTC", "Asia/Tokyo"):
        store.in_time_zone(zone)
        ids.append([each["id"] for each in store.found(case)])
    store.in_time_zone("UTC")

    assert ids[0]
    assert ids[0] == ids[1]
