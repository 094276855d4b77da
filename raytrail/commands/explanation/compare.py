"""`raytrail compare`: one period of a person compared with another."""

from queries.comparison.comparison import Comparison, compare, periods
from queries.escape import for_terminal
from queries.outputs import comparison as output
from queries.period import Period
from raytrail.command_line.echo import echo
from raytrail.commands.options import tell
from raytrail.commands.questions.asked import DATASET, Asked, answered, incomplete, take
from raytrail.progress import shown_if_slow
from store.catalog.scope import Scope
from store.timestamps import system_clock


def show(asked: Asked, other: Period, *, as_json: bool) -> None:
    """Print the comparison, and a sentence for each file that it leaves out."""
    with shown_if_slow("comparing two periods"):
        found, left_out = _compared(asked, other)
    for sentence in left_out:
        echo(for_terminal(sentence), err=True)
    if as_json:
        told = output.document(found)
        tell({**told, "incomplete": True} if left_out else told)
    else:
        tell(output.lines(found))


def _compared(asked: Asked, other: Period) -> tuple[Comparison, list[str]]:
    both = periods(asked.period, other, system_clock())
    begins = [each.since for each in (both.now, both.before) if each.since is not None]
    ends = [each.until for each in (both.now, both.before) if each.until is not None]
    whole = Period(min(begins), max(ends))
    person = asked.person()
    everybody = take(asked.layout, Scope(dataset=DATASET, since=whole.since, until=whole.until))
    return answered(
        asked.snapshot(person, whole),
        lambda engine: (
            compare(engine, person, both, everybody, configured_access_hosts=asked.access_hosts),
            incomplete(engine.snapshot),
        ),
        is_without_damaged=asked.is_without_damaged,
        rules=asked.rules,
    )
