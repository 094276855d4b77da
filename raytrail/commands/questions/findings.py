"""`raytrail findings`: prints what stands out in the records of a period."""

import sys

from queries.engine import Engine
from queries.escape import for_terminal
from queries.findings import question
from queries.findings.question import Finding, Judged, Names, NotJudged
from queries.identity.people import UnknownUser, look_up
from queries.identity.person import Person
from queries.limits import FINDINGS_LIMITS
from queries.shell_content import Told
from raytrail import inference
from raytrail.command_line.echo import echo
from raytrail.commands.options import tell_rows
from raytrail.commands.questions.asked import Asked, answered, incomplete, take
from raytrail.errors import FOUND_SOMETHING_WRONG, CannotDo
from raytrail.progress import shown_if_slow


def show(asked: Asked, told: Told, *, as_json: bool) -> None:
    """Print the findings, and on standard error what was not judged and why.

    The exit status is 1 for a name that the store does not know.
    """
    person = asked.person() if asked.user else None
    names = None if person is None else tuple(person.users)
    with shown_if_slow("judging the records"):
        # Requests and logins of other people meet by their names, too.
        inference.current(asked.layout, asked.access_hosts)
        found, not_judged = judged(asked, names, told)
    if person is not None and not found:
        _demand_known(asked, person)
    from queries.outputs import findings as outputs

    if as_json:
        tell_rows(outputs.objects(found, told.thresholds))
    else:
        # Late: Rich is of no use to --json.
        from queries.outputs import terminal

        outputs.show(found, asked.period, terminal.make_console())
    for sentence in outputs.unjudged_lines(not_judged):
        echo(for_terminal(sentence), err=True)


def _demand_known(asked: Asked, person: Person) -> None:
    """A misspelt name must not look like one about which nothing was found."""
    known = answered(
        asked.snapshot(person),
        lambda engine: look_up(engine, person),
        is_without_damaged=asked.is_without_damaged,
    )
    if isinstance(known, UnknownUser):
        from queries.outputs import terminal

        terminal.show_unknown(asked.unknown(person), terminal.make_console(sys.stderr))
        sys.exit(FOUND_SOMETHING_WRONG)


def demand(asked: Asked, told: Told, finding: str) -> Finding:
    """The finding with this id; CannotDo if the period has none."""
    with shown_if_slow("judging the records"):
        found, _ = judged(asked, None, told)
    for each in found:
        if each.id == finding:
            return each
    from queries.report.wording import period_text

    raise CannotDo(
        f"{finding}: no finding has this id ({period_text(asked.period)}): give the period in which"
        " `raytrail findings` listed it, such as --period 2026-11-20"
    )


def judged(
    asked: Asked, names: Names, told: Told, reader: Engine | None = None
) -> tuple[list[Finding], NotJudged]:
    """The findings, and what was not judged.

    Rules compare people, so that the whole store is read also for one person. `reader` is that of
    `question.judge`.
    """

    def ask(engine: Engine) -> tuple[list[Finding], NotJudged]:
        told = question.judge(engine, asked.period, names, reader)
        return list(told.found), _not_judged(engine, asked, told)

    return answered(
        take(asked.layout),
        ask,
        datasets=None,
        is_without_damaged=asked.is_without_damaged,
        limits=FINDINGS_LIMITS,
        rules=asked.rules,
        told=told,
    )


def _not_judged(engine: Engine, asked: Asked, told: Judged) -> NotJudged:
    return NotJudged(
        learning=told.learning,
        without=tuple(told.unjudged),
        until=question.end_of(asked.period, engine.snapshot.taken_at),
        left_out=tuple(incomplete(engine.snapshot)),
    )
