"""The headers that trails need are added to the custom fields, and existing fields stay."""

from collections.abc import Iterable
from typing import Any

import pytest

from upstream.errors import NotEntitled
from upstream.logpush.custom_field import with_headers
from upstream.logpush.desired_state import REQUEST_HEADERS, RESPONSE_HEADERS, USER_HEADER

OTHERS: dict[str, list[dict[str, Any]]] = {
    "cookie_fields": [{"name": "__cfruid"}],
    "response_fields": [{"name": "server", "preserve_duplicates": True}],
    "request_fields": [{"name": "referer"}],
}


def selected(names: Iterable[str]) -> list[dict[str, str]]:
    return [{"name": name} for name in names]


EVERY_HEADER = {
    "request_fields": selected(REQUEST_HEADERS),
    "response_fields": selected(RESPONSE_HEADERS),
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
    made = with_headers(()).rules

    assert [each["action"] for each in made] == ["log_custom_field"]
    assert made[0]["expression"] == "true"
    assert made[0]["action_parameters"] == EVERY_HEADER


def test_the_headers_are_the_user_and_those_that_tell_what_a_person_did() -> None:
    assert REQUEST_HEADERS[0] == USER_HEADER == "cf-access-user"
    assert set(REQUEST_HEADERS[1:]) == {
        "sec-fetch-dest",
        "sec-fetch-mode",
        "sec-fetch-site",
        "sec-fetch-user",
        "sec-purpose",
    }
    assert set(RESPONSE_HEADERS) == {"content-disposition", "content-length"}


def test_existing_fields_stay() -> None:
    (after,) = with_headers([rule()]).rules

    assert after["action_parameters"] == {
        **OTHERS,
        "request_fields": [{"name": "referer"}, *EVERY_HEADER["request_fields"]],
        "response_fields": OTHERS["response_fields"] + EVERY_HEADER["response_fields"],
    }
    assert after["id"] == "an-id"
    assert not {"version", "last_updated"} & set(after)


def test_an_earlier_set_up_gains_only_the_headers_that_it_lacks() -> None:
    earlier = rule(action_parameters={"request_fields": selected([USER_HEADER, "sec-purpose"])})

    merged = with_headers([earlier])

    added = {each.field: each.added() for each in merged.differences}
    assert added == {
        "custom_field.request_fields": (
            "sec-fetch-dest",
            "sec-fetch-mode",
            "sec-fetch-user",
            "sec-fetch-site",
        ),
        "custom_field.response_fields": RESPONSE_HEADERS,
    }
    assert with_headers(merged.rules).differences == ()


@pytest.mark.parametrize("request_kind", ["request_fields", "transformed_request_fields"])
@pytest.mark.parametrize("response_kind", ["response_fields", "raw_response_fields"])
def test_nothing_changes_if_every_header_is_logged_already(
    request_kind: str, response_kind: str
) -> None:
    found = rule(
        action_parameters={
            request_kind: selected(name.title() for name in REQUEST_HEADERS),
            response_kind: selected(name.title() for name in RESPONSE_HEADERS),
        }
    )

    assert with_headers([found]).differences == ()


def test_a_header_that_another_rule_logs_is_not_added_again() -> None:
    first = rule(action_parameters={"request_fields": selected(REQUEST_HEADERS)})
    second = rule(id="2", action_parameters={"response_fields": selected(RESPONSE_HEADERS)})

    assert with_headers([first, second]).differences == ()


def test_a_disabled_rule_with_the_user_is_enabled() -> None:
    after = with_headers([rule(enabled=False, action_parameters=EVERY_HEADER)])

    assert [each.field for each in after.differences] == ["custom_field.enabled"]
    assert after.rules[0]["enabled"] is True


def test_a_rule_that_is_enabled_again_gains_what_it_lacks() -> None:
    off = rule(enabled=False, action_parameters={"request_fields": selected([USER_HEADER])})

    (after,) = with_headers([off]).rules

    assert after["enabled"] is True
    assert after["action_parameters"] == EVERY_HEADER


@pytest.mark.parametrize("changes", [{"enabled": False}, {"expression": 'http.host eq "a"'}])
def test_a_disabled_or_conditional_rule_stays_unchanged(
    changes: dict[str, Any],
) -> None:
    theirs, ours = with_headers([rule(**changes)]).rules

    assert theirs["action_parameters"] == OTHERS
    assert ours["action_parameters"] == EVERY_HEADER


def test_a_hundred_selected_headers_leave_no_room_for_the_user() -> None:
    full = {"request_fields": selected(f"x-{number}" for number in range(100))}

    with pytest.raises(NotEntitled, match="make room for cf-access-user"):
        with_headers([rule(action_parameters=full)])


def test_where_room_is_short_the_most_telling_headers_are_added() -> None:
    kept = [USER_HEADER, *(f"x-{number}" for number in range(97))]
    full = {"request_fields": selected(kept), "response_fields": selected(map(str, range(100)))}

    merged = with_headers([rule(action_parameters=full)])

    (difference,) = merged.differences
    assert difference.added() == ("sec-purpose", "sec-fetch-dest")
    assert merged.left_out == (
        "sec-fetch-mode",
        "sec-fetch-user",
        "sec-fetch-site",
        *RESPONSE_HEADERS,
    )
    again = with_headers(merged.rules)
    assert (again.differences, again.left_out) == ((), merged.left_out)
