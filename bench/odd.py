"""Lines as they should not be: each way of being odd that a loader must survive and account for."""

from collections.abc import Callable
from random import Random


def spoiled(line: bytes, chance: Random) -> bytes:
    """The line, made odd in one of the ways below, all equally likely."""
    return WAYS[int(chance.random() * len(WAYS))](line, chance)


def _status_as_text(line: bytes, _chance: Random) -> bytes:
    return line.replace(b'"EdgeResponseStatus":', b'"EdgeResponseStatus":"', 1).replace(
        b',"EdgeServerIP"', b'","EdgeServerIP"', 1
    )


def _number_for_text(line: bytes, _chance: Random) -> bytes:
    return line.replace(b'"ClientRequestMethod":"GET"', b'"ClientRequestMethod":7.0', 1)


def _too_large(line: bytes, _chance: Random) -> bytes:
    return line.replace(b'"ClientASN":', b'"ClientASN":99999999999999999', 1)


def _cut(line: bytes, chance: Random) -> bytes:
    return line[: 1 + int(chance.random() * (len(line) - 1))]


def _not_utf8(line: bytes, _chance: Random) -> bytes:
    return line.replace(b'"ClientRequestURI":"/', b'"ClientRequestURI":"/\xff\xfe', 1)


def _twice(line: bytes, _chance: Random) -> bytes:
    return line[:-1] + b',"ClientRequestMethod":"POST"}'


def _unknown(line: bytes, chance: Random) -> bytes:
    name = b"Tomorrow%d" % int(chance.random() * 5)
    return line[:-1] + b',"' + name + b'":{"a":[1.10,"x"]}}'


WAYS: tuple[Callable[[bytes, Random], bytes], ...] = (
    _status_as_text,
    _number_for_text,
    _too_large,
    _cut,
    _not_utf8,
    _twice,
    _unknown,
)
