"""Bodies of unusual shape and size, loaded by a real service in bounded memory (reliability 5.4)."""

import gzip
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from store.store import Store
from store.timestamps import system_clock
from tests.factories import gzipped
from tests.injected import Injected
from tests.service import Service, post, running

pytestmark = pytest.mark.large

MIB = 1024 * 1024

LARGE = {
    "a million lines": (b'{"RayID":"1"}\n' * 1_000_000, 1_000_000, 0),
    "five million empty objects": (b"{}\n" * 5_000_000, 5_000_000, 0),
    "one line of 100 MB": (b'{"RayID":"' + b"x" * 100_000_000 + b'"}\n{"RayID":"1"}', 1, 1),
    "128 MiB of one bracket": (b"[" * (128 * MIB), 0, 1),
}


@pytest.fixture(scope="module")
def serving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with running(tmp_path_factory.mktemp("lines") / "data") as started:
        assert post(started, gzipped(b'{"RayID":"0"}')).status_code == 200
        started.wait_until_readable()
        yield started


@pytest.mark.parametrize("name", LARGE)
def test_l7_l20_large_bodies_become_their_rows_in_bounded_memory(
    serving: Service, injected: Injected, name: str
) -> None:
    plain, rows, rejected = LARGE[name]
    before = counted(serving)

    assert post(serving, gzip.compress(plain, compresslevel=1)).status_code == 200
    serving.wait_until_readable(300)

    injected(1)
    after = counted(serving)
    assert (after[0] - before[0], after[1] - before[1]) == (rows, rejected)
    peaks = Counter({found: peak_kib(pid) // 1024 for pid, found in serving.pids().items()})
    print(f"{name}: peak MiB {dict(peaks)}")
    assert peaks["receiver"] < 256
    assert peaks["loader"] < 1_536


def counted(service: Service) -> tuple[int, int]:
    """How many rows and rejected lines the store holds."""
    with Store.open(service.data, system_clock) as store:
        found = store.status().datasets["http_requests"]
    return found.rows, found.rejected_lines


def peak_kib(pid: int) -> int:
    text = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(text.partition("VmHWM:")[2].split()[0])
