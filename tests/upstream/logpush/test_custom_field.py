"""The Access user is added to the custom fields, and existing fields stay."""

from typing import Any

import pytest

from upstream.errors import NotEntitled
from upstream.logpush.custom_field import with_user_header
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


def test_without_rules_one_is_created() -> None:
    made = with_user_header(()).rules

    assert [each["action"] for each in made] == ["log_custom_field"]
    assert made[0]["expression"] == "true"
    assert made[0]["action_parameters"] == {"request_fields": [{"name": USER_HEADER}]}


def test_existing_fields_stay() -> None:
    (after,) = with_user_header([rule()]).rules

    selected = [{"name": "referer"}, {"name": USER_HEADER}]
    assert after["action_parameters"] == {**OTHERS, "request_fields": selected}
    assert after["id"] == "an-id"
    assert not {"version", "last_updated"} & set(after)


@pytest.mark.parametrize("kind", ["request_fields", "transformed_request_fields"])
def test_nothing_changes_if_the_user_is_logged_already(kind: str) -> None:
    found = rule(action_parameters={kind: [{"name": "CF-Access-User"}]})

    assert with_user_header([found]).differences == ()


def test_a_disabled_rule_with_the_user_is_enabled() -> None:
    off = rule(enabled=False, action_parameters={"request_fields": [{"name": USER_HEADER}]})

    after = with_user_header([off])

    assert [each.field for each in after.differences] == ["custom_field.enabled"]
    assert after.rules[0]["enabled"] is True


@pytest.mark.parametrize("changes", [{"enabled": False}, {"expression": 'http.host eq "a"'}])
def test_a_disabled_or_conditional_rule_stays_unchanged(
    changes: dict[str, Any],
) -> None:
    theirs, ours = with_user_header([rule(**changes)]).rules

    assert theirs["action_parameters"] == OTHERS
    assert ours["action_parameters"] == {"request_fields": [{"name": USER_HEADER}]}


def test_a_hundred_selected_headers_leave_no_room() -> None:
    full = {"request_fields": [{"name": f"x-{number}"} for number in range(100)]}

    with pytest.raises(NotEntitled, match="make room"):
        with_user_header([rule(action_parameters=full)])
