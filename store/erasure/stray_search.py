"""Searches files in `stray/` for a person, and writes Parquet files there without their rows."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from store.erasure.body_search import SearchResult, search
from store.erasure.person_search import BodyMatch, FileMatches, PersonSearch
from store.erasure.remnants import unused_texts
from store.errors import StoreDamaged
from store.files import durable, stray
from store.files.layout import unfinished_path
from store.files.stray import StrayFile
from store.parquet import stray_part
from store.parquet.file_reader import opened_unnamed, read_metadata, reading, schema_of
from store.parquet.part_file import ROW_GROUP_ROWS, SORTED, Content, Part, PartFile
from store.parquet.stray_part import StrayPart

# What an original path begins with if the file was a body.
BODIES = ("raw/", "quarantine/")


def search_parts(search: PersonSearch) -> Iterator[FileMatches]:
    """Every Parquet file in `stray/`, as if the catalog named it."""
    for file in stray.found(search.layout):
        part = stray_part.read(search.layout.root / file.path)
        if part is not None:
            yield _matches(search, file, part)


def search_bodies(searched: PersonSearch) -> Iterator[BodyMatch]:
    """Bodies in `stray/` with a match, and other files there that cannot be searched."""
    for file in stray.found(searched.layout):
        path = searched.layout.root / file.path
        if stray_part.read(path) is not None:
            continue
        try:
            is_body = file.original.startswith(BODIES)
            verdict = search(path, searched.identifier, was_read=False)
        except FileNotFoundError:
            continue
        # A damaged Parquet file has its texts packed, so nothing is known if nothing was found.
        if verdict is SearchResult.NOT_FOUND and not is_body:
            verdict = SearchResult.UNSEARCHABLE
        if verdict is not SearchResult.NOT_FOUND:
            yield BodyMatch(file.path, verdict)


def user_columns(path: Path) -> Iterator[pa.ChunkedArray]:
    """The users of a Parquet file in `stray/`, a row each; none of another file."""
    if stray_part.read(path) is None:
        return
    with reading(path), opened_unnamed(path) as file:
        if "user_id" in file.columns:
            for table in file.tables(ROW_GROUP_ROWS, ["user_id"]):
                yield table["user_id"]


def is_stray(search: PersonSearch, match: FileMatches) -> bool:
    return str(match.file["path"]).startswith(f"{search.layout.stray.name}/")


def rewrite(search: PersonSearch, match: FileMatches) -> Part:
    """Write the file without the person's rows, under an unfinished name beside it."""
    path = search.layout.root / match.file["path"]
    dataset = match.file["dataset"]
    schema = schema_of(read_metadata(path))
    lineage = match.file["lineage"]
    content = Content(dataset=dataset, day=match.file["day"], schema=schema, lineage=lineage)
    made = PartFile(path.parent, content, SORTED)
    try:
        with reading(path), opened_unnamed(path) as file:
            for table in file.tables(ROW_GROUP_ROWS, file.columns):
                kept = table.filter(pc.invert(search.rows.erasable(table, dataset)))
                if kept.num_rows:
                    made.write(kept)
        return made.finish(unfinished_path(path.parent, "stray").name)
    except BaseException:
        made.abandon()
        raise


def rewrite_all(search: PersonSearch, matches: Iterable[FileMatches]) -> None:
    """Replace each of these files, one after the other."""
    for match in matches:
        put_in_place(search, match, rewrite(search, match))


def put_in_place(search: PersonSearch, match: FileMatches, made: Part) -> None:
    """Replace the file by what `rewrite` made."""
    durable.replace(made.path, search.layout.root / match.file["path"])
    durable.remove(made.unfinished, synced=False)


def _matches(search: PersonSearch, file: StrayFile, part: StrayPart) -> FileMatches:
    row = {
        "path": file.path,
        "dataset": part.dataset,
        "day": part.day,
        "rows": part.rows,
        "lineage": part.lineage,
        "retired_sequence": None,
    }
    path = search.layout.root / file.path
    try:
        with reading(path), opened_unnamed(path) as opened:
            found = search.rows.rows(opened, part.dataset)
        return FileMatches(row, found, unused_texts.search(path, search.identifier))
    except (StoreDamaged, pa.ArrowException):
        return FileMatches(row, None)
