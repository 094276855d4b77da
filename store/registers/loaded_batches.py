"""Finds which batches of a list are loaded, and in which dataset."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from sqlalchemy import select

from store.catalog.catalog import Catalog
from store.catalog.tables import batches

# SQLite takes some ten thousand values in one statement.
IDS_ASKED_MAX = 10_000


def by_dataset(catalog: Catalog, batch_ids: Sequence[str]) -> Mapping[str, list[str]]:
    """The ids of those that are loaded. The same body sent to two datasets is in both."""
    found: dict[str, list[str]] = defaultdict(list)
    with catalog.read() as connection:
        for start in range(0, len(batch_ids), IDS_ASKED_MAX):
            asked = batches.c.batch_id.in_(batch_ids[start : start + IDS_ASKED_MAX])
            query = select(batches.c.dataset, batches.c.batch_id).where(
                asked, batches.c.state == "loaded"
            )
            for dataset, batch_id in connection.execute(query):
                found[dataset].append(batch_id)
    return found
