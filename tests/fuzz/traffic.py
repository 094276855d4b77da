"""Makes lines as one job sends them: members in one order, and values that come again with a client.

Decoders try the values of an earlier row first, so most lines repeat some, and some break the habit.
"""

import random
from collections.abc import Iterator
from dataclasses import replace

from schema.dataset import Dataset, FieldType, datasets
from tests.fuzz.lines import EACH, mutated

CLIENTS = 12
# How often a value is not the client's usual one, and how often a line is damaged or lacks members.
ODD_VALUE, DAMAGED, SHORT = 0.1, 0.02, 0.05

OBJECTS = [
    '{"cf-access-user":"srhea"}',
    '{"cf-access-user":"zoe","a":"b"}',
    '{"CF-Access-User":"anna"}',
    '{"cf-access-user":7}',
    '{"cf-access-user":"sr\\u0068ea"}',
    '{"a":{"b":[1,"}"]}}',
    "{}",
]
TOKENS: dict[FieldType, list[str]] = {
    FieldType.STRING: ['"a"', '"b"', '"a\\n"', '"\\u0061"', '"ab"', '""', "7", '"aa"', '"é"'],
    FieldType.INT: ["0", "7", "200", "-3", "01", "9223372036854775808", "7.0", '"7"', "123456789"],
    FieldType.FLOAT: [
        "0.1",
        "2.50",
        "0",
        "-0.0",
        "1e5",
        "0.30000000000000004",
        "123456789012345.5",
    ],
    FieldType.BOOL: ["true", "false", "tru", "1"],
    FieldType.TIMESTAMP: [
        '"2026-11-22T09:59:00Z"',
        '"2026-11-22T09:59:59Z"',
        '"2026-11-22T09:59:60Z"',
        '"2026-11-22T09:58:07.25Z"',
        '"2026-11-22T09:59:00.123456789Z"',
        '"2026-11-23T00:00:00+05:30"',
        "1795000000",
        '"2026-11-22T09:59:0aZ"',
    ],
    FieldType.OBJECT: OBJECTS,
    FieldType.STRINGS: ["[]", '["a"]', '["a","b\\n"]', "[1]", "[ ]"],
    FieldType.INTS: ["[]", "[1]", "[1,2]", '["a"]'],
    FieldType.OBJECTS: ["[]", '[{"a":1}]', "[ {} ]", "{}"],
    FieldType.UNKNOWN: ["1", '"x"', *OBJECTS, "[1]"],
}

LOOKED_UP = replace(EACH, lookups=("String",))
REQUESTS = replace(
    datasets()["http_requests"],
    fields=datasets()["http_requests"].fields[:60],
    lookups=("ClientIP",),
)


def traffic(seed: int, dataset: Dataset) -> Iterator[bytes]:
    """Lines without end, none of them holding a newline."""
    dice = random.Random(seed)
    habits = [[dice.choice(TOKENS[field.type]) for field in dataset.fields] for _ in range(CLIENTS)]
    while True:
        habit = dice.choice(habits)
        members = []
        for field, usual in zip(dataset.fields, habit, strict=True):
            token = (
                dice.choice([*TOKENS[field.type], "null"]) if dice.random() < ODD_VALUE else usual
            )
            if field.name == "RayID":
                token = f'"{dice.getrandbits(64):016x}"'
            members.append(f'"{field.name}":{token}')
        if dice.random() < SHORT:
            dice.shuffle(members)
            del members[dice.randrange(len(members)) :]
        line = ("{" + ",".join(members) + "}").encode()
        yield (mutated(dice, line) if dice.random() < DAMAGED else line).replace(b"\n", b"n")
