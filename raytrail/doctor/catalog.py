"""Checks whether the files of the ledger are there, and what an administrator of PostgreSQL can set
wrong, if the catalog is there.
"""

from collections.abc import Iterator, Mapping

from raytrail.doctor.finding import Finding, Grade
from store.catalog.agreement.comparison import is_missing
from store.store import Store

# Receivers, loader, compactor and companions of a service, and what people ask beside them.
CONNECTIONS_MIN = 50

# What must be on, and what is lost otherwise.
_DURABLE = {
    "fsync": "a power cut of the database server can lose or damage everything",
    "full_page_writes": "a power cut of the database server can damage pages",
}
# A commit is on the server's disk with each of these.
_SYNCHRONOUS = {"on", "local", "remote_write", "remote_apply"}


def examine(store: Store) -> Iterator[Finding]:
    yield from _ledger(store)
    found = store.catalog.settings()
    if found:
        wrong = list(_wrong(found))
        yield from wrong or [_fine(store, found)]


def _ledger(store: Store) -> Iterator[Finding]:
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


def _fine(store: Store, found: Mapping[str, str]) -> Finding:
    text = f"{store.layout.catalog_name}, version {found['server_version']}; texts sort by bytes"
    return Finding(about="database", grade=Grade.FINE, text=text)


def _wrong(found: Mapping[str, str]) -> Iterator[Finding]:
    for name, means in _DURABLE.items():
        if found[name] != "on":
            yield _finding(f"{name} is {found[name]}", means, f"set {name} = on and restart it")
    if found["synchronous_commit"] not in _SYNCHRONOUS:
        yield _finding(
            f"synchronous_commit is {found['synchronous_commit']}",
            "a batch that was answered with 200 can be missing after a crash of the server",
            "set synchronous_commit = on for this database",
        )
    if found["server_encoding"] != "UTF8":
        yield _finding(
            f"its encoding is {found['server_encoding']}",
            "names with other characters are refused",
            "make a database with ENCODING 'UTF8', and move the store with backup and restore",
        )
    if others := found["collations"]:
        yield _finding(
            f"columns that sort by a language: {others}",
            "ranges of names are wrong there, and trails lose rows without a word",
            '`raytrail rebuild` into an empty schema makes the columns with COLLATE "C"',
        )
    if int(found["max_connections"]) < CONNECTIONS_MIN:
        yield _finding(
            f"max_connections is {found['max_connections']}",
            "receivers answer 503 while none is free",
            f"set max_connections to {CONNECTIONS_MIN} or more",
        )


def _finding(text: str, means: str, helps: str) -> Finding:
    return Finding(about="database", grade=Grade.WRONG, text=text, means=means, helps=helps)
