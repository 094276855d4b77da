"""Escapes text for the terminal and for CSV, and shortens it. Jinja escapes HTML."""

import unicodedata

# Unicode categories: control, format (bidirectional, zero-width), surrogate, private use, line and
# paragraph separator.
OBEYED_BY_TERMINALS = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})

# A cell that begins with one of these is a formula to a spreadsheet, quoted or not.
OBEYED_BY_SPREADSHEETS = ("=", "+", "-", "@", "\t", "\r", "\n")

CUT_MARK = "…"

INDENT = "  "


def for_terminal(text: str) -> str:
    r"""Replace every character that a terminal obeys by `\uXXXX` or `\UXXXXXXXX`."""
    # Nearly all text is plain ASCII, and this runs for every field of every row.
    if text.isascii() and text.isprintable():
        return text
    return "".join(_visible(character) for character in text)


def lines_for_terminal(text: str) -> str:
    """A text of several lines, as DuckDB's errors are. The second line and those after it are
    indented: a value that an error quotes cannot look like a line of ours.
    """
    lines = text.replace("\t", " ").split("\n")
    return f"\n{INDENT}".join(map(for_terminal, lines)).replace(f"\n{INDENT}\n", "\n\n")


def json_for_terminal(text: str) -> str:
    r"""JSON in which every character that a terminal obeys is `\uXXXX`, except line ends.

    JSON encoders escape control characters below 0x20 only. It stays the same JSON.
    """
    if text.isascii() and "\x7f" not in text:
        return text
    return "".join(_json_visible(character) for character in text)


def for_csv(text: str) -> str:
    """Put a quote before text that a spreadsheet would run. Quoting the cell does not prevent that."""
    return f"'{text}" if text.startswith(OBEYED_BY_SPREADSHEETS) else text


def cut(text: str, characters_max: int) -> str:
    """The first characters of a text; if it is longer, with a mark and its whole length."""
    if len(text) <= characters_max:
        return text
    return f"{text[:characters_max]}{CUT_MARK} ({len(text):,} characters)"


def shown(text: str, characters_max: int) -> str:
    """Text for a person: no invisible characters, limited in length. Not yet escaped for HTML."""
    return for_terminal(cut(text, characters_max))


def _json_visible(character: str) -> str:
    if character == "\n" or unicodedata.category(character) not in OBEYED_BY_TERMINALS:
        return character
    # JSON writes a character past U+FFFF as two surrogates.
    units = character.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at : at + 2].hex()}" for at in range(0, len(units), 2))


def _visible(character: str) -> str:
    if unicodedata.category(character) not in OBEYED_BY_TERMINALS:
        return character
    code = ord(character)
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"  # noqa: PLR2004 - \u has four
