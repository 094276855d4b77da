"""The data folder is moved away, replaced or mounted late while a store is open."""

import contextlib
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from queries.engine import open_engine
from queries.identity.person import Person
from queries.report.assembly import report
from queries.report.model import Report
from store.errors import FolderReplaced, NoRoom, StoreBusy, StoreDamaged, StoreUnavailable
from store.fsck.check import check
from store.store import Store
from tests.edge import Room, open_room
from tests.factories import SHELL
from tests.faults.lab import Lab, drafts, drain, entered, numbered, ray, rays_found
from tests.service import post, running
from tests.until import until


@pytest.fixture
def store(lab: Lab) -> Iterator[Store]:
    with lab.store() as opened:
        yield opened


@pytest.fixture
def room(store: Store) -> Iterator[Room]:
    with open_room(store) as opened:
        yield opened


def as_a_late_mount(root: Path) -> None:
    for name in ("raw", "parts", "quarantine"):
        (root / name).mkdir(parents=True)


def as_another_store(root: Path) -> None:
    made(root, 7)


def as_an_empty_folder(root: Path) -> None:
    root.mkdir()


def made(root: Path, *numbers: int) -> None:
    """A store with a row of each number, and with what a killed loader leaves."""
    lab = Lab(root.parent, None, None)  # type: ignore[arg-type]
    with lab.store(root.name) as other, open_room(other) as room:
        for number in numbers:
            assert room.send(numbered(number)).status_code == 200
            drain(other)
    (root / "parts" / ".unfinished-live-0").write_bytes(b"half")


def contents(root: Path) -> dict[str, bytes]:
    """Every file but locks, and the log of the catalog, which readers make."""
    return {
        str(path.relative_to(root)): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file() and not path.name.startswith("catalog.sqlite-") and path.suffix != ".lock"
    }


def nothing() -> None:
    """A pause during which nothing happens."""


def merge(store: Store) -> None:
    with store.file_swap().locked():
        """Taking the lock sweeps."""


@pytest.mark.parametrize("replaced", [as_a_late_mount, as_another_store, as_an_empty_folder])
def test_f1_a_replaced_folder_gets_no_body_and_the_right_one_goes_on_by_itself(
    room: Room, store: Store, lab: Lab, replaced: Callable[[Path], None]
) -> None:
    assert room.send(numbered(0)).status_code == 200
    root, away = store.layout.root, lab.folder / "away"
    root.rename(away)
    replaced(root)
    before = contents(root)
    lab.injected(1)

    for number in range(1, 4):
        assert room.send(numbered(number)).status_code == 503
    health = room.client.get("/health")
    assert health.status_code == 503
    assert health.json()["status"] == "the data folder was moved away or replaced"
    room.probe.once()
    assert contents(root) == before, "nothing was written there"

    root.rename(lab.folder / "other")
    away.rename(root)
    room.probe.once()
    assert room.client.get("/health").status_code == 200
    assert room.send(numbered(1)).status_code == 200
    drain(store)
    assert rays_found(store) == {ray(0): 1, ray(1): 1}


def test_f1_nothing_in_a_replaced_folder_is_swept_moved_or_published(
    room: Room, store: Store, lab: Lab
) -> None:
    """The first service of two has its folder moved away, and the second begins another there."""
    assert room.send(numbered(0)).status_code == 200
    root = store.layout.root
    root.rename(lab.folder / "away")
    made(root, 7, 8)
    before = contents(root)
    loader = store.loader()
    lab.injected(1)

    for sweep in (
        loader.sweep,
        loader.tidy,
        loader.load_next,
        store.recover,
        lambda: store.publish(SHELL),
        lambda: check(store, nothing, SHELL, is_repairing=True),
        lambda: merge(store),
    ):
        with contextlib.suppress(StoreUnavailable, StoreDamaged):
            sweep()
    assert contents(root) == before
    with lab.store() as other:
        drain(other)
        assert rays_found(other) == {ray(7): 1, ray(8): 1}


def test_f1_a_connection_that_is_opened_meanwhile_is_none_to_the_other_catalog(
    store: Store, lab: Lab
) -> None:
    root = store.layout.root
    with store.catalog.read():
        root.rename(lab.folder / "away")
        made(root, 7)
        with pytest.raises(FolderReplaced), store.catalog.read():
            pytest.fail("a second connection was opened")
        root.rename(lab.folder / "other")
        (lab.folder / "away").rename(root)
        with store.catalog.read():
            assert entered(store) == []
    lab.injected(1)


@pytest.mark.parametrize("name", ["raw", "catalog.sqlite"])
def test_f1_a_part_of_the_folder_that_is_replaced_counts_as_well(
    room: Room, store: Store, lab: Lab, name: str
) -> None:
    path = store.layout.root / name
    path.rename(lab.folder / name)
    if name == "raw":
        path.mkdir()
    else:
        shutil.copy(lab.folder / name, path)
    lab.injected(1)

    assert room.send(numbered(1)).status_code == 503

    path.rename(lab.folder / "other")
    (lab.folder / name).rename(path)
    assert room.send(numbered(1)).status_code == 200


def test_f1_another_way_to_the_same_folder_is_no_other_folder(
    room: Room, store: Store, lab: Lab
) -> None:
    root, away = store.layout.root, lab.folder / "away"
    root.rename(away)
    root.symlink_to(away)
    lab.injected(1)

    assert room.send(numbered(1)).status_code == 200

    root.unlink()
    root.mkdir()
    if subprocess.run(["mount", "--bind", away, root], check=False).returncode == 0:
        assert room.send(numbered(2)).status_code == 200
        subprocess.run(["umount", root], check=True)
        assert room.send(numbered(3)).status_code == 503


def left_by(room: Room, lab: Lab, number: int, error: type[Exception]) -> None:
    """A body is stored, and its entry is refused."""

    def refused(*_: object) -> None:
        lab.injected(1)
        raise error("refused")

    with lab.patch.context() as patch:
        patch.setattr("store.intake.intake.ledger.append", refused)
        assert room.send(numbered(number)).status_code == 503


@pytest.mark.parametrize("error", [NoRoom, StoreBusy])
def test_f3_a_draft_that_a_full_disk_left_is_finished_without_a_restart(
    room: Room, store: Store, lab: Lab, error: type[Exception]
) -> None:
    left_by(room, lab, 1, error)
    assert len(drafts(store)) == 1

    room.probe.once()

    assert drafts(store) == []
    assert len(entered(store)) == 1
    assert room.send(numbered(1)).json()["duplicate"] is True
    drain(store)
    store.publish(SHELL)
    assert check(store, nothing, SHELL).left == ()


def test_f2_a_report_counts_the_batches_that_were_recovered(
    room: Room, store: Store, lab: Lab
) -> None:
    assert room.send(numbered(1)).status_code == 200
    left_by(room, lab, 2, StoreBusy)
    store.recover()
    drain(store)
    with open_engine(store.snapshot()) as engine:
        found = report(engine, Person.only("srhea"))

    assert isinstance(found, Report)
    assert found.totals.requests == 2
    assert found.coverage.recovered_batches == 1


@pytest.mark.service
def test_f1_receivers_that_are_started_again_take_nothing_into_a_replaced_folder(
    lab: Lab,
) -> None:
    root, away = lab.folder / "data", lab.folder / "away"
    with running(root) as service:
        assert post(service, numbered(0)).status_code == 200
        service.wait_until_readable()
        root.rename(away)
        made(root, 7)
        before = contents(root)
        assert post(service, numbered(1)).status_code == 503
        receiver = service.pid_of("receiver")
        heard = len(service.raw_log)
        subprocess.run(["kill", "-9", str(receiver)], check=True)
        refused = "it was moved away or replaced"
        until(lambda: refused in "".join(service.raw_log[heard:]), "a new receiver refuses it")
        lab.injected(2)
        assert contents(root) == before
        root.rename(lab.folder / "other")
        away.rename(root)

        def taken() -> bool:
            return post(service, numbered(1)).status_code == 200

        until(taken, "it goes on by itself")
        service.wait_until_readable()
        assert service.stop(signal.SIGTERM) == 0
    with lab.store() as store:
        assert rays_found(store) == {ray(0): 1, ray(1): 1}
