"""Numbers of rules: each is a macro `rules.<rule>_<threshold>()`, and a setting `<rule>.<threshold>`."""

import math
from collections.abc import Iterable, Iterator, Mapping

from queries.findings.rule import Rule, Threshold
from queries.findings.values import Values

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


def macros(rules: Iterable[Rule], values: Values) -> Iterator[str]:
    """A statement for each threshold, with its value of the settings if there is one."""
    given = dict(values)
    for setting, each in thresholds(rules).items():
        name = setting.replace(".", "_")
        yield f"create or replace macro rules.{name}() as {number(given.get(setting, each.value))}"


def number(value: float) -> str:
    """A number as SQL; ValueError for what is none."""
    if not math.isfinite(value):
        raise ValueError(f"{value!r} is no number")
    return str(int(value)) if float(value).is_integer() else f"{value!r}::double"


def numbers(rule: Rule, values: Values) -> dict[str, float]:
    """The thresholds of one rule by name, as they count."""
    given = dict(values)
    return {
        name: given.get(f"{rule.name}.{name}", each.value) for name, each in rule.thresholds.items()
    }
