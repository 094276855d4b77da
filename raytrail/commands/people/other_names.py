"""The names that belong to a person beside those that a hold or an erasure covers."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from queries.errors import QueryFailed
from queries.identity.person import Grade, PersonName
from queries.identity.person_words import NAMES_SHOWN, name_facts, quoted
from raytrail.commands.plurals import counted
from raytrail.commands.questions.asked import find_person
from raytrail.setting_files.people import Pairs
from store.store import Store


@dataclass(frozen=True, slots=True)
class OtherNames:
    """Names that are not covered. `trouble` says why they are not known: neither a hold nor an
    erasure fails because of that.
    """

    names: tuple[PersonName, ...] = ()
    trouble: str = ""


NONE = OtherNames()


def other_names(
    store: Store, users: Collection[str], linked: Pairs, grades: Collection[Grade]
) -> OtherNames:
    """The names of these grades that belong to one of the users, each once."""
    found = dict[str, PersonName]()
    try:
        for user in users:
            for each in find_person(store.layout, user, linked).others:
                if each.grade in grades and each.name not in users:
                    found.setdefault(each.name, each)
    except QueryFailed as error:
        return OtherNames(trouble=str(error))
    return OtherNames(tuple(found.values()))


def objects(found: OtherNames) -> list[dict[str, Any]]:
    return [
        {
            "name": each.name,
            "grade": each.grade,
            "evidence": each.evidence,
            "requests": each.requests,
            "logins": each.logins,
        }
        for each in found.names
    ]


def lines(found: OtherNames) -> Iterator[str]:
    """A line for each name, and how many more there are; escaped."""
    for each in found.names[:NAMES_SHOWN]:
        yield f"    {quoted(each.name)}, {name_facts(each)}"
    more = len(found.names) - NAMES_SHOWN
    if more > 0:
        yield f"    ... and {counted(more, 'more name')}; --json has them"
