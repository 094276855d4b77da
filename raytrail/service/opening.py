"""Opens the store for `serve`, and makes a lost catalog again where `ledger/` is whole."""

from pathlib import Path

from raytrail.catalog_rebuild import rebuild_and_enter
from store.errors import CatalogLost
from store.intake.limits import IntakeLimits
from store.log import Log
from store.store import Store
from store.timestamps import Clock


def open_or_rebuild(folder: Path, clock: Clock, limits: IntakeLimits, log: Log) -> Store:
    """Raises LedgerLost, and RebuildRefused, for a folder that a person has to look at."""
    try:
        return Store.create(folder, clock, limits)
    except CatalogLost as error:
        log.warning("catalog lost", reason=str(error))
        return _rebuilt(folder, clock, limits, log, error.why)


def _rebuilt(folder: Path, clock: Clock, limits: IntakeLimits, log: Log, why: str) -> Store:
    done = rebuild_and_enter(folder, clock, limits, why=why)
    log.warning(
        "catalog rebuilt",
        sequence=done.sequence,
        batches=done.batches,
        files=done.files,
        kept=done.kept,
    )
    for sentence in done.unknown:
        log.error("not known after the rebuild", what=sentence)
    return Store.create(folder, clock, limits)
