"""A connection to the catalog of another folder is closed before it is used."""

from pathlib import Path

import pytest
from sqlalchemy import event

from store.catalog.agreement.folder_identity import FolderIdentity
from store.catalog.sql.engine import PRAGMAS, engine_on
from store.errors import FolderReplaced
from store.store import Store
from tests.factories import Clock
from tests.store.conftest import LIMITS


def test_a_folder_that_is_replaced_while_a_connection_is_made_gets_none(
    store: Store, tmp_path: Path
) -> None:
    root, other = store.layout.root, tmp_path / "other"
    Store.create(other, Clock(), LIMITS).catalog.close()
    engine = engine_on(store.layout.catalog, PRAGMAS, FolderIdentity.of(store.layout))

    # Listeners are called in order: this one after the folder was compared for the first time.
    @event.listens_for(engine, "do_connect")
    def replace(*_: object) -> None:
        root.rename(tmp_path / "away")
        other.rename(root)

    with pytest.raises(FolderReplaced, match="moved away or replaced") as refused:
        engine.connect()

    # `refused` keeps what the call used, so that nothing but the call itself closes it.
    assert _open_below(root) == []
    assert refused.tb is not None
    engine.dispose()


def _open_below(folder: Path) -> list[Path]:
    """What this process has open in the folder."""
    seen = list[Path]()
    for link in Path("/proc/self/fd").iterdir():
        if link.is_symlink() and link.readlink().is_relative_to(folder):
            seen.append(link.readlink())
    return seen
