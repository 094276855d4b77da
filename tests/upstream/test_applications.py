"""The protected hosts and public paths of an application, from every shape of the answer."""

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
def test_protected_domains_come_from_the_newest_of_three_members(
    changes: dict[str, Any], covers: tuple[str, ...]
) -> None:
    found = application(answered(**changes))

    assert (found.covers, found.opens) == (covers, ())


def test_an_application_with_a_bypass_policy_protects_nothing() -> None:
    policies = [{"decision": "allow"}, {"decision": "bypass"}]

    found = application(answered(policies=policies))

    assert (found.covers, found.opens) == ((), (HOST,))


def test_public_paths_of_a_destination_are_listed() -> None:
    overrides = [{"behavior": "public", "path_pattern": "/webhook/*"}]
    destinations = [{"type": "public", "uri": f"{HOST}/app", "overrides": overrides}]

    found = application(answered(destinations=destinations))

    assert (found.covers, found.opens) == ((f"{HOST}/app",), (f"{HOST}/webhook/*",))


def test_times_are_utc_and_an_unreadable_time_is_none() -> None:
    found = application(answered(created_at="2026-03-01T02:00:00+02:00", updated_at="soon"))

    assert found.created_at is not None
    assert found.created_at.isoformat() == "2026-03-01T00:00:00"
    assert found.updated_at is None


def test_half_a_surrogate_pair_in_a_name_is_replaced() -> None:
    found = application(answered(name="Jira \ud800"))

    assert found.name == "Jira ?"
    assert found.digest()
