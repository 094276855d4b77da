"""Adds the headers that trails need to the existing custom fields.

A PUT replaces every rule of the phase, so the existing rules are read, extended and written back.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from upstream.errors import NotEntitled
from upstream.logpush.desired_state import (
    CUSTOM_NAMES_MAX,
    EVERY_REQUEST,
    PHASE,
    REQUEST_HEADERS,
    RESPONSE_HEADERS,
    USER_HEADER,
)
from upstream.logpush.difference import Difference
from upstream.place import Place

ACTION = "log_custom_field"
# Members that Cloudflare returns but does not accept.
READ_ONLY = frozenset({"version", "last_updated", "categories"})

DESCRIPTION = "The Access user of every request, and what the browser says about it"

Rule = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Headers to log. They are added to `into`, unless they are in one of `anywhere` already.

    Cloudflare logs a header as sent or as transformed by rules, but refuses the same name in both.
    """

    names: tuple[str, ...]
    into: str
    anywhere: tuple[str, ...]


REQUEST = Wanted(
    REQUEST_HEADERS, "request_fields", ("request_fields", "transformed_request_fields")
)
RESPONSE = Wanted(RESPONSE_HEADERS, "response_fields", ("response_fields", "raw_response_fields"))


@dataclass(frozen=True, slots=True)
class MergedRules:
    """Every rule of the phase as it should be, and the differences to now.

    `left_out` are headers without room beside those that are selected already.
    """

    rules: tuple[Rule, ...]
    differences: tuple[Difference, ...]
    left_out: tuple[str, ...]


def entrypoint(place: Place) -> str:
    """The path of the ruleset that holds these rules."""
    return f"{place.path}/rulesets/phases/{PHASE}/entrypoint"


def with_headers(found: Sequence[Mapping[str, Any]]) -> MergedRules:
    """Add the headers to the existing rules; nothing is removed.

    Raises NotEntitled if there is no room for the user, without whom there is no trail.
    """
    rules = [{k: v for k, v in rule.items() if k not in READ_ONLY} for rule in found]
    differences: list[Difference] = []
    left_out: list[str] = []
    into = _rule_of_the_user(rules, differences)
    enabled = [rule for rule in rules if _is_for_every_request(rule) and _is_enabled(rule)]
    for wanted in (REQUEST, RESPONSE):
        logged = {
            name for rule in enabled for kind in wanted.anywhere for name in _names(rule, kind)
        }
        missing = tuple(name for name in wanted.names if name not in logged)
        before = _names(into, wanted.into)
        added = missing[: max(0, CUSTOM_NAMES_MAX - len(before))]
        if USER_HEADER in missing and USER_HEADER not in added:
            raise NotEntitled(
                f"{CUSTOM_NAMES_MAX} request headers are custom fields already; remove one "
                f"to make room for {USER_HEADER}"
            )
        if added:
            _add(into, wanted.into, added)
            after = _names(into, wanted.into)
            differences.append(Difference(f"custom_field.{wanted.into}", before, after))
        left_out += missing[len(added) :]
    return MergedRules(tuple(rules), tuple(differences), tuple(left_out))


def _rule_of_the_user(rules: list[Rule], differences: list[Difference]) -> Rule:
    """The enabled rule to which headers are added. It is enabled, or made, where there is none."""
    ours = [rule for rule in rules if _is_for_every_request(rule)]
    with_user = [rule for rule in ours if _has_user(rule)]
    # A rule without the user that is switched off stays off, whatever its fields.
    for rule in (*filter(_is_enabled, with_user), *with_user, *filter(_is_enabled, ours)):
        if not _is_enabled(rule):
            rule["enabled"] = True
            differences.append(Difference("custom_field.enabled", False, True))
        return rule
    made = {"action": ACTION, "expression": EVERY_REQUEST, "enabled": True}
    rules.append(made | {"description": DESCRIPTION, "action_parameters": {}})
    return rules[-1]


def _add(rule: Rule, kind: str, names: Sequence[str]) -> None:
    parameters = dict(rule.get("action_parameters") or {})
    selected = [*(parameters.get(kind) or ()), *({"name": name} for name in names)]
    rule["action_parameters"] = {**parameters, kind: selected}


def _is_for_every_request(rule: Rule) -> bool:
    return rule.get("action") == ACTION and rule.get("expression") == EVERY_REQUEST


def _is_enabled(rule: Rule) -> bool:
    return rule.get("enabled", True) is True


def _has_user(rule: Rule) -> bool:
    return any(USER_HEADER in _names(rule, kind) for kind in REQUEST.anywhere)


def _names(rule: Rule, kind: str) -> tuple[str, ...]:
    selected = (rule.get("action_parameters") or {}).get(kind) or ()
    return tuple(str(each.get("name", "")).lower() for each in selected)
