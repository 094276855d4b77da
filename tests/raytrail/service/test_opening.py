"""What `serve` does before it listens, in a folder that is not as it left it."""

import shutil
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from queries.engine import open_engine
from queries.errors import QueryFailed
from raytrail.commands.service import status as words
from raytrail.decoder import running
from raytrail.doctor import upkeep
from raytrail.doctor.finding import Grade
from raytrail.service.log import configure
from raytrail.service.opening import open_or_rebuild
from store.intake.limits import IntakeLimits
from store.ledger.ledger_files import read_entries
from store.registers import rebuilds
from store.store import Store
from tests.command import Command
from tests.factories import NO_RESERVE, Clock, gzipped, load, ndjson, record, send
from tests.service import SETTINGS

LIMITS = IntakeLimits(reserve=NO_RESERVE)


def taken(store: Store, *rays: str) -> None:
    for ray in rays:
        send(store, gzipped(ndjson(record(RayID=ray))))
        load(store)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A store whose catalog was copied half-way, and whose first bodies retention removed."""
    folder = tmp_path / "data"
    with Store.create(folder, Clock(), LIMITS) as store:
        taken(store, "1", "2")
    shutil.copyfile(folder / "catalog.sqlite", tmp_path / "old.sqlite")
    with Store.open(folder, Clock(), LIMITS) as store:
        taken(store, "3", "4")
    return folder


def opened(data: Path) -> Store:
    return open_or_rebuild(data, Clock(), LIMITS, configure("test"))


def rays(store: Store) -> Counter[str]:
    with open_engine(store.snapshot()) as engine:
        answer = engine.run("SELECT RayID FROM http_requests", {}, QueryFailed)
        return Counter(str(row[0]) for row in answer.rows)


def missing(data: Path) -> None:
    (data / "catalog.sqlite").unlink()


def emptied(data: Path) -> None:
    (data / "catalog.sqlite").write_bytes(b"")


def cut_in_half(data: Path) -> None:
    catalog = data / "catalog.sqlite"
    catalog.write_bytes(catalog.read_bytes()[: catalog.stat().st_size // 2])


def without_a_header(data: Path) -> None:
    with (data / "catalog.sqlite").open("r+b") as file:
        file.write(b"\xff" * 4096)


def replaced_by_an_old_one(data: Path) -> None:
    shutil.copyfile(data.parent / "old.sqlite", data / "catalog.sqlite")


LOSSES: dict[Callable[[Path], None], str] = {
    missing: "it was missing or empty",
    emptied: "it was missing or empty",
    cut_in_half: "it was damaged",
    without_a_header: "it was damaged",
    replaced_by_an_old_one: "it was an old one",
}


@pytest.mark.parametrize("lose", LOSSES, ids=lambda lose: lose.__name__)
def test_a_lost_catalog_is_made_again_and_the_store_receives(
    data: Path, lose: Callable[[Path], None]
) -> None:
    before = list(read_entries(Store.open(data, Clock(), LIMITS).layout))
    lose(data)

    with opened(data) as store:
        assert rays(store) == {"1": 1, "2": 1, "3": 1, "4": 1}
        *kept, entry = read_entries(store.layout)
        assert kept == before
        assert entry.kind == "rebuilt"
        taken(store, "5")
        assert rays(store)["5"] == 1
        why = LOSSES[lose]
        assert f"rebuilt   the catalog, 2026-11-22T10:00:00Z: {why}" in words.lines(
            store.status(), running()
        )
    with Store.open(data, Clock()) as store:
        [finding] = [each for each in upkeep.examine(store) if each.about == "rebuilt"]
    assert finding.grade is Grade.NOTE
    assert why in finding.text


def test_what_could_not_be_known_needs_a_person(data: Path) -> None:
    part = next((data / "parts").rglob("*.parquet"))
    part.unlink()
    missing(data)

    with opened(data) as store, store.catalog.read() as connection:
        found = rebuilds.latest(connection)
    assert found is not None
    assert found.unknown == 1
    with Store.open(data, Clock()) as store:
        [finding] = [each for each in upkeep.examine(store) if each.about == "rebuilt"]
    assert finding.grade is Grade.WRONG


@pytest.fixture
def lost(data: Path) -> Iterator[Path]:
    """Without `ledger/`; nothing that lies there may be touched."""
    shutil.rmtree(data / "ledger")
    before = sorted(data.rglob("*.parquet"))
    yield data
    assert sorted(data.rglob("*.parquet")) == before
    assert not (data / "ledger").exists()


@pytest.mark.parametrize("command", ["serve", "load"])
def test_without_the_ledger_the_folder_is_refused_with_the_commands_that_help(
    lost: Path, raytrail: Command, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    for name, value in SETTINGS.items():
        monkeypatch.setenv(name, value)

    ended = raytrail(command, "--data", lost)

    assert ended.returncode == 2
    assert "ledger is missing; put ledger/ back" in ended.stderr
    assert "`raytrail restore`" in ended.stderr


def test_without_catalog_and_ledger_the_folder_is_refused(
    lost: Path, raytrail: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in SETTINGS.items():
        monkeypatch.setenv(name, value)
    missing(lost)

    ended = raytrail("serve", "--data", lost)

    assert ended.returncode == 2
    assert "raw/ or parts/ hold files" in ended.stderr
    assert not (lost / "catalog.sqlite").exists()


def test_a_lost_catalog_is_no_matter_for_other_commands_than_serve(
    data: Path, raytrail: Command
) -> None:
    replaced_by_an_old_one(data)

    ended = raytrail("load", "--data", data)

    assert ended.returncode == 2
    assert "it is an old catalog; `raytrail rebuild` makes it again" in ended.stderr
    with sqlite3.connect(data / "catalog.sqlite") as connection:
        assert connection.execute("SELECT max(sequence) FROM entries").fetchone() == (4,)
    connection.close()
