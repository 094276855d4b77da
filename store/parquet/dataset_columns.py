"""The columns that a dataset has in this version, and how SQL names them and their types."""

from collections.abc import Container, Iterable, Iterator
from functools import lru_cache

import pyarrow as pa

from schema.columns import REJECTED_SCHEMA, TIME, loaded_schema
from schema.dataset import Dataset, datasets
from schema.unknown_dataset import dataset_named
from store.files.layout import REJECTED
from store.parquet.fingerprint import fingerprint
from store.parquet.stored_columns import INSTANT, as_stored

# Columns that compaction adds, see store/compaction/deduplication.py, which a question need not load.
ALSO_IN = "also_in"
PROBABLE = "probable_duplicate"
MARKS = pa.schema([(ALSO_IN, pa.string()), (PROBABLE, pa.bool_())])

# Between these years seconds since 1970 are exact to the microsecond as a double: dividing and
# multiplying by a million is off by less than half a microsecond below 2**51 of them (2041).
NEAR_YEARS = ("1970", "2040")

# The datasets of any store, many times over: each has the same columns in every engine.
NAMES_MAX = 1_000

_TYPES = {
    pa.string(): "VARCHAR",
    pa.binary(): "BLOB",
    pa.bool_(): "BOOLEAN",
    pa.int16(): "SMALLINT",
    pa.int64(): "BIGINT",
    pa.float64(): "DOUBLE",
    TIME: "TIMESTAMP",
    INSTANT: "TIMESTAMPTZ",
}


def known() -> frozenset[str]:
    """The datasets whose columns we know."""
    return frozenset((*datasets(), REJECTED))


def shape(name: str) -> pa.Schema:
    """The columns of a dataset in a file of the newest format."""
    return _shape(name, datasets().get(name))


def declared(columns: pa.Schema) -> str:
    """Columns as the definition of a table lists them."""
    return ", ".join(f"{quoted(each.name)} {_type(each.type)}" for each in columns)


def held(name: str, of_part: str | None) -> pa.Schema | None:
    """The columns of parts with this fingerprint.

    None if this version does not know the fingerprint, or the catalog has none: the columns must
    then be read from the parts themselves.
    """
    return _held(name, datasets().get(name), of_part) if name in known() else None


def selected(name: str, of_part: str, *, is_near: bool) -> str:
    """What to select from parts with this fingerprint, which `held` knows, to have the dataset's
    shape, in its order.
    """
    return _selected(name, datasets().get(name), of_part, is_near=is_near)


def listed(names: Iterable[str], times: Container[str], *, is_near: bool) -> str:
    """What to select from parts with these columns, of which only the times of format 1 are known."""
    return ", ".join(
        f"{_instant(name, is_near=is_near)} AS {quoted(name)}" if name in times else quoted(name)
        for name in names
    )


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


@lru_cache(NAMES_MAX)
def _in_memory(name: str, dataset: Dataset | None) -> pa.Schema:
    if name == REJECTED:
        return REJECTED_SCHEMA
    known_or_told = dataset or dataset_named(name)
    return pa.schema([*(loaded_schema(known_or_told) if known_or_told else ()), *MARKS])


@lru_cache(NAMES_MAX)
def _shape(name: str, dataset: Dataset | None) -> pa.Schema:
    return as_stored(_in_memory(name, dataset), name)


@lru_cache(NAMES_MAX)
def _held(name: str, dataset: Dataset | None, of_part: str | None) -> pa.Schema | None:
    for whole in (_shape(name, dataset), _in_memory(name, dataset)):
        unmarked = pa.schema([each for each in whole if each.name not in MARKS.names])
        for columns in (whole, unmarked):
            if fingerprint(columns) == of_part:
                return columns
    return None


@lru_cache(NAMES_MAX)
def _selected(name: str, dataset: Dataset | None, of_part: str, *, is_near: bool) -> str:
    columns = _held(name, dataset, of_part) or pa.schema([])
    return ", ".join(_selections(_shape(name, dataset), columns, is_near=is_near))


def _selections(whole: pa.Schema, columns: pa.Schema, *, is_near: bool) -> Iterator[str]:
    for each in whole:
        column = quoted(each.name)
        if each.name not in columns.names:
            yield f"NULL::{_type(each.type)} AS {column}"
        elif columns.field(each.name).type == TIME:
            yield f"{_instant(each.name, is_near=is_near)} AS {column}"
        else:
            yield column


def _instant(name: str, *, is_near: bool) -> str:
    """A time of format 1 as an instant: it is UTC, whatever the zone of the session.

    A plain cast would take it for the session's time. DuckDB skips row groups through
    `to_timestamp` alone, which counts seconds as a double and is exact between NEAR_YEARS; only
    `event_time` has statistics that such a filter could use.
    """
    microseconds = f"epoch_us({quoted(name)})"
    if is_near and name == "event_time":
        return f"to_timestamp({microseconds} / 1e6)"
    return f"make_timestamptz({microseconds})"


def _type(kind: pa.DataType) -> str:
    return f"{_type(kind.value_type)}[]" if pa.types.is_list(kind) else _TYPES[kind]
