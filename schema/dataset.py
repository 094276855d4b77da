"""What a Logpush dataset is: its fields, which of them tell the time, which name a person.

Each dataset is one data file in `datasets/`; nothing else in the program lists fields. A file
that breaks a rule stops the program at its first use, with everything that is wrong named.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any

import orjson

from schema.errors import BadDataset

SCOPES = frozenset({"zone", "account"})
SOURCES = frozenset({"request_header", "cookie", "email"})

# Cloudflare's names start with a capital and have no underscore, ours are snake_case: no clash.
FIELD_NAME = re.compile(r"[A-Z][A-Za-z0-9]*")

# Our columns without an underscore (`date` is the folder's); SQL engines tell no cases apart.
RESERVED = frozenset({"date", "extra"})

# One or two names may stand in anybody's JSON; three of one dataset's do not by chance.
RECOGNISED_FIELDS_MIN = 3


class FieldType(Enum):
    """Cloudflare's own words; `timestamp` is what it calls "int or string"."""

    STRING = "string"
    INT = "int"
    FLOAT = "float"
    BOOL = "bool"
    TIMESTAMP = "timestamp"
    OBJECT = "object"
    STRINGS = "array[string]"
    INTS = "array[int]"
    OBJECTS = "array[object]"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """`type_source` is "inferred" where Cloudflare states no type and a sibling's was taken.

    `sent_as` is the name in the API's answers of what Logpush, and so our column, calls `name`.
    """

    name: str
    type: FieldType
    meaning: str
    deprecated: bool = False
    type_source: str | None = None
    sent_as: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityRule:
    """Where a person may be named: in `field` itself, or under `key` of the map it holds."""

    source: str
    field: str
    key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """`event_time` and `identity` are in order of preference: the first that yields one wins.

    `scope` is where its jobs live, None where nobody knows, and `also_scope` the other place.
    `guesses_time` is for datasets without fields (schema/unknown_dataset.py): see schema/decoding/row.py.
    `is_pulled` where we ask for the records (upstream/), and no Logpush job sends them.
    """

    name: str
    scope: str | None
    also_scope: str | None = None
    event_time: tuple[str, ...]
    identity: tuple[IdentityRule, ...]
    fields: tuple[Field, ...]
    guesses_time: bool = False
    is_pulled: bool = False


@cache
def datasets() -> Mapping[str, Dataset]:
    """Every dataset we have a data file for, by name."""
    files = resources.files("schema").joinpath("datasets").iterdir()
    found = [
        read_dataset(file.name, file.read_bytes())
        for file in sorted(files, key=lambda file: file.name)
        if file.name.endswith(".json")
    ]
    return MappingProxyType({dataset.name: dataset for dataset in found})


def pushed_datasets() -> tuple[Dataset, ...]:
    """Those that Logpush sends."""
    return tuple(dataset for dataset in datasets().values() if not dataset.is_pulled)


def read_dataset(file_name: str, content: bytes) -> Dataset:
    """One data file's content as a value, or BadDataset naming all that is wrong with it."""
    try:
        dataset = _from_document(orjson.loads(content))
        problems = list(_problems(dataset, file_name))
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        # A key missing, superfluous or of the wrong kind, or no JSON at all.
        raise BadDataset(f"schema/datasets/{file_name}: {error!r}") from error
    if problems:
        raise BadDataset("\n".join(f"schema/datasets/{file_name}: {text}" for text in problems))
    return dataset


def _from_document(document: dict[str, Any]) -> Dataset:
    fields = (Field(**{**field, "type": FieldType(field["type"])}) for field in document["fields"])
    return Dataset(
        **{
            **document,
            "event_time": tuple(document["event_time"]),
            "identity": tuple(IdentityRule(**rule) for rule in document["identity"]),
            "fields": tuple(fields),
        }
    )


def _problems(dataset: Dataset, file_name: str) -> Iterator[str]:
    if file_name != f"{dataset.name}.json":
        yield f"is named {dataset.name!r}, unlike its file"
    if dataset.scope not in SCOPES:
        yield f"scope {dataset.scope!r} is none of {sorted(SCOPES)}"
    if dataset.also_scope not in {None, *SCOPES} - {dataset.scope}:
        yield f"also_scope {dataset.also_scope!r} is no other of {sorted(SCOPES)}"
    if dataset.guesses_time:
        yield "guesses_time is for datasets without a file"
    yield from _field_problems(dataset.fields)
    types = {field.name: field.type for field in dataset.fields}
    for name in dataset.event_time:
        if types.get(name) is not FieldType.TIMESTAMP:
            yield f"event_time {name!r} is no timestamp field"
    for rule in dataset.identity:
        if rule.source not in SOURCES:
            yield f"identity source {rule.source!r} is none of {sorted(SOURCES)}"
        if rule.field not in types:
            yield f"identity field {rule.field!r} is no field"


def _field_problems(fields: Iterable[Field]) -> Iterator[str]:
    taken = set(RESERVED)
    for field in fields:
        if not FIELD_NAME.fullmatch(field.name):
            yield f"field {field.name!r} is not named the way Cloudflare names fields"
        if field.name.lower() in taken:
            yield f"field {field.name!r} is there twice, or ours"
        if not field.meaning.strip():
            yield f"field {field.name!r} has no meaning"
        taken.add(field.name.lower())


def recognise(record_keys: Iterable[str]) -> Dataset | None:
    """The dataset a record belongs to, told from its keys; None when that would be a guess."""
    return best_match(record_keys, pushed_datasets())


def best_match(record_keys: Iterable[str], candidates: Iterable[Dataset]) -> Dataset | None:
    """The one candidate that knows most of the keys, if it knows enough of them.

    Datasets share many names, so a tie is no answer. A record without the dataset's own time
    field must be known whole: else a dataset we have no file for would pass as its neighbour.
    """
    keys = set(record_keys)
    scores = sorted(
        ((len(keys & _names(dataset)), dataset) for dataset in candidates),
        key=lambda scored: scored[0],
        reverse=True,
    )
    (known, best), *others = scores
    tied = any(score == known for score, _ in others)
    has_time = not keys.isdisjoint(best.event_time)
    needed = len(keys) / 2 if has_time else len(keys)
    return None if tied or known < max(needed, RECOGNISED_FIELDS_MIN) else best


def _names(dataset: Dataset) -> set[str]:
    return {field.name for field in dataset.fields}
