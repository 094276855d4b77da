"""Who visited a host or a path of it, each name with its grade and its requests by kind."""

from collections.abc import Callable
from typing import Any

import pytest
from rich.console import Console

from queries.definitions import sql_of
from queries.engine import Engine
from queries.errors import QueryFailed, QueryRefused
from queries.identity.person import Grade
from queries.identity.person_search import Identities
from queries.outputs.visitors import document, show
from queries.period import ALWAYS, parse_period
from queries.visitors.visitors import Place, Visitor, parse_place, visitors, with_names
from tests.factories import record

JIRA = "jira.widgetcorp.example"


def by(user: str | None, **changes: Any) -> dict[str, Any]:
    headers = {} if user is None else {"cf-access-user": user}
    return record(
        RequestHeaders=headers, EdgeResponseContentType="text/html; charset=utf-8", **changes
    )


def named(found: Any) -> dict[str | None, int]:
    return {each.user_id: each.requests for each in found.shown}


@pytest.mark.parametrize(
    ("host", "path", "place"),
    [
        (JIRA, "", Place(JIRA)),
        ("Jira.WidgetCorp.example:8443", "browse/", Place(JIRA, "/browse")),
        (f"https://{JIRA}:443/browse/EXP-1?x=1", "", Place(JIRA, "/browse/EXP-1")),
        (f" {JIRA}/ ", "/", Place(JIRA)),
    ],
)
def test_a_host_is_taken_with_scheme_port_and_path(host: str, path: str, place: Place) -> None:
    assert parse_place(host, path) == place


@pytest.mark.parametrize("host", ["", "  ", "https://", "a b", "s.rhea@widgetcorp.example"])
def test_what_is_no_host_is_refused(host: str) -> None:
    with pytest.raises(QueryRefused, match="invalid host"):
        parse_place(host)


def test_every_name_is_listed_with_the_most_requests_first(
    engine: Callable[..., Engine],
) -> None:
    requests = [
        *(by("jdoe", ClientRequestHost="JIRA.widgetcorp.example:8443") for _ in range(3)),
        by("srhea"),
        by(None),
        by("mallory", ClientRequestHost="wiki.widgetcorp.example"),
    ]

    found = visitors(engine(requests), Place(JIRA))

    assert list(named(found).items()) == [("jdoe", 3), ("srhea", 1), (None, 1)]
    assert (found.total, found.requests) == (3, 5)


def test_a_path_covers_what_lies_below_it_and_nothing_beside_it(
    engine: Callable[..., Engine],
) -> None:
    uris = ("/browse", "/browse/", "/browse/EXP-1?next=/x", "/browser", "/x/browse", "/Browse/A")
    requests = [by(f"user{number}", ClientRequestURI=uri) for number, uri in enumerate(uris)]

    found = visitors(engine(requests), Place(JIRA, "/browse"))

    assert named(found).keys() == {"user0", "user1", "user2"}


def test_a_path_with_a_placeholder_is_compared_with_templates(
    engine: Callable[..., Engine],
) -> None:
    uris = ("/browse/EXP-1", "/browse/EXP-2/edit", "/browse/all")
    requests = [by(f"user{number}", ClientRequestURI=uri) for number, uri in enumerate(uris)]

    found = visitors(engine(requests), Place(JIRA, "/browse/{key}"))

    assert named(found).keys() == {"user0", "user1"}


def test_the_kinds_of_a_name_add_up_to_its_requests(engine: Callable[..., Engine]) -> None:
    requests = [
        by("srhea"),
        by("srhea", ClientRequestMethod="DELETE"),
        by("srhea", ClientRequestURI="/export.zip", EdgeResponseStatus=403),
        by("srhea", ClientRequestSource="edgeWorkerFetch"),
        record(ClientRequestURI="/a.tar.gz", EdgeResponseContentType="application/gzip"),
        record(ClientRequestURI="/a.js", EdgeResponseContentType="text/javascript"),
    ]

    [only] = visitors(engine(requests), Place(JIRA)).shown

    kinds = (
        only.pages, only.downloads, only.changes, only.api_calls, only.program_calls, only.assets,
        only.prefetches,
    )  # fmt: skip
    assert sum(kinds) == only.requests == len(requests)
    assert (only.changes, only.downloads, only.program_calls, only.assets) == (1, 1, 1, 1)
    assert only.refused == 1


def test_the_grade_tells_on_how_many_requests_the_name_is_sure(
    engine: Callable[..., Engine],
) -> None:
    asked = engine([by("srhea")])

    bare = visitors(asked, Place(JIRA))
    covered = visitors(asked, Place(JIRA), configured_access_hosts=[JIRA])

    assert [each.confirmed for each in (*bare.shown, *covered.shown)] == [0, 1]
    assert "unconfirmed" in shown(bare)
    assert "access" in shown(covered)


def test_only_requests_of_the_period_count(engine: Callable[..., Engine]) -> None:
    late = {
        "EdgeStartTimestamp": "2026-11-21T08:00:00Z",
        "EdgeEndTimestamp": "2026-11-21T08:00:00Z",
    }

    found = visitors(
        engine([by("srhea"), by("jdoe", **late)]), Place(JIRA), parse_period("2026-11-21")
    )

    assert named(found) == {"jdoe": 1}


def test_names_of_one_person_name_each_other(engine: Callable[..., Engine]) -> None:
    users = ("srhea", "SRhea", "s.rhea@widgetcorp.example", "jdoe", None)
    found = visitors(engine([by(user) for user in users]), Place(JIRA))
    pairs = (("srhea", "s.rhea@widgetcorp.example"), ("jdoe", "j.doe@widgetcorp.example"))

    named = with_names(found, Identities(linked=pairs))

    same = {
        each.user_id: [(other.name, other.grade) for other in each.same_person]
        for each in named.shown
    }
    assert same == {
        "srhea": [("SRhea", Grade.EQUAL), ("s.rhea@widgetcorp.example", Grade.SETTING)],
        "SRhea": [("srhea", Grade.EQUAL)],
        "s.rhea@widgetcorp.example": [("srhea", Grade.SETTING)],
        "jdoe": [("j.doe@widgetcorp.example", Grade.SETTING)],
        None: [],
    }
    assert 'same person as "SRhea", equal' in shown(named)


def test_a_list_that_is_cut_says_of_how_many(engine: Callable[..., Engine]) -> None:
    found = visitors(engine([by(f"user{number}") for number in range(7)]), Place(JIRA), shown=3)

    assert (len(found.shown), found.total) == (3, 7)
    assert "3 of 7 names" in shown(found)
    assert document(found)["total"] == 7


def test_a_host_that_nobody_visited_has_no_visitors(engine: Callable[..., Engine]) -> None:
    found = visitors(engine([by("srhea")]), Place("nowhere.widgetcorp.example"))

    assert (found.total, found.shown) == (0, ())
    assert "no requests are known here" in shown(found)


def test_the_host_is_compared_before_the_kind_of_a_request_is_found(
    engine: Callable[..., Engine],
) -> None:
    """Otherwise a question about a host reads every column of everybody's requests."""
    asked: dict[str, Any] = {
        **dict.fromkeys(("since", "until", "shown")),
        "host": JIRA, "path": "", "is_template": False, "access_hosts": [], "access_rules": [],
    }  # fmt: skip

    plan = engine([by("srhea")]).run(f"EXPLAIN {sql_of('visitors/visitors')}", asked, QueryFailed)

    # The parts of a plan are below each other, the file last; the kind is found in projections.
    _, _, lowest = next(plan.rows)[1].rpartition("─ Projection ─")
    assert f"'{JIRA}" in lowest


def test_hours_that_the_store_has_nothing_of_are_told(engine: Callable[..., Engine]) -> None:
    asked = engine([by("srhea")])

    found = visitors(asked, Place(JIRA), parse_period("2026-11-16", "2026-11-17"))
    always = visitors(asked, Place(JIRA))

    assert "the store has no request of anybody for 48 hours" in shown(found)
    assert "no request of anybody" not in shown(always)


def test_a_name_cannot_steer_a_terminal() -> None:
    from queries.visitors.visitors import Visitors

    hostile = Visitor("\x1b[31m", 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 9, 0, 1, None, None)
    found = Visitors(
        place=Place(JIRA), period=ALWAYS, known=None, total=1, requests=1, shown=(hostile,)
    )

    assert "\x1b" not in shown(found)


def shown(found: Any) -> str:
    console = Console(width=200, markup=False, highlight=False, emoji=False)
    with console.capture() as captured:
        show(found, console)
    return captured.get()
