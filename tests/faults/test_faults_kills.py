"""Real processes are killed and stopped (reliability 5.1)."""

import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults import checks
from tests.faults.lab import Lab, drafts, drain, entered, numbered, raw_files, ray, rays_found
from tests.faults.outside import Account, ask
from tests.injected import Injected
from tests.service import Service, environment, running
from tests.tracing import attached, needs_strace, tracer
from tests.until import PATIENCE_SECONDS, until
from tests.wire import HEAD

pytestmark = pytest.mark.kills


@pytest.fixture(scope="module")
def serving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """One service for all tests here: each leaves it at work. To start it costs seconds."""
    data = tmp_path_factory.mktemp("kills") / "data"
    with running(data, RAYTRAIL_REQUEST_SECONDS_MAX="2") as started:
        yield started


@pytest.fixture(scope="module")
def account() -> Account:
    """What was sent to `serving`."""
    return Account()


def pid_of(service: Service, name: str) -> int:
    """Waits for the process: the service tells its address before its children are up."""

    def pids() -> list[int]:
        return [pid for pid, found in service.pids().items() if found == name]

    until(pids, f"a {name}")
    return pids()[0]


def drafts_of(service: Service) -> list[Path]:
    return list((service.data / "raw").rglob(".draft-*"))


def wait_for_draft(service: Service) -> None:
    until(lambda: drafts_of(service), "a draft")


def kill(service: Service, name: str) -> None:
    """Kill this process, and see that the service goes on or start it again."""
    heard = len(service.log)
    os.kill(pid_of(service, name), signal.SIGKILL)
    if name == "supervisor":
        service.stop()
        service.start()
    else:
        service.wait_for("process died", since=heard)


ROOT = Path(__file__).parents[2]


def upload(number: int) -> bytes:
    body = numbered(number)
    return f"{HEAD}Content-Length: {len(body)}\r\n\r\n".encode() + body


def in_the_body(number: int) -> int:
    return len(upload(number)) - len(numbered(number)) // 2


@pytest.mark.parametrize(
    ("victim", "cut"),
    [
        ("receiver", 0),
        ("receiver", 30),
        ("receiver", None),
        ("supervisor", None),
    ],
    ids=["before a byte", "in the head", "in the body", "all at once"],
)
def test_k1_killed_while_it_receives_nothing_is_kept_and_a_retry_is_stored_once(
    serving: Service, account: Account, injected: Injected, victim: str, cut: int | None
) -> None:
    number = account.next_number()
    with socket.create_connection(("127.0.0.1", serving.port)) as sender:
        sender.sendall(upload(number)[: in_the_body(number) if cut is None else cut])
        if cut is None:
            wait_for_draft(serving)
        kill(serving, victim)
        injected(1)

    assert account.retry(serving, number) is False
    account.settle(serving)
    until(lambda: not drafts_of(serving), "the draft is removed")
    assert len(list((serving.data / "raw").rglob("*.gz"))) == len(account.acknowledged)


# Calls made once or a few times fail one after the other; of SQLite's many writes some do.
CALLS_SHORT = {"write": 1, "fsync": 1, "link": 1, "fdatasync": 1, "pwrite64": 9, "unlink": 1}
CALLS_LONG = {**CALLS_SHORT, "pwrite64": 1}


@needs_strace
@pytest.mark.parametrize("call", CALLS_SHORT)
def test_k2_to_k7_killed_for_real_at_any_system_call_a_batch_is_stored_once(
    lab: Lab, injected: Injected, chance: random.Random, is_long: bool, call: str
) -> None:
    """SQLite makes writes and syncs of its own, which only strace sees."""
    with lab.store() as store:
        checks.stored(store, 0)
    stride = (CALLS_LONG if is_long else CALLS_SHORT)[call]
    n, nth, status, receipts = 0, 1 - chance.randint(1, stride), signal.SIGKILL.value, 0
    while status:
        n, nth = n + 1, nth + stride
        assert n < 100
        command = [sys.executable, "-m", "tests.faults.one_batch", str(lab.folder / "data"), str(n)]
        traced = [*tracer(call, f"signal=KILL:when={nth}", lab.folder / "log"), *command]
        ended = subprocess.run(
            traced, env=environment(PYTHONPATH=str(ROOT)), capture_output=True, check=False
        )
        status = ended.returncode
        assert status in {0, -signal.SIGKILL, 128 + signal.SIGKILL}, ended.stderr
        injected(bool(status))
        had_receipt = b"receipt" in ended.stdout
        receipts += had_receipt
        with lab.store() as store:
            store.recover()
            assert drafts(store) == []
            again = checks.stored(store, n)
            assert again.is_duplicate or not had_receipt
            assert len(entered(store)) == len(raw_files(store)) == n + 1
    assert n > 1, "it must have been killed"
    assert receipts >= 1
    with lab.store() as store:
        drain(store)
        assert rays_found(store) == {ray(number): 1 for number in range(n + 1)}


@needs_strace
def test_k7_k8_killed_when_it_would_answer_the_batch_is_stored_once(
    tmp_path: Path, injected: Injected
) -> None:
    """At every send of the receiver in turn: some only wake its loop, one is the 200."""
    account, n, known = Account(), 0, 0
    is_answered = False
    with running(tmp_path / "data") as service:
        while not is_answered:
            n += 1
            assert n < 40
            heard = len(service.log)
            receiver = pid_of(service, "receiver")
            with attached(receiver, "sendto", f"signal=KILL:when={n}"):
                is_answered = account.send(service, n)
                if not is_answered:
                    service.wait_for("process died", since=heard)
                    injected(1)
            known += account.retry(service, n) and not is_answered
        account.settle(service)
    assert n > 2, "the receiver must have been killed"
    assert known >= 1, "one kill must fall between the entry and the answer"


def test_k8_killed_behind_the_first_byte_of_its_answer_the_batch_is_stored_once(
    serving: Service, account: Account, injected: Injected
) -> None:
    number = account.next_number()
    with socket.create_connection(("127.0.0.1", serving.port)) as sender:
        sender.sendall(upload(number))
        assert sender.recv(1) == b"H"
        kill(serving, "receiver")
    injected(1)

    assert account.retry(serving, number) is True
    account.settle(serving)


def test_k18_a_query_that_is_killed_harms_neither_receiver_nor_store(
    serving: Service, account: Account, injected: Injected
) -> None:
    assert account.send(serving, account.next_number())
    serving.wait_until_readable()
    runaway = "SELECT count(*) FROM range(100000000) a, range(100000000) b, http_requests"
    command = [sys.executable, "-m", "raytrail", "sql", runaway, "--data", str(serving.data)]
    with subprocess.Popen(command, env=environment()) as query:
        time.sleep(2)
        assert query.poll() is None, "it must be at work when it is killed"
        query.kill()
        injected(1)

    assert account.send(serving, account.next_number())
    account.settle(serving)
    assert ask(serving.data, "SELECT 1").returncode == 0


def test_k18_a_receiver_killed_while_it_inflates_keeps_nothing(
    serving: Service, account: Account, injected: Injected
) -> None:
    noise = random.Random(1).randbytes(1 << 21)
    with socket.create_connection(("127.0.0.1", serving.port)) as sender:
        sender.sendall(f"{HEAD}Content-Length: {len(noise) * 2}\r\n\r\n".encode() + noise)
        wait_for_draft(serving)
        kill(serving, "receiver")
    injected(1)

    assert account.retry(serving, account.next_number()) is False
    account.settle(serving)
    until(lambda: not drafts_of(serving), "the draft is removed")


@pytest.mark.parametrize("name", ["receiver", "loader"])
def test_k19_stopped_for_longer_than_any_deadline_it_goes_on_and_counts_nothing_twice(
    serving: Service, account: Account, injected: Injected, name: str
) -> None:
    known = account.next_number()
    assert account.send(serving, known)
    cut = account.next_number()
    with socket.create_connection(("127.0.0.1", serving.port)) as sender:
        sender.sendall(upload(cut)[: in_the_body(cut)])
        wait_for_draft(serving)
        stopped = pid_of(serving, name)
        os.kill(stopped, signal.SIGSTOP)
        injected(1)
        time.sleep(4)
        os.kill(stopped, signal.SIGCONT)
        sender.settimeout(PATIENCE_SECONDS)
        assert sender.recv(1) == b"", "the deadline has passed"

    assert account.retry(serving, cut) is False
    assert account.retry(serving, known) is True
    account.settle(serving)
    assert pid_of(serving, name) == stopped, "no reason to replace it"
