"""A sync of a real service fails: the answer is not 200, and the service ends."""

import shutil
import time
from pathlib import Path

import httpx2
import pytest

from tests.factories import gzipped, ndjson, record
from tests.injected import Injected
from tests.service import TOKEN, Service, post
from tests.until import PATIENCE_SECONDS

STRACE = shutil.which("strace")


def start_failing(service: Service, nth: int) -> None:
    """Start a service in which every process gets EIO from its n-th fsync on."""
    assert STRACE is not None
    traced = [STRACE, "--follow-forks", "--seccomp-bpf", "-o", "/dev/null", "-e", "trace=fsync"]
    service.wrapper = [*traced, "-e", f"inject=fsync:error=EIO:when={nth}+"]
    service.start()


@pytest.mark.disk
@pytest.mark.skipif(STRACE is None, reason="NO STRACE: a failing sync was not tried for real")
def test_a_sync_that_fails_is_never_a_200_and_ends_the_service_with_4(
    tmp_path: Path, injected: Injected
) -> None:
    service = Service(tmp_path / "data", settings={"RAYTRAIL_WORKERS": "1"})
    start_failing(service, 40)
    answers: list[int] = []
    deadline = time.monotonic() + PATIENCE_SECONDS
    while service.process is not None and service.process.poll() is None:
        assert time.monotonic() < deadline, "the fault must have fired"
        body = gzipped(ndjson(record(RayID=f"{len(answers):016x}")))
        try:
            answers.append(post(service, body).status_code)
        except httpx2.HTTPError:
            break

    assert service.stop() == 4
    injected(1)
    assert set(answers) <= {200, 503}
    service.wrapper = []
    service.start()
    for number, status in enumerate(answers):
        again = post(service, gzipped(ndjson(record(RayID=f"{number:016x}"))))
        assert again.status_code == 200
        if status == 200:
            assert again.json()["duplicate"] is True, "what was acknowledged must be there"
    service.wait_until_readable()
    assert service.stop() == 0
    assert any("disk failed" in line.get("event", "") for line in service.log)
    assert TOKEN not in "".join(service.raw_log)
