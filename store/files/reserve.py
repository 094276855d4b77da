"""The free space below which batches are refused, so that the ledger always has room."""

import os
from dataclasses import dataclass
from pathlib import Path

from store.errors import NoRoom
from store.files.disk_errors import disk_errors


@dataclass(frozen=True, slots=True, kw_only=True)
class Reserve:
    """Free space that is kept free: the larger of the two limits.

    It leaves room for ledger and Parquet. If another program fills the disk, the entries of
    batches that were answered with 200 can still be written.
    """

    bytes_min: int = 2 * 1024 * 1024 * 1024
    percent_min: float = 5.0

    def require(self, folder: Path, coming_bytes: int = 0) -> None:
        """Raise NoRoom when writing `coming_bytes` would eat into the reserve."""
        with disk_errors("asking for free space"):
            disk = os.statvfs(folder)
        free_bytes = disk.f_bavail * disk.f_frsize
        wanted_bytes = self.wanted_bytes(disk)
        if free_bytes - coming_bytes < wanted_bytes:
            raise NoRoom(f"{free_bytes} bytes free, {int(wanted_bytes)} are kept in reserve")

    def wanted_bytes(self, disk: os.statvfs_result) -> float:
        return max(self.bytes_min, disk.f_blocks * disk.f_frsize * self.percent_min / 100)
