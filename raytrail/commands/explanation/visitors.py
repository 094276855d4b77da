"""`raytrail visitors`: who visited a host or a path of it."""

from dataclasses import dataclass
from pathlib import Path

import typer

from queries.escape import for_terminal
from queries.period import Period
from queries.visitors.visitors import Place, Visitors
from queries.visitors.visitors import visitors as visitors_of
from raytrail.commands.options import tell
from raytrail.commands.questions.asked import DATASET, answered, incomplete, take
from raytrail.progress import shown_if_slow
from store.catalog.scope import Scope


@dataclass(frozen=True, slots=True)
class Asked:
    folder: Path
    place: Place
    period: Period
    access_hosts: frozenset[str]
    is_without_damaged: bool = False


def show(asked: Asked, *, as_json: bool) -> None:
    """Print the names, and a sentence for each file that the answer leaves out."""
    from queries.outputs import visitors as output

    with shown_if_slow("counting visitors"):
        found, left_out = _found(asked, None if as_json else output.VISITORS_SHOWN)
    for sentence in left_out:
        typer.echo(for_terminal(sentence), err=True)
    if as_json:
        told = output.document(found)
        tell({**told, "incomplete": True} if left_out else told)
    else:
        # Late: Rich is of no use to --json.
        from queries.outputs import terminal

        output.show(found, terminal.make_console())


def _found(asked: Asked, shown: int | None) -> tuple[Visitors, list[str]]:
    """The visitors, and a sentence for each file that the answer leaves out."""
    scope = Scope(dataset=DATASET, since=asked.period.since, until=asked.period.until)
    return answered(
        take(asked.folder, scope),
        lambda engine: (
            visitors_of(
                engine,
                asked.place,
                asked.period,
                shown=shown,
                configured_access_hosts=asked.access_hosts,
            ),
            incomplete(engine.snapshot),
        ),
        is_without_damaged=asked.is_without_damaged,
    )
