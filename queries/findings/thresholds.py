"""Numbers and lists of rules: each is a macro `rules.<rule>_<name>()`, and a setting `<rule>.<name>`."""

import math
from collections.abc import Iterable, Iterator, Mapping

from queries.findings.rule import Rule, Threshold
from queries.findings.values import Values
from queries.path_templates import literal

# What holds for all rules that compare with habits.
LEARNING = "learning"
COMMON: Mapping[str, Threshold] = {
    "active_days": Threshold(
        14, "days", "On how many days before a finding a person was active at least."
    ),
    "store_days": Threshold(
        30, "days", "How many days before a finding the records of the store begin at least."
    ),
}


def thresholds(rules: Iterable[Rule]) -> dict[str, Threshold]:
    """Every threshold by its setting."""
    found = {f"{LEARNING}.{name}": each for name, each in COMMON.items()}
    for rule in rules:
        for name, each in rule.thresholds.items():
            found[f"{rule.name}.{name}"] = each
    return found


def lists(rules: Iterable[Rule]) -> dict[str, str]:
    """What each list is for, by its setting."""
    return {
        f"{rule.name}.{name}": meaning for rule in rules for name, meaning in rule.lists.items()
    }


def macros(rules: Iterable[Rule], values: Values) -> Iterator[str]:
    """A statement for each threshold and list, with what the settings have for it."""
    chosen = tuple(rules)
    given = _numbers(values)
    for setting, each in thresholds(chosen).items():
        name = setting.replace(".", "_")
        yield f"create or replace macro rules.{name}() as {number(given.get(setting, each.value))}"
    for setting in lists(chosen):
        texts = ", ".join(literal(str(text)) for name, text in values if name == setting)
        name = setting.replace(".", "_")
        yield f"create or replace macro rules.{name}() as [{texts}]::varchar[]"


def _numbers(values: Values) -> dict[str, float]:
    return {name: value for name, value in values if not isinstance(value, str)}


def number(value: float) -> str:
    """A number as SQL; ValueError for what is none."""
    if not math.isfinite(value):
        raise ValueError(f"{value!r} is no number")
    return str(int(value)) if float(value).is_integer() else f"{value!r}::double"


def numbers(rule: Rule, values: Values) -> dict[str, float]:
    """The thresholds of one rule by name, as they count."""
    given = _numbers(values)
    return {
        name: given.get(f"{rule.name}.{name}", each.value) for name, each in rule.thresholds.items()
    }
