"""One opened store: its folder, its catalog, its clock. The caller that opens it closes it."""

import contextlib
import secrets
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Self

from sqlalchemy import func, select

from store import timestamps
from store.catalog import opening as catalogs
from store.catalog import removals
from store.catalog.agreement.folder_identity import FolderIdentity
from store.catalog.catalog import Catalog
from store.catalog.scope import Scope
from store.catalog.tables import batches
from store.errors import NoRoom, StoreBusy
from store.files import durable, notices, spills
from store.files.layout import Layout
from store.files.notices import Notices
from store.intake.limits import IntakeLimits
from store.reading import degraded, live_files, status
from store.reading.degraded import Reason
from store.reading.shell import options as shell_options
from store.reading.shell.options import ShellOptions
from store.reading.snapshot import Snapshot
from store.reading.status import Progress, Status
from store.registers.identity import name_pairs
from store.retention import hold_files
from store.timestamps import Clock

# Decoded pieces of a large batch that may wait to be sorted and written.
THREADS_AHEAD = 2

if TYPE_CHECKING:
    from store.catalog.manifest import Change
    from store.compaction.file_swap import FileSwap
    from store.intake.fresh_bodies import FreshBodies
    from store.intake.intake import Intake
    from store.intake.recovery import Recovered
    from store.loading.loader import Loader
    from store.log import Log
    from store.reading.damage_watch import DamageWatch
    from store.reading.shell.content import ShellContent
    from store.replay.reassignment import Reassignment
    from store.replay.replay import Replay


@dataclass(frozen=True, slots=True)
class Store:
    layout: Layout
    catalog: Catalog
    clock: Clock
    limits: IntakeLimits
    shell: ShellOptions = shell_options.DEFAULT
    # Tells the loaders of this process from those of one that died.
    run: str = field(default_factory=lambda: secrets.token_hex(8))

    @classmethod
    def create(
        cls,
        place: Path | Layout,
        clock: Clock,
        limits: IntakeLimits,
        shell: ShellOptions = shell_options.DEFAULT,
    ) -> Self:
        """Open a store for writing, and create what is missing. A folder alone has its catalog inside.

        Raises CatalogLost or LedgerLost for a folder that is no longer as this store left it.
        """
        layout = Layout.of(place)
        layout.make()
        spills.sweep(layout)
        catalog = catalogs.create(layout)
        try:
            # A full disk must not stop a start; the first write compares then.
            with contextlib.suppress(NoRoom, StoreBusy):
                catalog.demand_agreement()
            # Stores of older versions have none.
            with contextlib.suppress(NoRoom), catalog.read() as connection:
                hold_files.write_missing(layout, connection)
                name_pairs.write_missing(layout, connection)
        except BaseException:
            catalog.close()
            raise
        return cls(layout, catalog, clock, limits, shell)

    @classmethod
    def open(
        cls,
        place: Path | Layout,
        clock: Clock,
        limits: IntakeLimits | None = None,
        shell: ShellOptions = shell_options.DEFAULT,
        folder: str | None = None,
    ) -> Self:
        """Open a store that must exist; nothing is created, so a wrong path is noticed.

        `folder` is the identity of the folder that another process has opened.
        """
        layout = Layout.of(place)
        identity = FolderIdentity.from_text(layout, folder) if folder else None
        catalog = catalogs.open_existing(layout, identity)
        spills.sweep(layout)
        return cls(layout, catalog, clock, limits or IntakeLimits(), shell)

    def intake(self) -> "Intake":
        # Late: a command that only reads needs neither decompressor nor content hash.
        from store.intake.intake import Intake  # noqa: PLC0415

        return Intake(self.layout, self.catalog, self.clock, self.limits)

    def loader(self, pool: Executor | None = None, fresh: "FreshBodies | None" = None) -> "Loader":
        """`pool` decodes the pieces of large batches; without one the caller's thread does.

        `fresh` are bodies that this process entered and still has in memory.
        """
        # Late: a receiver never pays for pyarrow, which only the loader needs.
        from schema.decoding.decoder import chosen  # noqa: PLC0415
        from store.intake.raw_body import RawBodies  # noqa: PLC0415
        from store.loading.claims import Claims  # noqa: PLC0415
        from store.loading.conversion import Conversion, in_threads  # noqa: PLC0415
        from store.loading.loader import Loader  # noqa: PLC0415
        from store.retention.exempt import keeping_out  # noqa: PLC0415

        run = in_threads(pool, THREADS_AHEAD) if pool else map
        rules = keeping_out(self.catalog, self.clock)
        bodies = RawBodies(self.layout, self.limits.envelope, fresh)
        conversion = Conversion(self.layout, bodies, chosen(), run, rules)
        claims = Claims(self.catalog, self.run)
        return Loader(self.layout, self.catalog, self.clock, conversion, claims)

    def replay(self) -> "Replay":
        from store.replay.replay import Replay  # noqa: PLC0415 (as above)

        return Replay(self.file_swap(), self.limits)

    def reassignment(self, into: str) -> "Reassignment":
        from store.replay.reassignment import Reassignment  # noqa: PLC0415 (as above)

        return Reassignment(self.file_swap(), self.limits, into)

    def file_swap(self, on_progress: Callable[[int], None] = lambda _rows: None) -> "FileSwap":
        """For compaction, retention, erasure and replay; `on_progress` is called with rows written."""
        from store.compaction.file_swap import FileSwap  # noqa: PLC0415 (as above)
        from store.intake.raw_body import RawBodies  # noqa: PLC0415
        from store.intake.raw_lines import RawLines  # noqa: PLC0415

        bodies = RawBodies(self.layout, self.limits.envelope)
        return FileSwap(
            layout=self.layout,
            catalog=self.catalog,
            clock=self.clock,
            reserve=self.limits.reserve,
            originals=RawLines(self.catalog, bodies),
            on_progress=on_progress,
        )

    def newest_change(self) -> "Change":
        """What last changed what `audit.duckdb` shows."""
        from store.catalog import manifest  # noqa: PLC0415 (as above)

        with self.catalog.read() as connection:
            return manifest.newest_change(connection)

    def damage_watch(self, log: "Log", found_by: str) -> "DamageWatch":
        from store.reading.damage_watch import DamageWatch  # noqa: PLC0415 (as above)

        return DamageWatch(
            layout=self.layout, catalog=self.catalog, clock=self.clock, log=log, found_by=found_by
        )

    def recover(self) -> "Recovered":
        from store.intake.recovery import recover  # noqa: PLC0415 (as for intake)

        intake = self.intake()
        return recover(self.layout, self.catalog, intake, self.limits.envelope, self.clock())

    def snapshot(self, scope: Scope | None = None) -> Snapshot:
        """The live files at one moment; with `scope`, only those that may hold its rows."""
        return live_files.snapshot(self.layout, self.clock(), scope)

    def publish(self, content: "ShellContent") -> Snapshot:
        """Publish `audit.duckdb` with the live files; `content` is what it offers beside them.

        Files that it no longer names are removed when the grace for open shells is over. The
        snapshot that is returned has files that turned out to be unreadable among its damaged. Kept
        facts that turned out to be unreadable are deleted, and computed again by the compactor.
        """
        from store.reading import views  # noqa: PLC0415 (as for intake)

        self.catalog.folder.demand()
        taken = self.snapshot()
        shown = views.publish(self.layout, taken, self.told(content), self.shell.root)
        due_at = timestamps.to_text(self.clock() + self.shell.grace)
        removals.release(self.catalog, shown.sequence, due_at)
        if lost := taken.counted - shown.counted:
            from store.catalog.users import user_facts  # noqa: PLC0415 (as above)

            user_facts.forget(self.catalog, sorted(lost))
        return shown

    def told(self, content: "ShellContent") -> "ShellContent":
        """The content with what the settings tell."""
        from store.reading.shell.content import WithFacts  # noqa: PLC0415

        return WithFacts(content, self.shell.facts(), self.shell.statements())

    def publish_unless_loading(self, content: "ShellContent") -> None:
        """Publish, unless a loader runs, which publishes by itself."""
        with durable.lock(self.layout.loader_lock) as no_loader:
            if no_loader:
                self.publish(content)
                self.shell.tables(self)

    def progress(self) -> Progress:
        return status.progress(self.catalog, self.clock())

    def status(self) -> Status:
        return status.status(self.layout, self.catalog, self.clock())

    def degraded(self, told: Notices | None = None) -> tuple[Reason, ...]:
        """What does not get on. `told` are the notices of this process's own service."""
        if told is None:
            told = notices.of_service(self.layout)
        return degraded.reasons(self.layout, self.catalog, self.clock(), told)

    def waiting_bytes(self) -> int:
        """Inflated size of the batches that wait to be loaded."""
        query = select(func.sum(batches.c.inflated_bytes)).where(batches.c.state == "entered")
        with self.catalog.read() as connection:
            return connection.scalar(query) or 0

    def content_hashes(self) -> set[str]:
        """The content hash of every batch ever entered."""
        with self.catalog.read() as connection:
            return set(connection.scalars(select(batches.c.content)))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.catalog.close()
