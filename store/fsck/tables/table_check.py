"""Compares every row that follows from the ledger with its entries."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime

import orjson
from sqlalchemy import Connection, select

from store.catalog.catalog import Catalog
from store.catalog.register_tables import imports, marks
from store.catalog.tables import batches, files
from store.errors import StoreDamaged
from store.files.layout import Layout
from store.fsck.catalog_check import LOOK
from store.fsck.finding import Finding, Kind
from store.fsck.tables.ledger_rows import Difference, differences

_RIGHTED = "set to what the ledger says, unless the ledger has findings too"
_UNNAMED = "`raytrail rebuild` makes a catalog from the ledger and the files alone"
_LOST_HOLD = (
    "place the hold again: holds/ID.json is missing or changed too, or copy it from a backup and"
    " try again"
)


def check_tables(layout: Layout, catalog: Catalog, now: datetime) -> Iterator[Finding]:
    """Checks one consistent read of the catalog."""
    with catalog.read() as connection:
        try:
            for each in differences(connection, layout, now):
                yield _finding(each)
        except StoreDamaged as error:
            means = f"{error}: the catalog cannot be compared with the ledger"
            yield Finding(kind=Kind.ENTRY_MISMATCH, path="entries", means=means, helps=LOOK)
        yield from _unknown_imports(connection)
        yield from _unknown_marks(connection)


def is_repairable(each: Difference) -> bool:
    """A row that only the catalog has may be all that is left of an entry."""
    return each.there is not None and each.is_known


def _finding(each: Difference) -> Finding:
    helps = _LOST_HOLD if not each.is_known else _UNNAMED
    return Finding(
        kind=Kind.ENTRY_MISMATCH,
        path=each.path,
        means=_means(each),
        repair=_RIGHTED if is_repairable(each) else "",
        helps="" if is_repairable(each) else helps,
    )


def _means(each: Difference) -> str:
    """Names columns, and no values: a hold has the name of a person."""
    if each.there is None:
        return "no ledger entry records this row: it was added by hand, or its entry is lost"
    if each.here is None:
        lost = "its rows are in no answer" if each.table is files else "nobody sees it"
        return f"a ledger entry records it, and it has no row in the catalog: {lost}"
    means = f"its ledger entries differ in {', '.join(each.columns)}"
    if each.table is batches and "state" in each.columns:
        means += f": it is {each.there['state']}, and the catalog says {each.here['state']}"
    return means


def _unknown_imports(connection: Connection) -> Iterator[Finding]:
    """An import skips the files of this table, so each must name batches that are there."""
    known = set(connection.scalars(select(batches.c.batch_id)))
    for uri, told in connection.execute(select(imports.c.uri, imports.c.batches)):
        named = {""}
        with suppress(orjson.JSONDecodeError, TypeError):
            named = set(orjson.loads(told))
        if not named <= known:
            yield Finding(
                kind=Kind.ENTRY_MISMATCH,
                path=f"imports/{uri}",
                means="it names batches that the store never had: an import would skip this file",
                helps=_UNNAMED,
            )


def _unknown_marks(connection: Connection) -> Iterator[Finding]:
    """A fetch leaves out records with a mark, so each must be of a batch that was fetched."""
    is_of = (batches.c.sequence == marks.c.sequence) & (batches.c.dataset == marks.c.dataset)
    query = (
        select(marks.c.sequence)
        .join(batches, is_of & batches.c.is_fetched, isouter=True)
        .where(batches.c.sequence.is_(None))
        .distinct()
    )
    for sequence in connection.scalars(query):
        yield Finding(
            kind=Kind.ENTRY_MISMATCH,
            path=f"marks/{sequence}",
            means="no batch with this number was fetched: a fetch would leave out records that the"
            " store does not have",
            helps=_UNNAMED,
        )
