"""`raytrail backup`, `restore` and `fsck` as a person types them."""

import json
import shutil
from pathlib import Path

import pytest

from raytrail.commands.upkeep import fsck
from raytrail.service.log import configure
from store.fsck.check import CheckResult
from store.fsck.finding import Finding, Kind
from store.intake.limits import IntakeLimits
from store.live_loading import LiveLoading
from store.store import Store
from tests.command import Command
from tests.factories import NO_RESERVE, SHELL, Clock, gzipped, ndjson, record, send


@pytest.fixture(autouse=True)
def _no_long_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fsck, "PAUSE_SECONDS", 0.01)


@pytest.fixture(scope="module")
def golden(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One batch, loaded; made once, copied for each test."""
    root = tmp_path_factory.mktemp("golden") / "data"
    with Store.create(root, Clock(), IntakeLimits(reserve=NO_RESERVE)) as store:
        send(store, gzipped(ndjson(record())))
        LiveLoading(store, configure("test"), SHELL, threads=1).until_drained()
    return root


@pytest.fixture
def data(golden: Path, tmp_path: Path) -> Path:
    copied = shutil.copytree(golden, tmp_path / "data", symlinks=True)
    with Store.open(copied, Clock()) as store:
        store.publish(SHELL)
    return copied


def test_a_backup_that_is_older_than_an_erasure_is_not_served_before_a_person_decides(
    raytrail: Command, data: Path, tmp_path: Path
) -> None:
    raytrail("backup", tmp_path / "backup", "--data", data)
    person = ("--user", "srhea", "--reason", "request 17", "--yes-remove", "2")
    erased = raytrail("erase", "--data", data, *person)[1]
    new = tmp_path / "new"

    status, out, _ = raytrail("restore", tmp_path / "backup", "--data", new)
    shutil.copytree(new, tmp_path / "other", symlinks=True)
    again = raytrail("erase", "--data", new, *person)
    by_reason = raytrail("erasures", "accept", "--data", tmp_path / "other", "--reason", "case 9")
    listed = json.loads(raytrail("erasures", "list", "--data", data)[1])
    waiting = json.loads(raytrail("erasures", "list", "--waiting", "--data", new)[1])

    assert f"    {tmp_path / 'backup'}, of 2" in erased
    assert "knows this erasure" in erased
    assert status == 1
    assert "the backup is older than 1 erasure; `serve` refuses the store until you decide" in out
    assert "1 row in 1 file are back" in out
    assert again.returncode == 0
    assert by_reason[:2] == (0, "accepted: 1 erasure; the ledger has the reason\n")
    assert len(listed["erasures"]) == 1
    assert waiting == {"found": [], "unjudged": []}
    for folder in (new, tmp_path / "other"):
        Store.create(folder, Clock(), IntakeLimits(reserve=NO_RESERVE)).catalog.close()


def test_a_store_is_backed_up_and_restored_and_answers_as_before(
    raytrail: Command, data: Path, tmp_path: Path
) -> None:
    before = raytrail("trail", "--user", "srhea", "--json", "--data", data)

    status, out, _ = raytrail("backup", tmp_path / "backup", "--data", data)
    assert status == 0
    assert out.startswith("backed up: 2 files, ")
    assert "2 files copied" in out
    assert "quarantine/ and audit.duckdb are not copied" in out
    status, out, _ = raytrail("restore", tmp_path / "backup", "--data", tmp_path / "new")
    assert status == 0
    assert out.startswith("restored: 2 files, ")

    assert raytrail("trail", "--user", "srhea", "--json", "--data", tmp_path / "new") == before
    assert raytrail("fsck", "--deep", "--data", tmp_path / "new")[0] == 0


def test_merged_files_are_backed_up_instead_of_their_parts(
    raytrail: Command, data: Path, tmp_path: Path
) -> None:
    with Store.open(data, Clock(), IntakeLimits(reserve=NO_RESERVE)) as store:
        send(store, gzipped(ndjson(record(RayID="2"))))
        LiveLoading(store, configure("test"), SHELL, threads=1).until_drained()
    raytrail("backup", tmp_path / "backup", "--data", data)

    assert raytrail("compact", "--data", data)[0] == 0
    done = json.loads(raytrail("backup", tmp_path / "backup", "--data", data, "--json")[1])

    assert (done["files"], done["files_copied"], done["files_removed"]) == (3, 1, 2)
    assert raytrail("fsck", "--deep", "--data", data)[0] == 0
    assert raytrail("restore", tmp_path / "backup", "--data", tmp_path / "new")[0] == 0
    assert raytrail("fsck", "--deep", "--data", tmp_path / "new")[0] == 0


def test_the_backup_commands_print_json(raytrail: Command, data: Path, tmp_path: Path) -> None:
    target, new = tmp_path / "backup", tmp_path / "new"

    first = json.loads(raytrail("backup", target, "--data", data, "--json")[1])
    second = json.loads(raytrail("backup", target, "--data", data, "--json", "--verify")[1])
    back = json.loads(raytrail("restore", target, "--data", new, "--json")[1])
    looked = json.loads(raytrail("fsck", "--data", data, "--json")[1])

    assert (first["sequence"], first["files"], first["files_copied"]) == (2, 2, 2)
    assert (second["files_copied"], second["files_removed"]) == (0, 0)
    assert back.pop("newer") == {"found": [], "unjudged": []}
    assert back.items() <= {**second, "taken_at": back["taken_at"]}.items()
    assert looked == {
        "wrong": False,
        "deep": False,
        "entries": 2,
        "files": 2,
        "bytes": first["bytes"],
        "mended": [],
        "left": [],
    }


def test_a_damaged_backup_is_status_1_with_its_name_and_makes_no_store(
    raytrail: Command, data: Path, tmp_path: Path
) -> None:
    raytrail("backup", tmp_path / "backup", "--data", data)
    [part] = (tmp_path / "backup").rglob("*.parquet")
    part.unlink()

    status, _, err = raytrail("restore", tmp_path / "backup", "--data", tmp_path / "new")

    assert status == 1
    assert f"{part.relative_to(tmp_path / 'backup')} is missing" in err
    assert raytrail("status", "--data", tmp_path / "new")[0] == 2


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("backup", "data/in"), "neither may be inside the other"),
        (("backup", "other"), "not a backup"),
        (("restore", "other"), "other has no backup"),
        (("restore", "nowhere"), "nowhere has no backup"),
        (("fsck", "--data", "nowhere"), "no store at"),
        (("backup", "backup", "--data", "nowhere"), "no store at"),
    ],
)
def test_an_impossible_backup_or_restore_is_refused_in_a_sentence_with_status_2(
    raytrail: Command, data: Path, tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "precious").write_bytes(b"")

    status, _, err = raytrail(*arguments)

    assert status == 2
    assert said in err


def test_serve_refuses_a_folder_whose_restore_was_not_finished(
    raytrail: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / ".restore-unfinished").touch()
    monkeypatch.setenv("RAYTRAIL_TOKENS", "a" * 32)

    status, _, err = raytrail("serve", "--data", tmp_path / "new", "--port", "0")

    assert (status, "restore was not finished" in err) == (2, True)
    assert [path.name for path in (tmp_path / "new").iterdir()] == [".restore-unfinished"]


def test_fsck_prints_each_problem_its_meaning_and_the_command_that_helps(
    raytrail: Command, data: Path
) -> None:
    [part] = data.rglob("*.parquet")
    stray = part.with_name("stray.parquet")
    stray.write_bytes(b"")
    part.write_bytes(b"x")

    status, out, _ = raytrail("fsck", "--data", data)
    assert status == 1
    assert f"found    size_differs      {part.relative_to(data)}" in out
    assert "raytrail replay --batch" in out
    assert "--repair: moved to stray/" in out
    assert out.splitlines()[-1].startswith("2 found: 2 ledger entries, 2 files, ")
    assert stray.exists()
    status, out, _ = raytrail("fsck", "--data", data, "--repair", "--json")
    assert status == 1
    assert [each["kind"] for each in json.loads(out)["mended"]] == ["extra_file"]
    assert [each["kind"] for each in json.loads(out)["left"]] == ["size_differs"]

    [batch] = [path.name[:16] for path in data.rglob("*.gz")]
    assert raytrail("replay", "--data", data, "--batch", batch)[0] == 0
    moved = json.loads(raytrail("stray", "list", "--data", data, "--json")[1])
    dropped = raytrail("stray", "drop", moved["id"], "--data", data, "--reason", "planted")
    assert dropped.returncode == 0
    status, out, _ = raytrail("fsck", "--data", data, "--deep")
    assert (status, out.startswith("nothing found: 4 ledger entries")) == (0, True)


def test_a_hostile_name_is_escaped_and_a_long_list_is_cut() -> None:
    finding = Finding(kind=Kind.EXTRA_FILE, path="raw/\x1b[31m", means="\x1b", helps="\x1b")
    many = (finding,) * (fsck.FINDINGS_SHOWN + 2)
    done = CheckResult(entries=1, files=1, bytes=1, mended=many, left=many)

    shown = list(fsck.lines(done, is_deep=True))

    assert not any("\x1b" in line for line in shown)
    assert "... and 2 more repaired; --json has them all" in shown
    assert "... and 2 more found; --json has them all" in shown
    assert shown[-1].startswith("22 found, 22 repaired: ")
