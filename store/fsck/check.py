"""Checks that disk and catalog agree, and repairs what can be repaired without loss.

Every finding is checked again after a pause, since a running service may have been writing the
file. Nothing is changed without `is_repairing`. A missing or modified file is never repaired: the
finding says what a person can do.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from store.catalog import counts, expected_files, ledger, removals
from store.compaction.facts.reading import FactReading
from store.files import spills
from store.fsck.audit_check import check_audit_views, check_shell_logs
from store.fsck.catalog_check import check_catalog
from store.fsck.content_check import check_contents, repair_contents
from store.fsck.file_check import check_named_files
from store.fsck.finding import Finding, Kind
from store.fsck.ledger_check import check_ledger_files
from store.fsck.orphan_check import clear_parts, find_orphans, remove_bodies
from store.fsck.schema_check import check_schema, drop
from store.fsck.tables.table_check import check_tables
from store.fsck.tables.table_repair import repair_tables
from store.fsck.views_check import check_views
from store.reading import views
from store.reading.shell.content import ShellContent
from store.store import Store

# With these nobody can tell whether the ledger or the catalog is right.
LEDGER = {Kind.LEDGER_BROKEN, Kind.LEDGER_FILES_DIFFER}
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
class _Asked:
    """What is checked. `only` are the paths of files that are checked again; None for all."""

    store: Store
    content: ShellContent | None
    is_deep: bool
    reading: FactReading | None = None
    only: frozenset[str] | None = None


_Check: TypeAlias = Callable[[_Asked], Iterator[Finding]]

# Each check with the kinds of findings that it can have.
CHECKS: tuple[tuple[set[Kind], _Check], ...] = (
    (
        {Kind.LEDGER_BROKEN, Kind.TOTALS_DIFFER, Kind.REMOVAL_OVERDUE},
        lambda asked: check_catalog(asked.store.catalog, asked.store.clock()),
    ),
    ({Kind.SCHEMA_DIFFERS}, lambda asked: check_schema(asked.store.catalog)),
    (
        {Kind.ENTRY_MISMATCH},
        lambda asked: check_tables(asked.store.layout, asked.store.catalog, asked.store.clock()),
    ),
    (
        {Kind.LEDGER_FILES_DIFFER},
        lambda asked: check_ledger_files(asked.store.layout, asked.store.catalog),
    ),
    (
        NAMED,
        lambda asked: check_named_files(
            asked.store.layout, asked.store.catalog, is_deep=asked.is_deep, only=asked.only
        ),
    ),
    (
        {Kind.RANGE_DIFFERS},
        lambda asked: check_contents(
            asked.store.layout,
            asked.store.catalog,
            asked.reading,
            is_deep=asked.is_deep,
            only=asked.only,
        ),
    ),
    (
        ORPHANS,
        lambda asked: find_orphans(asked.store.layout, asked.store.catalog, asked.store.clock()),
    ),
    (
        {Kind.AUDIT_OUTDATED},
        lambda asked: check_audit_views(
            asked.store.layout, asked.store.catalog, asked.store.clock(), asked.store.shell.root
        ),
    ),
    ({Kind.VIEWS_DIFFER}, lambda asked: check_views(asked.store, asked.content)),
    ({Kind.STRAY_WAL}, lambda asked: check_shell_logs(asked.store.layout)),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckResult:
    """What was checked, which findings were repaired (`mended`), and which are left."""

    entries: int
    files: int
    bytes: int
    mended: tuple[Finding, ...]
    left: tuple[Finding, ...]


def check(  # noqa: PLR0913 - a command has its options as arguments
    store: Store,
    pause: Callable[[], None],
    content: ShellContent,
    reading: FactReading | None = None,
    *,
    is_deep: bool = False,
    is_repairing: bool = False,
) -> CheckResult:
    """Check the whole store; `pause` is called before the findings are checked again.

    `content` goes into `audit.duckdb` if it has to be repaired. By `reading` a deep check compares
    what is kept of the users of a file.
    """
    asked = _Asked(store=store, content=content, is_deep=is_deep, reading=reading)
    found = list(_check_all(asked))
    if found:
        pause()
        found = _recheck(asked, found)
    left = found
    if is_repairing and found:
        _repair(store, found, content)
        left = _recheck(asked, found)
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


def check_catalog_rows(store: Store) -> list[Finding]:
    """What contradicts the ledger, the footers or this version in the catalog, for the service."""
    asked = _Asked(store=store, content=None, is_deep=False)
    wanted = {Kind.SCHEMA_DIFFERS, Kind.ENTRY_MISMATCH, Kind.RANGE_DIFFERS}
    found = [each for able, run in CHECKS if able & wanted for each in run(asked)]
    return _recheck(asked, found) if found else []


def _check_all(asked: _Asked) -> Iterator[Finding]:
    asked.store.layout.require_store()
    for _, run in CHECKS:
        yield from run(asked)


def _recheck(asked: _Asked, found: Sequence[Finding]) -> list[Finding]:
    """The findings that still hold; a file may have another finding by now."""
    kinds, subjects = {each.kind for each in found}, {each.subject for each in found}
    again = replace(asked, only=frozenset(each.path for each in found))
    now = [each for able, run in CHECKS if able & kinds for each in run(again)]
    return [each for each in now if each.kind in NAMED or each.subject in subjects]


def _repair(store: Store, found: Sequence[Finding], content: ShellContent) -> None:
    """Repair the findings that have a `repair`; the views last, since they show the others."""
    kinds = {each.kind for each in found if each.repair}
    paths = {each.path for each in found if each.repair}
    _repair_catalog(store, kinds, paths, is_ledger_right=not LEDGER & {each.kind for each in found})
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
    if {Kind.AUDIT_OUTDATED, Kind.VIEWS_DIFFER} & kinds:
        store.publish_unless_loading(content)


def _repair_catalog(
    store: Store, kinds: set[Kind], paths: set[str], *, is_ledger_right: bool
) -> None:
    if Kind.SCHEMA_DIFFERS in kinds:
        drop(store.catalog, paths)
    if Kind.ENTRY_MISMATCH in kinds and is_ledger_right:
        repair_tables(store.layout, store.catalog, store.clock)
    if Kind.RANGE_DIFFERS in kinds:
        repair_contents(store.layout, store.catalog, paths)
    if Kind.TOTALS_DIFFER in kinds:
        with store.catalog.write() as connection:
            counts.fill(connection)
