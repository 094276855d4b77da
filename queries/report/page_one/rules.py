"""What the rules for findings say of the person of a report."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from queries.escape import shown
from queries.findings.question import Finding
from queries.findings.rule import LEVELS
from queries.report.listing import Listing
from queries.report.wording import URL_CHARACTERS_SHOWN

# A sentence may quote a name and a URL.
CHARACTERS_SHOWN = 2 * URL_CHARACTERS_SHOWN

# A page lists as many; `raytrail findings` lists all.
FINDINGS_SHOWN = 100

_COVERAGE = {
    "complete": "all records of these hours are here",
    "incomplete": "records of these hours are missing",
    "unknown": "whether records of these hours are missing is not known",
}


@dataclass(frozen=True, slots=True)
class Findings:
    """The gravest first. `not_judged` are sentences about what no rule could judge, and why."""

    listed: Listing[Finding]
    not_judged: tuple[str, ...] = ()


def findings_of(found: list[Finding], not_judged: Iterable[str]) -> Findings:
    ordered = sorted(found, key=lambda each: (-LEVELS.index(each.level), each.since, each.rule))
    return Findings(Listing(tuple(ordered[:FINDINGS_SHOWN]), len(ordered)), tuple(not_judged))


def sentences(found: Findings) -> Iterator[str]:
    """For the first page; a finding that somebody has acknowledged is no news."""
    for each in found.listed.shown:
        if each.acknowledged is None:
            yield f"{each.title} ({each.level}): {what(each)}"


def what(each: Finding) -> str:
    return shown(each.what, CHARACTERS_SHOWN)


def coverage(each: Finding) -> str:
    return _COVERAGE.get(each.coverage, each.coverage)
