"""What `raytrail erase` prints about all names of a person, and about other spellings of them."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from queries.escape import for_terminal
from raytrail.commands.people import other_names
from raytrail.commands.people.other_names import OtherNames
from raytrail.commands.plurals import counted
from raytrail.commands.upkeep import erasure_words
from raytrail.commands.upkeep.erase_request import Answer, EraseRequest
from store.erasure.other_spellings import OtherSpelling

# There can be thousands, because any client can send a name; a person reads a few.
SPELLINGS_SHOWN = 20


def as_object(answer: Answer, request: EraseRequest) -> dict[str, Any]:
    """For scripts. The object does not contain the names that were given."""
    pairs = zip(answer.results, request.people, strict=True)
    objects = [erasure_words.as_object(result, person) for result, person in pairs]
    told = {
        "other_spellings": [asdict(each) for each in answer.other_spellings],
        "mapped_names": other_names.objects(answer.mapped_names),
    }
    if len(objects) == 1:
        return {**objects[0], **told}
    return {"names": objects, "count": answer.count, "refused": answer.refusal or None, **told}


def lines(answer: Answer) -> Iterator[str]:
    for number, result in enumerate(answer.results, start=1):
        if len(answer.results) > 1:
            yield f"name {number} of {len(answer.results)}:"
        yield from erasure_words.lines(result)
    if len(answer.results) > 1 and answer.refusal:
        yield f"count of all names to confirm: {answer.count:,}, with --yes-remove {answer.count}"
    yield from _spellings(answer.other_spellings)
    yield from _mapped(answer.mapped_names)


def _mapped(found: OtherNames) -> Iterator[str]:
    if found.names:
        yield "other names were mapped to this one; an erasure takes no other name than it is given:"
        yield from other_names.lines(found)
    if found.trouble:
        yield f"which names are mapped to this one could not be found: {for_terminal(found.trouble)}"


def _spellings(found: tuple[OtherSpelling, ...]) -> Iterator[str]:
    if found:
        yield "other spellings of the name have rows, which stay:"
        for each in found[:SPELLINGS_SHOWN]:
            yield f'    "{for_terminal(each.user)}": {counted(each.rows, "row")}'
        if len(found) > SPELLINGS_SHOWN:
            yield f"    ... and {len(found) - SPELLINGS_SHOWN:,} more; --json has them all"
        yield (
            "    erase each with --user; if one is somebody else's, record it with"
            " --check --not-this-person NAME"
        )
