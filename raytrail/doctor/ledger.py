"""A finding if the files of the ledger are missing."""

from collections.abc import Iterator

from raytrail.doctor.finding import Finding, Grade
from store.catalog.agreement.comparison import is_missing
from store.store import Store


def examine(store: Store) -> Iterator[Finding]:
    with store.catalog.read() as connection:
        missing = is_missing(connection, store.layout)
    if missing:
        yield Finding(
            about="ledger",
            grade=Grade.WRONG,
            text=f"{store.layout.ledger} is missing",
            means="the next start is refused, and a lost catalog could not be made again",
            helps="put it back; otherwise stop the service and run `raytrail rebuild`",
        )
