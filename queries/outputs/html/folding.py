"""What the page folds so that a long report stays a page: nothing is left out without a count."""

from collections.abc import Sequence
from datetime import date
from itertools import groupby

from queries.report.days import Day
from queries.report.model import Refusal
from queries.report.sessions import Session
from queries.report.times import Times
from queries.report.wording import number

# About a megabyte of page; a person reads fewer.
STEPS_TOLD = 1_500

# A table of more days is read by nobody; months have all of them.
DAYS_LISTED = 40


def sessions_told(sessions: Sequence[Session], steps: int) -> frozenset[int]:
    """The numbers of the newest sessions that have at most so many steps together."""
    told, left = set[int](), steps
    for session in reversed(sessions):
        left -= len(session.steps)
        if left < 0:
            break
        told.add(session.number)
    return frozenset(told)


def told_text(sessions: Sequence[Session], told: frozenset[int]) -> str:
    """That only some sessions have their steps here; empty if all have."""
    if len(told) == len(sessions):
        return ""
    return (
        f"Steps are listed for {number(len(told))} of {number(len(sessions))} sessions, the newest;"
        " the others are one line each, and CSV, JSON and Parquet have their requests."
    )


def refusals(shown: Sequence[Refusal]) -> list[tuple[Refusal, int]]:
    """The same refused request several times in a row is one entry with a count."""
    same = groupby(
        shown,
        key=lambda each: (
            *(each.method, each.host, each.uri, each.status),
            *(each.security_action, each.ip, each.country),
        ),
    )
    groups = [list(group) for _, group in same]
    return [(group[0], len(group)) for group in groups]


def day_rows(days: Sequence[Day], times: Times) -> tuple[str, list[tuple[str, Day]]]:
    """A row for each day, or for each month where there are too many days."""
    if len(days) <= DAYS_LISTED:
        return "Day by day", [(times.day_text(each.day), each) for each in days]
    months = groupby(days, key=lambda each: each.day.replace(day=1))
    return "Month by month", [
        (f"{begin:%Y-%m}", _sum(begin, list(group))) for begin, group in months
    ]


def _sum(begin: date, days: Sequence[Day]) -> Day:
    return Day(
        day=begin,
        requests=sum(each.requests for each in days),
        pages=sum(each.pages for each in days),
        downloads=sum(each.downloads for each in days),
        changes=sum(each.changes for each in days),
        refused=sum(each.refused for each in days),
        hours=(),
    )
