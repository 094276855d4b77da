"""The errors that the store raises on purpose.

RaytrailError
├── NoRoom           sender: the disk is full; nothing was acknowledged, try again later
├── BodyTooLarge     sender: the body is over a limit; nothing was kept
├── StoreBusy        sender: another process locks the catalog for too long
├── StoreUnavailable operator: the data folder is missing or read-only
├── ReplayRefused    operator: the replay is impossible, or another change came first
├── RewriteRefused   operator: files cannot be rewritten safely; all stay as they are
├── BackupRefused    operator: the source or the target is wrong; nothing was changed
├── EraseRefused     operator: the erasure has to wait, or another change came first
├── RetentionRefused operator: the clock may be wrong, or the removal is unusually large
├── RebuildRefused   operator: the store is in use, or what is on disk contradicts itself
├── ArchiveRefused   operator: the archive is missing or unreadable; nothing was changed
├── KeepOutChanged   nobody: a person was erased while a batch was loaded; it is loaded again
├── HoldRefused      operator: the hold has no condition, or no such hold exists
├── LinkRefused      operator: these two names cannot be linked, or already are
├── FolderReplaced   operator: another folder lies where the opened one was
├── DatabaseAway     operator: the server of the catalog does not answer, or the connection broke
├── CatalogLost      operator: the catalog is missing, damaged or old, and `ledger/` is whole
│   ├── CatalogMissing
│   ├── CatalogDamaged
│   └── CatalogBehind
├── LedgerLost       operator: `ledger/` is missing, or contradicts the catalog
│   ├── LedgerMissing
│   └── LedgerContradicts
├── LayoutRefused    operator: this file system cannot keep the promise of a 200
├── DiskFailed       operator: a sync failed; which bytes reached the disk is unknown
├── StoreTooNew      operator: a newer version wrote it; this version must not change it
└── StoreDamaged     operator: bytes on disk are not the bytes that were written
    └── FileUnreadable  operator: a file may be whole, but this process may not read it
"""

from schema.errors import RaytrailError


class NoRoom(RaytrailError):
    """The disk is full or nearly full; raised before or while writing."""


class BodyTooLarge(RaytrailError):
    def __init__(self, limit: str, bytes_max: int) -> None:
        super().__init__(f"{limit} is over {bytes_max} bytes")


class StoreBusy(RaytrailError):
    """The catalog stayed locked for longer than one request may wait."""


class StoreUnavailable(RaytrailError):
    """Never repaired silently: an empty folder in its place would look like an empty history."""


class FolderReplaced(StoreUnavailable):
    """Nothing is received, removed or moved until the right folder is back."""


class DatabaseAway(StoreUnavailable):
    """Whether a commit that was under way was made is unknown, as after a power cut."""


class CatalogLost(StoreUnavailable):
    """Nothing was changed; `raytrail serve` and `raytrail rebuild` make the catalog again."""

    why = "it was lost"


class CatalogMissing(CatalogLost):
    """Missing or empty, although `ledger/` has entries."""

    why = "it was missing or empty"


class CatalogDamaged(CatalogLost):
    """Unreadable, or refused by SQLite's own check."""

    why = "it was damaged"


class CatalogBehind(CatalogLost):
    """It ends with an older entry than `ledger/`: somebody put an old one back."""

    why = "it was an old one"


class LedgerLost(StoreUnavailable):
    """Nothing was changed; a person has to decide which files are right."""


class LedgerMissing(LedgerLost):
    """It was begun once, or the folder holds data, and there is no file of it."""


class LedgerContradicts(LedgerLost):
    """Catalog and `ledger/` have different entries with the same number, or a line is damaged."""


class ReplayRefused(RaytrailError):
    """Nothing was changed; the text says what to do instead."""


class RewriteRefused(RaytrailError):
    """Nothing was changed, because the new files would not hold the rows of the old ones."""


class BackupRefused(RaytrailError):
    """Neither the store nor the other folder was changed."""


class EraseRefused(RaytrailError):
    """Nothing was erased; the text says what to wait for or what to do first."""


class StrayRefused(RaytrailError):
    """Nothing was deleted; the text says why, or where to find the id of the file."""


class RetentionRefused(RaytrailError):
    """Nothing was removed; the text says why, and how to confirm the removal."""


class RebuildRefused(RaytrailError):
    """Nothing was changed; the text says what stands in the way, or what a person has to decide."""


class KeepOutChanged(RaytrailError):
    """Raised when a person was erased, or a hold was changed, after a load had begun. The loader
    reads the batch again at once.
    """


class HoldRefused(RaytrailError):
    """Nothing was changed; the text says what a hold needs or where to find its id."""


class LinkRefused(RaytrailError):
    """Nothing was changed; the text says why these names cannot be linked or unlinked."""


class ArchiveRefused(RaytrailError):
    """The text names what could not be read; files read before it stay imported."""


class LayoutRefused(RaytrailError):
    """Hard links, locks or folder syncs do not work here; see docs/operations.md."""


class DiskFailed(RaytrailError):
    """Never caught on the way to a 200. After a failed sync Linux may drop the dirty pages and
    report success for the next sync, so the process answers 503 and ends.
    """


class StoreDamaged(RaytrailError):
    """A file differs from what the ledger says of it; a person must investigate."""


class FileUnreadable(StoreDamaged):
    """Work goes on without the file, as without a damaged one; but it is never listed as damaged."""


class StoreTooNew(RaytrailError):
    """Refused before anything is read or written: this version could lose what it does not know."""

    def __init__(self, what: str, found: int, known: int) -> None:
        super().__init__(
            f"{what} has format {found}, and this version of Raytrail knows no format past {known}:"
            " install the version that wrote it, or a later one"
        )
