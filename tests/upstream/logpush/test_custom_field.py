"""The Access user is added to the custom fields, and nothing of anybody else's is lost."""

from typing import Any

import pytest

from upstream.errors import NotEntitled
from upstream.logpush.custom_field import merged
from upstream.logpush.desired_state import USER_HEADER

OTHERS = {
    "cookie_fields": [{"name": "__cfruid"}],
    "response_fields": [{"name": "server", "preserve_duplicates": True}],
    "request_fields": [{"name": "referer"}],
}


def rule(**changes: Any) -> dict[str, Any]:
    return {
        "id": "an-id",
        "version": "7",
        "last_updated": "2026-01-01T00:00:00Z",
        "action": "log_custom_field",
        "expression": "true",
        "enabled": True,
        "action_parameters": OTHERS,
        **changes,
    }


def test_where_there_is_nothing_one_rule_is_made() -> None:
    made = merged(()).rules

    assert [each["action"] for each in made] == ["log_custom_field"]
    assert made[0]["expression"] == "true"
    assert made[0]["action_parameters"] == {"request_fields": [{"name": USER_HEADER}]}


def test_everything_that_others_selected_stays() -> None:
    (after,) = merged([rule()]).rules

    selected = [{"name": "referer"}, {"name": USER_HEADER}]
    assert after["action_parameters"] == {**OTHERS, "request_fields": selected}
    assert after["id"] == "an-id"
    assert not {"version", "last_updated"} & set(after)


@pytest.mark.parametrize("kind", ["request_fields", "transformed_request_fields"])
def test_where_the_user_is_logged_already_nothing_changes(kind: str) -> None:
    found = rule(action_parameters={kind: [{"name": "CF-Access-User"}]})

    assert merged([found]).differences == ()


def test_a_rule_with_the_user_that_was_switched_off_is_switched_on() -> None:
    off = rule(enabled=False, action_parameters={"request_fields": [{"name": USER_HEADER}]})

    after = merged([off])

    assert [each.field for each in after.differences] == ["custom_field.enabled"]
    assert after.rules[0]["enabled"] is True


@pytest.mark.parametrize("changes", [{"enabled": False}, {"expression": 'http.host eq "a"'}])
def test_a_rule_that_is_off_or_for_some_requests_only_is_left_alone(
    changes: dict[str, Any],
) -> None:
    theirs, ours = merged([rule(**changes)]).rules

    assert theirs["action_parameters"] == OTHERS
    assert ours["action_parameters"] == {"request_fields": [{"name": USER_HEADER}]}


def test_where_a_hundred_headers_are_selected_there_is_no_room() -> None:
    full = {"request_fields": [{"name": f"x-{number}"} for number in range(100)]}

    with pytest.raises(NotEntitled, match="make room"):
        merged([rule(action_parameters=full)])
