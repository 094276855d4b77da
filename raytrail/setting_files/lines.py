"""Reads a file that a setting names. BadConfiguration names the setting, the file and the lines."""

from collections.abc import Sequence
from pathlib import Path

from raytrail.errors import BadConfiguration

# A wrong file has as many problems as lines; a person reads a few.
PROBLEMS_MAX = 10


def text_of(setting: str, path: Path, bytes_max: int) -> str:
    """The whole file, which is UTF-8."""
    try:
        with path.open("rb") as file:
            content = file.read(bytes_max + 1)
    except OSError as error:
        raise BadConfiguration(f"{setting}: {path} cannot be read: {error.strerror}") from error
    if len(content) > bytes_max:
        raise BadConfiguration(f"{setting}: {path} has more than {bytes_max:,} bytes")
    try:
        # Spreadsheets begin a file in UTF-8 with a mark.
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise BadConfiguration(f"{setting}: {path}, line {line}: not UTF-8") from error


def refuse(setting: str, path: Path, problems: Sequence[str]) -> None:
    """Raise BadConfiguration with the problems, each of which begins with its line; if any."""
    if not problems:
        return
    shown = [f"{setting}: {path}, {problem}" for problem in problems[:PROBLEMS_MAX]]
    if len(problems) > PROBLEMS_MAX:
        shown.append(f"{setting}: {path}: and {len(problems) - PROBLEMS_MAX:,} more wrong lines")
    raise BadConfiguration("\n".join(shown))
