"""A copy of a store, wherever its catalog is."""

import shutil
from contextlib import closing
from pathlib import Path

from store.catalog.opening import open_existing
from store.files.layout import Layout


def copy_store(source: Path, target: Path) -> None:
    """Copy the folder of a store that nobody has open, and its catalog."""
    shutil.copytree(source, target, symlinks=True)
    here, there = Layout(source), Layout(target)
    if there.database is None:
        return
    from store.catalog.databases import postgresql_store

    there.catalog_mark.unlink()
    draft = target / ".copy"
    with closing(open_existing(here)) as catalog:
        catalog.copy_to(draft)
    postgresql_store.fill(there, draft)
    draft.unlink()
