"""Adds the custom field with the Access user to the existing custom fields.

A PUT replaces every rule of the phase, so the existing rules are read, extended and written back.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from upstream.errors import NotEntitled
from upstream.logpush.desired_state import CUSTOM_NAMES_MAX, EVERY_REQUEST, PHASE, USER_HEADER
from upstream.logpush.difference import Difference
from upstream.place import Place

ACTION = "log_custom_field"
# A header is logged as sent or as transformed by rules; the user is in both.
REQUEST_KINDS = ("request_fields", "transformed_request_fields")
# Members that Cloudflare returns but does not accept.
READ_ONLY = frozenset({"version", "last_updated", "categories"})

DESCRIPTION = "The Access user of every request"

Rule = dict[str, Any]


@dataclass(frozen=True, slots=True)
class MergedRules:
    """Every rule of the phase as it should be, and the differences to now."""

    rules: tuple[Rule, ...]
    differences: tuple[Difference, ...]


def entrypoint(place: Place) -> str:
    """The path of the ruleset that holds these rules."""
    return f"{place.path}/rulesets/phases/{PHASE}/entrypoint"


def with_user_header(found: Sequence[Mapping[str, Any]]) -> MergedRules:
    """Add the header to the existing rules; nothing is removed."""
    rules = [{k: v for k, v in rule.items() if k not in READ_ONLY} for rule in found]
    ours = [rule for rule in rules if _is_for_every_request(rule)]
    if any(_is_enabled(rule) and _has_user(rule) for rule in ours):
        return MergedRules(tuple(rules), ())
    switched_off = next((rule for rule in ours if _has_user(rule)), None)
    if switched_off is not None:
        switched_off["enabled"] = True
        return MergedRules(tuple(rules), (Difference("custom_field.enabled", False, True),))
    # A rule that is switched off stays off, whatever its fields.
    into = next((rule for rule in ours if _is_enabled(rule)), None)
    if into is None:
        into = {"action": ACTION, "expression": EVERY_REQUEST, "enabled": True}
        into |= {"description": DESCRIPTION, "action_parameters": {}}
        rules.append(into)
    before = _names(into, "request_fields")
    _add(into)
    after = _names(into, "request_fields")
    return MergedRules(tuple(rules), (Difference("custom_field.request_fields", before, after),))


def _add(rule: Rule) -> None:
    parameters = dict(rule.get("action_parameters") or {})
    names = list(parameters.get("request_fields") or ())
    if len(names) >= CUSTOM_NAMES_MAX:
        raise NotEntitled(
            f"{CUSTOM_NAMES_MAX} request headers are custom fields already; remove one "
            f"to make room for {USER_HEADER}"
        )
    rule["action_parameters"] = {
        **parameters,
        "request_fields": [*names, {"name": USER_HEADER}],
    }


def _is_for_every_request(rule: Rule) -> bool:
    return rule.get("action") == ACTION and rule.get("expression") == EVERY_REQUEST


def _is_enabled(rule: Rule) -> bool:
    return rule.get("enabled", True) is True


def _has_user(rule: Rule) -> bool:
    return any(USER_HEADER in _names(rule, kind) for kind in REQUEST_KINDS)


def _names(rule: Rule, kind: str) -> tuple[str, ...]:
    selected = (rule.get("action_parameters") or {}).get(kind) or ()
    return tuple(str(each.get("name", "")).lower() for each in selected)
