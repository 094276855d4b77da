"""The store that an import fills: one that exists, or a new one, which goes again if it stays empty."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from raytrail.command_line.echo import echo
from raytrail.errors import CannotDo
from store.files.layout import Layout
from store.files.new_folder import NewFolder, holds_store
from store.intake.limits import IntakeLimits
from store.reading.shell.options import ShellOptions
from store.store import Store
from store.timestamps import Clock


@contextmanager
def opened_to_fill(
    place: Path | Layout, clock: Clock, limits: IntakeLimits, shell: ShellOptions, *, is_new: bool
) -> Iterator[Store]:
    """Open the store. CannotDo without a store, unless `is_new`: a mistyped folder is no new store.

    A new store that took no batch is removed, whatever the reason.
    """
    layout = Layout.of(place)
    if holds_store(layout):
        with Store.create(layout, clock, limits, shell) as store:
            yield store
        return
    if not is_new:
        raise CannotDo(
            f"{layout.root} holds no store; check --data, or add --new to create a store there"
        )
    before, is_filled, is_done = NewFolder.of(layout), False, False
    try:
        with Store.create(layout, clock, limits, shell) as store:
            try:
                yield store
                is_done = True
            finally:
                is_filled = store.status().batches > 0
    finally:
        # After an error, the error says it all.
        if not is_filled and before.discard() and is_done:
            echo(f"nothing was imported, so no store was created at {layout.root}", err=True)
