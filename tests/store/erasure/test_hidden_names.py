"""A receipt never says that nothing is left while a body or a line may have the name."""

import gzip

import pytest

from store.erasure.body_search import MEMBERS_MAX
from store.erasure.remnants.remnant import Remnant, RemnantKind
from store.erasure.verification import find_remnants
from store.store import Store
from tests.factories import gzipped, load, ndjson, send
from tests.person_store import by, erase

NAME = "zoë.o+k@corp.example"
SPELLINGS = (
    b"zo\\u00EB.o+k@corp.example",
    b"zo\\u00eb.o\\u002Bk@corp.example",
    "".join(f"\\u{ord(character):04X}" for character in NAME).encode(),
    b"zo\xc3\xab.o+k\\u0040corp.example",
)
# More than the loader reads of one body.
MANY_MEMBERS = 1_001


def left(store: Store) -> list[Remnant]:
    return list(find_remnants(store.layout, store.catalog, NAME))


def sent(store: Store, *bodies: bytes) -> None:
    """A row of the person, so that the store knows the name, and these bodies."""
    send(store, gzipped(ndjson(by(NAME), by("bob"))))
    for body in bodies:
        send(store, body)
    load(store)


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_body_that_escapes_the_name_is_erased(store: Store, spelling: bytes) -> None:
    line = b'no json, but "' + spelling + b'"\n'
    member = gzipped(b'{"a":"' + spelling + b'"}\n')
    cut = b'{"RequestHeaders":{"cf-access-user":"' + spelling + b'"}'
    sent(store, gzipped(line), member * MANY_MEMBERS, gzipped(cut), *[member[:-6]] * 3)

    erased = erase(store, NAME).occurrences

    assert left(store) == []
    assert not erased.unsearchable
    assert erased.by_dataset()["rejected"].rows == 2
    assert len(list(store.layout.raw.rglob("*.gz"))) == 0


def test_a_mention_in_an_escaped_value_is_told(store: Store) -> None:
    line = ndjson(by("bob", ClientRequestURI="/?q=x")).replace(b"q=x", b"q=" + SPELLINGS[2])
    extra = ndjson(by("bob", RayID="0b01", News=["x"])).replace(b'"x"', b'"' + SPELLINGS[1] + b'"')
    sent(store, gzipped(line + extra))

    erase(store, NAME)

    assert [(each.kind, each.count) for each in left(store)] == [(RemnantKind.MENTION, 2)]


@pytest.mark.parametrize(
    "body",
    [
        '{"a":"zo\\u00EB.o+k@corp.example"}\n'.encode("utf-16"),
        '{"a":"zo\\u00EB.o+k@corp.example"}\n'.encode("utf-16-be"),
        '{"a":"zo\\u00EB.o+k@corp.example"}\n'.encode("utf-32"),
        gzipped(NAME.encode()),
    ],
    ids=["UTF-16", "UTF-16 without a mark", "UTF-32", "gzip in gzip"],
)
def test_a_body_and_its_lines_in_another_encoding_are_named(store: Store, body: bytes) -> None:
    sent(store, gzipped(body))

    erased = erase(store, NAME).occurrences

    [stays] = store.layout.raw.rglob("*.gz")
    assert [each.path for each in erased.unsearchable] == [store.layout.relative(stays)]
    assert erased.unsearchable_lines >= 1
    assert {each.kind for each in left(store)} == {
        RemnantKind.UNREADABLE,
        RemnantKind.UNSEARCHABLE_LINE,
    }


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be"])
def test_a_line_in_utf_16_with_the_name_is_erased(store: Store, encoding: str) -> None:
    sent(store, gzipped(f"not json: {NAME}".encode(encoding)))

    erase(store, NAME)

    assert left(store) == []


def test_a_damaged_body_of_more_members_than_are_looked_through_is_named(store: Store) -> None:
    member = gzip.compress(b"x", mtime=0)
    damaged = gzipped(b"x")[:-6] + member * MEMBERS_MAX + gzipped(NAME.encode())
    sent(store, *[damaged] * 3)

    erased = erase(store, NAME).occurrences

    assert len(erased.unsearchable) == 1
    assert RemnantKind.UNREADABLE in {each.kind for each in left(store)}
