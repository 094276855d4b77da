"""Whether the disk holds what the catalog says, and what of the difference can be mended safely.

Beside a running service every finding is looked at again after a moment: what was only being
made is none. Nothing is changed unless a repair is asked for, and then only what cannot lose
anything; a missing or a changed file is told, with what a person can do.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from store.catalog import counts, expected_files, ledger, removals
from store.fsck.catalog_check import audit_views, catalog_itself
from store.fsck.file_check import named_files
from store.fsck.finding import Finding, Kind
from store.fsck.stray_check import remove_from_parts, remove_left_behind, strays
from store.reading import views
from store.store import Store

IN_CATALOG = {
    Kind.LEDGER_BROKEN,
    Kind.ENTRY_MISMATCH,
    Kind.TOTALS_DIFFER,
    Kind.REMOVAL_OVERDUE,
}
STRAY = {Kind.EXTRA_FILE, Kind.RAW_WITHOUT_ENTRY, Kind.STALE_DRAFT}
NAMED = {
    Kind.MISSING_PART,
    Kind.MISSING_RAW,
    Kind.SIZE_DIFFERS,
    Kind.MODIFIED,
    Kind.ROWS_DIFFER,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What was looked at, what was mended, and what is left."""

    entries: int
    files: int
    bytes: int
    mended: tuple[Finding, ...]
    left: tuple[Finding, ...]


def check(
    store: Store,
    pause: Callable[[], None],
    statements: Sequence[str],
    *,
    is_deep: bool = False,
    is_repairing: bool = False,
) -> Checked:
    """Look at everything; `pause` lets a moment go by before what was found is looked at again.

    `statements` are for `audit.duckdb`, should it have to be made again.
    """
    found = list(_all(store, is_deep=is_deep))
    if found:
        pause()
        found = _again(store, found, is_deep=is_deep)
    left = found
    if is_repairing and found:
        _repair(store, found, statements)
        left = _again(store, found, is_deep=is_deep)
    still = {finding.subject for finding in left}
    sizes = [each.bytes for each in expected_files.named(store.catalog)]
    with store.catalog.read() as connection:
        sequence = ledger.sequence(connection)
    return Checked(
        entries=sequence,
        files=len(sizes),
        bytes=sum(sizes),
        mended=tuple(each for each in found if each.subject not in still) if is_repairing else (),
        left=tuple(left),
    )


def _all(store: Store, *, is_deep: bool) -> Iterator[Finding]:
    store.layout.demand()
    yield from catalog_itself(store.catalog, store.clock())
    yield from named_files(store.layout, store.catalog, is_deep=is_deep)
    yield from strays(store.layout, store.catalog, store.clock())
    yield from audit_views(store.layout, store.catalog, store.clock())


def _again(store: Store, found: Sequence[Finding], *, is_deep: bool) -> list[Finding]:
    """Those that are still so, in the words of now; a file may be wrong in another way by now."""
    kinds, subjects = {each.kind for each in found}, {each.subject for each in found}
    now: list[Finding] = []
    if kinds & IN_CATALOG:
        now += catalog_itself(store.catalog, store.clock())
    if kinds & NAMED:
        paths = {each.path for each in found if each.kind in NAMED}
        now += named_files(store.layout, store.catalog, is_deep=is_deep, only=paths)
    if kinds & STRAY:
        now += strays(store.layout, store.catalog, store.clock())
    if Kind.AUDIT_OUTDATED in kinds:
        now += audit_views(store.layout, store.catalog, store.clock())
    return [each for each in now if each.kind in NAMED or each.subject in subjects]


def _repair(store: Store, found: Sequence[Finding], statements: Sequence[str]) -> None:
    """Only what was found and says that it is repaired; the views last, since they show the rest."""
    kinds = {each.kind for each in found if each.repair}
    paths = {each.path for each in found if each.repair}
    if Kind.TOTALS_DIFFER in kinds:
        with store.catalog.write() as connection:
            counts.fill(connection)
    if kinds & STRAY:
        store.recover()
        remove_from_parts(store.layout, store.catalog, paths)
        bodies = {each.path for each in found if each.kind is Kind.EXTRA_FILE and each.repair}
        remove_left_behind(
            store.layout, store.catalog, {path for path in bodies if path.startswith("raw/")}
        )
    if Kind.REMOVAL_OVERDUE in kinds:
        while removals.remove_due(store.layout, store.catalog, store.clock()):
            pass
    if Kind.AUDIT_OUTDATED in kinds:
        views.publish_unless_loading(store.layout, store.snapshot, statements)
