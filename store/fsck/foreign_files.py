"""Finds files in the data folder that Raytrail did not write: saved reports, spills, copies."""

from collections.abc import Iterator

from store.files import places
from store.files.layout import Layout
from store.fsck.finding import Finding, Kind


def find_foreign_files(layout: Layout) -> Iterator[Finding]:
    """Every file of which no place is declared."""
    for path, place in places.files(layout):
        if place is None:
            yield Finding(
                kind=Kind.EXTRA_FILE,
                path=layout.relative(path),
                means="Raytrail did not write it, so no retention or erasure changes it",
                helps="move it out of the data folder, or delete it by hand",
            )
