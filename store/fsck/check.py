"""Checks that disk and catalog agree, and repairs what can be repaired without loss.

Every finding is checked again after a pause, since a running service may have been writing the
file. Nothing is changed without `is_repairing`. A missing or modified file is never repaired: the
finding says what a person can do.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from store.catalog import counts, expected_files, ledger, removals
from store.files import spills
from store.fsck.audit_check import check_audit_views, check_shell_logs
from store.fsck.catalog_check import check_catalog
from store.fsck.file_check import check_named_files
from store.fsck.finding import Finding, Kind
from store.fsck.ledger_check import check_ledger_files
from store.fsck.orphan_check import clear_parts, find_orphans, remove_bodies
from store.reading import views
from store.store import Store

IN_CATALOG = {
    Kind.LEDGER_BROKEN,
    Kind.ENTRY_MISMATCH,
    Kind.TOTALS_DIFFER,
    Kind.REMOVAL_OVERDUE,
}
ORPHANS = {Kind.EXTRA_FILE, Kind.RAW_WITHOUT_ENTRY, Kind.STALE_DRAFT, Kind.STRAY_FILE}
NAMED = {
    Kind.MISSING_PART,
    Kind.MISSING_RAW,
    Kind.SIZE_DIFFERS,
    Kind.MODIFIED,
    Kind.ROWS_DIFFER,
    Kind.FOOTER_DIFFERS,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckResult:
    """What was checked, which findings were repaired (`mended`), and which are left."""

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
) -> CheckResult:
    """Check the whole store; `pause` is called before the findings are checked again.

    `statements` make `audit.duckdb` if it has to be repaired.
    """
    found = list(_check_all(store, is_deep=is_deep))
    if found:
        pause()
        found = _recheck(store, found, is_deep=is_deep)
    left = found
    if is_repairing and found:
        _repair(store, found, statements)
        left = _recheck(store, found, is_deep=is_deep)
    still = {finding.subject for finding in left}
    sizes = [each.bytes for each in expected_files.all_expected(store.catalog)]
    with store.catalog.read() as connection:
        sequence = ledger.sequence(connection)
    return CheckResult(
        entries=sequence,
        files=len(sizes),
        bytes=sum(sizes),
        mended=tuple(each for each in found if each.subject not in still) if is_repairing else (),
        left=tuple(left),
    )


def _check_all(store: Store, *, is_deep: bool) -> Iterator[Finding]:
    store.layout.require_store()
    yield from check_catalog(store.catalog, store.clock())
    yield from check_ledger_files(store.layout, store.catalog)
    yield from check_named_files(store.layout, store.catalog, is_deep=is_deep)
    yield from find_orphans(store.layout, store.catalog, store.clock())
    yield from check_audit_views(store.layout, store.catalog, store.clock(), store.shell.root)
    yield from check_shell_logs(store.layout)


def _recheck(store: Store, found: Sequence[Finding], *, is_deep: bool) -> list[Finding]:
    """The findings that still hold; a file may have another finding by now."""
    kinds, subjects = {each.kind for each in found}, {each.subject for each in found}
    now: list[Finding] = []
    if kinds & IN_CATALOG:
        now += check_catalog(store.catalog, store.clock())
    if Kind.LEDGER_FILES_DIFFER in kinds:
        now += check_ledger_files(store.layout, store.catalog)
    if kinds & NAMED:
        paths = {each.path for each in found if each.kind in NAMED}
        now += check_named_files(store.layout, store.catalog, is_deep=is_deep, only=paths)
    if kinds & ORPHANS:
        now += find_orphans(store.layout, store.catalog, store.clock())
    if Kind.AUDIT_OUTDATED in kinds:
        now += check_audit_views(store.layout, store.catalog, store.clock(), store.shell.root)
    if Kind.STRAY_WAL in kinds:
        now += check_shell_logs(store.layout)
    return [each for each in now if each.kind in NAMED or each.subject in subjects]


def _repair(store: Store, found: Sequence[Finding], statements: Sequence[str]) -> None:
    """Repair the findings that have a `repair`; the views last, since they show the others."""
    kinds = {each.kind for each in found if each.repair}
    paths = {each.path for each in found if each.repair}
    if Kind.TOTALS_DIFFER in kinds:
        with store.catalog.write() as connection:
            counts.fill(connection)
    if kinds & ORPHANS:
        spills.sweep(store.layout)
        store.recover()
        clear_parts(store.layout, store.catalog, store.clock, paths)
        extra = {each.path for each in found if each.kind is Kind.EXTRA_FILE and each.repair}
        remove_bodies(
            store.layout,
            store.catalog,
            store.clock,
            {path for path in extra if path.startswith("raw/")},
        )
    if Kind.REMOVAL_OVERDUE in kinds:
        while removals.remove_due(store.layout, store.catalog, store.clock()):
            pass
    if Kind.STRAY_WAL in kinds:
        views.remove_logs(store.layout)
    if Kind.AUDIT_OUTDATED in kinds:
        store.publish_unless_loading(statements)
