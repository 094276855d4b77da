"""The file RAYTRAIL_PEOPLE: two names a line that are one person's, as CSV in UTF-8.

Empty lines and lines that begin with `#` are skipped, and so is space after a comma. A name with a
comma, a quote or outer space stands between quotes.
"""

import csv
from collections.abc import Iterator
from pathlib import Path

from raytrail.setting_files.lines import refuse, text_of

Pairs = tuple[tuple[str, str], ...]

# Every question reads the file. Larger ones are no list of people.
BYTES_MAX = 16 * 1024 * 1024

SETTING = "RAYTRAIL_PEOPLE"


def read(path: Path) -> Pairs:
    """Every pair. BadConfiguration has a sentence for each wrong line, without the names in it."""
    found, problems = list[tuple[str, str]](), list[str]()
    for line, values in _lines(text_of(SETTING, path, BYTES_MAX)):
        if isinstance(values, str):
            problems.append(f"line {line}: {values}")
        elif why := _wrong(values):
            problems.append(f"line {line}: {why}")
        else:
            found.append((values[0], values[1]))
    refuse(SETTING, path, problems)
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
