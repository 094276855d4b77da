"""`raytrail explain`: explains one request from the store, and asks Cloudflare where it may."""

import sys
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING

from queries.errors import QueryFailed
from queries.escape import for_terminal
from queries.explanation.explain import RayQuestion, searched
from queries.explanation.explain import explain as explained
from queries.explanation.explanation import Explanation
from queries.explanation.missing import without_token
from queries.identity.person import Person
from queries.outputs import explanation as output
from queries.path_templates import Rules
from queries.period import Period
from raytrail import inference
from raytrail.command_line.echo import echo
from raytrail.commands.options import read_settings, tell
from raytrail.commands.questions.asked import DATASET, answered, find_person, incomplete, take
from raytrail.errors import FINE, FOUND_SOMETHING_WRONG
from raytrail.progress import shown_if_slow
from raytrail.setting_files.people import Pairs
from store.catalog.scope import Scope
from store.files.layout import Layout
from store.reading.snapshot import Snapshot

if TYPE_CHECKING:
    from raytrail.setting_files.plain_settings import PlainSettings
    from raytrail.settings import Settings


@dataclass(frozen=True, slots=True)
class Asked:
    layout: Layout
    ray_id: str
    period: Period
    access_hosts: frozenset[str]
    is_without_damaged: bool = False
    is_exact: bool = False
    # The pairs of RAYTRAIL_PEOPLE.
    linked_names: Pairs = ()
    # The lines of RAYTRAIL_PATH_TEMPLATES.
    rules: Rules = ()

    def person(self, user: str) -> Person:
        """The person with this name. Without the names of a large store, there is an answer too."""
        if self.is_exact:
            return Person.only(user)
        try:
            inferred = inference.current(self.layout, self.access_hosts)
            return find_person(self.layout, user, self.linked_names, inferred)
        except QueryFailed as error:
            echo(
                f"other names of this person are not searched: {for_terminal(str(error))}", err=True
            )
            return Person.only(user)

    def snapshot(self) -> Snapshot:
        return take(
            self.layout, Scope(dataset=DATASET, since=self.period.since, until=self.period.until)
        )


def show(
    asked: Asked, settings: "PlainSettings | Settings", account: str, *, as_json: bool
) -> None:
    """Print what is known; the exit status is 1 if nothing has this Ray ID."""
    with shown_if_slow("looking for the request"):
        found, left_out = _explained(asked)
    if not found.login_events:
        found = _from_cloudflare(found, asked.layout, settings, account)
    for sentence in left_out:
        echo(for_terminal(sentence), err=True)
    if as_json:
        told = output.document(found)
        tell({**told, "incomplete": True} if left_out else told)
    else:
        tell(output.lines(found))
    sys.exit(FOUND_SOMETHING_WRONG if found.is_empty else FINE)


def _from_cloudflare(
    found: Explanation, layout: Layout, settings: "PlainSettings | Settings", account: str
) -> Explanation:
    if not settings.has_api():
        return replace(found, missing=(*found.missing, without_token()))
    # Late: an answer of the store alone needs neither the API nor the catalog's libraries.
    from raytrail.commands.explanation import cloudflare

    with shown_if_slow("asking Cloudflare"):
        return cloudflare.asked(found, layout, read_settings(), account)


def _explained(asked: Asked) -> tuple[Explanation, list[str]]:
    """The explanation, and a sentence for each file that it leaves out."""
    question = RayQuestion(
        ray_id=asked.ray_id,
        period=asked.period,
        configured_access_hosts=asked.access_hosts,
        # Several requests may be of one person.
        person_of=cache(asked.person),
    )
    snapshot = asked.snapshot()
    return answered(
        snapshot,
        lambda engine: (explained(engine, question), incomplete(engine.snapshot)),
        datasets=searched(snapshot),
        is_without_damaged=asked.is_without_damaged,
        rules=asked.rules,
    )
