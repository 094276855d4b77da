"""What an application covers, as the shapes of the API's answers tell it."""

from typing import Any

import pytest

from tests.cloudflare_api.applications import application as answered
from upstream.applications import application

HOST = "jira.widgetcorp.example"


@pytest.mark.parametrize(
    ("changes", "covers"),
    [
        ({}, (HOST,)),
        ({"destinations": None}, (HOST,)),
        ({"destinations": [], "self_hosted_domains": [], "domain": "wiki.example/x"}, ("wiki.example/x",)),
        ({"destinations": [], "self_hosted_domains": ["a.example", "b.example/*"]}, ("a.example", "b.example/*")),
        (
            {"destinations": [{"type": "private", "cidr": "10.0.0.0/8"}, {"uri": "c.example"}]},
            ("c.example",),
        ),
        ({"destinations": [{"type": "worker", "worker_id": "w"}]}, ()),
        ({"type": "bookmark"}, ()),
        ({"type": "saas"}, ()),
    ],
)  # fmt: skip
def test_what_is_covered_is_told_by_the_newest_of_three_ways(
    changes: dict[str, Any], covers: tuple[str, ...]
) -> None:
    found = application(answered(**changes))

    assert (found.covers, found.opens) == (covers, ())


def test_an_application_that_lets_requests_pass_covers_nothing() -> None:
    policies = [{"decision": "allow"}, {"decision": "bypass"}]

    found = application(answered(policies=policies))

    assert (found.covers, found.opens) == ((), (HOST,))


def test_paths_that_a_destination_leaves_open_are_told() -> None:
    overrides = [{"behavior": "public", "path_pattern": "/webhook/*"}]
    destinations = [{"type": "public", "uri": f"{HOST}/app", "overrides": overrides}]

    found = application(answered(destinations=destinations))

    assert (found.covers, found.opens) == ((f"{HOST}/app",), (f"{HOST}/webhook/*",))


def test_times_are_utc_and_what_is_none_is_none() -> None:
    found = application(answered(created_at="2026-03-01T02:00:00+02:00", updated_at="soon"))

    assert found.created_at is not None
    assert found.created_at.isoformat() == "2026-03-01T00:00:00"
    assert found.updated_at is None


def test_half_a_surrogate_pair_in_a_name_is_no_trouble() -> None:
    found = application(answered(name="Jira \ud800"))

    assert found.name == "Jira ?"
    assert found.digest()
