"""Large bodies, bombs and a disk that fills up, sent to a real service."""

import gzip
import json
import random
import secrets
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from store.store import Store
from store.timestamps import system_clock
from tests.factories import gzipped
from tests.service import TOKEN, Service, duckdb_shell, post, running

RECORDS = 100_000
USERS = 500
MIB = 1024 * 1024


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    with running(tmp_path / "data") as started:
        yield started


def write_large_batch(path: Path) -> dict[str, int]:
    """100,000 records of users, apps and bytes that can be added up; returns the sums."""
    chance = random.Random(20261122)
    total_bytes = 0
    with gzip.open(path, "wb", compresslevel=1) as file:
        for number in range(RECORDS):
            size = chance.randrange(1_000_000)
            total_bytes += size
            line = {
                "ClientIP": f"192.0.2.{number % 250}",
                "ClientRequestHost": f"app{number % 7}.widgetcorp.example",
                "ClientRequestMethod": "GET",
                "ClientRequestURI": f"/page/{number}?q={chance.randrange(99)}",
                "EdgeStartTimestamp": 1_795_000_000_000_000_000 + number * 1_000_003,
                "EdgeResponseBytes": size,
                "EdgeResponseStatus": 200,
                "RayID": f"{number:016x}",
                "RequestHeaders": {"cf-access-user": f"user{number % USERS}"},
            }
            file.write(json.dumps(line).encode() + b"\n")
    return {"total_bytes": total_bytes}


@pytest.mark.large
def test_100_000_records_by_curl_are_answered_before_they_are_parsed_and_whole_after(
    service: Service, tmp_path: Path
) -> None:
    batch = tmp_path / "batch.ndjson.gz"
    sums = write_large_batch(batch)
    curl = ["curl", "--silent", "--show-error", "--fail", "--data-binary", f"@{batch}"]
    curl += ["--header", f"Authorization: Bearer {TOKEN}", f"{service.url}/logpush/http_requests"]

    answered = json.loads(subprocess.run(curl, capture_output=True, check=True).stdout)
    with Store.open(service.data, system_clock) as store:
        waiting = store.snapshot()
    service.wait_until_readable(300)
    again = json.loads(subprocess.run(curl, capture_output=True, check=True).stdout)

    assert answered["duplicate"] is False
    assert waiting.pending_batches == 1, "answered before a row was parsed"
    assert again == {**answered, "duplicate": True}
    service.wait_until_shown("SELECT count(*) AS n FROM http_requests", [{"n": RECORDS}])
    [found] = duckdb_shell(
        service.data,
        "SELECT count(*) AS records, count(DISTINCT user_id) AS users,"
        " sum(EdgeResponseBytes) AS total_bytes, count(DISTINCT RayID) AS rays,"
        " count(*) FILTER (user_id = 'user' || (line_number - 1) % 500) AS own,"
        " count(*) FILTER (RayID = printf('%016x', line_number - 1)) AS in_place,"
        " count(*) FILTER (extra IS NOT NULL) AS extras FROM http_requests",
    )
    assert {name: int(str(value)) for name, value in found.items()} == {
        "records": RECORDS,
        "users": USERS,
        "total_bytes": sums["total_bytes"],
        "rays": RECORDS,
        "own": RECORDS,
        "in_place": RECORDS,
        "extras": 0,
    }
    [trail] = duckdb_shell(service.data, "SELECT count(*) AS n FROM trail('user17')")
    assert trail == {"n": RECORDS // USERS}


def peak_kib(pid: int) -> int:
    """The most memory the process ever had (VmHWM)."""
    text = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(text.partition("VmHWM:")[2].split()[0])


@pytest.mark.large
def test_an_upload_of_64_mb_adds_less_than_32_mb_to_the_receiver(service: Service) -> None:
    small, large = (
        gzipped(secrets.token_hex(64).encode()),
        gzip.compress(secrets.token_bytes(64 * MIB), compresslevel=1),
    )
    assert len(large) > 64 * MIB
    assert post(service, small).status_code == 200
    receiver = service.pid_of("receiver")
    before = peak_kib(receiver)

    answer = post(service, large)

    assert answer.status_code == 200
    assert peak_kib(receiver) - before < 32 * 1024


@pytest.mark.large
def test_a_bomb_costs_no_memory_and_is_kept_unread(tmp_path: Path) -> None:
    bomb = gzip.compress(bytes(16 * MIB), compresslevel=9) * 64  # 1 GiB of zeros in about 1 MB
    with running(tmp_path / "data", RAYTRAIL_INFLATED_BYTES_MAX=str(512 * MIB)) as service:
        post(service, gzipped(b"warm"))
        receiver = service.pid_of("receiver")
        before = peak_kib(receiver)

        answer = post(service, bomb)

        assert answer.status_code == 200
        assert answer.json()["unread"] == f"inflates to more than {512 * MIB} bytes"
        assert peak_kib(receiver) - before < 32 * 1024


@pytest.mark.large
@pytest.mark.skipif(shutil.which("mount") is None, reason="NO MOUNT: a full disk was not tried")
def test_a_disk_that_fills_up_is_503_and_recovers_by_itself(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(disk)],
        capture_output=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip("NO TMPFS: mounting is not allowed here, a full disk was not tried")
    try:
        with running(disk / "data") as service:
            assert post(service, gzipped(b'{"RayID":"1"}\n')).status_code == 200
            service.wait_until_readable()
            ballast = disk / "ballast"
            ballast.write_bytes(bytes(5 * MIB))
            body = gzip.compress(secrets.token_bytes(4 * MIB), compresslevel=1)

            full = post(service, body)
            left = list((service.data / "raw").rglob(".draft-*"))
            ballast.unlink()
            emptied = post(service, gzipped(b'{"RayID":"2"}\n'))
            service.wait_until_readable()

            assert full.status_code == 503
            assert full.headers["retry-after"] == "30"
            assert left == []
            assert emptied.status_code == 200
            assert service.stop() == 0
    finally:
        subprocess.run(["umount", str(disk)], check=True)
