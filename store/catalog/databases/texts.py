"""Texts as PostgreSQL can hold them: it refuses NUL, which a name in a log may have.

NUL and the character behind it are written as two, so that every text is written as another one,
and texts sort as they do in SQLite, byte by byte.
"""

_ESCAPE = "\x01"
_NUL, _ESCAPED = _ESCAPE + "\x01", _ESCAPE + "\x02"


def written(text: str) -> str:
    if "\x00" not in text and _ESCAPE not in text:
        return text
    return text.replace(_ESCAPE, _ESCAPED).replace("\x00", _NUL)


def read(text: str) -> str:
    if _ESCAPE not in text:
        return text
    return text.replace(_NUL, "\x00").replace(_ESCAPED, _ESCAPE)
