"""The file RAYTRAIL_PATH_TEMPLATES: a host and a path template a line, in UTF-8.

Empty lines and lines that begin with `#` are skipped. The host `*` stands for every host.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from queries.path_templates import EVERY_HOST, REST, SEGMENT, Rules, TemplateRule
from raytrail.setting_files.lines import refuse, text_of

# Every question reads the file, and larger ones are no list of templates.
BYTES_MAX = 1024 * 1024
# Each question compiles all of them; 500 made opening the database take half a second longer, and
# 500 for one host a million rows 10 s.
RULES_MAX = 200
# A longer pattern takes more memory than the database gives to one.
CHARACTERS_MAX = 1_000

SETTING = "RAYTRAIL_PATH_TEMPLATES"


def read(path: Path) -> Rules:
    """Every line as a rule. BadConfiguration has a sentence for each wrong line."""
    found, problems = list[TemplateRule](), list[str]()
    for line, values in _lines(text_of(SETTING, path, BYTES_MAX)):
        why = _wrong(values) if len(found) < RULES_MAX else f"more than {RULES_MAX} templates"
        if why:
            problems.append(f"line {line}: {why}")
        else:
            found.append(TemplateRule(_host(values[0]), values[1]))
    refuse(SETTING, path, problems)
    return tuple(found)


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    for line, content in enumerate(text.split("\n"), start=1):
        values = content.split()
        if values and not values[0].startswith("#"):
            yield line, values


def _host(text: str) -> str:
    """As queries/sql/definitions/host_name.sql makes it."""
    return re.sub(r":[0-9]+\Z", "", text.lower())


def _wrong(values: list[str]) -> str:
    if len(values) != 2:  # noqa: PLR2004 - a host and a template
        return f"want a host and a template without spaces, found {len(values)} words"
    host, template = values
    if not (host + template).isprintable():
        return "an invisible character"
    if host != EVERY_HOST and re.search(r"[/?#@*{}]", host):
        return "invalid host: give a host name such as wiki.example.com, or * for every host"
    return _wrong_template(template)


def _wrong_template(template: str) -> str:
    if not template.startswith("/"):
        return "the template does not begin with /"
    if len(template) > CHARACTERS_MAX:
        return f"the template has more than {CHARACTERS_MAX:,} characters"
    if re.search("[?#]", template):
        return "a template is compared with paths, which have no ? and no #"
    *before, last = template.split("/")
    if any(REST.fullmatch(segment) for segment in before):
        return "{name...} stands for the rest of a path: nothing can follow it"
    if any(map(_is_malformed, (*before, "" if REST.fullmatch(last) else last))):
        return "a placeholder is a whole segment: {name}, or {name...} at the end"
    return ""


def _is_malformed(segment: str) -> bool:
    return re.search("[{}]", segment) is not None and SEGMENT.fullmatch(segment) is None
