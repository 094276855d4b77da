"""What the rules for findings say of the person of a report."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from queries.escape import shown
from queries.findings.question import Finding, NotJudged
from queries.findings.rule import LEVELS, Rule, rules
from queries.period import Period
from queries.report.listing import Listing
from queries.report.wording import URL_CHARACTERS_SHOWN, duration_text

# A sentence may quote a name and a URL.
CHARACTERS_SHOWN = 2 * URL_CHARACTERS_SHOWN

# Of a sentence that lists what no rule could judge.
REMARK_CHARACTERS_SHOWN = 4_000

# A page lists as many; `raytrail findings` lists all.
FINDINGS_SHOWN = 100

# What these find may be about the log itself, which no question about one person lists.
ABOUT_THE_LOG = frozenset({"clock", "silent_source"})

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
    # Titles of the rules that judged all names of the person in the whole period, and found nothing.
    nothing_found: tuple[str, ...] = ()
    # By rule, what else may explain what it found.
    ordinary_reasons: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def ordinary(self, found: Finding) -> tuple[str, ...]:
        return self.ordinary_reasons.get(found.rule, ())


def findings_of(found: list[Finding], not_judged: NotJudged) -> Findings:
    held_back = tuple(_held_back(not_judged))
    named = {each.rule for each in found}
    return Findings(
        _listed(found),
        tuple(_sentences(not_judged, held_back)),
        len(rules()),
        len(held_back),
        nothing_found=tuple(_nothing_found(not_judged, {each.name for each in held_back}, named)),
        ordinary_reasons={each.name: each.falsepositives for each in rules() if each.name in named},
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


def _nothing_found(not_judged: NotJudged, held_back: set[str], named: set[str]) -> Iterator[str]:
    """A rule that could not compare some of the names has not looked for all of them."""
    for each in rules():
        is_partly = each.is_compared and not_judged.learning.learning > 0
        is_silent = each.name not in held_back | named | ABOUT_THE_LOG
        if is_silent and not is_partly:
            yield each.title


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


def sentences(found: Findings, asked: Period) -> Iterator[str]:
    """For the first page; a finding that somebody has acknowledged is no news."""
    for each in found.listed.shown:
        if each.acknowledged is None:
            yield f"{each.title} ({'; '.join(_weight(each, asked))}): {what(each)}"


def _weight(each: Finding, asked: Period) -> Iterator[str]:
    yield each.level
    if each.user_id is not None and each.identity != "access":
        yield "the name is not confirmed on all of its records"
    if text := beginning(each, asked):
        yield text


def beginning(each: Finding, asked: Period) -> str:
    """That its first record is from before the period; empty if it is not."""
    if asked.since is None or each.since >= asked.since:
        return ""
    before = duration_text((asked.since - each.since).total_seconds())
    return f"begins {before} before the period asked about"


def not_found(found: Findings) -> str:
    """What was looked for in vain: it tells for a person, too."""
    titles = "; ".join(found.nothing_found)
    return f"Looked for in the records that are here, and not found: {titles}."


def what(each: Finding) -> str:
    return shown(each.what, CHARACTERS_SHOWN)


def remark(line: str) -> str:
    return shown(line, REMARK_CHARACTERS_SHOWN)


def coverage(each: Finding) -> str:
    return _COVERAGE.get(each.coverage, each.coverage)
