"""Checks of a data folder that is replaced while a store is open."""

from tests.edge import open_room
from tests.faults.lab import Lab, entered, numbered


def nothing_is_taken_into_a_replaced_folder(lab: Lab) -> None:
    with lab.store() as store, open_room(store) as room:
        root = store.layout.root
        root.rename(lab.folder / "away")
        for name in ("raw", "parts", "quarantine"):
            (root / name).mkdir(parents=True)
        lab.injected(1)
        assert room.send(numbered(1)).status_code == 503
        assert not any(root.rglob("*.gz"))
        root.rename(lab.folder / "other")
        (lab.folder / "away").rename(root)
        assert entered(store) == []
