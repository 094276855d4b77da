"""Writes a trail as the CSV of csv_out.py, column by column: of a hundred thousand requests in a second."""

from collections.abc import Iterable, Iterator

import pyarrow as pa
import pyarrow.compute as pc

from queries.escape import OBEYED_BY_SPREADSHEETS, for_csv
from queries.outputs.parquet_out import TRAIL

LINE_END = "\r\n"

# The cells of one line may be longer together than 32 bits count in a column.
_TEXT = pa.large_string()

# A cell with one of these is quoted.
_QUOTED = (",", '"', "\r", "\n")


def columns_csv(tables: Iterable[pa.Table], *, is_raw: bool = False) -> Iterator[bytes]:
    """The bytes that `trail_csv` makes of the same rows."""
    yield f"{','.join(TRAIL.names)}{LINE_END}".encode()
    for table in tables:
        cells = [_cells(column.combine_chunks(), is_raw=is_raw) for column in table.columns]
        yield _bytes(_joined(_joined(*cells, between=","), _text(""), between=LINE_END))


def _cells(column: pa.Array, *, is_raw: bool) -> pa.Array:
    if not pa.types.is_string(column.type):
        return column.cast(_TEXT)
    cells, content = column.cast(_TEXT), _content(column)
    if not is_raw and _has_any(content, OBEYED_BY_SPREADSHEETS):
        cells = _guarded(cells)
    return _quoted(cells) if _has_any(content, _QUOTED) else cells


def _guarded(cells: pa.Array) -> pa.Array:
    """With what queries.escape.for_csv puts before a formula."""
    is_formula = pc.match_substring_regex(cells, f"^{_one_of(OBEYED_BY_SPREADSHEETS)}")
    return pc.if_else(is_formula, _joined(_text(for_csv("=")[:-1]), cells, between=""), cells)


def _quoted(cells: pa.Array) -> pa.Array:
    is_quoted = pc.match_substring_regex(cells, _one_of(_QUOTED))
    doubled = pc.replace_substring(cells, '"', '""')
    return pc.if_else(is_quoted, _joined(_text(""), doubled, _text(""), between='"'), cells)


def _one_of(characters: Iterable[str]) -> str:
    """A regular expression of one of these characters."""
    return "[" + "".join(f"\\x{ord(each):02x}" for each in characters) + "]"


def _has_any(content: bytes, characters: Iterable[str]) -> bool:
    """Most columns have none, and to search all their bytes at once takes hardly any time."""
    return any(each.encode() in content for each in characters)


def _content(column: pa.Array) -> bytes:
    """At least the bytes of all texts of a column."""
    content = column.buffers()[2]
    return b"" if content is None else content.to_pybytes()


def _joined(*columns: pa.Array | pa.Scalar, between: str) -> pa.Array:
    return pc.binary_join_element_wise(
        *columns, _text(between), null_handling="replace", null_replacement=""
    )


def _text(text: str) -> pa.Scalar:
    return pa.scalar(text, _TEXT)


def _bytes(lines: pa.Array) -> bytes:
    """All lines one after the other, as they are in memory."""
    return _content(lines)[: pc.sum(pc.binary_length(lines)).as_py()]
