"""A name is found in JSON however its characters are escaped, and wherever the stream is cut."""

import json
from collections.abc import Callable

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.erasure.identifier import Identifier
from store.erasure.json_text import Unescaper
from store.erasure.row_search import RowSearch
from store.files.layout import REJECTED

NAME = "zoë.o+k@corp.example"

# JSON has no lone surrogates, and no name that a row can have has one.
CHARACTERS = st.characters(exclude_categories=["Cs"])
NAMES = st.text(CHARACTERS, min_size=1, max_size=12)
# Names that have much in common, so that near misses are likely.
FEW = st.text(st.sampled_from('aA"\\/u0\n\x00é😀🙂'), min_size=1, max_size=4)
SHORT = {
    '"': '\\"',
    "\\": "\\\\",
    "/": "\\/",
    "\b": "\\b",
    "\f": "\\f",
    "\n": "\\n",
    "\r": "\\r",
    "\t": "\\t",
}


def units(character: str, digits: Callable[[str], str]) -> str:
    r"""As one `\uXXXX`, or as a pair of surrogates."""
    wide = character.encode("utf-16-be").hex()
    return "".join(f"\\u{digits(wide[place : place + 4])}" for place in range(0, len(wide), 4))


@st.composite
def spelt(draw: st.DrawFn, text: str) -> bytes:
    """A text inside a JSON string, each character in any way that JSON allows."""
    written = []
    for character in text:
        ways = [units(character, str.lower), units(character, str.upper)]
        ways += [SHORT[character]] if character in SHORT else []
        ways += [character] if character >= " " and character not in '"\\' else []
        written.append(draw(st.sampled_from(ways)))
    return "".join(written).encode()


@st.composite
def cut(draw: st.DrawFn, content: bytes) -> list[bytes]:
    places = sorted(draw(st.lists(st.integers(0, len(content)), max_size=20)))
    ends = [*places, len(content)]
    return [content[start:end] for start, end in zip([0, *places], ends, strict=True)]


@given(st.data(), NAMES, st.text(CHARACTERS, max_size=8), st.text(CHARACTERS, max_size=8))
def test_a_name_is_found_in_any_spelling_and_any_cut(
    data: st.DataObject, name: str, before: str, after: str
) -> None:
    content = data.draw(spelt(before + name + after))
    pieces = data.draw(cut(content))

    assert Identifier.of(name).is_in(pieces)
    assert Identifier.of(name).count(pieces) >= 1


@given(st.data(), FEW, st.lists(FEW, max_size=4))
def test_a_name_is_found_only_where_the_text_has_it(
    data: st.DataObject, name: str, parts: list[str]
) -> None:
    text = "".join(parts)
    content = data.draw(spelt(text))
    pieces = data.draw(cut(content))

    is_there = name in text or name.encode() in content
    assert Identifier.of(name).is_in(pieces) == is_there


LINES = st.none() | st.binary(max_size=12) | FEW.map(str.encode) | NAMES.map(str.encode)


@given(st.data(), FEW | NAMES | st.sampled_from(["a.b*(c", "x" * 2_000]), st.lists(LINES))
def test_the_search_of_rows_finds_what_the_search_of_a_stream_finds(
    data: st.DataObject, name: str, others: list[bytes | None]
) -> None:
    lines = [*others, name.encode(), data.draw(spelt(f"<{name}>")), name.encode("utf-16-le")]
    who = Identifier.of(name)
    expected = [line is not None and who.is_in([line]) for line in lines]

    for kind in (pa.binary(), pa.large_binary(), pa.dictionary(pa.int32(), pa.binary())):
        table = pa.table({"line": pa.array(lines, pa.binary()).cast(kind)})
        assert RowSearch(who, ()).erasable(table, REJECTED).to_pylist() == expected


@given(st.data(), st.text(CHARACTERS, max_size=12))
def test_a_string_of_json_is_unescaped_to_its_text(data: st.DataObject, text: str) -> None:
    content = data.draw(spelt(text))
    unescaper = Unescaper()
    found = [unescaper.feed(piece) for piece in data.draw(cut(content))]

    assert b"".join([*found, unescaper.finish()]) == text.encode()
    assert json.loads(b'"' + content + b'"') == text


@given(st.data(), st.binary(max_size=40))
def test_a_cut_changes_nothing_of_any_bytes(data: st.DataObject, content: bytes) -> None:
    whole, cuts = Unescaper(), Unescaper()
    expected = whole.feed(content) + whole.finish()

    found = [cuts.feed(piece) for piece in data.draw(cut(content))]

    assert b"".join([*found, cuts.finish()]) == expected


@pytest.mark.parametrize("length", range(1, 13))
@pytest.mark.parametrize(
    "spelling",
    [
        b"zo\\u00EB.o+k@corp.example",
        b"zo\\u00eb.o\\u002Bk@corp.example",
        "".join(units(character, str.upper) for character in NAME).encode(),
        b"zo\xc3\xab.o+k\\u0040corp.example",
    ],
)
def test_the_spellings_of_the_issue_are_found(spelling: bytes, length: int) -> None:
    content = b'x\\{"' + spelling + b"x"
    pieces = [content[start : start + length] for start in range(0, len(content), length)]

    assert Identifier.of(NAME).is_in(pieces)


@pytest.mark.parametrize(
    "near",
    [
        b"zo\\\\u00EB.o+k@corp.example",
        b"zo\\u00EA.o+k@corp.example",
        b"zo\\u0EB.o+k@corp.example",
        b"zo\\U00EB.o+k@corp.example",
        b"ZO\\u00EB.o+k@corp.example",
        b"zo\\u00EB.o+k@corp.exampl",
    ],
)
def test_a_near_miss_is_not_found(near: bytes) -> None:
    assert not Identifier.of(NAME).is_in([near])


@pytest.mark.parametrize(
    ("name", "content", "is_whole"),
    [
        ("ann", b"ann\\u0061@x", False),
        ("ann", b"\\u0061nn", True),
        ("ann", b'{\\"user\\":\\"ann\\"}', True),
        ("ann", b"\\nann", True),
        ("ann", b"jo\\u0061nn", False),
        ("DOM\\ann", b"DOM\\ann", True),
        ("DOM\\ann", b"DOM\\\\ann", True),
        ("DOM\\ann", b"DOM\\\\anna", False),
    ],
)
@pytest.mark.parametrize("length", [1, 3, 100])
def test_a_whole_name_ends_where_the_text_without_escapes_ends_it(
    name: str, content: bytes, is_whole: bool, length: int
) -> None:
    pieces = [content[start : start + length] for start in range(0, len(content), length)]

    assert Identifier.of(name).is_whole_in(pieces) == is_whole


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_a_name_in_utf_16_is_found(encoding: str) -> None:
    assert Identifier.of(NAME).is_in([f'{{"a":"{NAME}"}}'.encode(encoding)])
