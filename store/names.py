"""Whether two user names may be two spellings of one person's name.

A system of logins may write a name in other letter case, with a space around it, or in another form
of Unicode (NFC, NFD, full width). Every row keeps the name as it was logged, and questions, erasures
and counts take exactly that name. Holds, warnings and hints compare names as `folded` makes them.
"""

import unicodedata
from collections.abc import Collection, Iterable


def folded(name: str) -> str:
    """The same text for all spellings that differ in case, outer space or Unicode form (NFKC).

    NFKC rather than NFC: letters of full width and ligatures look like the plain ones, a hold that
    covers a row too many harms nobody, and an erasure only names the other spelling.
    """
    if name.isascii():
        return name.strip().lower()
    before = None
    # Folding may make a letter that composes or folds once more.
    while before != name:
        before = name
        name = unicodedata.normalize("NFKC", name.strip()).casefold()
    return name


def other_spellings(names: Iterable[str], of: Collection[str]) -> list[str]:
    """Those of the names that are another spelling of one in `of`, sorted."""
    wanted = {folded(name) for name in of}
    return sorted({name for name in names if folded(name) in wanted}.difference(of))


def difference(name: str, other: str) -> str:
    """In what two spellings of one name differ, in words; empty for equal names."""
    if name == other:
        return ""
    told = list[str]()
    if _outer_space(name) != _outer_space(other):
        told.append("outer space")
    name, other = name.strip(), other.strip()
    if unicodedata.normalize("NFKC", name) != unicodedata.normalize("NFKC", other):
        told.append("letter case")
    if name.casefold() != other.casefold():
        told.append("Unicode form")
    return " and ".join(told or ["Unicode form"])


def _outer_space(name: str) -> tuple[str, str]:
    return name[: len(name) - len(name.lstrip())], name[len(name.rstrip()) :]


def as_bytes(name: str) -> bytes:
    """The bytes of a name, also of one that is not UTF-8 and so can be in no row."""
    return name.encode(errors="surrogateescape")


def is_utf8(name: str) -> bool:
    """False for a name with lone surrogates: bytes that are not UTF-8, as Python reads them."""
    return not any("\ud800" <= character <= "\udfff" for character in name)
