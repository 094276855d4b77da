"""What `raytrail erase` was asked: the names of one person, each erased exactly as it is given.

Rows of other spellings of a name are most likely the same person's. So the answer names them, until
they are erased too or a person says that they are somebody else's.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from secrets import token_bytes
from typing import Self

from raytrail.commands.people import other_names
from raytrail.commands.people.other_names import OtherNames
from raytrail.commands.upkeep import erasure
from raytrail.commands.upkeep.erasure import Consent, Result
from raytrail.errors import CannotDo
from store import backlog, names
from store.erasure import evidence, other_spellings, unpurged
from store.erasure.erasure import LOADING, preview
from store.erasure.identifier import Identifier
from store.erasure.other_spellings import OtherSpelling
from store.erasure.receipts import SALT_BYTES
from store.registers.identity import name_pairs
from store.store import Store


@dataclass(frozen=True, slots=True)
class EraseRequest:
    """`others` are spellings of the names that are somebody else's."""

    people: tuple[Identifier, ...]
    others: tuple[str, ...]

    @classmethod
    def of(cls, users: Sequence[str], others: Sequence[str]) -> Self:
        """CannotDo without a name, or for another name that is no spelling of one of them."""
        if not users:
            raise CannotDo("--user: give the user name exactly as logged, or --user-from FILE")
        for other in others:
            if not names.other_spellings([other], users):
                raise CannotDo(
                    "--not-this-person: give a name that differs from --user only in letter case,"
                    " outer space or Unicode form; other names need no record"
                )
        return cls(tuple(map(erasure.identifier, dict.fromkeys(users))), tuple(others))

    @property
    def users(self) -> tuple[str, ...]:
        return tuple(person.user for person in self.people)


@dataclass(frozen=True, slots=True)
class Answer:
    """A result for each name, in their order, and other spellings that have rows."""

    results: tuple[Result, ...]
    other_spellings: tuple[OtherSpelling, ...]
    # Why nothing was erased, and what to do.
    refusal: str = ""
    # Names that were mapped to one of the given names before the erasure; they are only told.
    mapped_names: OtherNames = other_names.NONE

    @property
    def is_wrong(self) -> bool:
        """Whether data of the person is left, or would be, or may be under another spelling."""
        return bool(self.other_spellings) or any(result.is_wrong for result in self.results)

    @property
    def count(self) -> int:
        """What a person confirms: the sum over all names."""
        found = (result.occurrences for result in self.results)
        return sum(each.count for each in found if each is not None)


def check(store: Store, request: EraseRequest) -> Answer:
    """Search for data that is left; records which names are somebody else's."""
    _record(store, request)
    return _answer(store, request, [erasure.check(store, each) for each in request.people])


def trial(store: Store, request: EraseRequest) -> Answer:
    """Show what would be erased; nothing is changed."""
    return _answer(store, request, [erasure.trial(store, each) for each in request.people])


def run(
    store: Store, request: EraseRequest, given: Consent, tell_salt: Callable[[str], None]
) -> Answer:
    """Erase each name, with a receipt of its own. CannotDo if the store has not all of them."""
    if len(request.people) > 1:
        backlog.drain(store, LOADING)
        tried = _tried(store, request)
        if tried.count and tried.count != given.count:
            return replace(tried, refusal=erasure.unconfirmed(tried.count, given))
        results = [
            _erased(store, person, replace(given, count=result.occurrences.count), tell_salt)
            for person, result in zip(request.people, tried.results, strict=True)
            if result.occurrences is not None
        ]
        # A name may have been found only in rows of another one that is erased now.
        results = [
            replace(result, left=erasure.check(store, person).left)
            for person, result in zip(request.people, results, strict=True)
        ]
    else:
        salt = token_bytes(SALT_BYTES)
        wanted = erasure.erasure(store, request.people[0], given, salt, tell_salt)
        results = [erasure.run(wanted, given)]
    if results[0].refusal:
        return replace(_answer(store, request, results), refusal=results[0].refusal)
    _record(store, request)
    return _answer(store, request, results)


def _tried(store: Store, request: EraseRequest) -> Answer:
    """As `trial`, but a name whose erasure was killed before its purge needs not be known."""
    results = [
        Result(occurrences=preview(store, each))
        if unpurged.is_of(store.catalog, each.user)
        else erasure.trial(store, each)
        for each in request.people
    ]
    return _answer(store, request, results)


def _erased(
    store: Store, person: Identifier, given: Consent, tell_salt: Callable[[str], None]
) -> Result:
    """Erase one of several names: what it shares with one before may be gone already."""
    found = preview(store, person)
    if not evidence.knows(found) and not unpurged.is_of(store.catalog, person.user):
        return Result(occurrences=found, left=())
    wanted = erasure.erasure(store, person, given, token_bytes(SALT_BYTES), tell_salt)
    most = given.count or 0
    return erasure.run(replace(wanted, is_confirmed=lambda count: count <= most), given)


def _record(store: Store, request: EraseRequest) -> None:
    if not request.others:
        return  # A check alone writes nothing.
    with store.catalog.write() as connection:
        known = name_pairs.of(connection)
        for other in request.others:
            for user in request.users:
                is_spelling = names.folded(user) == names.folded(other)
                if is_spelling and not known.are_distinct([user], other):
                    name_pairs.unlink(connection, store.layout, store.clock(), user, other)


def _answer(store: Store, request: EraseRequest, results: Sequence[Result]) -> Answer:
    found = other_spellings.find(store, request.users)
    theirs = tuple(each for each in found if each.user not in request.others)
    return Answer(tuple(results), theirs)
