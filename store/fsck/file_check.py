"""Checks the files that the catalog names: existence, size, number of rows, and hash if deep."""

import re
from collections.abc import Container, Iterator
from pathlib import Path, PurePosixPath

import pyarrow as pa
import pyarrow.parquet as pq

from store.catalog import expected_files
from store.catalog.catalog import Catalog
from store.files.copying import is_whole, size_of
from store.files.expected_file import ExpectedFile
from store.files.layout import Layout
from store.fsck.finding import Finding, Kind

# A loader's part is named after the first of its batches.
BATCH_OF_PART = re.compile(r"\d{12}-([0-9a-f]{16})")

PART_MEANS = "its rows are missing from answers, or wrong"
RAW_MEANS = "the raw body is lost; the rows loaded from it stay"


def check_named_files(
    layout: Layout, catalog: Catalog, *, is_deep: bool, only: Container[str] | None = None
) -> Iterator[Finding]:
    """At most one finding a file. Only a deep check hashes the files and finds changed bytes."""
    for each in expected_files.all_expected(catalog):
        if only is not None and each.path not in only:
            continue
        found = _check_file(layout.root, each, is_deep=is_deep)
        if found is not None:
            yield found


def _check_file(root: Path, named: ExpectedFile, *, is_deep: bool) -> Finding | None:
    size = size_of(root / named.path)
    if size is None:
        kind = Kind.MISSING_PART if named.is_part else Kind.MISSING_RAW
        return _finding(kind, named, "it is missing")
    if size != named.bytes:
        return _finding(Kind.SIZE_DIFFERS, named, f"{size:,} bytes instead of {named.bytes:,}")
    if is_deep and not is_whole(root, named):
        return _finding(Kind.MODIFIED, named, "its bytes have changed, or cannot be read")
    if named.rows is not None and (problem := _differing_rows(root, named)):
        return _finding(Kind.ROWS_DIFFER, named, problem)
    return None


def _differing_rows(root: Path, named: ExpectedFile) -> str:
    try:
        rows = pq.read_metadata(root / named.path).num_rows
    except (pa.ArrowException, OSError):
        return "its footer cannot be read"
    return "" if rows == named.rows else f"{rows:,} rows by its footer instead of {named.rows:,}"


def _finding(kind: Kind, named: ExpectedFile, problem: str) -> Finding:
    copy = f"copy {named.path} from a backup"
    if named.is_part:
        batch = BATCH_OF_PART.match(PurePosixPath(named.path).name)
        again = f"`raytrail replay --batch {batch[1]}`" if batch else "`raytrail replay`"
        helps = f"{again} makes it again while the raw bodies are kept; otherwise {copy}"
    else:
        helps = copy
    means = PART_MEANS if named.is_part else RAW_MEANS
    return Finding(kind=kind, path=named.path, means=f"{problem}: {means}", helps=helps)
