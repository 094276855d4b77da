"""Who visited a host, and what changed for a person: the rows are those of the commands."""

from datetime import datetime
from typing import Any

import duckdb
import pytest

from queries.comparison.comparison import Comparison, compare, periods
from queries.errors import QueryRefused
from queries.identity.person import Person
from queries.identity.person_search import NOTHING_KNOWN, person_of
from queries.period import ALWAYS, Period
from queries.visitors.visitors import Visitor, parse_place, visitors
from store.files.layout import Layout
from store.reading.known_names import known_names
from tests.queries.shell.records import JIRA
from tests.queries.shell.two_ways import TwoWays

NOON = datetime(2026, 11, 20, 12)  # noqa: DTZ001 (UTC without a zone, as in the store)


def told(value: object) -> str | None:
    """As the text of an SQL value."""
    return f"{value}+00" if isinstance(value, datetime) else None if value is None else str(value)


def row_of(visitor: Visitor) -> dict[str, str | None]:
    names = [name for name in Visitor.__slots__ if name != "same_person"]
    return {name: told(getattr(visitor, name)) for name in names}


@pytest.mark.parametrize(
    ("host", "path", "period"),
    [
        (JIRA, "", ALWAYS),
        (JIRA, "", Period(None, NOON)),
        (JIRA, "", Period(NOON, None)),
        (f"https://{JIRA.upper()}:8443/browse?x=1", "", ALWAYS),
        (JIRA, "browse/", ALWAYS),
        (JIRA, "/browse/EXP-1", Period(NOON, None)),
        (JIRA, "/browse/{key}", Period(None, NOON)),
        (JIRA, "/brow", ALWAYS),
        (f"{JIRA}/browse", "/", ALWAYS),
        ("wiki.widgetcorp.example", "", ALWAYS),
        ("nowhere.example", "", ALWAYS),
    ],
)
def test_visitors_are_those_of_the_command(
    asked: TwoWays, host: str, path: str, period: Period
) -> None:
    since, until = (f"'{end}'" if end else "NULL" for end in (period.since, period.until))

    rows = asked.rows(f"FROM visitors('{host}', '{path}', {since}, {until})")

    assert rows == [
        row_of(each) for each in visitors(asked.engine, parse_place(host, path), period).shown
    ]


@pytest.mark.parametrize("host", ["", "a b", "x@y", "https:///x"])
def test_a_place_that_is_no_host_is_an_error(asked: TwoWays, host: str) -> None:
    with pytest.raises(QueryRefused, match="invalid host"):
        parse_place(host)
    with pytest.raises(duckdb.Error, match="invalid host"):
        asked.shell.execute(f"FROM visitors('{host}')")


def rhea(asked: TwoWays) -> Person:
    root = asked.engine.snapshot.root
    assert root is not None
    return person_of("srhea", lambda name: known_names(Layout(root), name).names, NOTHING_KNOWN)


def found(comparison: Comparison) -> list[dict[str, Any]]:
    """The kinds and the differences of a comparison, as rows of the macro."""
    return [
        {
            "dimension": "kind",
            "value": kind.kind,
            "is_now": str(side is comparison.now).lower(),
            **{
                name: told(getattr(kind, name))
                for name in (
                    "requests",
                    "confirmed",
                    "refused",
                    "bytes_down",
                    "bytes_up",
                    "first_seen",
                    "last_seen",
                )
            },
        }
        for side in (comparison.now, comparison.before)
        for kind in side.kinds
        if kind.requests
    ]


@pytest.mark.parametrize(
    ("since", "until"), [("2026-11-20 10:00", "2026-11-20 14:00"), ("2026-11-20 09:51:08", None)]
)
def test_a_comparison_has_the_values_of_the_command(
    asked: TwoWays, since: str, until: str | None
) -> None:
    period = Period(datetime.fromisoformat(since), datetime.fromisoformat(until) if until else None)
    taken_at = asked.engine.snapshot.taken_at
    comparison = compare(
        asked.engine, rhea(asked), periods(period, ALWAYS, taken_at), asked.engine.snapshot
    )
    end = f"'{until}'" if until else "NULL"

    rows = asked.rows(f"FROM compare('srhea', '{since}', {end})")

    kinds = [
        {name: value for name, value in row.items() if name != "state"}
        for row in rows
        if row["dimension"] == "kind"
    ]
    assert sorted(kinds, key=str) == sorted(found(comparison), key=str)
    differences = [
        (row["dimension"], row["state"], row["value"], row["requests"], row["first_seen"])
        for row in rows
        if row["state"] != "both" and row["dimension"] != "kind"
    ]
    assert differences == [
        (
            each.dimension,
            "new" if each.is_new else "gone",
            value.value,
            str(value.requests),
            told(value.first_seen),
        )
        for each in comparison.differences
        for value in each.shown
    ]
