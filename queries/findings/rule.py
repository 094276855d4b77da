"""The rules for findings: each a folder `rules/<room>/<name>/` with a head and one statement.

The head, `rule.yaml`, has the words of Sigma, and what a rule needs: fields, the grade of the name,
whether it compares with habits, and its thresholds.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any

import yaml

LEVELS = ("informational", "low", "medium", "high", "critical")
SERVICES = ("http_requests", "access_requests")
GRADES = ("any", "access")
# In the order in which rules are asked: the last ones see what all others found.
READS = ("records", "findings", "all_findings")
ROOMS = ("place", "taking", "time", "trust")

_KEYS = frozenset(
    {
        "title",
        "id",
        "status",
        "level",
        "description",
        "tags",
        "falsepositives",
        "logsource",
        "fields",
        "identity",
        "baseline",
        "thresholds",
        "lists",
        "reads",
        "others",
    }
)


@dataclass(frozen=True, slots=True)
class Threshold:
    """A number of a rule that the operator may set. `unit` is what it counts, such as `km`."""

    value: float
    unit: str
    meaning: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule. `is_compared` holds it back while habits are being learned.

    `reads` says whether it sees records alone, or what other rules found, as the relation `found`.
    `compares_requests` says that it looks at the requests of others, and not only at their habits.
    """

    room: str
    name: str
    title: str
    id: str
    status: str
    level: str
    description: str
    tags: tuple[str, ...]
    falsepositives: tuple[str, ...]
    service: str
    fields: tuple[str, ...]
    identity: str
    is_compared: bool
    reads: str
    compares_requests: bool
    thresholds: Mapping[str, Threshold]
    # Lists of texts that the operator may fill: what each of them is for.
    lists: Mapping[str, str]
    sql: str


@cache
def rules() -> tuple[Rule, ...]:
    """Every rule, in the order of the rooms and of the names."""
    root = resources.files("queries").joinpath("findings/rules")
    return tuple(
        _read(room, folder)
        for room in ROOMS
        if root.joinpath(room).is_dir()
        for folder in sorted(root.joinpath(room).iterdir(), key=lambda each: each.name)
        if folder.joinpath("rule.yaml").is_file()
    )


def _read(room: str, folder: Traversable) -> Rule:
    head = load(folder.joinpath("rule.yaml").read_text(encoding="utf-8"))
    sql = folder.joinpath("rule.sql").read_text(encoding="utf-8")
    try:
        return rule_of(room, folder.name, head, sql)
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"rules/{room}/{folder.name}/rule.yaml: {error!r}") from error


def load(text: str) -> Any:
    """The value of a YAML text, by the fast parser where there is one."""
    loader = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader
    return yaml.load(text, loader)  # noqa: S506 (both are safe)


def rule_of(room: str, name: str, head: Mapping[str, Any], sql: str) -> Rule:
    """A rule by its head; ValueError says what is wrong with it."""
    if unknown := head.keys() - _KEYS:
        raise ValueError(f"unknown keys: {', '.join(sorted(unknown))}")
    if not name.isidentifier():
        raise ValueError(f"invalid rule name {name!r}")
    logsource = head["logsource"]
    return Rule(
        room=room,
        name=name,
        title=head["title"],
        id=head["id"],
        status=head["status"],
        level=_among(LEVELS, head["level"]),
        description=head["description"],
        tags=tuple(head.get("tags", ())),
        falsepositives=tuple(head["falsepositives"]),
        service=_among(SERVICES, logsource["service"]),
        fields=tuple(head.get("fields", ())),
        identity=_among(GRADES, head["identity"]),
        is_compared=bool(head.get("baseline", False)),
        reads=_among(READS, head.get("reads", "records")),
        compares_requests=bool(head.get("others", False)),
        thresholds={
            each: Threshold(told["value"], told["unit"], told["meaning"])
            for each, told in head.get("thresholds", {}).items()
        },
        lists=head.get("lists", {}),
        sql=sql,
    )


def _among(allowed: tuple[str, ...], value: str) -> str:
    if value not in allowed:
        raise ValueError(f"{value!r} is none of {', '.join(allowed)}")
    return value
