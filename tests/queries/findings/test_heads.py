"""The head of every rule is whole, and its statement keeps to what all of our DuckDBs can read."""

import re
from collections import Counter
from uuid import UUID

import pytest

from queries.findings.composition import composed
from queries.findings.rule import Rule, rule_of, rules
from queries.findings.thresholds import macros, number
from schema.dataset import datasets

COMMENT = re.compile(r"--[^\n]*")

HEAD = {
    "title": "A title",
    "id": "6f1f0a52-0d0c-4a35-9a3c-9c0f8b7f2f10",
    "status": "experimental",
    "level": "low",
    "description": "A description.",
    "falsepositives": ["Something else."],
    "logsource": {"product": "cloudflare", "service": "http_requests"},
    "identity": "any",
}


@pytest.fixture(params=rules(), ids=lambda rule: rule.name)
def rule(request: pytest.FixtureRequest) -> Rule:
    found = request.param
    assert isinstance(found, Rule)
    return found


def test_a_head_tells_what_a_person_needs(rule: Rule) -> None:
    assert UUID(rule.id).version is not None
    assert rule.title
    assert not rule.title.endswith(".")
    assert rule.description.endswith(".")
    assert rule.falsepositives
    assert all(each.endswith(".") for each in rule.falsepositives)
    assert all(each.startswith("attack.") for each in rule.tags)


def test_a_rule_needs_fields_that_its_dataset_has(rule: Rule) -> None:
    known = {field.name for field in datasets()[rule.service].fields}

    assert set(rule.fields) <= known


def test_a_rule_asks_for_each_of_its_thresholds(rule: Rule) -> None:
    for name in (*rule.thresholds, *rule.lists):
        assert f"rules.{rule.name}_{name}()" in rule.sql


def test_a_statement_keeps_to_what_duckdb_1_4_reads_and_parameters_do_not_hide(rule: Rule) -> None:
    plain = COMMENT.sub("", rule.sql)

    assert not re.search(r"\bif\s*\(", plain)
    # A newer DuckDB stores an offset so that an older one cannot read it.
    assert not re.search(r"\b(lag|lead)\([^()]*,", plain)
    assert not re.search(r"\bas (since|until|who|asked_\w+)\b", plain)
    assert ";" not in plain


def test_no_two_rules_have_one_name_or_id() -> None:
    names, ids = (Counter(getattr(each, key) for each in rules()) for key in ("name", "id"))

    assert {*names.values(), *ids.values()} == {1}


def test_a_text_of_a_head_stays_a_text_in_the_macro() -> None:
    told = rule_of("place", "quoted", {**HEAD, "title": "O'Brien'; drop"}, "select 1")

    assert "'O''Brien''; drop' as title" in composed([told])


@pytest.mark.parametrize(
    "change",
    [
        {"level": "grave"},
        {"identity": "sure"},
        {"levels": "low"},
        {"logsource": {"service": "dns"}},
    ],
    ids=str,
)
def test_a_wrong_head_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"none of|unknown keys"):
        rule_of("place", "wrong", {**HEAD, **change}, "select 1")


def test_a_threshold_of_the_settings_replaces_that_of_the_head() -> None:
    statements = list(
        macros(rules(), (("refusal_burst.requests", 25.0), ("learning.active_days", 0.5)))
    )

    assert "create or replace macro rules.refusal_burst_requests() as 25" in statements
    assert "create or replace macro rules.learning_active_days() as 0.5::double" in statements


def test_texts_of_the_settings_fill_a_list_and_stay_texts() -> None:
    values = (("decoy_path.paths", "/a"), ("decoy_path.paths", "/it's"))

    assert "create or replace macro rules.decoy_path_paths() as []::varchar[]" in macros(
        rules(), ()
    )
    assert (
        "create or replace macro rules.decoy_path_paths() as ['/a', '/it''s']::varchar[]"
        in macros(rules(), values)
    )


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_what_is_no_number_is_no_threshold(value: float) -> None:
    with pytest.raises(ValueError, match="no number"):
        number(value)
