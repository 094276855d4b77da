"""Asks what the rules find in the records of a period, and what they could not judge."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from queries.definitions import sql_of
from queries.engine import Engine
from queries.findings.relations import findings, records
from queries.findings.rule import Rule, rules
from queries.findings.steps import Judging, judging
from queries.period import Period
from queries.report import person_requests

# Names of a question; None stands for everybody.
Names = Sequence[str] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledged:
    """That a person looked at a finding, and why it needs no more. `by` is the account they used."""

    by: str | None
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one rule found about one name, or about the log itself, which `user_id` None stands for.

    Times are UTC; `evidence` are Ray IDs, the oldest first.

    `coverage` says whether the records of these hours are complete, incomplete or unknown.
    """

    id: str
    rule: str
    title: str
    level: str
    user_id: str | None
    since: datetime
    until: datetime
    evidence: tuple[str, ...]
    what: str
    identity: str
    coverage: str
    acknowledged: Acknowledged | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Learning:
    """Whom rules that compare with habits could not judge yet.

    `learning` of `people` were active on too few days. `first_day` is None for a store without named
    requests.
    """

    people: int
    learning: int
    first_day: date | None
    active_days: int
    store_days: int

    def is_store_young(self, until: datetime) -> bool:
        """Whether even the last day of the period comes too early."""
        last = (until - timedelta(microseconds=1)).date()
        return self.first_day is None or (last - self.first_day).days < self.store_days


@dataclass(frozen=True, slots=True)
class Unjudged:
    """A rule, and those of its fields that no record of the period has."""

    rule: Rule
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Judged:
    """What the rules found, the oldest first, and whom and what they could not judge."""

    found: Sequence[Finding]
    learning: Learning
    unjudged: Sequence[Unjudged]


@dataclass(frozen=True, slots=True, kw_only=True)
class NotJudged:
    """What no rule could judge in a period that ends at `until`.

    `left_out` has a sentence for each damaged file without which the rules were asked.
    """

    learning: Learning
    without: tuple[Unjudged, ...]
    until: datetime
    left_out: tuple[str, ...] = ()


def judge(engine: Engine, period: Period, who: Names, reader: Engine | None = None) -> Judged:
    """Ask all rules about a period. The engine is one for analysts.

    Where a report about these names has read their requests, and the period has no beginning, before
    which rules look too, `reader` is its engine. Then they are not read again.
    """
    of_some = who is not None
    is_read = of_some and reader is not None
    asked = findings(rules(), of_some=of_some)
    with judging(engine, _given(period, who)) as judged:
        with _of_report(engine, reader):
            for relation in records(asked, of_some=of_some, is_read=is_read):
                judged.make(relation)
        for relation in findings(_able(judged), of_some=of_some):
            judged.make(relation)
        rows = list(judged.ask(sql_of("findings/judged_records")).records())
        [counted] = judged.ask(sql_of("findings/active_days")).records()
    return Judged(tuple(map(_finding, rows)), Learning(**counted), tuple(_unjudged(engine, period)))


def _of_report(engine: Engine, reader: Engine | None) -> AbstractContextManager[None]:
    return nullcontext() if reader is None else engine.copied(person_requests.NAME, reader)


def _able(judged: Judging) -> Iterator[Rule]:
    """Without the rules that can find nothing in a young store: to ask them takes as long as ever."""
    [row] = judged.ask(sql_of("findings/judging/young_store")).records()
    return (each for each in rules() if not (row["is_young"] and each.is_compared))


def end_of(period: Period, taken_at: datetime) -> datetime:
    """Up to when a period can be judged: of a month that is not over nobody knows the rest."""
    return min(period.until or taken_at, taken_at)


def _finding(row: dict[str, Any]) -> Finding:
    told = {name: row.pop(f"acknowledged_{name}") for name in ("by", "reason", "at")}
    known = Acknowledged(**told) if told["at"] else None
    return Finding(**{**row, "evidence": tuple(row["evidence"])}, acknowledged=known)


def _unjudged(engine: Engine, period: Period) -> Iterator[Unjudged]:
    """Rules that found nothing because nothing of what they read was logged.

    A period without any record of a dataset says nothing of its fields.
    """
    given = {"since": period.since, "until": period.until}
    missing: dict[str, set[str]] = {}
    for row in engine.ask("findings/unlogged_fields", given).records():
        missing.setdefault(row["dataset"], set()).add(row["field"])
    for each in rules():
        fields = missing.get(each.service, set()).intersection(each.fields)
        if fields:
            yield Unjudged(each, tuple(sorted(fields)))


def _given(period: Period, who: Names) -> dict[str, object]:
    return {
        "asked_since": period.since,
        "asked_until": period.until,
        "asked_names": None if who is None else list(who),
    }
