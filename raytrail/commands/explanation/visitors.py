"""`raytrail visitors`: who visited a host or a path of it."""

from dataclasses import dataclass

from queries.escape import for_terminal
from queries.identity.person_search import Identities
from queries.path_templates import Rules
from queries.period import Period
from queries.visitors.visitors import Place, Visitors, with_names
from queries.visitors.visitors import visitors as visitors_of
from raytrail import inference
from raytrail.command_line.echo import echo
from raytrail.commands.options import tell
from raytrail.commands.questions.asked import DATASET, answered, incomplete, take
from raytrail.progress import shown_if_slow
from raytrail.setting_files.people import Pairs
from store.catalog.scope import Scope
from store.files.layout import Layout
from store.reading import known_pairs


@dataclass(frozen=True, slots=True)
class Asked:
    layout: Layout
    place: Place
    period: Period
    access_hosts: frozenset[str]
    is_without_damaged: bool = False
    # The pairs of RAYTRAIL_PEOPLE.
    linked_names: Pairs = ()
    # The lines of RAYTRAIL_PATH_TEMPLATES.
    rules: Rules = ()


def show(asked: Asked, *, as_json: bool) -> None:
    """Print the names, and a sentence for each file that the answer leaves out."""
    from queries.outputs import visitors as output

    with shown_if_slow("counting visitors"):
        inferred = inference.current(asked.layout, asked.access_hosts)
        said = known_pairs.name_pairs(asked.layout)
        known = Identities(said, asked.linked_names, inferred)
        found, left_out = _found(asked, None if as_json else output.VISITORS_SHOWN)
        found = with_names(found, known)
    for sentence in left_out:
        echo(for_terminal(sentence), err=True)
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
        take(asked.layout, scope),
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
        rules=asked.rules,
    )
