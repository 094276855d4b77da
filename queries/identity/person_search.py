"""Finds the names of one person in a store, before a question about the person is asked."""

from collections.abc import Iterator

from queries.engine import Engine
from queries.identity.person import Grade, Person, PersonName
from store import names


def person_in(engine: Engine, asked: str) -> Person:
    """The asked name and its other spellings in the snapshot."""
    return Person.of(asked, _spellings(engine, asked))


def _spellings(engine: Engine, asked: str) -> Iterator[PersonName]:
    wanted = names.folded(asked)
    for name, requests, logins in engine.ask("identity/names_held").rows:
        if names.folded(name) == wanted:
            yield PersonName(name, Grade.EQUAL, names.difference(asked, name), requests, logins)
