"""Values as Terraform's language writes them. Texts of other people stay texts."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

INDENT = "  "

# What begins a template, with all such signs before it.
_TEMPLATE = re.compile(r"(\$+|%+)\{")

_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}


class Expression(str):
    """Written as it is: made by us, never from a text of anybody else."""

    __slots__ = ()


def quoted(text: str) -> str:
    """A text between quotes, in which nothing is obeyed."""
    return f'"{escaped(text)}"'


def escaped(text: str) -> str:
    """The inside of such a text: `${` and `%{` begin a template unless their sign is doubled."""
    return _TEMPLATE.sub(_doubled, "".join(_letter(letter) for letter in text))


def value(of: Any, depth: int = 0) -> str:
    """None must not come here: whoever has nothing to say leaves the attribute out."""
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
    raise TypeError(f"no value of Terraform: {type(of).__name__}")


def name(of: str) -> str:
    """Of an attribute; one that is no identifier stands in quotes."""
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
    """Signs before the last are spelled as numbers: three in a row can be read in two ways."""
    sign, before = found[1][0], len(found[1]) - 1
    return f"\\u{ord(sign):04x}" * before + f"{sign}{sign}{{"


def _letter(letter: str) -> str:
    if letter in _ESCAPES:
        return _ESCAPES[letter]
    if letter.isprintable() and not "\ud800" <= letter <= "\udfff":
        return letter
    code = ord(letter)
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"  # noqa: PLR2004 - \u has four
