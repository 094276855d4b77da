"""The file RAYTRAIL_PEOPLE: two names a line that are one person's, as CSV in UTF-8.

Empty lines and lines that begin with `#` are skipped, and so is space after a comma. A name with a
comma, a quote or outer space stands between quotes.
"""

import csv
from collections.abc import Iterator
from pathlib import Path

from raytrail.errors import BadConfiguration

Pairs = tuple[tuple[str, str], ...]

# Every question reads the file. Larger ones are no list of people.
BYTES_MAX = 16 * 1024 * 1024
# A wrong file has as many problems as lines; a person reads a few.
PROBLEMS_MAX = 10

_START = "RAYTRAIL_PEOPLE"


def read(path: Path) -> Pairs:
    """Every pair. BadConfiguration has a sentence for each wrong line, without the names in it."""
    try:
        with path.open("rb") as file:
            content = file.read(BYTES_MAX + 1)
    except OSError as error:
        raise BadConfiguration(f"{_START}: {path} cannot be read: {error.strerror}") from error
    if len(content) > BYTES_MAX:
        raise BadConfiguration(f"{_START}: {path} has more than {BYTES_MAX:,} bytes")
    try:
        # Spreadsheets begin a file in UTF-8 with a mark.
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise BadConfiguration(f"{_START}: {path}, line {line}: not UTF-8") from error
    return _pairs(path, text)


def _pairs(path: Path, text: str) -> Pairs:
    found, problems = list[tuple[str, str]](), list[str]()
    for line, values in _lines(text):
        if isinstance(values, str):
            problems.append(f"line {line}: {values}")
        elif why := _wrong(values):
            problems.append(f"line {line}: {why}")
        else:
            found.append((values[0], values[1]))
    if problems:
        shown = [f"{_START}: {path}, {problem}" for problem in problems[:PROBLEMS_MAX]]
        if len(problems) > PROBLEMS_MAX:
            shown.append(f"{_START}: {path}: and {len(problems) - PROBLEMS_MAX:,} more wrong lines")
        raise BadConfiguration("\n".join(shown))
    return tuple(found)


def _lines(text: str) -> Iterator[tuple[int, list[str] | str]]:
    """The number and the values of each line; a sentence instead where the file cannot be read on."""
    rows = csv.reader(text.splitlines(keepends=True), strict=True, skipinitialspace=True)
    while True:
        line = rows.line_num + 1
        try:
            values = next(rows, None)
        except csv.Error as error:
            yield line, f"not CSV: {error}"
            return
        if values is None:
            return
        if values and not values[0].startswith("#"):
            yield line, values


def _wrong(values: list[str]) -> str:
    if len(values) != 2:  # noqa: PLR2004 - a pair
        return f"want two names, found {len(values)}"
    if not all(values):
        return "a name is empty"
    return "both names are the same" if values[0] == values[1] else ""
