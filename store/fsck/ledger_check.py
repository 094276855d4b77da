"""Compares every line of `ledger/` with the entries of the catalog."""

from collections.abc import Iterator

from sqlalchemy import Connection, select

from store.catalog.agreement.comparison import is_missing
from store.catalog.catalog import Catalog
from store.catalog.tables import entries
from store.errors import StoreDamaged
from store.files.layout import Layout
from store.fsck.finding import Finding, Kind
from store.ledger.ledger_files import ledger_files, read_entries

HELPS = (
    "put back the files that belong here; otherwise stop the service, and `raytrail rebuild` makes"
    " what is left of the catalog and ledger/ agree"
)


def check_ledger_files(layout: Layout, catalog: Catalog) -> Iterator[Finding]:
    """At most one finding: the first line that is damaged, missing, or another entry.

    A store of a version without `ledger/` has no file yet, and no finding. Lines of receipts that
    are being committed are ahead of the catalog.
    """
    with catalog.read() as connection:
        if is_missing(connection, layout):
            problem = "it is missing"
        else:
            problem = _problem(connection, layout) if ledger_files(layout) else ""
    if problem:
        yield Finding(
            kind=Kind.LEDGER_FILES_DIFFER,
            path=layout.relative(layout.ledger),
            means=f"{problem}: a lost catalog could not be made again from it",
            helps=HELPS,
        )


def _problem(connection: Connection, layout: Layout) -> str:
    query = select(entries.c.sequence, entries.c.digest).order_by(entries.c.sequence)
    lines = read_entries(layout)
    for sequence, digest in connection.execute(query.execution_options(yield_per=1000)):
        try:
            line = next(lines, None)
        except StoreDamaged as error:
            return str(error)
        if line is None:
            return f"it ends before entry {sequence} of the catalog"
        if line.digest != digest:
            return f"entry {sequence} is another one than in the catalog"
    return ""
