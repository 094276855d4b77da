"""Makes lines that decoders may disagree about: records of odd members, then bytes gone wrong.

One seed gives the same lines on every machine.
"""

import math
import random
from collections.abc import Iterator

from schema.dataset import Dataset, Field, FieldType, IdentityRule

# One field of each type and two times, so that a short record meets every rule.
EACH = Dataset(
    name="each",
    scope="zone",
    event_time=("Timestamp", "Second"),
    identity=(
        IdentityRule(source="request_header", field="Object", key="cf-access-user"),
        IdentityRule(source="cookie", field="Unknown", key="cf-access-user"),
        IdentityRule(source="email", field="String"),
    ),
    fields=(
        *(Field(name=kind.name.capitalize(), type=kind, meaning="-") for kind in FieldType),
        Field(name="Second", type=FieldType.TIMESTAMP, meaning="-"),
    ),
)

NAMES = [
    *(f'"{field.name}"'.encode() for field in EACH.fields),
    b'"New"',
    b'"N\xc3\xa9w"',
    b'"user_id"',
    b'""',
    rb'"Ray\u0049D"',
    rb'"Str\u0069ng"',
    b'"EventTimestamp"',
    b'"sentDatetime"',
    b'"RequestHeaders"',
    b'"EdgeStartTimestamp"',
    b'"string"',
]

NUMBERS = [
    b"0 -0 1 -1 7 200 2147483648 9007199254740993 9223372036854775807 9223372036854775808",
    b"-9223372036854775808 -9223372036854775809 18446744073709551615 18446744073709551616",
    b"1795000000 1795000000123 1795000000123456 1795000000123456789 -62135596800 253402300800",
    b"1576929197.123 1795000000.5 0.1 2.50 -0.0 0.30000000000000004 2.3333333333333335 1e5 1E+5",
    b"1e400 -1e400 1e-400 0e0 1.7976931348623157e308 1.7976931348623159e308 5e-324 123456789e-9",
    b"01 1. .5 - +1 1e 1e+ 0x1 NaN Infinity 100000000000000000000000 1e23 1e22 4.35 0.000001",
    b"1e99999999999999999999 0e99999999999999999999 1e-99999999999999999999 1.0 10.0 1.10",
]
NUMBER_TOKENS = [token for line in NUMBERS for token in line.split()] + [
    b"9" * 310,
    b"0." + b"1" * 30,
]

TEXTS = [
    b"",
    b"a",
    b"srhea",
    b"srhea@widgetcorp.example",
    b"2026-11-22T09:59:00Z",
    b"2026-11-22T09:59:00.123456789Z",
    b"2026-11-22t09:59:00.5z",
    b"2026-11-22 09:59:00",
    b"2026-11-22T09:59:00+05:30",
    b"2026-11-22T09:59:00-0930",
    b"2016-12-31T23:59:60Z",
    b"2016-12-31T22:59:60Z",
    b"2024-02-29T00:00:00Z",
    b"2023-02-29T00:00:00Z",
    b"0000-01-01T00:00:00Z",
    b"0001-01-01T00:00:00+01:00",
    b"9999-12-31T23:59:59.9999999999Z",
    b"2026-11-22T24:00:00Z",
    b"2026-11-22T09:59:00.Z",
    b"1795000000",
    b"1795000000.123",
    b"-1",
    b"00",
    rb"\u0041\n\"\\\/",
    rb"\ud83d\ude00",
    rb"\ud83d",
    rb"\ude00\ud83d",
    rb"\uD83D\uDE0g",
    rb"\u0000",
    rb"2026\u002d11-22T09:59:00Z",
    rb"\x41",
    "\u00e9\u2028\u0085\U0001f600".encode(),
    b"\xff",
    b"\xed\xa0\x80",
    b"\xc0\x80",
    b"\x7f",
    b"\x1f",
    b"\x00",
    b"x" * 40,
]

KEYS = [b"cf-access-user", b"CF-Access-User", b"a", b"", rb"cf-access-us\u0065r", b"b"]
WORDS = [b"true", b"false", b"null", b"nul", b"True", b"{}", b"[]"]
SPACES = [b"", b"", b"", b"", b" ", b"\t", b"\r", b"  "]
BREAKERS = [
    b'"',
    b"\\",
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b":",
    b" ",
    b"\x00",
    b"\xff",
    b"0",
    b"-",
    b"e",
]

MUTATED_SHARE = 0.4
DEPTH_MAX = 4


def lines(seed: int) -> Iterator[bytes]:
    """Lines without end, none of them holding a newline."""
    dice = random.Random(seed)
    while True:
        line = _record(dice)
        if dice.random() < MUTATED_SHARE:
            for _ in range(dice.randint(1, 3)):
                line = mutated(dice, line)
        yield line.replace(b"\n", b"n")


def _record(dice: random.Random) -> bytes:
    members = [
        dice.choice(SPACES).join([dice.choice(NAMES), b":", _value(dice)])
        for _ in range(dice.choice([0, 1, 1, 2, 2, 3, 5, 9]))
    ]
    return _bracketed(dice, b"{}", members)


def _value(dice: random.Random, depth: int = 0) -> bytes:
    kind = dice.random()
    if kind < 0.05:
        return _double(dice)
    if kind < 0.3:
        return dice.choice(NUMBER_TOKENS)
    if kind < 0.65 or depth == DEPTH_MAX:
        return b'"' + dice.choice(TEXTS) + b'"'
    if kind < 0.75:
        return dice.choice(WORDS)
    inner = [_value(dice, depth + 1) for _ in range(dice.randint(0, 3))]
    if kind < 0.87:
        return _bracketed(dice, b"[]", inner)
    return _bracketed(
        dice, b"{}", [b'"' + dice.choice(KEYS) + b'":' + element for element in inner]
    )


def _double(dice: random.Random) -> bytes:
    """Often halfway between two texts of sixteen digits; also with too many digits, or too few."""
    exponent = dice.choice([dice.randint(-1074, 900), dice.randint(-4, -1)])
    number = math.ldexp(dice.getrandbits(dice.choice([1, 10, 53])), exponent)
    return dice.choice([repr(number), f"{number:.{dice.randint(13, 17)}e}"]).encode()


def _bracketed(dice: random.Random, brackets: bytes, inner: list[bytes]) -> bytes:
    space = dice.choice(SPACES)
    return brackets[:1] + space + (space + b"," + space).join(inner) + space + brackets[1:]


def mutated(dice: random.Random, line: bytes) -> bytes:
    at = dice.randrange(len(line) + 1)
    end = min(len(line), at + dice.randint(1, 6))
    match dice.randrange(5):
        case 0:
            return line[:at]
        case 1:
            return line[:at] + line[end:]
        case 2:
            return line[:at] + dice.choice(BREAKERS) + line[at:]
        case 3:
            return line[:end] + line[at:]
        case _:
            return line[:at] + bytes([dice.randrange(256)]) + line[at + 1 :]
