"""Checks whether lines are hidden that an earlier version took for copies of others."""

from collections.abc import Iterator

from raytrail.commands.plurals import counted
from raytrail.doctor.finding import Finding, Grade
from store.compaction import folded_rows
from store.store import Store


def examine(store: Store) -> Iterator[Finding]:
    found = folded_rows.without_id(store.layout, store.catalog)
    for dataset, folded in sorted(found.items()):
        lines, files = counted(folded.lines, "line"), counted(folded.files, "file")
        yield Finding(
            about="folded",
            grade=Grade.NOTE,
            dataset=dataset,
            text=f"an earlier version folded {lines} without a Ray ID or other id, in {files}",
            means="they may be requests of their own, and trails and totals lack them",
            helps=f"`raytrail replay --dataset {dataset}` brings back those whose raw bodies are kept",
        )
