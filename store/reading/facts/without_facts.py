"""The requests of files that the catalog has no facts of, which are read for habits and takings.

They are a view of the schema `shape`, over some files of http_requests. Where such a file is damaged,
it raises a sentence, as the view of all requests does.
"""

from dataclasses import replace

from store.catalog.users.facts_number import DATASET
from store.reading.snapshot import Snapshot

# Among the relations; no dataset has such a name.
NAME = f"{DATASET} without facts"

VIEW = "requests_without_facts"


def dataset_of(name: str) -> str:
    """Of which dataset a relation has files."""
    return DATASET if name == NAME else name


def view_of(name: str) -> str | None:
    """Its view, in SQL; None for a relation that is a dataset."""
    return f"shape.{VIEW}" if name == NAME else None


def waiting(snapshot: Snapshot) -> Snapshot:
    """The snapshot with these files alone."""
    parts = snapshot.parts
    paths = tuple(
        path
        for path in snapshot.files.get(DATASET, ())
        if path not in parts or parts[path].facts is None
    )
    damaged = tuple(
        each
        for each in snapshot.damaged
        if each.part.dataset == DATASET and each.part.facts is None
    )
    return replace(snapshot, files={DATASET: paths}, damaged=damaged)
