"""`raytrail import` creates a store only where it is told to, and takes no misspelt dataset."""

from pathlib import Path

import orjson
import pyarrow.parquet as pq
import pytest

from store.files import durable
from store.files.layout import Layout
from store.intake.limits import IntakeLimits
from store.store import Store
from tests.command import Command
from tests.factories import NO_RESERVE, Clock, gzipped, ndjson, record, send

DATASET = "http_requests"


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """One file of one request; no folder names its dataset."""
    path = tmp_path / "archive" / "20261120T000000Z.log.gz"
    path.parent.mkdir()
    path.write_bytes(gzipped(ndjson(record())))
    return path.parent


def datasets_of(data: Path) -> dict[str, int]:
    with Store.open(data, Clock()) as store:
        return {name: found.rows for name, found in store.status().datasets.items()}


@pytest.mark.parametrize("kind", ["missing", "empty", "of another program"])
def test_a_folder_without_a_store_is_refused_unless_new_is_given(
    raytrail: Command, tmp_path: Path, archive: Path, kind: str
) -> None:
    data = tmp_path / "data"
    if kind != "missing":
        data.mkdir()
    if kind == "of another program":
        (data / "letter.txt").write_text("dear")
    before = sorted(data.rglob("*"))

    status, out, err = raytrail("import", archive, "--data", data)

    assert (status, out) == (2, "")
    assert "holds no store" in err
    assert "--new" in err
    assert (sorted(data.rglob("*")), data.exists()) == (before, kind != "missing")
    assert raytrail("import", archive, "--data", data, "--new").returncode == 0
    assert datasets_of(data) == {DATASET: 1}
    assert raytrail("import", archive, "--data", data).returncode == 0, "now there is a store"


@pytest.mark.parametrize("is_there", [False, True])
@pytest.mark.parametrize("spoilt", ["empty", "damaged", "missing", "unknown dataset"])
def test_an_import_that_took_nothing_leaves_nothing_behind(
    raytrail: Command, tmp_path: Path, archive: Path, spoilt: str, is_there: bool
) -> None:
    data = tmp_path / "new" / "data"
    if is_there:
        data.mkdir(parents=True)
        (data / "letter.txt").write_text("dear")
    [file] = archive.iterdir()
    options = ("--dataset", "http_request") if spoilt == "unknown dataset" else ()
    if spoilt == "empty":
        file.unlink()
    elif spoilt == "damaged":
        file.write_bytes(file.read_bytes()[:-6])
    place = tmp_path / "nowhere" if spoilt == "missing" else archive

    ended = raytrail("import", place, "--data", data, "--new", *options)

    assert ended.returncode in {1, 2}
    left = sorted(path.relative_to(tmp_path).as_posix() for path in (tmp_path / "new").rglob("*"))
    assert left == (["new/data", "new/data/letter.txt"] if is_there else [])
    assert (tmp_path / "new").exists() == is_there
    if spoilt in {"empty", "damaged"}:
        assert "nothing was imported, so no store was created" in ended.stderr


def test_a_store_that_a_service_uses_meanwhile_is_not_removed(
    raytrail: Command, tmp_path: Path, archive: Path
) -> None:
    data = tmp_path / "data"
    data.mkdir()
    next(archive.iterdir()).unlink()

    with durable.lock(data / ".serve.lock"):
        raytrail("import", archive, "--data", data, "--new")

    assert datasets_of(data) == {}


@pytest.mark.parametrize(
    ("misspelt", "meant"),
    [("http_request", DATASET), ("acces_requests", "access_requests"), ("tunnel_logs", "")],
)
def test_an_unknown_dataset_is_refused_with_the_nearest_name(
    raytrail: Command, tmp_path: Path, archive: Path, misspelt: str, meant: str
) -> None:
    data = tmp_path / "data"
    Store.create(data, Clock(), IntakeLimits(reserve=NO_RESERVE)).catalog.close()
    arguments = ("import", archive, "--data", data, "--dataset", misspelt)

    for status, out, err in (raytrail(*arguments), raytrail(*arguments, "--dry-run")):
        assert (status, out) == (2, "")
        assert f"unknown dataset '{misspelt}'" in err
        assert f"did you mean {meant}?" in err if meant else "did you mean" not in err
        assert "--new-dataset" in err
    assert datasets_of(data) == {}


def test_a_dataset_that_cloudflare_adds_is_imported_if_a_person_insists(
    raytrail: Command, tmp_path: Path, archive: Path
) -> None:
    arguments = ("import", archive, "--data", tmp_path / "data", "--dataset", "tunnel_logs")

    insisted = raytrail(*arguments, "--new", "--new-dataset")

    assert insisted.returncode == 0
    assert datasets_of(tmp_path / "data") == {"tunnel_logs": 1}
    assert raytrail(*arguments).returncode == 0, "the store has the dataset now"


@pytest.mark.parametrize("dataset", ["dns_logs", "tunnel_logs"])
def test_a_dataset_that_is_documented_or_was_received_is_known(
    raytrail: Command, tmp_path: Path, archive: Path, dataset: str
) -> None:
    data = tmp_path / "data"
    with Store.create(data, Clock(), IntakeLimits(reserve=NO_RESERVE)) as store:
        send(store, gzipped(ndjson(record(RayID="0a"))), "tunnel_logs")

    assert raytrail("import", archive, "--data", data, "--dataset", dataset).returncode == 0


def archived_days(folder: Path, days: int, files_a_day: int = 2) -> Path:
    """An archive of past days, each file with one request of its own."""
    for day in range(1, days + 1):
        for number in range(files_a_day):
            at = f"2026-08-{day:02}T0{number}:00:00Z"
            body = ndjson(record(RayID=f"{day:08x}{number:08x}", EdgeStartTimestamp=at))
            path = folder / DATASET / f"202608{day:02}" / f"202608{day:02}T{number:06}Z_a.log.gz"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(gzipped(body))
    return folder


def live_files(data: Path) -> list[tuple[str | None, int]]:
    """Tier and rows of each live file."""
    with Store.open(data, Clock()) as store:
        return [(file["tier"], file["rows"]) for file in store.file_swap().live_files()]


def test_an_import_leaves_merged_files(raytrail: Command, tmp_path: Path) -> None:
    archive, data = archived_days(tmp_path / "archive", days=5), tmp_path / "data"

    ended = raytrail("import", archive, "--data", data, "--new")

    assert ended.returncode == 0, ended.stderr
    assert live_files(data) == [("month", 10)]
    assert "5 files merged into 1" in ended.stdout
    nothing_new = raytrail("import", archive, "--data", data, "--json")
    assert orjson.loads(nothing_new.stdout)["merged"] is None


def test_an_import_leaves_merging_to_a_compactor_that_is_running(
    raytrail: Command, tmp_path: Path
) -> None:
    archive, data = archived_days(tmp_path / "archive", days=2), tmp_path / "data"
    Store.create(data, Clock(), IntakeLimits(reserve=NO_RESERVE)).catalog.close()

    with durable.lock(Layout(data).rewrite_lock):
        ended = raytrail("import", archive, "--data", data, "--json")

    assert ended.returncode == 0, ended.stderr
    assert {tier for tier, _ in live_files(data)} <= {None, "part"}
    merged = orjson.loads(ended.stdout)["merged"]
    assert merged["files_before"] == merged["files_after"]
    assert merged["refused"] == []


def flip_a_byte_of(part: Path, column: str) -> None:
    row_group = pq.ParquetFile(part).metadata.row_group(0)
    chunks = [row_group.column(number) for number in range(row_group.num_columns)]
    [chunk] = [chunk for chunk in chunks if chunk.path_in_schema == column]
    damaged = bytearray(part.read_bytes())
    damaged[chunk.data_page_offset + chunk.total_compressed_size - 1] ^= 1
    part.chmod(0o644)
    part.write_bytes(damaged)


def test_an_import_beside_a_damaged_file_is_whole_and_says_what_was_not_merged(
    raytrail: Command, tmp_path: Path
) -> None:
    archive, data = archived_days(tmp_path / "archive", days=1), tmp_path / "data"
    Store.create(data, Clock(), IntakeLimits(reserve=NO_RESERVE)).catalog.close()
    with durable.lock(Layout(data).rewrite_lock):
        raytrail("import", archive, "--data", data)
    flip_a_byte_of(next((data / "parts").rglob("*.parquet")), column="ClientIP")
    archived_days(archive, days=1, files_a_day=3)

    ended = raytrail("import", archive, "--data", data)

    assert ended.returncode == 0, ended.stderr
    assert "1 new batch" in ended.stdout
    assert "not merged: http_requests 2026-08-01: " in ended.stdout
