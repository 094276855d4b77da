"""Compares the text of every view, macro and table of `audit.duckdb` with what this version writes."""

from collections.abc import Iterator

import duckdb

from store.files import durable
from store.fsck.finding import Finding, Kind
from store.reading import views
from store.reading.shell.content import ShellContent
from store.reading.shell.published import (
    Definitions,
    damaged_of,
    definitions_of,
    expected_paths,
    published,
    writer,
    writer_of,
)
from store.store import Store


def check_views(store: Store, content: ShellContent | None) -> Iterator[Finding]:
    """A file that is outdated or unreadable has a finding of its own (audit_check.py).

    A file of another version is not compared, except beside a running loader: that has written a
    new one when it began.
    """
    newest = store.newest_change()
    found = published(store.layout)
    if content is None or found is None or found.sequence < newest.sequence:
        return
    if found.paths != expected_paths(store.layout, store.shell.root):
        return
    with duckdb.connect(str(store.layout.audit), read_only=True) as audit:
        is_ours = writer_of(audit) == writer()
        shown, told = definitions_of(audit), damaged_of(audit)
    if not is_ours and not durable.is_locked(store.layout.loader_lock):
        return
    snapshot = store.snapshot()
    if {each.path for each in snapshot.damaged} - told:
        # Files that were damaged since have findings of their own, and their views change next.
        return
    wanted = views.definitions(store.layout, snapshot, store.told(content), store.shell.root)
    if store.newest_change() != newest:
        return
    for name in _differing(shown, wanted):
        yield Finding(
            kind=Kind.VIEWS_DIFFER,
            path=f"{store.layout.audit.name}/{name}",
            means="it is not what this version of Raytrail writes: the DuckDB shell may show other"
            " rows than the store has",
            repair="written again, unless a loader is running, which does that at its next start",
        )


def _differing(shown: Definitions, wanted: Definitions) -> list[str]:
    names = shown.keys() | wanted.keys()
    return sorted(name for name in names if shown.get(name) != wanted.get(name))
