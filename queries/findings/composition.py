"""Makes one macro of all rules: `findings(since, until, who)`.

This is the second place where texts become SQL: the statements of the rules stand in it as they are
written, and the texts of their heads go through `literal`.
"""

from collections.abc import Collection, Iterable, Iterator
from functools import lru_cache

from queries.definitions import SETTINGS_MAX, sql_of
from queries.findings.rule import READS, SERVICES, Rule, rules
from queries.findings.thresholds import macros
from queries.findings.values import Values
from queries.path_templates import literal
from store.parquet.dataset_columns import quoted

SCHEMA = "create schema if not exists rules"

# What rules read, in the order in which they are made.
RELATIONS = (
    "findings/act_lookback",
    "findings/habit_days",
    "findings/device",
    "findings/network",
    "findings/is_admin_path",
    "findings/section",
    "places/tunnel",
    "places/distance_km",
    "places/data_centres",
    "baseline/logged_without_facts",
    "baseline/kept_habits",
    "baseline/kept_takings",
    "logging/login_lookback",
    "logging/busy_people",
    "logging/outage_people",
    "findings/acts",
    "findings/events",
    "findings/habits",
    "findings/takings",
    "findings/silence",
    "findings/verdicts",
)

# The macro that the rules stand in, and the one that analysts ask.
JUDGED = "findings/judged"
MACRO = "findings/findings"

# The macro that tells which fields are logged, and where the fields stand in it.
FIELDS = "findings/fields_logged"
NO_FIELDS = "[{{field: 'of {}', logged: 0::bigint}}]"

# Where the rules stand in the macro.
ALONE = "from found_alone as told"
TOGETHER = "from found where false"
LAST = "from found_by_all where false"

# A person looks at a few requests of a finding, and one of thousands would fill a page.
EVIDENCE_MAX = 20


@lru_cache(SETTINGS_MAX)
def finding_statements(values: Values = (), only: frozenset[str] | None = None) -> tuple[str, ...]:
    """Everything that findings() needs, and the macro itself, of these rules or of all.

    The schema must be there.
    """
    return tuple(_finding_statements(values, only))


def _finding_statements(values: Values, only: Collection[str] | None) -> Iterator[str]:
    chosen = tuple(each for each in rules() if only is None or each.name in only)
    yield from macros(chosen, values)
    for name in RELATIONS:
        if name == "baseline/kept_takings":
            yield _without_facts()
        yield sql_of(f"definitions/{name}")
    yield with_fields(chosen)
    yield composed(chosen)
    yield sql_of(f"definitions/{MACRO}")


def _without_facts() -> str:
    """What tells of requests, of those whose days the catalog has not kept."""
    text = sql_of("definitions/requests/unfolded_requests_where")
    text = text.replace(" unfolded_requests_where(", " rules.requests_without_facts(")
    return text.replace("from http_requests_where(", "from rules.logged_without_facts(")


def composed(chosen: Iterable[Rule]) -> str:
    """The macro with the statements of these rules."""
    text = sql_of(f"definitions/{JUDGED}")
    of: dict[str, list[Rule]] = {each: [] for each in READS}
    for rule in chosen:
        of[rule.reads].append(rule)
    if of["records"]:
        text = text.replace(ALONE, f"from ({_union(of['records'])}) as told")
    if of["findings"]:
        text = text.replace(TOGETHER, f"from ({_union(of['findings'])})")
    if of["all_findings"]:
        # For these `found` has what the rules before them found, too.
        last = _union(of["all_findings"])
        text = text.replace(LAST, f"from (with found as (from found_by_all) {last})")
    return text


def with_fields(chosen: Iterable[Rule]) -> str:
    """The macro that tells which fields of the rules are logged."""
    text = sql_of(f"definitions/{FIELDS}")
    for service in SERVICES:
        fields = sorted(
            {field for each in chosen if each.service == service for field in each.fields}
        )
        counted = (
            f"{{field: {literal(field)}, logged: count(nullif({quoted(field)}::varchar, ''))}}"
            for field in fields
        )
        if fields:
            text = text.replace(NO_FIELDS.format(service), f"[{', '.join(counted)}]")
    return text


def _union(rules: Iterable[Rule]) -> str:
    return "\nunion all\n".join(map(_as_rows, rules))


def _as_rows(rule: Rule) -> str:
    told = {
        "rule": rule.name,
        "title": rule.title,
        "level": rule.level,
        "room": rule.room,
        "dataset": rule.service,
    }
    texts = ", ".join(f"{literal(value)} as {name}" for name, value in told.items())
    return (
        f"select {texts}, {str(rule.is_compared).lower()} as is_compared,"  # noqa: S608
        " user_id::varchar as user_id, first_seen::timestamptz as first_seen, last_seen::timestamptz as last_seen,"
        # A job may log neither Ray IDs nor what a sentence tells of.
        f" list_filter(evidence::varchar[], lambda ray: ray <> '')[1:{EVIDENCE_MAX}] as evidence,"
        f" identity::varchar as identity, coalesce(what::varchar, {literal(rule.title + '.')}) as what"
        f" from (\n{rule.sql}\n)"
    )
