"""Sentences about the names of a person, for every output."""

from collections.abc import Iterator

from queries.escape import shown
from queries.identity.person import Grade, NotCovered, Person, PersonName

# A person reads a few; --json has as many as the answer covers.
NAMES_SHOWN = 10

# Names of this length can be recognised by their beginning.
NAME_CHARACTERS_SHOWN = 256


def other_names(person: Person) -> Iterator[str]:
    """A line for each name beside the asked one, and what is left out; escaped, for a terminal."""
    for each in person.others[:NAMES_SHOWN]:
        yield f"also under {quoted(each.name)}, {name_facts(each)}"
    more = person.others[NAMES_SHOWN:]
    if more:
        requests, logins = sum(each.requests for each in more), sum(each.logins for each in more)
        yield f"also under {len(more):,} more names, {_rows(requests, logins)}; --json has them"
    left = person.left_out
    if left.names:
        yield (
            f"NOT under {left.names:,} more names, {_rows(left.requests, left.logins)}: an answer"
            f" covers {len(person.names):,} names at most"
        )
    yield from _not_covered(person)


def _not_covered(person: Person) -> Iterator[str]:
    for each in person.not_covered[:NAMES_SHOWN]:
        yield f"NOT under {quoted(each.name)}, {not_covered_facts(each)}"
    listed = len(person.not_covered[NAMES_SHOWN:])
    more = listed + person.not_covered_left_out
    if more:
        yield f"NOT under {more:,} more names; --json has {listed:,}"


def not_covered_facts(each: NotCovered) -> str:
    """Whose name it is, and its rows in the whole store."""
    is_spelling = each.grade is Grade.EQUAL
    what = "another spelling of" if is_spelling else f"{each.grade} for"
    return f"{what} {quoted(each.of)} ({each.evidence}): {_rows(each.requests, each.logins)}"


def name_facts(each: PersonName) -> str:
    """The grade and evidence of a name, and its rows in the whole store."""
    why = f" ({each.evidence})" if each.evidence else ""
    return f"{each.grade}{why}: {_rows(each.requests, each.logins)}"


def grade_note(person: Person) -> str:
    """What a reader must know if a name of the answer is only inferred; empty otherwise."""
    inferred = [each for each in person.names if each.grade is Grade.INFERRED]
    if not inferred:
        return ""
    return "Names marked inferred follow from logins and may be wrong; --exactly leaves them out."


def quoted(name: str) -> str:
    """A name between quotes, so that a space at its end is seen."""
    return f'"{shown(name, NAME_CHARACTERS_SHOWN)}"'


def _rows(requests: int, logins: int) -> str:
    return f"{_counted(requests, 'request')}, {_counted(logins, 'login')} in the whole store"


def _counted(value: int, noun: str) -> str:
    return f"{value:,} {noun if value == 1 else f'{noun}s'}"
