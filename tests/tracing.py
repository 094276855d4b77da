"""strace, to make the calls of a real process fail, die or wait. Skips loudly where it is not."""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.until import PATIENCE_SECONDS, until

needs_strace = pytest.mark.skipif(
    shutil.which("strace") is None, reason="NO STRACE: nothing was injected into real processes"
)


def tracer(call: str, fault: str, log: Path) -> list[str]:
    """What to put before a command so that its calls meet the fault, as strace writes faults.

    Not with --seccomp-bpf: strace 6.1 then sends no signals, and says nothing of it.
    """
    inject = ["-e", f"trace={call}", "-e", f"inject={call}:{fault}"]
    return ["strace", "--follow-forks", "-o", str(log), *inject]


@contextmanager
def attached(pid: int, call: str, fault: str) -> Iterator[Path]:
    """Let a process that runs already meet the fault until the block ends; yields strace's log."""
    with tempfile.TemporaryDirectory(prefix="raytrail-strace-") as folder:
        log, said = Path(folder) / "log", Path(folder) / "said"
        command = ["strace", "--follow-forks", "-p", str(pid), "-o", str(log)]
        command += ["-e", f"trace={call}", "-e", f"inject={call}:{fault}"]
        with said.open("wb") as mouth:
            tracing = subprocess.Popen(command, stderr=mouth)
        try:
            _wait_until_attached(tracing, said)
            yield log
        finally:
            tracing.terminate()
            tracing.wait(PATIENCE_SECONDS)


def _wait_until_attached(tracing: "subprocess.Popen[bytes]", said: Path) -> None:
    until(lambda: "attached" in said.read_text() or tracing.poll() is not None, "attached")
    if tracing.poll() is not None:
        pytest.skip(f"NO TRACING of a process that runs: {said.read_text()}")


def times_injected(log: Path) -> int:
    text = log.read_text(errors="replace")
    return text.count("(INJECTED)") + text.count("(DELAYED)")
