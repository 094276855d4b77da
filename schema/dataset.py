"""A Logpush dataset: its fields, and which of them hold the time and the user.

Each dataset is one data file in `datasets/`; nothing else in the program lists fields. An invalid
file stops the program when it is first used, with an error that names every problem.
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

# Cloudflare's names start with a capital and have no underscore; ours are snake_case.
FIELD_NAME = re.compile(r"[A-Z][A-Za-z0-9]*")

# Our column names without an underscore (`date` is the folder's). SQL ignores case in names.
RESERVED = frozenset({"date", "extra"})

# Each takes some megabytes while a group of batches is decoded.
LOOKUPS_MAX = 2

# One or two field names may occur in any JSON; three of one dataset do not occur by chance.
RECOGNISED_FIELDS_MIN = 3


class FieldType(Enum):
    """Cloudflare's own names; `timestamp` is what it calls "int or string"."""

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
    """`type_source` is "inferred" if Cloudflare states no type and that of a similar field is used.

    `sent_as` is the field's name in API answers; `name` is its name in Logpush and in our columns.
    `id` is the field's permanent number in its dataset; 0 for a field that is in no data file.
    """

    name: str
    type: FieldType
    meaning: str
    deprecated: bool = False
    type_source: str | None = None
    sent_as: str | None = None
    id: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityRule:
    """Where a user name may be: in `field` itself, or under `key` of the map that it holds."""

    source: str
    field: str
    key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """`event_time` and `identity` are in order of preference: the first with a value is used.

    `scope` is where its jobs are (zone or account), None if unknown; `also_scope` is a second one.
    `guesses_time` is for datasets without fields (schema/unknown_dataset.py): see schema/decoding/row.py.
    `is_pulled`: we fetch the records from an API (upstream/); no Logpush job sends them.
    `retired_ids` belonged to removed fields; no other field may get them. `record_id` is the field
    that tells one record from another with the same values; None if the dataset has no such field.
    Records with the same value in one of `lookups` usually have the same values in other fields too,
    such as all requests of one client; a decoder may try those of the earlier record first.
    `source` is the page, and its commit, from which the names and types of the fields were taken.
    """

    name: str
    scope: str | None
    also_scope: str | None = None
    event_time: tuple[str, ...]
    identity: tuple[IdentityRule, ...]
    fields: tuple[Field, ...]
    guesses_time: bool = False
    is_pulled: bool = False
    retired_ids: frozenset[int] = frozenset()
    record_id: str | None = None
    lookups: tuple[str, ...] = ()
    source: str | None = None


@cache
def datasets() -> Mapping[str, Dataset]:
    """Every dataset that has a data file, by name."""
    files = resources.files("schema").joinpath("datasets").iterdir()
    found = [
        read_dataset(file.name, file.read_bytes())
        for file in sorted(files, key=lambda file: file.name)
        if file.name.endswith(".json")
    ]
    return MappingProxyType({dataset.name: dataset for dataset in found})


def pushed_datasets() -> tuple[Dataset, ...]:
    """The datasets that Logpush sends."""
    return tuple(dataset for dataset in datasets().values() if not dataset.is_pulled)


def read_dataset(file_name: str, content: bytes) -> Dataset:
    """Parse one data file. Raises BadDataset with every problem of the file."""
    try:
        dataset = _from_document(orjson.loads(content))
        problems = list(_problems(dataset, file_name))
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        # A key is missing, unknown or of the wrong type, or the file is not JSON.
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
            "retired_ids": frozenset(document.get("retired_ids", ())),
            "lookups": tuple(document.get("lookups", ())),
            # Required, so that whoever adds a dataset decides it.
            "record_id": document["record_id"],
        }
    )


def _problems(dataset: Dataset, file_name: str) -> Iterator[str]:
    if file_name != f"{dataset.name}.json":
        yield f"name {dataset.name!r} differs from the file's name"
    if dataset.scope not in SCOPES:
        yield f"scope {dataset.scope!r} is not one of {sorted(SCOPES)}"
    if dataset.also_scope not in {None, *SCOPES} - {dataset.scope}:
        yield f"also_scope {dataset.also_scope!r} is not another one of {sorted(SCOPES)}"
    if dataset.guesses_time:
        yield "guesses_time is only for datasets without a data file"
    yield from _field_problems(dataset.fields)
    yield from _id_problems(dataset)
    yield from _role_problems(dataset)


def _role_problems(dataset: Dataset) -> Iterator[str]:
    """Fields that the rest of the file refers to."""
    types = {field.name: field.type for field in dataset.fields}
    for name in dataset.event_time:
        if types.get(name) is not FieldType.TIMESTAMP:
            yield f"event_time {name!r} is not a timestamp field"
    if dataset.record_id is not None and types.get(dataset.record_id) is not FieldType.STRING:
        yield f"record_id {dataset.record_id!r} is not a string field"
    for name in dataset.lookups:
        if types.get(name) is not FieldType.STRING:
            yield f"lookup {name!r} is not a string field"
    if len(dataset.lookups) > LOOKUPS_MAX:
        yield f"{len(dataset.lookups)} lookups are more than {LOOKUPS_MAX}"
    for rule in dataset.identity:
        if rule.source not in SOURCES:
            yield f"identity source {rule.source!r} is not one of {sorted(SOURCES)}"
        if rule.field not in types:
            yield f"identity field {rule.field!r} does not exist"


def _field_problems(fields: Iterable[Field]) -> Iterator[str]:
    taken = set(RESERVED)
    for field in fields:
        if not FIELD_NAME.fullmatch(field.name):
            yield f"field {field.name!r} is not a valid name: a capital, then letters and digits"
        if field.name.lower() in taken:
            yield f"field {field.name!r} is used twice or is a name of our own columns"
        if not field.meaning.strip():
            yield f"field {field.name!r} has no meaning"
        taken.add(field.name.lower())


def _id_problems(dataset: Dataset) -> Iterator[str]:
    taken = set(dataset.retired_ids)
    for field in dataset.fields:
        if field.id < 1:
            yield f"field {field.name!r} has no id"
        elif field.id in taken:
            yield f"field {field.name!r} has the id {field.id} of another field"
        taken.add(field.id)


def recognise(record_keys: Iterable[str]) -> Dataset | None:
    """The dataset that a record's keys belong to; None if that is not certain."""
    return best_match(record_keys, pushed_datasets())


def best_match(record_keys: Iterable[str], candidates: Iterable[Dataset]) -> Dataset | None:
    """The candidate that knows most of the keys, if it knows enough and no other knows as many.

    Without one of the dataset's time fields, it must know all keys: otherwise a dataset without a
    data file would be taken for a similar one.
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
