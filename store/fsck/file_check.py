"""Checks the files that the catalog names: existence, size, number of rows, and hash if deep."""

import re
from collections.abc import Container, Iterator
from pathlib import Path, PurePosixPath

from sqlalchemy import select

from store.catalog import expected_files
from store.catalog.catalog import Catalog
from store.catalog.tables import files
from store.errors import StoreDamaged, StoreTooNew
from store.files.copying import is_whole, size_of
from store.files.expected_file import ExpectedFile
from store.files.layout import Layout
from store.fsck.finding import Finding, Kind
from store.parquet.file_reader import metadata_of, read_metadata
from store.parquet.footer import NamedFile

# A loader's part is named after the first of its batches.
BATCH_OF_PART = re.compile(r"\d{12}-([0-9a-f]{16})")

PART_MEANS = "its rows are missing from answers, or wrong"
RAW_MEANS = "the raw body is lost; the rows loaded from it stay"


def check_named_files(
    layout: Layout, catalog: Catalog, *, is_deep: bool, only: Container[str] | None = None
) -> Iterator[Finding]:
    """At most one finding a file. Only a deep check hashes the files and finds changed bytes."""
    parts = _live_parts(layout.root, catalog)
    for each in expected_files.all_expected(catalog):
        if only is not None and each.path not in only:
            continue
        found = _check_file(layout.root, each, parts.get(each.path), is_deep=is_deep)
        if found is not None:
            yield found


def _live_parts(root: Path, catalog: Catalog) -> dict[str, NamedFile]:
    """What the catalog says of each live Parquet file, by its path."""
    query = select(files).where(files.c.retired_sequence.is_(None))
    with catalog.read() as connection:
        rows = connection.execute(query).mappings()
        return {row["path"]: NamedFile.of(root, row) for row in rows}


def _check_file(
    root: Path, named: ExpectedFile, part: NamedFile | None, *, is_deep: bool
) -> Finding | None:
    size = size_of(root / named.path)
    if size is None:
        kind = Kind.MISSING_PART if named.is_part else Kind.MISSING_RAW
        return _finding(kind, named, "it is missing")
    if size != named.bytes:
        return _finding(Kind.SIZE_DIFFERS, named, f"{size:,} bytes instead of {named.bytes:,}")
    if is_deep and not is_whole(root, named):
        return _finding(Kind.MODIFIED, named, "its bytes have changed, or cannot be read")
    if part is not None and named.rows is not None:
        return _check_footer(named, part)
    return None


def _check_footer(named: ExpectedFile, part: NamedFile) -> Finding | None:
    try:
        rows = read_metadata(part.path).num_rows
    except StoreDamaged:
        return _finding(Kind.ROWS_DIFFER, named, "its footer cannot be read")
    if rows != named.rows:
        problem = f"{rows:,} rows by its footer instead of {named.rows:,}"
        return _finding(Kind.ROWS_DIFFER, named, problem)
    try:
        metadata_of(part)
    except (StoreDamaged, StoreTooNew) as error:
        return _finding(Kind.FOOTER_DIFFERS, named, str(error))
    return None


def _finding(kind: Kind, named: ExpectedFile, problem: str) -> Finding:
    copy = f"copy {named.path} from a backup"
    if named.is_part:
        batch = BATCH_OF_PART.match(PurePosixPath(named.path).name)
        again = f"`raytrail replay --batch {batch[1]}`" if batch else "`raytrail replay`"
        helps = (
            f"a running service makes it again while the raw bodies are kept, and so does {again};"
            f" otherwise {copy}"
        )
    else:
        helps = copy
    means = PART_MEANS if named.is_part else RAW_MEANS
    return Finding(kind=kind, path=named.path, means=f"{problem}: {means}", helps=helps)
