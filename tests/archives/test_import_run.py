"""An import stores every line once, even if it is killed and repeated."""

import gzip
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import orjson
import pytest
from pyarrow import fs

from archives import import_run
from archives.archive import Archive, open_archive
from archives.bucket import BucketOptions
from archives.import_run import FILES_RECORDED_AT_ONCE, ImportRequest, run
from raytrail.commands.archives.import_words import as_object
from store.catalog.ledger import walk
from store.errors import ArchiveRefused
from store.files import durable
from store.intake.limits import IntakeLimits
from store.ledger.entry import Entry
from store.store import Store
from store.timestamps import system_clock
from tests.command import Command
from tests.factories import NO_RESERVE, gzipped, login, ndjson, record
from tests.raytrail.service.test_loader import Heard
from tests.service import environment
from tests.until import until

DATASET = "http_requests"


def archived(folder: Path, files: int, lines: int = 3, dataset: str = DATASET) -> list[Path]:
    """Writes an archive as Logpush does: one folder per day, and no line twice."""
    day = folder / dataset / "20261120"
    day.mkdir(parents=True)
    paths = []
    for number in range(files):
        records = [record(RayID=f"{number * lines + line:016x}") for line in range(lines)]
        path = day / f"20261120T{number:06d}Z_{number:08x}.log.gz"
        path.write_bytes(gzipped(ndjson(*records)))
        paths.append(path)
    return paths


def rays(data: Path, dataset: str = DATASET) -> list[str]:
    """The Ray ID of every row, with duplicates."""
    from queries.analyst import analyst_sql
    from queries.engine import open_engine

    with Store.open(data, system_clock) as store, open_engine(store.snapshot()) as engine:
        rows = analyst_sql(engine, f"SELECT RayID FROM {dataset} ORDER BY 1").rows
        return [ray for (ray,) in rows]


def entries(data: Path, kind: str) -> list[Entry]:
    with Store.open(data, system_clock) as store, store.catalog.read() as connection:
        return [entry for entry in walk(connection) if entry.kind == kind]


def expected(files: int, lines: int = 3) -> list[str]:
    return [f"{number:016x}" for number in range(files * lines)]


def imported(raytrail: Command, *arguments: str | Path, status: int = 0) -> dict[str, Any]:
    ended = raytrail("import", *arguments, "--data", "data", "--new", "--json")
    assert ended.returncode == status, ended.stderr
    facts: dict[str, Any] = orjson.loads(ended.stdout)
    return facts


def test_an_archive_is_imported_once_and_not_read_again(raytrail: Command) -> None:
    archived(Path("archive"), files=40)

    first = imported(raytrail, "archive")
    second = imported(raytrail, "archive")
    again = imported(raytrail, "archive", "--again")

    assert (first["read"], first["batches"], first["duplicates"]) == (40, 40, 0)
    assert (second["read"], second["skipped"], second["batches"]) == (0, 40, 0)
    assert (again["read"], again["duplicates"], again["batches"]) == (40, 40, 0)
    assert rays(Path("data")) == expected(40)


def test_a_run_writes_a_ledger_entry(raytrail: Command) -> None:
    archived(Path("archive"), files=2)

    facts = imported(raytrail, "archive")

    (entry,) = entries(Path("data"), "import")
    assert entry.sequence == facts["sequence"]
    assert entry.payload["sources"] == [f"file://{Path('archive').absolute()}"]
    assert (entry.payload["objects"], entry.payload["batches"]) == (2, 2)
    assert entry.payload["is_whole"] is True
    assert all(batch.payload["is_fetched"] for batch in entries(Path("data"), "batch"))


def test_the_result_is_shown_as_text(raytrail: Command) -> None:
    archived(Path("archive"), files=2)

    ended = raytrail("import", "archive", "--data", "data", "--new")

    assert "2 of 2 files read; 0 imported before" in ended.stdout
    assert "2 new batches; 0 already in the store" in ended.stdout


def test_lines_that_were_uploaded_before_are_not_stored_twice(raytrail: Command) -> None:
    (path, *_) = archived(Path("archive"), files=3)
    (other := Path("archive") / "copy.log.gz").write_bytes(
        # The same lines in another compression.
        gzip.compress(gzip.decompress(path.read_bytes()), 1)
    )

    facts = imported(raytrail, "archive")

    assert other.exists()
    assert (facts["batches"], facts["duplicates"]) == (3, 1)
    assert rays(Path("data")) == expected(3)


def test_a_dry_run_changes_nothing(raytrail: Command) -> None:
    archived(Path("archive"), files=5)
    imported(raytrail, "archive/http_requests/20261120/20261120T000000Z_00000000.log.gz")

    told = imported(raytrail, "archive", "--dry-run")

    assert (told["objects"], told["skipped"], told["to_read"]) == (5, 1, 4)
    assert told["bytes"] > 0
    assert rays(Path("data")) == expected(1)


@pytest.mark.parametrize("spoil", ["cut", "not gzip", "empty"])
def test_a_damaged_file_is_named_and_the_others_are_imported(raytrail: Command, spoil: str) -> None:
    paths = archived(Path("archive"), files=5)
    whole = paths[2].read_bytes()
    paths[2].write_bytes({"cut": whole[:-9], "not gzip": b"plain\n", "empty": b""}[spoil])

    facts = imported(raytrail, "archive", status=1)

    assert [Path(each["uri"]).name for each in facts["damaged"]] == [paths[2].name]
    assert facts["is_whole"] is False
    assert rays(Path("data")) == [ray for ray in expected(5) if ray not in expected(3)[6:]]
    (entry,) = entries(Path("data"), "import")
    assert entry.payload["damaged_objects"] == facts["damaged"]

    # A damaged file is read again, and imported once it is repaired.
    assert imported(raytrail, "archive", status=1)["read"] == 1
    paths[2].write_bytes(whole)
    mended = imported(raytrail, "archive")
    assert (mended["read"], mended["batches"]) == (1, 1)
    assert rays(Path("data")) == expected(5)


def test_the_ledger_names_the_first_damaged_files_by_name_and_the_command_all(
    raytrail: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_run, "DAMAGED_NAMED_MAX", 2)
    paths = archived(Path("archive"), files=6)
    for path in paths[1:]:
        path.write_bytes(b"")

    facts = imported(raytrail, "archive", status=1)

    (entry,) = entries(Path("data"), "import")
    named = [Path(each["uri"]).name for each in entry.payload["damaged_objects"]]
    assert named == [path.name for path in paths[1:3]]
    assert entry.payload["damaged"] == 5
    assert [Path(each["uri"]).name for each in facts["damaged"]] == [p.name for p in paths[1:]]


def test_a_damaged_file_is_shown_as_text(raytrail: Command) -> None:
    (path,) = archived(Path("archive"), files=1)
    path.write_bytes(path.read_bytes()[:-9])

    ended = raytrail("import", "archive", "--data", "data", "--new")

    assert ended.returncode == 1
    assert f"damaged: file://{path.absolute()}: gzip: ends before its trailer" in ended.stdout


@pytest.mark.parametrize(
    ("setting", "end"),
    [("RAYTRAIL_BODY_BYTES_MAX", b""), ("RAYTRAIL_INFLATED_BYTES_MAX", b"\n")],
)
def test_a_file_larger_than_the_body_limit_is_split_at_line_ends(
    raytrail: Command, monkeypatch: pytest.MonkeyPatch, setting: str, end: bytes
) -> None:
    monkeypatch.setenv(setting, "4000")
    lines = [record(RayID=f"{number:016x}", Salt=os.urandom(99).hex()) for number in range(100)]
    Path("large.log.gz").write_bytes(gzipped(ndjson(*lines).removesuffix(b"\n") + end))

    first = imported(raytrail, "large.log.gz")
    again = imported(raytrail, "large.log.gz", "--again")

    assert first["cut"] == 1
    assert first["batches"] > 5
    assert (again["batches"], again["duplicates"]) == (0, first["batches"])
    assert rays(Path("data")) == expected(100, lines=1)


def test_a_line_that_cannot_be_split_counts_as_damage(
    raytrail: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAYTRAIL_BODY_BYTES_MAX", "1000")
    Path("endless.log.gz").write_bytes(gzipped(b'"%s"' % os.urandom(50_000).hex().encode()))

    facts = imported(raytrail, "endless.log.gz", status=1)

    assert "no line ends within" in facts["damaged"][0]["reason"]
    assert facts["batches"] == 0


def test_the_dataset_comes_from_the_option_the_folder_or_the_records(raytrail: Command) -> None:
    archived(Path("archive"), files=1)
    Path("logins.log.gz").write_bytes(gzipped(ndjson(login(RayID="a"))))
    Path("odd.ndjson").write_bytes(b'{"Nobody":"knows"}\n')

    imported(raytrail, "archive", "logins.log.gz")
    imported(raytrail, "odd.ndjson", "--dataset", "gateway_dns")

    with Store.open(Path("data"), system_clock) as store:
        found = {name: each.rows for name, each in store.status().datasets.items()}
    assert found == {DATASET: 3, "access_requests": 1, "gateway_dns": 1}


def test_an_invalid_dataset_name_is_refused(raytrail: Command) -> None:
    ended = raytrail("import", "archive", "--data", "data", "--dataset", "No/Such")

    assert ended.returncode == 2
    assert "invalid dataset name 'No/Such'" in ended.stderr


def test_cloudflares_test_uploads_are_not_stored(raytrail: Command) -> None:
    archived(Path("archive"), files=1)
    Path("archive/test.log.gz").write_bytes(gzipped(b'{"content":"tests"}'))

    facts = imported(raytrail, "archive")

    assert (facts["batches"], facts["trials"]) == (1, 1)


def test_other_files_are_ignored_unless_they_are_named(raytrail: Command) -> None:
    archived(Path("archive"), files=1)
    Path("archive/notes.txt").write_text("not a log")
    Path("archive/._hidden.log.gz").write_bytes(b"of another system")
    Path("named.txt").write_bytes(ndjson(record(RayID="f" * 16)))

    facts = imported(raytrail, "archive", "named.txt")

    assert facts["objects"] == 2
    assert rays(Path("data")) == [*expected(1), "f" * 16]


def test_a_file_that_changed_is_read_again(raytrail: Command) -> None:
    (path, *_) = archived(Path("archive"), files=3)
    imported(raytrail, "archive")
    path.write_bytes(gzipped(ndjson(record(RayID="f" * 16))))

    facts = imported(raytrail, "archive")

    assert (facts["read"], facts["skipped"], facts["batches"]) == (1, 2, 1)


def test_the_import_leaves_loading_to_a_running_service(raytrail: Command) -> None:
    archived(Path("archive"), files=3)
    limits = IntakeLimits(reserve=NO_RESERVE)
    with (
        Store.create(Path("data"), system_clock, limits) as store,
        durable.lock(store.layout.loader_lock) as alone,
    ):
        assert alone
        facts = imported(raytrail, "archive")
        assert store.status().pending.batches == 3

    assert facts["is_loaded"] is False


def test_a_missing_path_is_an_error(raytrail: Command) -> None:
    ended = raytrail("import", "nowhere", "--data", "data", "--new")

    assert ended.returncode == 2
    assert "nowhere: not found" in ended.stderr


def test_a_file_uri_and_its_path_are_the_same_archive(raytrail: Command) -> None:
    archived(Path("archive"), files=3)
    imported(raytrail, "archive")

    facts = imported(raytrail, f"file://{Path('archive').absolute()}")

    assert (facts["read"], facts["skipped"]) == (0, 3)


def test_every_file_system_of_pyarrow_can_be_imported(store: Store, tmp_path: Path) -> None:
    archived(tmp_path / "bucket" / "prefix", files=3)
    bucket = fs.SubTreeFileSystem(str(tmp_path), fs.LocalFileSystem())

    done = run(
        store,
        ImportRequest([Archive(bucket, "bucket/prefix", "s3://")], None, is_again=False),
        Heard(),
        lambda _: None,
    )

    assert as_object(done, None)["batches"] == 3
    with store.catalog.read() as connection:
        told = [entry.payload for entry in walk(connection) if entry.kind == "import"]
    assert told[0]["sources"] == ["s3://bucket/prefix"]
    assert rays(store.layout.root) == expected(3)


def test_a_bucket_of_r2_is_opened_by_its_endpoint() -> None:
    options = BucketOptions(
        endpoint="https://account.r2.cloudflarestorage.com/",
        region="auto",
        key_id="a-key",
        secret="a-secret-that-nobody-may-see",
    )

    given = options.arguments()

    assert given["endpoint_override"] == "account.r2.cloudflarestorage.com"
    assert (given["scheme"], given["region"]) == ("https", "auto")
    assert (given["access_key"], given["secret_key"]) == ("a-key", "a-secret-that-nobody-may-see")
    assert "a-secret-that-nobody-may-see" not in repr(options)
    archive = open_archive("s3://logs/http_requests", options)
    assert isinstance(archive.files, fs.S3FileSystem)
    assert (archive.path, archive.uri(archive.path)) == (
        "logs/http_requests",
        "s3://logs/http_requests",
    )


def test_without_keys_the_machines_credentials_are_used_unless_anonymous() -> None:
    assert not {"access_key", "anonymous"} & BucketOptions().arguments().keys()
    assert BucketOptions(is_anonymous=True).arguments()["anonymous"] is True


@pytest.mark.parametrize("place", ["s3://key:secret@logs/x", "s3://logs/x?secret_key=secret"])
def test_keys_in_a_uri_are_refused_and_not_shown(place: str) -> None:
    with pytest.raises(ArchiveRefused) as refused:
        open_archive(place, BucketOptions())

    assert "secret" not in str(refused.value)


def test_the_start_of_a_long_error_is_shown() -> None:
    place = f"{'x' * 300}last://logs"

    with pytest.raises(ArchiveRefused) as refused:
        open_archive(place, BucketOptions())

    reason = str(refused.value).removeprefix(f"{place}: ")
    assert reason.startswith("Unrecognized filesystem type")
    assert "last" not in reason


def test_a_key_id_without_a_secret_is_bad_configuration(
    raytrail: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAYTRAIL_IMPORT_S3_KEY_ID", "a-key")

    ended = raytrail("import", "s3://logs", "--data", "data", "--new")

    assert ended.returncode == 3
    assert "RAYTRAIL_IMPORT_S3_SECRET: set both" in ended.stderr


@pytest.mark.service
def test_after_a_kill_and_a_second_run_every_line_is_stored_once(tmp_path: Path) -> None:
    data, files = tmp_path / "data", 200
    archived(tmp_path / "archive", files=files)
    command = [
        sys.executable,
        "-m",
        "raytrail",
        "import",
        "archive",
        "--data",
        "data",
        "--new",
        "--json",
    ]
    process = subprocess.Popen(
        command, cwd=tmp_path, env=environment(PYTHONPATH=os.pathsep.join(sys.path))
    )
    # After so many bodies, some files are recorded as finished.
    wait_for_bodies(data, process, 2 * FILES_RECORDED_AT_ONCE)
    process.send_signal(signal.SIGKILL)
    process.wait()
    with Store.open(data, system_clock) as store:
        entered = store.status().batches
    assert 0 < entered < files, "it was not killed in the middle, so this proves nothing"

    ended = subprocess.run(
        command,
        cwd=tmp_path,
        env=environment(PYTHONPATH=os.pathsep.join(sys.path)),
        check=True,
        capture_output=True,
    )

    facts = orjson.loads(ended.stdout)
    assert facts["objects"] == files
    assert facts["skipped"] > 0
    assert facts["skipped"] + facts["read"] == files
    assert facts["skipped"] + facts["duplicates"] >= entered
    assert rays(data) == expected(files)


def wait_for_bodies(data: Path, process: "subprocess.Popen[bytes]", wanted: int) -> None:
    def is_so_far() -> bool:
        assert process.poll() is None, "it ended before"
        return len(list((data / "raw").rglob("*.gz"))) >= wanted

    until(is_so_far, f"{wanted} bodies")
