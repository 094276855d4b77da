"""The SQL that stands in the documents: indented statements, and those of `raytrail sql`."""

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[3]

_BLOCK = re.compile(r"^(?: {4}.*\n|\n(?= {4}))+", re.MULTILINE)
_STATEMENT = re.compile(r"^(?:D )?((?:SELECT|FROM|WITH)\b[^;]*);$", re.MULTILINE)
_COMMAND = re.compile(r'raytrail sql "([^"]+)"')
_SETTING_UP = "ATTACH"


def statements(page: str) -> Iterator[str]:
    """Each statement that can be asked as it stands there."""
    for block in blocks(page):
        if _SETTING_UP not in block:
            yield from (re.sub(r"\n +", "\n", each) for each in _STATEMENT.findall(block))
    yield from _COMMAND.findall(page)


def scripts(page: str) -> list[str]:
    """Several statements that belong together, as they change what is asked."""
    return [block for block in blocks(page) if _SETTING_UP in block]


def blocks(page: str) -> list[str]:
    return [re.sub(r"^ {4}", "", each, flags=re.MULTILINE) for each in _BLOCK.findall(page)]


def questions(page: str) -> dict[str, str]:
    """The statement below each heading of the section with the questions."""
    section = page.partition("\n## Twenty questions\n")[2].partition("\n## ")[0]
    found = {}
    for each in section.split("\n### ")[1:]:
        heading, _, text = each.partition("\n")
        [found[heading]] = statements(text)
    return found


def documents() -> dict[str, str]:
    paths = [ROOT / "README.md", *sorted(ROOT.glob("docs/*.md"))]
    return {path.name: path.read_text(encoding="utf-8") for path in paths}
