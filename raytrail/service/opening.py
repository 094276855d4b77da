"""Opens the store for `serve`, and makes a lost catalog again where `ledger/` is whole."""

from pathlib import Path

from raytrail.catalog_rebuild import rebuild_and_enter
from store.errors import CatalogLost
from store.files.layout import Layout
from store.intake.limits import IntakeLimits
from store.log import Log
from store.store import Store
from store.timestamps import Clock


def open_or_rebuild(place: Path | Layout, clock: Clock, limits: IntakeLimits, log: Log) -> Store:
    """Raises LedgerLost, and RebuildRefused, for a folder that a person has to look at."""
    layout = Layout.of(place)
    try:
        return Store.create(layout, clock, limits)
    except CatalogLost as error:
        log.warning("catalog lost", reason=str(error))
        return _rebuilt(layout, clock, limits, log, error.why)


def _rebuilt(layout: Layout, clock: Clock, limits: IntakeLimits, log: Log, why: str) -> Store:
    done = rebuild_and_enter(layout, clock, limits, why=why)
    log.warning(
        "catalog rebuilt",
        sequence=done.sequence,
        batches=done.batches,
        files=done.files,
        kept=done.kept,
    )
    for sentence in done.unknown:
        log.error("not known after the rebuild", what=sentence)
    return Store.create(layout, clock, limits)
