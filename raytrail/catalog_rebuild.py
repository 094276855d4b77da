"""Makes a lost catalog again, and enters that in the ledger: for `serve` and for `raytrail rebuild`."""

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

from store.errors import NoRoom, StoreBusy
from store.files.layout import Layout
from store.intake.limits import IntakeLimits
from store.registers import rebuilds
from store.store import Store
from store.timestamps import Clock

if TYPE_CHECKING:
    from store.rebuild.lost_ledger.decisions import Decisions
    from store.rebuild.rebuild import Rebuilt


def rebuild_and_enter(
    place: Path | Layout,
    clock: Clock,
    limits: IntakeLimits,
    *,
    why: str,
    decisions: "Decisions | None" = None,
) -> "Rebuilt":
    """What the new catalog had before its ledger got the entry about the rebuild.

    Raises RebuildRefused for a folder that a person has to look at. `status` and `doctor` show
    `why`: a clause that can follow "because".
    """
    # Late: hardly any start needs it, and it loads pyarrow.
    from store.rebuild.rebuild import rebuild  # noqa: PLC0415

    layout = Layout.of(place)
    done = rebuild(layout, clock, limits, decisions=decisions)
    # On a full disk the catalog is as good without the entry.
    with (
        contextlib.suppress(NoRoom, StoreBusy),
        Store.create(layout, clock, limits) as store,
        store.catalog.write() as connection,
    ):
        rebuilds.record(connection, why, done.unknown, clock())
    return done
