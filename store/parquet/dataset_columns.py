"""The columns that a dataset has in this version, and how SQL names them and their types."""

from collections.abc import Iterator

import pyarrow as pa

from schema.columns import REJECTED_SCHEMA, TIME, arrow_schema
from schema.dataset import datasets
from store.files.layout import REJECTED
from store.parquet.fingerprint import fingerprint

# What compaction adds to a dataset's columns, see store/compaction/deduplication.py. Here, since that loads what no
# question needs.
ALSO_IN = "also_in"
PROBABLE = "probable_duplicate"
MARKS = pa.schema([(ALSO_IN, pa.string()), (PROBABLE, pa.bool_())])

_TYPES = {
    pa.string(): "VARCHAR",
    pa.binary(): "BLOB",
    pa.bool_(): "BOOLEAN",
    pa.int16(): "SMALLINT",
    pa.int64(): "BIGINT",
    pa.float64(): "DOUBLE",
    TIME: "TIMESTAMP",
}


def known() -> frozenset[str]:
    """The datasets whose columns we know."""
    return frozenset((*datasets(), REJECTED))


def shape(name: str) -> pa.Schema:
    if name == REJECTED:
        return REJECTED_SCHEMA
    return pa.schema([*arrow_schema(datasets()[name]), *MARKS])


def declared(columns: pa.Schema) -> str:
    """Columns as the definition of a table lists them."""
    return ", ".join(f"{quoted(each.name)} {_type(each.type)}" for each in columns)


def selected(name: str, of_part: str | None) -> str | None:
    """What to select from parts with this fingerprint to have the dataset's shape, in its order.

    None where an older or newer version, or nobody, noted the fingerprint: the parts themselves
    must then be asked for their columns.
    """
    if name not in known():
        return None
    whole = shape(name)
    unmarked = pa.schema([each for each in whole if each.name not in MARKS.names])
    for held in (whole, unmarked):
        if fingerprint(held) == of_part:
            return ", ".join(_selected(whole, held))
    return None


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _selected(whole: pa.Schema, held: pa.Schema) -> Iterator[str]:
    names = set(held.names)
    for each in whole:
        column = quoted(each.name)
        yield column if each.name in names else f"NULL::{_type(each.type)} AS {column}"


def _type(kind: pa.DataType) -> str:
    return f"{_type(kind.value_type)}[]" if pa.types.is_list(kind) else _TYPES[kind]
