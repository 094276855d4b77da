"""`raytrail people`: lists everybody of the store with the names that belong together."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import fields
from typing import Any

from queries.identity.people_list import ListedPerson, PeopleList, people_in
from queries.identity.person import PersonName
from queries.identity.person_search import Identities
from queries.identity.person_words import NAMES_SHOWN, name_facts, not_covered_facts, quoted
from queries.outputs.json_values import json_value
from raytrail import inference
from raytrail.commands.plurals import counted
from raytrail.commands.questions.asked import answered, take
from raytrail.setting_files.people import Pairs
from store.files.layout import Layout
from store.reading import known_pairs

# A person reads some pages; --json has everybody.
PEOPLE_SHOWN = 500


def find(
    layout: Layout, linked: Pairs, hosts: Collection[str], *, is_without_damaged: bool
) -> PeopleList:
    """`hosts` are those that the settings name as behind Access."""
    inferred = inference.current(layout, hosts)
    known = Identities(known_pairs.name_pairs(layout), linked, inferred)
    return answered(
        take(layout),
        lambda engine: people_in(engine, known),
        is_without_damaged=is_without_damaged,
    )


def objects(found: PeopleList) -> Iterator[dict[str, Any]]:
    """One object a person."""
    for person in found.people:
        yield {field.name: json_value(getattr(person, field.name)) for field in fields(person)}


def lines(found: PeopleList) -> Iterator[str]:
    """A line for each person, and one below it for each other name."""
    if not found.people:
        yield "no people"
    for person in found.people[:PEOPLE_SHOWN]:
        yield _line(person)
        yield from _names("", person.names[1:], person.names_left_out)
        yield from _names("see also ", person.mapped, 0)
        for each in person.not_covered[:NAMES_SHOWN]:
            yield f"    not {quoted(each.name)}, {not_covered_facts(each)}"
    more = len(found.people) - PEOPLE_SHOWN
    if more > 0:
        yield f"... and {more:,} more people; --json has them all"


def left_out(found: PeopleList) -> str:
    """A sentence about names that have no line; empty if every name has one."""
    if not found.names_left_out:
        return ""
    return (
        f"{counted(found.names_left_out, 'more name')} with"
        f" {counted(found.requests_left_out, 'request')} and no login: not listed"
    )


def _line(person: ListedPerson) -> str:
    seen = " to ".join(
        f"{time.isoformat(' ', 'seconds')}Z" if time else "no time"
        for time in (person.first_seen, person.last_seen)
    )
    counts = f"{counted(person.requests, 'request')}, {counted(person.logins, 'login')}"
    return f"{quoted(person.name)}  {counts}, {seen}"


def _names(label: str, found: Iterable[PersonName], left: int) -> Iterator[str]:
    known = list(found)
    for each in known[:NAMES_SHOWN]:
        yield f"    {label}{quoted(each.name)}, {name_facts(each)}"
    more = len(known[NAMES_SHOWN:]) + left
    if more:
        yield f"    ... and {counted(more, 'more name')}"
