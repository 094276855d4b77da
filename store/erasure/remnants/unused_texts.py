"""Texts that a Parquet file lists and that none of its rows has: in dictionaries and in the footer.

Earlier versions left them when they filtered, sorted or split rows, so they may be of a person who
was erased. Most of them do not contain the name (paths, addresses), so all of them count, and an
erasure of anybody rewrites the files that list any.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq

from store import timestamps
from store.catalog import removals
from store.catalog.counts import CatalogRow
from store.compaction.file_swap import FileSwap
from store.compaction.tiers import RewriteJob
from store.erasure.identifier import Identifier
from store.parquet.dictionaries import unused_texts
from store.parquet.file_reader import read_metadata, reading

# Keys of the footer that Raytrail writes: only the dataset is a text from outside.
_OURS = b"raytrail."
_DATASET = b"raytrail.dataset"


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedTexts:
    """`unused` counts texts of dictionaries that no row has, and `naming` those of them with the
    person's name. `is_name` tells whether one has it whole, and not only as a part of another name.
    `in_footer` counts statistics and values in the footer with the name; a row may have them.
    """

    unused: int = 0
    naming: int = 0
    is_name: bool = False
    in_footer: int = 0


NOTHING_LISTED = ListedTexts()


def search(path: Path, identifier: Identifier) -> ListedTexts:
    """StoreDamaged if the file cannot be read."""
    metadata = read_metadata(path)
    unused, naming, is_name = 0, 0, False
    with reading(path):
        for texts in unused_texts(path, metadata):
            unused += len(texts)
            listed = texts.to_pylist()
            # One search through all of them takes a fraction of the time.
            has_any = identifier.is_in(text + b"\n" for text in listed)
            found = [text for text in listed if has_any and identifier.is_in([text])]
            naming += len(found)
            is_name = is_name or any(identifier.is_whole_in([text]) for text in found)
    in_footer = sum(identifier.is_in([text]) for text in _footer_texts(metadata))
    return ListedTexts(unused=unused, naming=naming, is_name=is_name, in_footer=in_footer)


def rewrite(swap: FileSwap, files: Sequence[CatalogRow]) -> None:
    """Write each of these live files again with the same rows; delete the old one.

    One catalog step for each file, so that no more room is needed than for one of them. The caller
    holds the rewrite lock, and `swap` folds no rows.
    """
    for file in files:
        job = RewriteJob.of_file(file)
        done = swap.rewrite(job)
        facts = {"dataset": job.dataset, "label": job.label, "tier": job.tier, "folded": 0}
        with swap.catalog.write() as connection:
            swap.commit(connection, "compacted", facts, [done], due_at=swap.clock())
        swap.settle([done])


def remove_retired(swap: FileSwap, paths: Sequence[str]) -> None:
    """Let these retired files be deleted now, and not after their grace period."""
    with swap.catalog.write() as connection:
        removals.reschedule(connection, paths, timestamps.to_text(swap.clock()))


def _footer_texts(metadata: pq.FileMetaData) -> Iterator[bytes]:
    for key, value in (metadata.metadata or {}).items():
        if key == _DATASET or not key.startswith(_OURS):
            yield key
            yield value
    for group in map(metadata.row_group, range(metadata.num_row_groups)):
        for column in map(group.column, range(group.num_columns)):
            told = column.statistics
            if told is not None and told.has_min_max:
                yield from (_bytes(end) for end in (told.min_raw, told.max_raw))


def _bytes(value: object) -> bytes:
    if isinstance(value, bytes):
        return value
    return value.encode() if isinstance(value, str) else b""
