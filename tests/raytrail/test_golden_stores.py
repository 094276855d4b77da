"""The stores of earlier versions open, answer as they did, and become stores of the newest format."""

from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlalchemy import update
from typer.testing import CliRunner

from store.catalog.opening import open_frozen
from store.catalog.tables import facts
from store.compaction import older_formats
from store.compaction.compactor import Compactor
from store.errors import StoreTooNew
from store.parquet.file_reader import metadata_of, read_metadata
from store.parquet.footer import FORMAT, NamedFile
from store.store import Store
from tests.command import Command, app
from tests.factories import Clock, gzipped, ndjson, record, send
from tests.golden_stores import ANSWERS, ENVIRONMENT, STORES, answers, golden_backup, golden_store

EACH = pytest.mark.parametrize("name", STORES)
TOLD = {name: each["told"] for name, each in ANSWERS.items()}


def run(*command: str, status: int = 0) -> Any:
    """A command's facts."""
    ended = CliRunner().invoke(app, [*command, "--json"], env=ENVIRONMENT)
    assert ended.exit_code == status, ended.output
    return orjson.loads(ended.stdout)


@EACH
def test_a_store_answers_what_the_version_before_the_second_format_did(
    tmp_path: Path, name: str
) -> None:
    data = golden_store(tmp_path / "data", name)

    assert answers(data) == TOLD


@EACH
def test_its_backup_restores_to_the_same_answers(tmp_path: Path, name: str) -> None:
    backup, data = golden_backup(tmp_path / "backup", name), tmp_path / "data"

    ended = CliRunner().invoke(app, ["restore", str(backup), "--data", str(data)], env=ENVIRONMENT)

    assert ended.exit_code == 0, ended.output
    assert answers(data) == TOLD


@pytest.mark.parametrize("is_catalog_lost", [False, True])
def test_a_hold_of_an_older_version_stays_exact(tmp_path: Path, is_catalog_lost: bool) -> None:
    data = golden_store(tmp_path / "data", "ledger")
    if is_catalog_lost:
        for path in data.glob("catalog.sqlite*"):
            path.unlink()
        run("rebuild", "--data", str(data))

    held = run("hold", "list", "--data", str(data))

    assert (held["user"], held["is_exact"]) == ("dora", True)


def test_a_store_of_format_1_is_written_again_as_format_2_with_equal_answers(
    tmp_path: Path,
) -> None:
    data = golden_store(tmp_path / "data", "format-1")
    before = run("compact", "--data", str(data))

    done = run("compact", "--rewrite", "--data", str(data))

    assert before["files_by_format"]["1"] == len(done["compacted"]) > 0
    assert done["files_by_format"].keys() == {"2"}
    assert not done["refused"]
    assert all(each["folded"] == 0 for each in done["compacted"])
    assert answers(data) == TOLD
    with Store.open(data, Clock()) as store:
        for row in store.file_swap().live_files():
            assert metadata_of(NamedFile.of(data, row)).num_rows == row["rows"]
            assert row["format"] == FORMAT
    again = run("compact", "--rewrite", "--data", str(data))
    assert again["compacted"] == []
    found = run("fsck", "--deep", "--data", str(data), status=0)
    assert found["left"] == []


def test_files_of_an_older_format_are_reported_with_the_command_that_rewrites_them(
    tmp_path: Path,
) -> None:
    data = golden_store(tmp_path / "data", "format-1")

    ended = CliRunner().invoke(app, ["compact", "--data", str(data)], env=ENVIRONMENT)

    assert "of format 1 left; `raytrail compact --rewrite` rewrites them" in ended.stdout


def test_a_killed_rewrite_continues_with_the_remaining_files(tmp_path: Path) -> None:
    data = golden_store(tmp_path / "data", "format-1")
    with Store.open(data, Clock()) as store:
        swap = store.file_swap()
        with swap.locked():
            first, *rest = older_formats.jobs(swap.live_files())
            Compactor(swap).run(first)
        formats = older_formats.count_formats(store.catalog)
    assert formats[1] == len(rest)
    assert answers(data) == TOLD

    done = run("compact", "--rewrite", "--data", str(data))

    assert done["files_by_format"].keys() == {"2"}
    assert answers(data) == TOLD


def test_new_batches_are_loaded_beside_files_of_format_1_and_merged_with_them(
    tmp_path: Path,
) -> None:
    data = golden_store(tmp_path / "data", "format-1")
    clock = Clock()
    clock.move(hours=3)
    with Store.open(data, clock) as store:
        new = record(RayID="00000000000000aa", EdgeStartTimestamp="2026-11-22T11:00:00.000000009Z")
        late = record(RayID="00000000000000ab", EdgeStartTimestamp="2026-10-02T11:00:00Z")
        send(store, gzipped(ndjson(new, late)), is_fetched=True)
        store.loader().load_next()
    beside = answers(data)

    done = run("compact", "--data", str(data))

    merged = [each for each in done["compacted"] if each["tier"] == "month"]
    assert merged, "the late row goes into a file of format 1"
    assert answers(data) == beside
    rays = {row["RayID"]: row for row in beside["requests"]}
    assert rays.keys() - {row["RayID"] for row in TOLD["requests"]} == {new["RayID"], late["RayID"]}
    assert rays[new["RayID"]]["event_time"] == "2026-11-22T11:00:00.000000Z"
    assert rays[new["RayID"]]["EdgeStartTimestamp_ns"] == 9
    old = [row for row in beside["requests"] if row["RayID"] not in {new["RayID"], late["RayID"]}]
    assert old == TOLD["requests"]


@pytest.mark.parametrize("asked", [["status"], ["load"], ["compact"], ["trail", "--user", "srhea"]])
def test_a_store_of_a_newer_version_is_refused_in_a_sentence(
    tmp_path: Path, asked: list[str], raytrail: Command
) -> None:
    data = golden_store(tmp_path / "data", "format-2")
    with Store.open(data, Clock()) as store, store.catalog.write() as connection:
        connection.execute(update(facts).where(facts.c.name == "format").values(value="3"))

    ended = raytrail(*asked, "--data", str(data))

    assert ended.returncode == 2
    assert "Traceback" not in ended.stderr
    assert "has format 3, and this version of Raytrail knows no format past 2" in ended.stderr
    assert "install the version that wrote it" in ended.stderr


def test_a_backup_of_a_newer_version_is_refused_in_a_sentence(tmp_path: Path) -> None:
    data = golden_store(tmp_path / "data", "format-2")
    with Store.open(data, Clock()) as store, store.catalog.write() as connection:
        connection.execute(update(facts).where(facts.c.name == "format").values(value="3"))

    with pytest.raises(StoreTooNew, match="has format 3"):
        open_frozen(data / "catalog.sqlite")


def test_a_files_footer_is_the_same_in_the_golden_store_and_today() -> None:
    parts = sorted(STORES["format-2"].rglob("*.parquet"))

    assert parts
    assert all(b"raytrail.format" in read_metadata(path).metadata for path in parts)
