"""What `raytrail backup` and `raytrail restore` print for a person."""

from collections.abc import Iterator

from queries.escape import for_terminal
from raytrail.commands.plurals import counted
from store.backup.backup import BackupResult
from store.backup.newer_erasures import NewerErasures
from store.backup.restore import RestoreResult

NOT_COPIED = "quarantine/ and audit.duckdb are not copied; a restore writes audit.duckdb again"


def backup_lines(done: BackupResult) -> Iterator[str]:
    yield f"backed up: {_held(done)}"
    copied = f"{counted(done.files_copied, 'file')} copied ({done.bytes_copied:,} bytes)"
    yield f"{copied}, {done.files_removed:,} removed; {NOT_COPIED}"
    for reason in done.left_out:
        yield f"not in the backup: {for_terminal(reason)}; `raytrail fsck --deep` says what helps"


def restore_lines(done: RestoreResult) -> Iterator[str]:
    yield f"restored: {_held(done)}"
    for path in done.left_out:
        yield f"not restored: {for_terminal(path)}; the store had lost it before the backup"
    yield from _newer(done.newer)
    yield f"as of {done.taken_at}; the next loader loads the batches that waited then"


def _newer(newer: NewerErasures) -> Iterator[str]:
    """What the store has of persons who were erased after the backup."""
    if not newer.found:
        return
    yield f"the backup is older than {counted(len(newer.found), 'erasure')}; `serve` refuses the store until you decide:"
    for each in newer.found:
        found = "no digest to find its rows by"
        if each.rows is not None:
            found = f"{counted(each.rows, 'row')} in {counted(each.files, 'file')} are back"
        yield f"    erasure of {each.erasure.recorded_at}, ledger entry {each.erasure.sequence:,}: {found}"
    yield "    erase each person again by name: raytrail erase --user NAME --reason ..."
    yield "    or accept what is left: raytrail erasures accept --reason ..."
    if newer.unjudged:
        yield "bodies that are not decoded, so that nobody knows whether they have such records:"
        yield from (f"    {for_terminal(path)}" for path in newer.unjudged)


def _held(done: BackupResult | RestoreResult) -> str:
    upto = f"up to ledger entry {done.sequence:,} ({done.digest[:16]})"
    return f"{counted(done.files, 'file')}, {done.bytes:,} bytes, {upto}"
