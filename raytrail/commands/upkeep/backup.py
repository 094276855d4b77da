"""What `raytrail backup` and `raytrail restore` print for a person."""

from collections.abc import Iterator

from queries.escape import for_terminal
from raytrail.commands.plurals import counted
from store.backup.backup import BackupResult
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
    yield f"as of {done.taken_at}; the next loader loads the batches that waited then"


def _held(done: BackupResult | RestoreResult) -> str:
    upto = f"up to ledger entry {done.sequence:,} ({done.digest[:16]})"
    return f"{counted(done.files, 'file')}, {done.bytes:,} bytes, {upto}"
