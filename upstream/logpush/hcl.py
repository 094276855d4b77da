"""Values in Terraform's language. Foreign texts are escaped, so nothing in them is evaluated."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

INDENT = "  "

# The start of a template, with all repeated signs before it.
_TEMPLATE = re.compile(r"(\$+|%+)\{")

_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}


class Expression(str):
    """Written unescaped: only from our own code, never from a foreign text."""

    __slots__ = ()


def quoted(text: str) -> str:
    """A quoted text in which nothing is evaluated."""
    return f'"{escaped(text)}"'


def escaped(text: str) -> str:
    """The inside of a quoted text: `${` and `%{` start a template unless the sign is doubled."""
    return _TEMPLATE.sub(_doubled, "".join(_character(each) for each in text))


def value(of: Any, depth: int = 0) -> str:
    """`of` must not be None: the caller omits attributes without a value."""
    match of:
        case Expression():
            return str(of)
        case bool():
            return "true" if of else "false"
        case int() | float():
            return repr(of)
        case str():
            return quoted(of)
        case Mapping():
            return _braced(
                "{", [f"{name(k)} = {value(v, depth + 1)}" for k, v in of.items()], "}", depth
            )
        case Sequence():
            return _braced("[", [f"{value(each, depth + 1)}," for each in of], "]", depth)
    raise TypeError(f"not a value of Terraform: {type(of).__name__}")


def name(of: str) -> str:
    """The name of an attribute, quoted if it is not an identifier."""
    plain = of.replace("_", "a").replace("-", "a")
    return of if plain.isascii() and plain.isalnum() and of[0].isalpha() else quoted(of)


def block(kind: str, labels: Sequence[str], attributes: Mapping[str, Any]) -> str:
    head = " ".join([kind, *map(quoted, labels)])
    lines = [f"{INDENT}{name(k)} = {value(v, 1)}" for k, v in attributes.items()]
    return "\n".join([f"{head} {{", *lines, "}"])


def _braced(opening: str, lines: list[str], closing: str, depth: int) -> str:
    if not lines:
        return f"{opening}{closing}"
    inner = INDENT * (depth + 1)
    return "\n".join([opening, *(f"{inner}{line}" for line in lines), f"{INDENT * depth}{closing}"])


def _doubled(found: re.Match[str]) -> str:
    """Signs before the last are written as numbers, since three in a row are ambiguous."""
    sign, before = found[1][0], len(found[1]) - 1
    return f"\\u{ord(sign):04x}" * before + f"{sign}{sign}{{"


def _character(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    if character.isprintable() and not "\ud800" <= character <= "\udfff":
        return character
    code = ord(character)
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"  # noqa: PLR2004 - \u has four
