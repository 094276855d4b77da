"""Reads every live part and every kept raw body against its hash, and checks the catalog.

A round goes through the files in the order of their paths and saves how far it is, so that a
killed one goes on from there. Damaged files are listed in the catalog; nothing else is changed.
"""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from store.catalog import expected_files
from store.errors import StoreDamaged
from store.files import trouble
from store.files.expected_file import ExpectedFile
from store.fsck.check import check_catalog_rows
from store.log import Log
from store.registers import scrubs
from store.registers.scrub_round import ScrubRound
from store.scrub.pace import Pace
from store.store import Store

# What a killed round reads again; each save is a commit.
SAVE_SECONDS = 30.0

FOUND_BY = "scrub"


@dataclass
class Scrub:
    """Only one runs on a store: the caller sees to it."""

    store: Store
    log: Log
    pace: Pace
    save_seconds: float = SAVE_SECONDS
    now: Callable[[], float] = time.monotonic
    _saved_at: float = field(default=0.0, init=False)

    def run_round(self, on_progress: Callable[[], None] = lambda: None) -> ScrubRound:
        """Finish the round that was interrupted, or make a new one; the complete round.

        `on_progress` is called before each file and at each read. Raises Stopped when the pace is stopped; how
        far it got is saved.
        """
        current = self._begun()
        self._saved_at = self.now()
        try:
            for each in expected_files.all_expected(self.store.catalog, current.after_path):
                current = self._checked(current, each, on_progress)
                if self.now() - self._saved_at > self.save_seconds:
                    self._save(current)
        except BaseException:
            self._save(current)
            raise
        # Ends the entries of files that were mended, or that are no longer named.
        self.store.damage_watch(self.log, FOUND_BY).recheck()
        done = replace(current, ended_at=self.store.clock())
        self._save(done)
        return done

    def _begun(self) -> ScrubRound:
        with self.store.catalog.read() as connection:
            newest = scrubs.state(connection).newest
        if newest is not None and newest.ended_at is None:
            return newest
        with self.store.catalog.write() as connection:
            begun = scrubs.begin(connection, self.store.clock())
        checked = replace(begun, catalog_problem=self._catalog_problem())
        self._save(checked)
        return checked

    def _catalog_problem(self) -> str:
        """What the database's own check of every page finds, or else what contradicts the ledger and the
        footers of the files; empty if nothing.
        """
        try:
            problem = self.store.catalog.problem() or self._contradictions()
        except StoreDamaged as error:
            problem = str(error)
        if problem:
            self.log.error("damaged", path=self.store.layout.catalog.name, reason=problem)
        return problem

    def _contradictions(self) -> str:
        """Only kinds and numbers, because `/health` shows this to everybody."""
        kinds = Counter(str(each.kind) for each in check_catalog_rows(self.store))
        told = ", ".join(f"{amount:,} {kind}" for kind, amount in sorted(kinds.items()))
        return (
            f"it contradicts the ledger or the files ({told}): see `raytrail fsck`" if told else ""
        )

    def _checked(
        self, current: ScrubRound, wanted: ExpectedFile, on_progress: Callable[[], None]
    ) -> ScrubRound:
        """The round after one more file."""

        def read(count: int) -> None:
            on_progress()
            self.pace.read(count)

        on_progress()
        self.pace.file()
        found = trouble.trouble_of(self.store.layout.root, wanted, read)
        is_unreadable = False
        if found is not None and self._is_expected(wanted):
            if found.is_damage:
                watch = self.store.damage_watch(self.log, FOUND_BY)
                watch.record({wanted.path: found})
            else:
                is_unreadable = True
                self.log.error("unreadable", path=wanted.path, reason=found.reason)
        return replace(
            current,
            after_path=wanted.path,
            files=current.files + 1,
            bytes=current.bytes + wanted.bytes,
            unreadable=current.unreadable + is_unreadable,
        )

    def _is_expected(self, wanted: ExpectedFile) -> bool:
        """Whether the catalog still names these bytes: a merge or a removal may have come first."""
        with self.store.catalog.read() as connection:
            return expected_files.find(connection, wanted.path) == wanted

    def _save(self, current: ScrubRound) -> None:
        self._saved_at = self.now()
        with self.store.catalog.write() as connection:
            scrubs.save(connection, current)
