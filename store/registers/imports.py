"""Which files of archives were imported whole, and what an import tells the ledger."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import delete, insert, select

from store import timestamps
from store.catalog import ledger
from store.catalog.catalog import Catalog
from store.catalog.ledger import Entry
from store.catalog.tables import imports

# SQLite takes 32,766 values a statement.
AT_ONCE = 5_000


@dataclass(frozen=True, slots=True)
class ArchivedObject:
    """One file of an archive, and what tells that it is still the same one."""

    uri: str
    path: str
    bytes: int
    modified: str


@dataclass(frozen=True, slots=True)
class Finished:
    """One file that is in the store: as which batches."""

    found: ArchivedObject
    batch_ids: Sequence[str]


def known(
    catalog: Catalog, asked: str, found: Sequence[ArchivedObject]
) -> frozenset[ArchivedObject]:
    """Those of the files that an import finished and that have not changed since."""
    same = set[ArchivedObject]()
    columns = imports.c.uri, imports.c.bytes, imports.c.modified
    with catalog.read() as connection:
        for start in range(0, len(found), AT_ONCE):
            some = {each.uri: each for each in found[start : start + AT_ONCE]}
            query = select(*columns).where(imports.c.asked == asked, imports.c.uri.in_(some))
            for uri, size, modified in connection.execute(query):
                each = some[uri]
                # Without a time, a file of the same name and size may still be another one.
                if modified and (each.bytes, each.modified) == (size, modified):
                    same.add(each)
    return frozenset(same)


def remember(catalog: Catalog, asked: str, finished: Iterable[Finished], now: datetime) -> None:
    """What is remembered here is in the store: whoever calls has the receipts."""
    rows = [
        {
            "uri": each.found.uri,
            "asked": asked,
            "bytes": each.found.bytes,
            "modified": each.found.modified,
            "imported_at": timestamps.to_text(now),
            "batches": orjson.dumps(list(each.batch_ids)).decode(),
        }
        for each in finished
    ]
    if not rows:
        return
    with catalog.write() as connection:
        uris = [row["uri"] for row in rows]
        older = delete(imports).where(imports.c.asked == asked, imports.c.uri.in_(uris))
        connection.execute(older)
        connection.execute(insert(imports), rows)


def enter(catalog: Catalog, now: datetime, facts: Mapping[str, Any]) -> Entry:
    """The entry of one run, whether it came to its end or not."""
    with catalog.write() as connection:
        return ledger.append(connection, "import", now, facts)
