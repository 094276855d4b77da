"""Keeps the catalog's list of damaged files: adds what was found, ends what is whole again."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from store.catalog import damage
from store.catalog.catalog import Catalog
from store.catalog.damage import Damaged
from store.files import trouble
from store.files.layout import Layout
from store.files.trouble import Trouble
from store.log import Log
from store.parquet import footer_check
from store.parquet.footer import NamedFile
from store.reading.live_part import DamagedPart
from store.timestamps import Clock

# What tells cheaply whether a file was changed since: its size, time of change and inode.
_Mark = tuple[int, int, int] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DamageWatch:
    """For a process that meets files as it works; `found_by` names it in the list."""

    layout: Layout
    catalog: Catalog
    clock: Clock
    log: Log
    found_by: str
    # The files that were read and found damaged, as they were then.
    read: dict[str, _Mark] = field(default_factory=dict)
    # Trouble that is no damage, so that each is logged once.
    told: dict[str, Trouble] = field(default_factory=dict)

    def note(self, found: Iterable[DamagedPart]) -> None:
        """List the damaged among these files of a snapshot, and log each once."""
        unlisted = [each for each in found if not each.is_listed]
        for each in unlisted:
            if not each.trouble.is_damage and self.told.get(each.path) != each.trouble:
                self.told[each.path] = each.trouble
                self.log.error("unreadable", path=each.path, reason=each.trouble.reason)
        self.record({each.path: each.trouble for each in unlisted if each.trouble.is_damage})

    def record(self, found: dict[str, Trouble]) -> None:
        if not found:
            return
        now = self.clock()
        with self.catalog.write() as connection:
            new = [
                (path, why)
                for path, why in found.items()
                if damage.record(connection, path, why, found_at=now, found_by=self.found_by)
            ]
        for path, why in new:
            self.log.error("damaged", path=path, reason=why.reason)

    def recheck(self) -> int:
        """End the entries of files that are whole again or no longer named; return how many.

        A file is read only if it was changed since it was last read.
        """
        with self.catalog.read() as connection:
            paths = damage.paths(connection)
            if not paths:
                return 0
            listed = damage.listed(connection)
        whole = [each.path for each in listed if self._is_whole(each)]
        if not whole and paths == {each.path for each in listed}:
            # Receivers and the loader wait for the write lock, so it is not taken for nothing.
            return 0
        with self.catalog.write() as connection:
            damage.clear(connection, whole)
            gone = damage.clear_unnamed(connection)
        for path in whole:
            self.log.info("whole again", path=path)
        return len(whole) + gone

    def _is_whole(self, each: Damaged) -> bool:
        root = self.layout.root
        if trouble.size_trouble(root, each.file) is not None:
            return False
        mark = _mark(root / each.path)
        if self.read.get(each.path) == mark:
            return False
        self.read[each.path] = mark
        return trouble.trouble_of(root, each.file) is None and _is_named(root, each)


def _is_named(root: Path, each: Damaged) -> bool:
    """Whether a file with the right bytes is also the one that its row in the catalog describes."""
    if each.dataset is None or each.day is None:
        return True
    named = NamedFile(
        path=root / each.path,
        sha256=each.file.sha256,
        dataset=each.dataset,
        day=each.day,
        format=each.format,
    )
    return footer_check.trouble_of(named) is None


def _mark(path: Path) -> _Mark:
    try:
        found = path.lstat()
    except OSError:
        return None
    # Not the time of modification: a copy from a backup may set it as it was.
    return found.st_size, found.st_ctime_ns, found.st_ino
