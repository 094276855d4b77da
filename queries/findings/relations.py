"""The relations that rules read and make, in order: `acts`, `habits` and others, then what is found.

One macro has all of them, see composition.py; and steps.py makes them one after the other.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from queries.definition_comments import described
from queries.definitions import sql_of
from queries.findings.rule import READS, Rule
from queries.path_templates import literal

# Those that rules read beside `acts`; each may read those before it.
MADE = (
    "sign_ins",
    "events",
    "habits",
    "takings",
    "silence",
    "active",
    "store_age",
    "usual_hours",
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

# What rules.other_acts() lacks: to know it takes longer than all the rest.
_COSTLY = frozenset(
    {
        *("path_template", "section", "is_admin", "navigation", "total_bytes", "route"),
        *("folded_into", "folded_by", "session", "login"),
    }
)
OTHER_COLUMNS = tuple(each for each in ACT_COLUMNS if each not in _COSTLY)

# Whose requests rules.acts() reads: as the text of the relation has it, and for some names.
EVERYBODY = "null::varchar[], true"
THESE = "asked_names, false"

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
    """All that these rules read and make about everybody; the last one is the answer."""
    chosen = tuple(chosen)
    made = findings(chosen)
    return (*records(made), *made)


def records(
    made: Iterable[Relation], *, of_some: bool = False, is_read: bool = False
) -> tuple[Relation, ...]:
    """What the relations in `made` read.

    `of_some` is for a question about some names. Then `acts` has less of the requests of others.
    `is_read` says that those of the names are there as `person_requests`.
    """
    read = tuple(map(_made, MADE))
    # Requests are many, and only what something names of them is kept.
    texts = (text for each in (*read, *made) for text in each.statements)
    named = frozenset().union(*map(words_of, texts))
    acts = _columns(ACT_COLUMNS, named, _text("acts"))
    if not of_some:
        return (Relation("acts", (acts,)), *read)
    others = _columns(OTHER_COLUMNS, named, _text("other_acts"))
    own = _columns(ACT_COLUMNS, named, _text("kept_acts")) if is_read else acts
    return (
        Relation("own_acts", (own.replace(EVERYBODY, THESE),)),
        Relation("acts", (f"from own_acts union all by name ({others})",)),
        *read,
    )


def findings(chosen: Iterable[Rule], *, of_some: bool = False) -> tuple[Relation, ...]:
    """What these rules find, of what `records` gives them; the last one is the answer.

    Rules that do not compare requests see nothing of others where the question is about some names.
    What is found about the names is the same.
    """
    of: dict[str, list[str]] = {each: [] for each in READS}
    for rule in chosen:
        is_own = of_some and not rule.compares_requests
        told = _as_rows(rule)
        of[rule.reads].append(_with("acts", "own_acts", told) if is_own else told)
    alone, together, last = (of[each] or [_text("nothing", "found")] for each in READS)
    learned = _text("found", "found")
    return (
        Relation("found_alone", tuple(alone)),
        _made("found", "found"),
        Relation("found_together", tuple(together)),
        # They find nothing while habits are being learned either.
        Relation("found_by_all", ("from found", _with("found_alone", "found_together", learned))),
        # These see as `found` what the rules before them found, too.
        Relation("found_at_last", tuple(_with("found", "found_by_all", each) for each in last)),
        _made("told", "found"),
    )


def _with(name: str, other: str, sql: str) -> str:
    """A statement that sees one relation by the name of another one."""
    return f"from (with {name} as (from {other}) {sql})"


def _columns(columns: Iterable[str], named: frozenset[str], sql: str) -> str:
    return f"select {', '.join(each for each in columns if each in named)} from (\n{sql}\n)"  # noqa: S608


def words_of(sql: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", _TEXT_OR_COMMENT.sub(" ", sql)))


def _made(name: str, room: str = "judging") -> Relation:
    return Relation(name, (_text(name, room),))


def _text(name: str, room: str = "judging") -> str:
    return sql_of(f"findings/{room}/{name}").rstrip()


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
