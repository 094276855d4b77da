"""A temporary copy of the checkout, in which one mutant at a time is tried."""

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from tests.mutation.mutant import Mutant
from tests.mutation.selection import Reach, stages

# pytest's exit statuses: all passed, some failed, interrupted (as by an error of collection), an
# internal error, no tests.
PASSED, FAILED, INTERRUPTED, BROKEN, NOTHING = 0, 1, 2, 3, 5
# A test that hangs is ended by its own timeout; this ends a run that hangs outside of tests.
RUN_SECONDS_MAX = 1_800
TEST_SECONDS_MAX = 180
OPTIONS = ("-q", "-x", "--no-header", "-p", "no:cacheprovider", "--hypothesis-profile", "quick")
# Later than any file, and another one for each mutant: no compiled file passes for another's.
FIRST_MTIME = 4_000_000_000


@dataclass(frozen=True, slots=True)
class Killed:
    """A test failed; `by` names it."""

    by: str


@dataclass(frozen=True, slots=True)
class Survived:
    """No test failed."""

    files: int


@dataclass
class Checkout:
    root: Path
    mtimes: Iterator[int] = field(default_factory=lambda: count(FIRST_MTIME))

    def trial(self, mutant: Mutant, widest: Reach) -> Killed | Survived:
        """Run the tests on the mutant, the nearest ones first, until one fails."""
        files = 0
        with self.mutated(mutant):
            for stage in stages(self.root, mutant, widest):
                failed = self.failure(stage)
                if failed is not None:
                    return Killed(failed)
                files += len(stage)
        return Survived(files)

    @contextmanager
    def mutated(self, mutant: Mutant) -> Iterator[None]:
        path = self.root / mutant.file
        source = path.read_bytes()
        self._write(path, mutant.applied_to(source))
        try:
            yield
        finally:
            self._write(path, source)

    def failure(self, files: Sequence[str], seconds: float | None = RUN_SECONDS_MAX) -> str | None:
        """The first test of these that fails; None if all pass."""
        status, told = self._pytest(files, seconds)
        if status in {PASSED, NOTHING}:
            return None
        if status in {FAILED, INTERRUPTED, BROKEN}:
            found = re.search(r"^(?:FAILED|ERROR) (\S+)", told, re.MULTILINE)
            return found[1] if found else told.strip()[-200:]
        if status < 0:
            return f"no end within {seconds} s"
        raise SystemExit(f"pytest exited with {status}:\n{told}")

    def _pytest(self, files: Sequence[str], seconds: float | None) -> tuple[int, str]:
        command = [sys.executable, "-m", "pytest", *OPTIONS, "-m", "not slow"]
        command += ["--timeout", str(TEST_SECONDS_MAX), *files]
        environment = {**os.environ, "PYTHONPATH": str(self.root)}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        with subprocess.Popen(
            command,
            cwd=self.root,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        ) as running:
            try:
                told, _ = running.communicate(timeout=seconds)
            except subprocess.TimeoutExpired:
                told = ""
            finally:
                # A broken service may leave processes behind.
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(running.pid, signal.SIGKILL)
        return running.returncode, told

    def _write(self, path: Path, content: bytes) -> None:
        path.write_bytes(content)
        mtime = next(self.mtimes)
        os.utime(path, (mtime, mtime))


@contextmanager
def checkout_of(root: Path) -> Iterator[Checkout]:
    """Copy the files that git knows, as they are now, and the built decoder."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=root,
        capture_output=True,
        check=True,
    )
    files = [name for name in listed.stdout.decode().split("\0") if name]
    files += [path.relative_to(root).as_posix() for path in (root / "native").glob("*.so")]
    with tempfile.TemporaryDirectory(prefix="raytrail-mutants-") as folder:
        for name in files:
            if (root / name).is_file():
                target = Path(folder, name)
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(root / name, target)
        yield Checkout(Path(folder))
