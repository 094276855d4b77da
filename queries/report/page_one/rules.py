"""What the rules for findings say of the person of a report."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from queries.escape import shown
from queries.findings.question import Finding, NotJudged
from queries.findings.rule import LEVELS, Rule, rules
from queries.report.listing import Listing
from queries.report.wording import URL_CHARACTERS_SHOWN

# A sentence may quote a name and a URL.
CHARACTERS_SHOWN = 2 * URL_CHARACTERS_SHOWN

# Of a sentence that lists what no rule could judge.
REMARK_CHARACTERS_SHOWN = 4_000

# A page lists as many; `raytrail findings` lists all.
FINDINGS_SHOWN = 100

_COVERAGE = {
    "complete": "all records of these hours are here",
    "incomplete": "records of these hours are missing",
    "unknown": "whether records of these hours are missing is not known",
}


@dataclass(frozen=True, slots=True)
class Findings:
    """The gravest first. `not_judged` are sentences about what was not judged, and why.

    `rules_held_back` of `rules` judged nothing of the whole period.
    """

    listed: Listing[Finding]
    not_judged: tuple[str, ...] = ()
    rules: int = 0
    rules_held_back: int = 0


def findings_of(found: list[Finding], not_judged: NotJudged) -> Findings:
    held_back = tuple(_held_back(not_judged))
    return Findings(
        _listed(found), tuple(_sentences(not_judged, held_back)), len(rules()), len(held_back)
    )


def failed(why: str) -> Findings:
    """Where the rules could not be asked; a report is made without them."""
    every = len(rules())
    return Findings(_listed([]), (f"No rule could be asked: {why}",), every, every)


def _listed(found: list[Finding]) -> Listing[Finding]:
    ordered = sorted(found, key=lambda each: (-LEVELS.index(each.level), each.since, each.rule))
    return Listing(tuple(ordered[:FINDINGS_SHOWN]), len(ordered))


def _held_back(not_judged: NotJudged) -> Iterator[Rule]:
    lacking = {each.rule.name for each in not_judged.without}
    is_young = not_judged.learning.is_store_young(not_judged.until)
    learning = is_young or 0 < not_judged.learning.people == not_judged.learning.learning
    for each in rules():
        if each.name in lacking or (learning and each.is_compared):
            yield each


def _sentences(not_judged: NotJudged, held_back: Iterable[Rule]) -> Iterator[str]:
    yield from not_judged.left_out
    learning, lacking = not_judged.learning, {each.rule.name for each in not_judged.without}
    compared = [each for each in held_back if each.is_compared and each.name not in lacking]
    if compared:
        days = (
            f"this store's records begin less than {learning.store_days} days before"
            if learning.is_store_young(not_judged.until)
            else f"fewer than {learning.active_days} days with activity are known before"
        )
        titles = "; ".join(each.title for each in compared)
        yield f"Not judged, because it takes a person's habits and {days}: {titles}."
    elif learning.learning:
        yield (
            f"Some names have fewer than {learning.active_days} days with activity before:"
            " for these nothing was compared with habits."
        )
    for each in not_judged.without:
        fields = ", ".join(each.fields)
        yield f"Not judged, because the log of this period lacks {fields}: {each.rule.title}."


def sentences(found: Findings) -> Iterator[str]:
    """For the first page; a finding that somebody has acknowledged is no news."""
    for each in found.listed.shown:
        if each.acknowledged is None:
            yield f"{each.title} ({each.level}): {what(each)}"


def what(each: Finding) -> str:
    return shown(each.what, CHARACTERS_SHOWN)


def remark(line: str) -> str:
    return shown(line, REMARK_CHARACTERS_SHOWN)


def coverage(each: Finding) -> str:
    return _COVERAGE.get(each.coverage, each.coverage)
