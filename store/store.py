"""One opened store: where it lies, its catalog, its clock. Whoever opens it closes it."""

from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from sqlalchemy import select

from store import catalog as catalogs
from store import snapshot, status
from store.catalog import Catalog
from store.intake import Intake, IntakeLimits
from store.layout import Layout
from store.moment import Clock
from store.recovery import Recovered, recover
from store.snapshot import Snapshot
from store.status import Progress, Status
from store.tables import batches

if TYPE_CHECKING:
    from store.load import Loader


@dataclass(frozen=True, slots=True)
class Store:
    layout: Layout
    catalog: Catalog
    clock: Clock
    limits: IntakeLimits

    @classmethod
    def create(cls, root: Path, clock: Clock, limits: IntakeLimits) -> Self:
        """Open a store for writing, making whatever is missing."""
        layout = Layout(root)
        layout.make()
        return cls(layout, catalogs.create(layout.catalog), clock, limits)

    @classmethod
    def open(cls, root: Path, clock: Clock, limits: IntakeLimits | None = None) -> Self:
        """Open a store that must exist; nothing is made, so a wrong path is noticed."""
        layout = Layout(root)
        catalog = catalogs.open_existing(layout.catalog)
        return cls(layout, catalog, clock, limits or IntakeLimits())

    def intake(self) -> Intake:
        return Intake(self.layout, self.catalog, self.clock, self.limits)

    def loader(self) -> "Loader":
        # Late: a receiver never pays for pyarrow, which only the loader needs.
        from store.load import Loader  # noqa: PLC0415

        return Loader(self.layout, self.catalog, self.clock, self.limits.envelope)

    def recover(self) -> Recovered:
        return recover(self.layout, self.catalog, self.intake(), self.limits.envelope)

    def snapshot(self) -> Snapshot:
        return snapshot.take(self.layout, self.catalog, self.clock())

    def progress(self) -> Progress:
        return status.progress(self.catalog, self.clock())

    def status(self) -> Status:
        return status.status(self.catalog, self.clock())

    def contents(self) -> set[str]:
        """The content hash of every batch ever entered."""
        with self.catalog.read() as connection:
            return set(connection.scalars(select(batches.c.content)))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.catalog.close()
