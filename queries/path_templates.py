"""Path templates of RAYTRAIL_PATH_TEMPLATES, compiled to one SQL expression.

A macro has no bound parameters, so that this is the one place where texts become SQL: each goes
through `literal`. As constants, the patterns are compiled once a question, not once a row.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

EVERY_HOST = "*"

SEGMENT = re.compile(r"\{[A-Za-z][A-Za-z0-9_-]*\}")
REST = re.compile(r"\{[A-Za-z][A-Za-z0-9_-]*\.\.\.\}")

# A path that is itself the template of a line with {rest...} at its end.
_REST_TEMPLATE = r"(?s:.*)/\{[A-Za-z][A-Za-z0-9_-]*\.\.\.\}"


@dataclass(frozen=True, slots=True)
class TemplateRule:
    """A template for the paths of one host (as `host_name` makes it), or of EVERY_HOST.

    A segment `{name}` stands for any one that is not empty, `{name...}` at the end for one or more.
    """

    host: str
    template: str


Rules = tuple[TemplateRule, ...]


def literal(text: str) -> str:
    """A text as an SQL string. Only a quote has a meaning in one, and NUL ends the statement."""
    if "\0" in text:
        raise ValueError("NUL in a text for SQL")
    return "'" + text.replace("'", "''") + "'"


def expression(rules: Iterable[TemplateRule]) -> str:
    """The template of `path` on `host_key` as SQL, NULL where no rule fits.

    The rules of the host come before those of EVERY_HOST; of each, the first that fits decides.
    """
    by_host: dict[str, list[str]] = {}
    for rule in rules:
        by_host.setdefault(rule.host, []).append(_branch(rule.template))
    everywhere = by_host.pop(EVERY_HOST, [])
    cases = []
    if by_host:
        branches = (f"when {literal(host)} then {_case(each)}" for host, each in by_host.items())
        cases.append(f"case host_key {' '.join(branches)} end")
    if everywhere:
        cases.append(_case(everywhere))
    return f"coalesce({', '.join((*cases, 'null::varchar'))})"


def _case(branches: Iterable[str]) -> str:
    return f"case {' '.join(branches)} end"


def _branch(template: str) -> str:
    fits = f"regexp_full_match(path, {literal(_pattern(template))})"
    # Most paths begin otherwise, and telling that takes less time than a pattern.
    beginning = template.partition("{")[0]
    if len(beginning) > 1:
        fits = f"starts_with(path, {literal(beginning)}) and {fits}"
    if SEGMENT.fullmatch(template.rpartition("/")[2]):
        # The template of {rest...} has one segment there, its path may have had more.
        fits += f" and not regexp_full_match(path, {literal(_REST_TEMPLATE)})"
    return f"when {fits} then {literal(template)}"


def _pattern(template: str) -> str:
    return "/".join(_segment_pattern(segment) for segment in template.split("/"))


def _segment_pattern(segment: str) -> str:
    if SEGMENT.fullmatch(segment):
        return "[^/]+"
    return "(?s:.+)" if REST.fullmatch(segment) else re.escape(segment)
