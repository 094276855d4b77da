"""Makes one macro of all rules: `findings(since, until, who)`.

This is the second place where texts become SQL: the statements of the rules stand in it as they are
written, and the texts of their heads go through `literal`.
"""

from collections.abc import Collection, Iterable, Iterator
from functools import lru_cache

from queries.definitions import SETTINGS_MAX, sql_of
from queries.findings.relations import Relation, relations
from queries.findings.rule import SERVICES, Rule, rules
from queries.findings.thresholds import macros
from queries.findings.values import Values
from queries.path_templates import literal
from store.parquet.dataset_columns import quoted

SCHEMA = "create schema if not exists rules"

# What rules read, in the order in which they are made.
RELATIONS = (
    "acts/act_lookback",
    "findings/habit_days",
    "findings/silence_since",
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
    "acts/acts",
    "acts/other_acts",
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

# Where the relations stand in the macro.
PLACE = "relations as (select null)"
READ_ONCE = frozenset({"found_alone", "found_together", "found_at_last", "told"})


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
    told = ",\n".join(map(_expression, relations(chosen)))
    return sql_of(f"definitions/{JUDGED}").replace(PLACE, told)


def _expression(relation: Relation) -> str:
    """One of a WITH. What the rules of a kind find is read once, and is not kept."""
    kept = "" if relation.name in READ_ONCE else "materialized "
    return f"{relation.name} as {kept}(\n{relation.sql}\n)"


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
