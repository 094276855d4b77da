"""Real services on failing disks and machines (reliability 5.2, 5.3, 5.5)."""

import contextlib
import fcntl
import itertools
import os
import resource
import shutil
import signal
import socket
import struct
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx2
import pytest

from receiver.options import REQUEST_SECONDS_MAX
from receiver.upload_slots import UPLOADS_MAX
from tests.faults.lab import numbered
from tests.faults.outside import Account, ask
from tests.injected import Injected
from tests.service import TOKEN, Service, get, running
from tests.tracing import attached, needs_strace, times_injected, tracer
from tests.until import LOOK_SECONDS, PATIENCE_SECONDS, until

pytestmark = pytest.mark.disk

MIB = 1024 * 1024

EXT4_IOC_SHUTDOWN = 0x8004587D
WITHOUT_ITS_LOG = 2
# What docs/durability.md promises; a busy machine may take longer.
DISK_DEATH_SECONDS_MAX = 10.0 * 3


@contextmanager
def small_disk(where: Path, options: str) -> Iterator[Path]:
    """A disk in memory with a limited size or number of inodes."""
    where.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(where)]
    mounted = subprocess.run(command, capture_output=True, check=False)
    if mounted.returncode:
        pytest.skip("NO TMPFS: mounting is not allowed here, a full disk was not tried")
    try:
        yield where
    finally:
        subprocess.run(["umount", str(where)], check=True)


@pytest.mark.skipif(shutil.which("mount") is None, reason="NO MOUNT: a full disk was not tried")
@pytest.mark.parametrize(
    ("what", "file_bytes"),
    [("size=8m", 65_536), ("size=64m,nr_inodes=120", 0)],
    ids=["bytes", "inodes"],
)
def test_d1_d16_a_disk_without_bytes_or_inodes_is_503_and_recovers_by_itself(
    tmp_path: Path, injected: Injected, what: str, file_bytes: int
) -> None:
    account = Account()
    with small_disk(tmp_path / "disk", what) as disk, running(disk / "data") as service:
        assert account.send(service, 0)
        service.wait_until_readable()
        ballast = disk / "ballast"
        ballast.mkdir()
        use_up(ballast, file_bytes)
        injected(1)
        for number in range(1, 4):
            account.send(service, number)  # one may fit where the loader freed room meanwhile
        assert account.refused, "the disk must have been full"
        until(lambda: health(service) == 503, "nothing can be stored")
        answer = ask(service.data, "SELECT count(*) AS n FROM http_requests")
        assert answer.returncode == 0, answer.stderr
        # A body that is stored but not in the ledger keeps the name of its draft as well.
        left = (service.data / "raw").rglob(".draft-*")
        assert {draft.stat().st_nlink for draft in left} <= {2}

        shutil.rmtree(ballast)
        until(lambda: health(service) == 200, "a probe succeeded")
        for number in range(1, 4):
            account.retry(service, number)
        account.settle(service)
        assert service.stop() == 0
        assert "Traceback" not in "".join(service.raw_log)


def health(service: Service) -> int:
    return get(service, "/health").status_code


def use_up(folder: Path, file_bytes: int) -> None:
    """Make files until there is no room for one more, then smaller ones."""
    while True:
        with contextlib.suppress(OSError):
            for number in itertools.count():
                (folder / f"{file_bytes}-{number}").write_bytes(bytes(file_bytes))
        if file_bytes < MIB // 256:
            return
        file_bytes //= 4


@contextmanager
def mortal_disk(where: Path) -> Iterator[Callable[[], None]]:
    """An ext4 in a file; the function that is yielded cuts it off, so that every call fails."""
    image = where.with_suffix(".image")
    where.mkdir()
    with image.open("wb") as file:
        file.truncate(64 * MIB)
    made = subprocess.run(["mkfs.ext4", "-q", str(image)], capture_output=True, check=False)
    command = ["mount", "-o", "loop", str(image), str(where)]
    if made.returncode or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("NO EXT4: a disk that dies was not tried")

    def cut_off() -> None:
        folder = os.open(where, os.O_RDONLY)
        try:
            fcntl.ioctl(folder, EXT4_IOC_SHUTDOWN, struct.pack("I", WITHOUT_ITS_LOG))
        finally:
            os.close(folder)

    try:
        yield cut_off
    finally:
        subprocess.run(["umount", "--lazy", str(where)], check=True)


@pytest.mark.skipif(shutil.which("mkfs.ext4") is None, reason="NO EXT4: no disk died")
@pytest.mark.parametrize("is_idle", [False, True], ids=["under_load", "before_the_first_batch"])
def test_f5_a_disk_that_dies_ends_the_service_with_4_and_soon(
    tmp_path: Path, injected: Injected, *, is_idle: bool
) -> None:
    """SQLite calls such a disk a damaged or missing catalog."""
    account = Account()
    with mortal_disk(tmp_path / "disk") as cut_off:
        service = Service(tmp_path / "disk" / "data")
        service.start()
        assert service.process is not None
        receiver = service.pid_of("receiver")
        if not is_idle:
            assert account.send(service, 0)
        with ExitStack() as stack:
            slow = stack.enter_context(socket.create_connection(("127.0.0.1", service.port)))
            head = f"POST /logpush HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\n"
            slow.sendall(f"{head}Content-Length: 99\r\n\r\nslow".encode())
            cut_off()
            if is_idle:
                os.kill(receiver, signal.SIGKILL)
            else:
                account.send(service, 1)
            injected(1)
            assert service.process.wait(timeout=DISK_DEATH_SECONDS_MAX) == 4
            service.stop()


@needs_strace
def test_d8_a_part_that_cannot_be_read_is_named_and_no_answer_is_given(
    tmp_path: Path, injected: Injected
) -> None:
    account = Account()
    with running(tmp_path / "data") as service:
        assert account.send(service, 1)
        account.settle(service)
        [part] = (service.data / "parts" / "http_requests").rglob("*.parquet")
        log = tmp_path / "log"
        calls = "read,pread64,readv,preadv"
        wrapper = [*tracer(calls, "error=EIO", log), "--trace-path", str(part)]

        answer = ask(service.data, "SELECT RayID FROM http_requests", *wrapper)

        fired = times_injected(log)
        assert fired, "the fault must have fired"
        injected(fired)
        assert answer.returncode == 2
        assert answer.stdout == ""
        assert part.name in answer.stderr
        assert "Traceback" not in answer.stderr
        assert account.send(service, 2), "the receiver goes on"
        account.settle(service)


def descriptors(pid: int) -> int:
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


@pytest.mark.skipif(shutil.which("prlimit") is None, reason="NO PRLIMIT: EMFILE was not tried")
def test_d10_without_descriptors_it_refuses_and_then_goes_on(
    tmp_path: Path, injected: Injected
) -> None:
    account = Account()
    service = Service(tmp_path / "data", settings={"RAYTRAIL_REQUEST_SECONDS_MAX": "60"})
    service.wrapper = ["prlimit", "--nofile=48:48"]
    service.start()
    try:
        assert account.send(service, 0)
        with ExitStack() as stack:
            for _ in range(60):
                stack.enter_context(socket.create_connection(("127.0.0.1", service.port)))
            time.sleep(1)
            injected(1)
            with (
                httpx2.Client(timeout=2, trust_env=False) as client,
                pytest.raises(httpx2.HTTPError),
            ):
                client.get(f"{service.url}/health")
        until(lambda: account.send(service, 1), "it goes on")
        account.settle(service)
    finally:
        assert service.stop() == 0


def test_d10_no_descriptor_is_lost_over_many_requests(
    tmp_path: Path, injected: Injected, is_long: bool
) -> None:
    kinds = {"new": 0, "duplicate": 0, "damaged": 0, "denied": 0}
    with running(tmp_path / "data") as service:
        receiver = service.pid_of("receiver")

        def requests(numbers: range) -> None:
            with httpx2.Client(timeout=PATIENCE_SECONDS, trust_env=False) as client:
                for number in numbers:
                    kind = list(kinds)[number % 4]
                    kinds[kind] += 1
                    body = numbered(number if kind == "new" else 0)
                    token = "wrong" if kind == "denied" else TOKEN
                    client.post(
                        f"{service.url}/logpush/http_requests",
                        content=body[:-1] if kind == "damaged" else body,
                        headers={"Authorization": f"Bearer {token}"},
                    )

        requests(range(80))
        before = descriptors(receiver)
        requests(range(80, 1_000 if is_long else 280))

        assert descriptors(receiver) <= before + 2
        injected(kinds["damaged"] + kinds["denied"])


@needs_strace
def test_d17_on_a_slow_disk_what_is_being_stored_is_not_cut_and_a_queue_has_an_end(
    tmp_path: Path, injected: Injected
) -> None:
    """Every sync takes longer than a request may take, which is enough for a slow machine to send it."""
    account = Account()
    with running(tmp_path / "data", RAYTRAIL_REQUEST_SECONDS_MAX="5") as service:
        assert account.send(service, 0)
        receiver = service.pid_of("receiver")
        with attached(receiver, "fsync", "delay_enter=6000000") as log:
            began = time.monotonic()
            senders = [
                threading.Thread(target=account.send, args=(service, number))
                for number in range(1, UPLOADS_MAX + 9)
            ]
            for sender in senders:
                sender.start()
            for sender in senders:
                sender.join()
            assert time.monotonic() - began > 6
            fired = times_injected(log)
        assert fired > UPLOADS_MAX
        injected(fired)
        assert account.unknown == set(), "no complete upload was cut off"
        assert account.refused, "uploads above the limit get 503"
        assert len(account.acknowledged) > UPLOADS_MAX / 2
        account.settle(service)


def test_b24_among_a_thousand_silent_connections_an_honest_sender_is_served(
    tmp_path: Path, injected: Injected
) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < 2_000:
        pytest.skip("NO DESCRIPTORS: a thousand connections were not tried")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 2_000), hard))
    try:
        with (
            ExitStack() as stack,
            running(tmp_path / "data", RAYTRAIL_REQUEST_SECONDS_MAX="2") as service,
        ):
            account = Account()
            silent = [
                stack.enter_context(socket.create_connection(("127.0.0.1", service.port)))
                for _ in range(1_000)
            ]
            injected(len(silent))
            until(lambda: account.send(service, 1), "served")
            account.refused.discard(1)
            account.settle(service)
            until(lambda: all(map(is_cut, silent)), "all cut", REQUEST_SECONDS_MAX / 2)
            assert "Traceback" not in "".join(service.raw_log)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def is_cut(connection: socket.socket) -> bool:
    connection.settimeout(LOOK_SECONDS)
    try:
        while heard := connection.recv(4096):
            assert b"HTTP/1.1 503" in heard or b"HTTP/1.1 4" in heard
    except TimeoutError:
        return False
    except ConnectionError:
        return True
    return True
