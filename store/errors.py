"""What the store raises on purpose.

RaytrailError
├── NoRoom            sender: try again later; nothing that counts was kept
├── BodyTooLarge      sender: the body passes a limit that costs disk before the answer
├── StoreBusy         sender: another process holds the catalog for too long
├── StoreUnavailable  operator: the data folder is gone, read-only, or was never made
├── ReplayRefused     operator: a replay that cannot be, or that another change overtook
├── RewriteRefused    operator: files that cannot be merged or cut as they are; all stay
├── BackupRefused     operator: not from there, or not to there; nothing was changed
├── EraseRefused     operator: an erasure that has to wait, or that another change overtook
├── RetentionRefused person: the clock may be wrong, or too much would go without a word
├── ArchiveRefused   operator: nothing there, or not to be read; nothing was changed
├── HoldRefused      operator: a hold that holds nothing, or that is not there to be released
├── LayoutRefused     operator: this file system cannot keep the promise of a 200
├── DiskFailed        operator: the disk said no to a sync; nobody knows what reached it
└── StoreDamaged      operator: bytes on disk are not the bytes we wrote
"""

from schema.errors import RaytrailError


class NoRoom(RaytrailError):
    """Refused before or while writing, because the disk is full or nearly so."""


class BodyTooLarge(RaytrailError):
    def __init__(self, limit: str, bytes_max: int) -> None:
        super().__init__(f"{limit} is over {bytes_max} bytes")


class StoreBusy(RaytrailError):
    """The catalog stayed locked past the patience of one request."""


class StoreUnavailable(RaytrailError):
    """Never repaired in silence: an empty folder in its place would look like an empty history."""


class ReplayRefused(RaytrailError):
    """Nothing was changed; the text says what to do instead."""


class RewriteRefused(RaytrailError):
    """Nothing was changed: what would have been shown was not what had been read."""


class BackupRefused(RaytrailError):
    """Neither the store nor what lies in the other folder was changed."""


class EraseRefused(RaytrailError):
    """Nothing was erased; the text says what it waits for, or what to do first."""


class RetentionRefused(RaytrailError):
    """Nothing was removed; the text says why, and how to say that it is meant."""


class HoldRefused(RaytrailError):
    """Nothing was changed; the text says what a hold needs, or where to find its id."""


class ArchiveRefused(RaytrailError):
    """Names what could not be read; what was read before stays imported."""


class LayoutRefused(RaytrailError):
    """Hard links, locks or folder syncs do not work here; see docs/operations.md."""


class DiskFailed(RaytrailError):
    """Caught by nobody on the way to a 200. After a failed sync Linux may drop the dirty
    pages and call the next sync a success, so the process answers 503 and ends.
    """


class StoreDamaged(RaytrailError):
    """A file differs from what the ledger says of it; a person must look."""
