"""The service as an operator runs it: signals, restarts, a second one, a full disk."""

import itertools
import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from raytrail.errors import BadConfiguration
from raytrail.service import child, listener, supervisor
from raytrail.service.child_process import DEATHS_MAX, Child
from raytrail.service.log import configure
from raytrail.service.metrics_folder import metrics_folder
from receiver.options import STOPPING_SECONDS_MAX
from schema.errors import RaytrailError
from store.errors import DiskFailed, LayoutRefused, StoreBusy
from store.intake.limits import IntakeLimits
from store.store import Store
from store.timestamps import system_clock
from tests.factories import NO_RESERVE, gzipped, ndjson, record
from tests.service import TOKEN, Service, environment, get, post, running
from tests.until import PATIENCE_SECONDS, until


def fresh() -> bytes:
    return gzipped(ndjson(record(RayID=uuid.uuid4().hex[:16])))


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    with running(tmp_path / "data") as started:
        yield started


def slowly(service: Service, body: bytes, answers: list[bytes], go: threading.Event) -> None:
    """Upload a body half before `go` and half after it."""
    head = f"POST /logpush/http_requests HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\n"
    with socket.create_connection(
        ("127.0.0.1", service.port), timeout=PATIENCE_SECONDS
    ) as connection:
        connection.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body[:40])
        go.wait(PATIENCE_SECONDS)
        connection.sendall(body[40:])
        answers.append(connection.recv(65536))


def test_sigterm_lets_an_upload_in_flight_finish_and_ends_with_0(service: Service) -> None:
    body, answers, go = fresh(), list[bytes](), threading.Event()
    sender = threading.Thread(target=slowly, args=(service, body, answers, go))
    sender.start()
    until(lambda: list((service.data / "raw").rglob(".draft-*")), "a draft")
    assert service.process is not None
    service.process.send_signal(signal.SIGTERM)
    time.sleep(0.3)
    go.set()
    sender.join()

    assert service.stop() == 0

    assert answers[0].startswith(b"HTTP/1.1 200")
    assert list((service.data / "raw").rglob(".draft-*")) == []
    with Store.open(service.data, system_clock) as store:
        assert store.status().batches == 1
    assert "Traceback" not in "".join(service.raw_log)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP])
def test_other_signals_stop_it_just_as_well(service: Service, number: signal.Signals) -> None:
    assert service.stop(number) == 0
    assert "Traceback" not in "".join(service.raw_log)


def test_a_second_signal_ends_it_at_once(service: Service) -> None:
    answers, go = list[bytes](), threading.Event()
    body = fresh()
    sender = threading.Thread(target=slowly, args=(service, body, answers, go))
    sender.start()
    until(lambda: list((service.data / "raw").rglob(".draft-*")), "a draft")
    assert service.process is not None
    began = time.monotonic()
    service.process.send_signal(signal.SIGTERM)
    time.sleep(0.2)
    assert service.stop() == 0
    assert time.monotonic() - began < STOPPING_SECONDS_MAX, "as long as one signal would take"
    go.set()
    sender.join()

    assert list((service.data / "raw").rglob(".draft-*")) == []
    assert service.pids() == {service.process.pid: "supervisor"}


@pytest.mark.parametrize("name", ["receiver", "loader"])
def test_a_child_that_is_killed_is_replaced(service: Service, name: str) -> None:
    assert post(service, fresh()).status_code == 200
    pid = service.pid_of(name)

    os.kill(pid, signal.SIGKILL)
    service.wait_for("process died")
    assert post(service, fresh()).status_code == 200
    service.wait_until_readable()

    assert pid not in service.pids()


def test_children_go_when_their_supervisor_is_killed_and_the_port_is_free_again(
    service: Service,
) -> None:
    assert post(service, fresh()).status_code == 200
    service.wait_until_readable()
    children = [pid for pid, name in service.pids().items() if name != "supervisor"]
    assert len(children) == 3

    service.stop(signal.SIGKILL)
    service.start()

    assert not set(children) & set(service.pids())
    assert post(service, fresh()).status_code == 200


def test_a_second_service_on_the_same_folder_is_told_so_and_harms_nothing(
    service: Service,
) -> None:
    command = [sys.executable, "-m", "raytrail", "serve", "--data", str(service.data)]
    second = subprocess.run(
        [*command, "--port", "0"], env=environment(), capture_output=True, text=True, check=False
    )

    assert second.returncode == 3
    assert "another service runs on" in second.stderr
    assert "Traceback" not in second.stderr
    assert post(service, fresh()).status_code == 200


def test_a_port_that_is_taken_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listener, "BIND_SECONDS_MAX", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        listening = listener.listening("127.0.0.1", port)
        with pytest.raises(BadConfiguration, match=f"cannot listen on 127.0.0.1:{port}"):
            listening.__enter__()
    unknown = listener.listening("no.such.host.invalid", 1)
    with pytest.raises(BadConfiguration, match="cannot listen on no"):
        unknown.__enter__()


def test_every_wrong_setting_is_named_at_once_and_nothing_is_made(tmp_path: Path) -> None:
    wrong = {"RAYTRAIL_PORT": "http", "RAYTRAIL_WORKERS": "0", "RAYTRAIL_TOKENS": "short"}
    command = [sys.executable, "-m", "raytrail", "serve", "--data", str(tmp_path / "data")]

    refused = subprocess.run(
        command, env=environment(**wrong), capture_output=True, text=True, check=False
    )

    assert refused.returncode == 3
    assert "RAYTRAIL_PORT" in refused.stderr
    assert "RAYTRAIL_WORKERS" in refused.stderr
    assert "short" not in refused.stderr
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("tokens", ["", " , ", "short"])
def test_without_a_good_token_nobody_is_served(tmp_path: Path, tokens: str) -> None:
    command = [sys.executable, "-m", "raytrail", "serve", "--data", str(tmp_path / "data")]

    refused = subprocess.run(
        command,
        env=environment(RAYTRAIL_TOKENS=tokens),
        capture_output=True,
        text=True,
        check=False,
    )

    assert refused.returncode == 3
    assert "RAYTRAIL_TOKENS" in refused.stderr


def test_a_disk_without_room_is_503_before_anything_is_written(tmp_path: Path) -> None:
    with running(tmp_path / "data", RAYTRAIL_RESERVE_BYTES=str(1 << 60)) as service:
        answer = post(service, fresh())
        health = post(service, b"", "/health", {}, "GET")

        assert answer.status_code == 503
        assert answer.headers["retry-after"] == "30"
        assert answer.json() == {"error": "no free space on the disk"}
        assert health.status_code == 503
        assert health.json()["status"] == "no free space on the disk"
        assert [path for path in (service.data / "raw").rglob("*") if path.is_file()] == []


def test_a_data_folder_that_is_moved_away_is_503_and_back_again_is_fine(
    service: Service, tmp_path: Path
) -> None:
    assert post(service, fresh()).status_code == 200
    service.wait_until_readable()
    (service.data / "raw").rename(tmp_path / "aside")

    away = post(service, fresh())
    (tmp_path / "aside").rename(service.data / "raw")
    back = post(service, fresh())

    assert away.status_code == 503
    assert back.status_code == 200


def test_a_loader_that_dies_again_and_again_degrades_a_service_that_still_receives(
    service: Service,
) -> None:
    for _ in range(DEATHS_MAX):
        heard = len(service.log)
        os.kill(service.pid_of("loader"), signal.SIGKILL)
        service.wait_for("process died", since=heard)

    def codes(path: str) -> tuple[int, list[str]]:
        answer = get(service, path)
        return answer.status_code, [reason["code"] for reason in answer.json()["degraded"]]

    until(lambda: codes("/health") == (200, ["restarts"]), "told, and it receives")
    assert codes("/health?full") == (503, ["restarts"])
    command = [sys.executable, "-m", "raytrail", "status", "--json", "--data", str(service.data)]
    shown = subprocess.run(command, env=environment(), capture_output=True, check=True)
    assert json.loads(shown.stdout)["degraded"][0]["text"] == (
        "the loader ended 3 times within 5 minutes, and was started again"
    )


def test_several_workers_share_one_ledger(tmp_path: Path) -> None:
    bodies = [fresh() for _ in range(10)]
    with running(tmp_path / "data", RAYTRAIL_WORKERS="3") as service:
        answers: list[int] = []

        def upload(share: list[bytes]) -> None:
            answers.extend(post(service, body).status_code for body in share)

        threads = [threading.Thread(target=upload, args=(bodies,)) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        service.wait_until_readable()

    assert answers == [200] * 30
    with sqlite3.connect(tmp_path / "data" / "catalog.sqlite") as catalog:
        chain = catalog.execute(
            "SELECT sequence, previous, digest FROM entries ORDER BY sequence"
        ).fetchall()
        assert [row[0] for row in chain] == list(range(1, len(chain) + 1))
        assert all(one[2] == two[1] for one, two in itertools.pairwise(chain))
        assert catalog.execute("SELECT sum(rows), count(*) FROM batches").fetchone() == (10, 10)
    catalog.close()


def test_status_tells_a_script_everything_in_one_object(service: Service) -> None:
    post(service, fresh())
    post(service, gzipped(b"broken\n" + ndjson(record(RayID=uuid.uuid4().hex[:16]))))
    service.wait_until_readable()
    command = [sys.executable, "-m", "raytrail", "status", "--json", "--data", str(service.data)]

    found = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)

    assert found["datasets"]["http_requests"]["rows"] == 2
    assert found["datasets"]["http_requests"]["rejected_lines"] == 1
    assert (found["batches"], found["pending_batches"], found["lag_seconds"]) == (2, 0, 0.0)
    assert found["sequence"] in {3, 4}  # two batches, loaded together or not


def test_a_log_that_nobody_reads_any_more_stops_nothing(service: Service) -> None:
    assert post(service, fresh()).status_code == 200
    assert service.process is not None
    assert service.process.stderr is not None
    _hang_up(service)

    answers = [post(service, fresh()).status_code for _ in range(5)]
    service.wait_until_readable()

    assert answers == [200] * 5
    with Store.open(service.data, system_clock) as store:
        assert store.status().datasets["http_requests"].rows == 6


def _hang_up(service: Service) -> None:
    """Close our end of the pipe that the service logs to."""
    assert service.process is not None
    assert service.process.stderr is not None
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, service.process.stderr.fileno())
    os.close(null)


def test_a_sender_that_owes_its_body_does_not_hold_up_a_stop(tmp_path: Path) -> None:
    with running(tmp_path / "data", RAYTRAIL_REQUEST_SECONDS_MAX="2") as service:
        answers, go = list[bytes](), threading.Event()
        sender = threading.Thread(target=slowly, args=(service, fresh(), answers, go))
        sender.start()
        until(lambda: list((service.data / "raw").rglob(".draft-*")), "a draft")

        began = time.monotonic()
        assert service.stop() == 0
        assert time.monotonic() - began < STOPPING_SECONDS_MAX, "its deadline came sooner"
        go.set()
        sender.join()

    assert list((service.data / "raw").rglob(".draft-*")) == []
    assert b"500" not in b"".join(answers)
    assert "Traceback" not in "".join(service.raw_log)


def test_a_busy_catalog_while_recovering_ends_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits = IntakeLimits(reserve=NO_RESERVE)
    with Store.create(tmp_path / "data", system_clock, limits) as store:
        service = supervisor.Service(store, 1, configure("test"))
        monkeypatch.setattr(supervisor, "PAUSE_SECONDS_MAX", 5.0)

        def busy(_self: object) -> None:
            raise StoreBusy("held")

        with monkeypatch.context() as patch:
            patch.setattr(Store, "recover", busy)
            service._try_to_recover(100.0)
        assert service.recovery_due_at == 105.0
        service._try_to_recover(105.0)
        assert service.recovery_due_at is None


@pytest.mark.parametrize("where", ["a-file", "a-file/below"])
def test_a_data_folder_that_cannot_be_is_told_so(tmp_path: Path, where: str) -> None:
    (tmp_path / "a-file").write_text("not a folder")
    command = [sys.executable, "-m", "raytrail", "serve", "--data", str(tmp_path / where)]

    refused = subprocess.run(
        command, env=environment(), capture_output=True, text=True, check=False
    )

    assert refused.returncode == 3
    assert "Traceback" not in refused.stderr


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (BadConfiguration("x"), 3),
        (LayoutRefused("x"), 1),
        (DiskFailed("x"), 4),
        (StoreBusy("x"), 1),
    ],
)
def test_a_childs_last_word_decides_whether_it_is_started_again(
    error: RaytrailError, status: int
) -> None:
    assert child._status(error) == status


def test_with_a_python_that_is_gone_senders_hear_503_and_the_service_ends_with_2(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    python = tmp_path / "python"
    python.symlink_to(Path(sys.executable).resolve())
    monkeypatch.setattr(sys, "executable", str(python))
    path = ":".join((str(Path(__file__).parents[2]), *sys.path))
    service = Service(tmp_path / "data", settings={"PYTHONPATH": path})
    service.start()
    receiver = service.pid_of("receiver")
    until(
        lambda: httpx2.get(f"{service.url}/health", timeout=PATIENCE_SECONDS).is_success,
        "it receives",
    )

    python.unlink()
    os.kill(receiver, signal.SIGKILL)
    refused = httpx2.post(
        f"{service.url}/logpush/http_requests", content=b"x", timeout=PATIENCE_SECONDS
    )

    assert refused.status_code == 503
    assert service.process is not None
    assert service.process.wait(timeout=PATIENCE_SECONDS) == 2
    assert str(python) in service.wait_for("process not started")["reason"]


def test_a_process_that_cannot_be_had_is_tried_again(tmp_path: Path) -> None:
    planned = Child("loader", [str(tmp_path / "no-such-program")], (), {})

    planned.start(10.0)

    assert not planned.is_running()
    assert planned.due_at > 10.0


def test_a_token_no_header_can_carry_is_refused(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "raytrail", "serve", "--data", str(tmp_path / "data")]
    settings = environment(RAYTRAIL_TOKENS="schlüssel-mit-umlaut-äöü")

    refused = subprocess.run(command, env=settings, capture_output=True, text=True, check=False)

    assert refused.returncode == 3
    assert "ASCII" in refused.stderr
    assert "umlaut" not in refused.stderr


def test_counters_that_a_killed_service_left_are_swept_by_the_next(tmp_path: Path) -> None:
    left = metrics_folder(tmp_path / "data")
    first = Path(left.__enter__())  # and never left, as after a SIGKILL
    other = metrics_folder(tmp_path / "other")

    with other as kept, metrics_folder(tmp_path / "data") as second:
        assert not first.exists()
        assert Path(second).exists()
        assert Path(kept).exists()
