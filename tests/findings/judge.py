"""Judges the rules for findings on a made-up company: `python -m tests.findings.judge --help`."""

import argparse
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from queries.analyst import analyst_sql
from queries.engine import open_engine
from queries.findings.question import Names, judge
from queries.findings.rule import rules
from queries.limits import Limits
from queries.period import Period
from store.store import Store
from tests.findings.verdicts import Found, Verdicts, compared, misses, rate
from tests.findings.world.shapes import SHAPES, Shape, drawn
from tests.findings.world.store import judged_period, store_of
from tests.findings.world.world import INCIDENTS, World, world

# Targets: every incident, no near miss, and so many other false alarms per 1,000 people and month.
FALSE_ALARMS_MAX = 5.0
LIMITS = Limits(seconds=600.0)

QUESTION = (
    "SELECT rule, user_id, since, until, evidence, what FROM findings(since := '{}', until := '{}')"
)


def found_in(store: Store, made: World) -> list[Found]:
    """What the rules find in the judged weeks."""
    since, until = judged_period(made)
    with open_engine(store.snapshot(), LIMITS) as engine:
        rows = list(analyst_sql(engine, QUESTION.format(since, until)).rows)
    return [
        Found(rule, user, _instant(begin), _instant(end), frozenset(evidence), what)
        for rule, user, begin, end, evidence, what in rows
    ]


def told_by_command(store: Store, made: World, who: Names = None) -> list[Found]:
    """The same, asked as `raytrail findings` asks it."""
    with open_engine(store.snapshot(), LIMITS) as engine:
        told = judge(engine, Period(*judged_period(made)), who).found
    return [
        Found(
            each.rule,
            each.user_id,
            _instant(each.since),
            _instant(each.until),
            frozenset(each.evidence),
            each.what,
        )
        for each in told
    ]


def _instant(told: datetime) -> datetime:
    return told.replace(tzinfo=UTC) if told.tzinfo is None else told


def judged(shape: Shape, seed: int, folder: Path) -> tuple[World, Verdicts]:
    made = world(shape, seed)
    with store_of(made, folder) as store:
        return made, compared(found_in(store, made), made.truth)


def table(made: World, verdicts: Verdicts) -> Iterator[str]:
    known = {rule.name for rule in rules()}
    people = made.shape.people
    yield f"{'rule':24}{'incidents':>10}{'missed':>8}{'near':>7}{'found':>7}{'also':>6}{'false':>7}{'per 1,000':>11}"
    for name in sorted(known | {*INCIDENTS}):
        planted = sum(one.rule == name for one in made.truth.incidents)
        if name not in known:
            yield f"{name:24}{planted:>10}  no such rule yet"
            continue
        missed = sum(one.rule == name for one in verdicts.missed)
        near = sum(one.rule == name for one in made.truth.near_misses)
        near_found = sum(found.rule == name for _, found in verdicts.near_misses_found)
        also = sum(found.rule == name for found in verdicts.explained)
        false = sum(found.rule == name for found in verdicts.false_alarms)
        yield f"{name:24}{planted:>10}{missed:>8}{near:>7}{near_found:>7}{also:>6}{false:>7}{rate(false, people):>11.1f}"
    total = rate(len(verdicts.false_alarms), people)
    yield f"{'all':24}{len(made.truth.incidents):>10}{'':36}{len(verdicts.false_alarms):>7}{total:>11.1f}"


def wrong(made: World, verdicts: Verdicts) -> list[str]:
    """What the rules that exist did wrong."""
    known = {rule.name for rule in rules()}
    of_known = replace(verdicts, missed=[one for one in verdicts.missed if one.rule in known])
    return list(misses(of_known, made.truth))


def _shapes(asked: str) -> Iterable[str]:
    return SHAPES if asked == "all" else (asked,)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.findings.judge", description=__doc__)
    parser.add_argument("--seed", type=int, default=3)
    parser.add_argument("--people", type=int, default=60)
    parser.add_argument("--requests", type=float, default=25.0, help="a person and day")
    parser.add_argument("--incidents", type=int, default=2, help="of each rule")
    parser.add_argument("--shape", choices=(*SHAPES, "drawn", "all"), default="offices")
    asked = parser.parse_args(arguments)
    for name in _shapes(asked.shape):
        shape = drawn(asked.seed, asked.people) if name == "drawn" else SHAPES[name]
        shape = replace(
            shape,
            people=asked.people,
            requests_a_day=asked.requests,
            incidents=asked.incidents,
            near_misses=asked.incidents,
        )
        began = time.monotonic()
        with tempfile.TemporaryDirectory() as folder:
            made, verdicts = judged(shape, asked.seed, Path(folder) / "store")
        print(
            f"\n{name}, seed {asked.seed}, {asked.people} people, {time.monotonic() - began:.0f} s"
        )
        print("\n".join(table(made, verdicts)))
        print("\n".join(wrong(made, verdicts)))


if __name__ == "__main__":
    main()
