"""`raytrail backup` and `raytrail restore` in words."""

from collections.abc import Iterator

from store.backup.backup import BackupResult
from store.backup.restore import RestoreResult

NOT_IN_IT = "quarantine/ is not part of it, and audit.duckdb is written anew by a restore"


def backup_lines(done: BackupResult) -> Iterator[str]:
    yield f"backed up: {_held(done)}"
    copied = f"{done.files_copied:,} files copied ({done.bytes_copied:,} bytes)"
    yield f"{copied}, {done.files_removed:,} removed; {NOT_IN_IT}"


def restore_lines(done: RestoreResult) -> Iterator[str]:
    yield f"restored: {_held(done)}"
    yield f"as it was at {done.taken_at}; what waited then is loaded by the next loader"


def _held(done: BackupResult | RestoreResult) -> str:
    upto = f"up to ledger entry {done.sequence:,} ({done.digest[:16]})"
    return f"{done.files:,} files, {done.bytes:,} bytes, {upto}"
