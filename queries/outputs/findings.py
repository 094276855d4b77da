"""Findings as lines for a person, grouped by the person they are about, and as JSON."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any

from rich.console import Console
from rich.text import Text

from queries.escape import for_terminal, shown
from queries.findings.question import Finding, NotJudged
from queries.findings.rule import LEVELS, rules
from queries.findings.thresholds import numbers
from queries.findings.values import Values
from queries.identity.person_words import quoted
from queries.outputs.json_values import json_value
from queries.outputs.terminal_findings import STYLES
from queries.period import Period
from queries.report.wording import counted, moment_text, period_text

# A person looks at a few; --json has all.
EVIDENCE_SHOWN = 3

# What a finding about nobody in particular is about.
THE_LOG = "the log itself"

DAY = len("2026-11-20")

# A sentence has names of hosts and paths in it, which clients send.
CHARACTERS_SHOWN = 600

_COVERAGE = {
    "complete": "all records of these hours are here",
    "incomplete": "records of these hours are missing",
    "unknown": "whether all records of these hours are here is not known",
}
_IDENTITY = {
    "access": "the name is confirmed by Access",
    "unconfirmed": "the name is not confirmed: anybody could have sent it",
}


def objects(found: Iterable[Finding], values: Values) -> Iterator[dict[str, Any]]:
    """One JSON object for each finding."""
    thresholds = {rule.name: numbers(rule, values) for rule in rules()}
    reasons = {rule.name: rule.falsepositives for rule in rules()}
    for each in found:
        told: dict[str, Any] = json_value(each)
        yield {
            "id": told["id"],
            "rule": told["rule"],
            "title": told["title"],
            "level": told["level"],
            "user": told["user_id"],
            "since": told["since"],
            "until": told["until"],
            "what": told["what"],
            "evidence": told["evidence"],
            "identity": told["identity"],
            "coverage": told["coverage"],
            "acknowledged": told["acknowledged"],
            "thresholds": thresholds[each.rule],
            "ordinary_reasons": reasons[each.rule],
        }


def show(found: Sequence[Finding], period: Period, console: Console) -> None:
    """The people with the gravest findings first; of each, the findings in the order of time."""
    people = {each.user_id for each in found if each.user_id is not None}
    about = f" about {counted(len(people), 'name')}" if found else ""
    console.print(Text(f"{counted(len(found), 'finding')}{about}, {period_text(period)}", "bold"))
    for user, told in groupby(_by_person(found), key=lambda each: each.user_id):
        console.print()
        console.print(Text(THE_LOG if user is None else quoted(user), "bold"), soft_wrap=True)
        for each in told:
            _show_one(each, console)


def _by_person(found: Sequence[Finding]) -> list[Finding]:
    worst: dict[str | None, int] = {}
    for each in found:
        worst[each.user_id] = max(worst.get(each.user_id, 0), LEVELS.index(each.level))
    return sorted(found, key=lambda each: (-worst[each.user_id], each.user_id or "", each.since))


def _show_one(each: Finding, console: Console) -> None:
    head = Text(f"  {each.level:8} ", STYLES.get(each.level, ""))
    head.append(f"{each.rule}  {moment_text(each.since)}", "bold")
    if each.until != each.since:
        head.append(f" until {moment_text(each.until)}")
    console.print(head, soft_wrap=True)
    for line in _lines(each):
        console.print(Text(f"           {line}"), soft_wrap=True)


def _lines(each: Finding) -> Iterator[str]:
    yield shown(each.what, CHARACTERS_SHOWN)
    name = "" if each.user_id is None else f"{_IDENTITY[each.identity]}; "
    yield f"{name}{_COVERAGE[each.coverage]}"
    rays = ", ".join(map(for_terminal, each.evidence[:EVIDENCE_SHOWN]))
    more = len(each.evidence) - EVIDENCE_SHOWN
    and_more = f" and {more} more" if more > 0 else ""
    if each.acknowledged:
        by = f" by {each.acknowledged.by}" if each.acknowledged.by else ""
        on = moment_text(each.acknowledged.at)[:DAY]
        told = shown(f"acknowledged {on}{by}: {each.acknowledged.reason}", CHARACTERS_SHOWN)
        yield told
    yield f"Ray ID {rays}{and_more}; id {each.id}" if rays else f"id {each.id}"


def unjudged_lines(found: NotJudged) -> Iterator[str]:
    """A sentence for everything that no rule could judge."""
    yield from found.left_out
    compared, told = ", ".join(each.name for each in rules() if each.is_compared), found.learning
    if told.is_store_young(found.until):
        yield (
            f"not judged: {compared}: the records of the store begin less than "
            f"{told.store_days} days before, so nobody's habits are known"
        )
    elif told.learning:
        yield (
            f"not judged for {told.learning:,} of {counted(told.people, 'name')}: {compared}: fewer "
            f"than {told.active_days} active days are known before"
        )
    for each in found.without:
        fields = ", ".join(each.fields)
        yield f"not judged: {each.rule.name}: no record of the period has {fields}"
