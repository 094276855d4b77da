"""Parses the part of GraphQL that the stand-in needs: node, filter and fields.

Queries come with variables, as our own do; a value in a filter is a variable or a literal.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_NODE = re.compile(r"(\w+(?:Groups|Adaptive)\w*)\s*\(")
_VALUE = re.compile(r'(\w+)\s*:\s*(\$\w+|"[^"]*"|-?\d+|\[[^\]]*\])')
_BLOCK = re.compile(r"(\w+)\s*(?:\([^)]*\))?\s*\{([^{}]*)\}")


@dataclass(frozen=True, slots=True)
class Node:
    """A query of one dataset of one account or zone."""

    scope: str  # "accounts" or "zones"
    tag: str
    name: str
    limit: int
    filter: Mapping[str, Any]
    # Selected fields by block: `dimensions`, `sum`, `avg`; under "" those without one.
    fields: Mapping[str, list[str]]
    order: str


@dataclass(frozen=True, slots=True)
class Settings:
    """A query of the limits for these datasets."""

    scope: str
    tag: str
    names: list[str]


def parse(query: str, variables: Mapping[str, Any]) -> Node | Settings:
    text = re.sub(r"#[^\n]*", "", query)
    scope = "zones" if re.search(r"\bzones\s*\(", text) else "accounts"
    tag_name = "zoneTag" if scope == "zones" else "accountTag"
    tag = _values(text, variables)[tag_name]
    if re.search(r"\bsettings\s*\{", text):
        inner = text[text.index("settings") :]
        return Settings(scope, tag, re.findall(r"(\w+)\s*\{[^{}]*\}", inner))
    found = _NODE.search(text)
    assert found, f"no dataset in {query!r}"
    arguments, rest = _arguments(text[found.end() - 1 :])
    given = _values(arguments, variables)
    fields = {block: body.split() for block, body in _BLOCK.findall(rest)}
    plain = re.sub(_BLOCK, "", rest)
    fields[""] = re.findall(r"\w+", plain)
    order = re.search(r"orderBy\s*:\s*\[?\s*(\w+)", arguments)
    bounds = {"limit", "orderBy"}
    return Node(
        scope=scope,
        tag=tag,
        name=found[1],
        limit=int(given["limit"]),
        filter={key: value for key, value in given.items() if key not in bounds},
        fields=fields,
        order=order[1] if order else "",
    )


def _arguments(text: str) -> tuple[str, str]:
    """The content of the parentheses at the start of `text`, and the rest."""
    depth = 0
    for place, letter in enumerate(text):
        depth += (letter == "(") - (letter == ")")
        if not depth:
            return text[1:place], text[place + 1 :]
    raise AssertionError(f"no end of {text!r}")


def _values(text: str, variables: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _value(value, variables) for name, value in _VALUE.findall(text)}


def _value(value: str, variables: Mapping[str, Any]) -> Any:
    if value.startswith("$"):
        return variables.get(value[1:])
    return value.strip('"') if value.startswith('"') else value
