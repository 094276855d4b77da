"""The relations that rules read and make, in order: `acts`, `habits` and others, then what is found.

One macro has all of them, see composition.py; and steps.py makes them one after the other.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from queries.definition_comments import described
from queries.definitions import sql_of
from queries.findings.rule import READS, Rule
from queries.path_templates import literal

# Those that rules read; each may read those before it.
MADE = (
    "acts",
    "sign_ins",
    "events",
    "habits",
    "takings",
    "silence",
    "active",
    "store_age",
    "empty_hours",
    "lost_hours",
    "outages",
)

# What a request has, and what rules.acts() and the relation add.
ACT_COLUMNS = (
    *described(sql_of("definitions/requests/requests")).columns,
    "device",
    "network",
    "section",
    "is_admin",
    "is_asked",
)

# A person looks at a few requests of a finding, and one of thousands would fill a page.
EVIDENCE_MAX = 20

_TEXT_OR_COMMENT = re.compile(r"'(?:[^']|'')*'|--[^\n]*")


@dataclass(frozen=True, slots=True)
class Relation:
    """A relation by its name: the rows of all these statements together."""

    name: str
    statements: tuple[str, ...]

    @property
    def sql(self) -> str:
        return "\nunion all\n".join(self.statements)


def relations(chosen: Iterable[Rule]) -> tuple[Relation, ...]:
    """All that these rules read and make; the last one is the answer."""
    of: dict[str, list[Rule]] = {each: [] for each in READS}
    for rule in chosen:
        of[rule.reads].append(rule)
    # The last ones see as `found` what the rules before them found, too.
    last = [f"from (with found as (from found_by_all) {each})" for each in _told(of[READS[2]])]
    made = (
        *map(_made, MADE[1:]),
        Relation("found_alone", _told(of[READS[0]])),
        _made("found"),
        Relation("found_together", _told(of[READS[1]])),
        _made("found_by_all"),
        Relation("found_at_last", tuple(last)),
        _made("told"),
    )
    named = frozenset().union(*(words_of(text) for each in made for text in each.statements))
    return (_acts(named), *made)


def _acts(named: frozenset[str]) -> Relation:
    """Only with columns that something names: these are kept of each request."""
    columns = ", ".join(each for each in ACT_COLUMNS if each in named)
    return Relation("acts", (f"select {columns} from (\n{_text('acts')}\n)",))  # noqa: S608


def words_of(sql: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", _TEXT_OR_COMMENT.sub(" ", sql)))


def _made(name: str) -> Relation:
    return Relation(name, (_text(name),))


def _text(name: str) -> str:
    return sql_of(f"findings/judging/{name}").rstrip()


def _told(rules: Sequence[Rule]) -> tuple[str, ...]:
    return tuple(map(_as_rows, rules)) or (_text("nothing"),)


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
