"""The driver's end of the pipes: workers that are started, asked and ended."""

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.bodies import HERE, Groups
from bench.engine import Answer, Missing, Stages

WORK = HERE / ".work"
# Longer than any engine needs for any batch here; a hung one ends the bench instead of hanging it.
STOP_SECONDS_MAX = 30.0


class WorkerDied(Exception):
    """An engine ended in the middle; its last words are on standard error."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One round of one engine."""

    seconds: float
    cpu_seconds: float
    read_bytes: int
    stages: Stages
    answer: Answer


@dataclass(frozen=True, slots=True)
class Memory:
    rss: int
    peak: int
    descriptors: int


class Worker:
    """One engine's process. Only one of all of them works at any time."""

    def __init__(self, engine: str, cores: Sequence[int], columns: str = "sent") -> None:
        self.engine = engine
        pinned = [str(core) for core in cores]
        self._process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "bench.worker",
                engine,
                "--columns",
                columns,
                "--cores",
                *pinned,
            ],
            cwd=HERE.parent,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def greet(self) -> None:
        """Wait until it is ready; raises Missing where it cannot run."""
        greeting = self._hear()
        if "missing" in greeting:
            raise Missing(greeting["missing"])

    def prepare(self, groups: Groups, folder: Path) -> Memory:
        listed = [[[str(body.path), body.records] for body in group] for group in groups]
        return Memory(**self._ask("prepare", groups=listed, folder=str(folder)))

    def run(self) -> dict[str, Any]:
        return self._ask("run")

    def answer(self) -> Answer:
        return Answer(**self._ask("answer"))

    def memory(self) -> Memory:
        return Memory(**self._ask("memory"))

    def forget(self) -> Memory:
        return Memory(**self._ask("forget"))

    def round(self, groups: Groups) -> Sample:
        """Prepare, run and answer once, in a folder that is gone afterwards."""
        with work_folder() as folder:
            self.prepare(groups, folder / "out")
            told = self.run()
            return Sample(**told, answer=self.answer())

    def close(self) -> None:
        assert self._process.stdin is not None  # noqa: S101 (it was started with a pipe)
        assert self._process.stdout is not None  # noqa: S101 (same)
        self._process.stdin.close()
        try:
            self._process.wait(STOP_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()

    def _ask(self, command: str, **arguments: Any) -> dict[str, Any]:
        assert self._process.stdin is not None  # noqa: S101 (it was started with a pipe)
        self._process.stdin.write(json.dumps({"do": command, **arguments}) + "\n")
        self._process.stdin.flush()
        return self._hear()

    def _hear(self) -> dict[str, Any]:
        assert self._process.stdout is not None  # noqa: S101 (it was started with a pipe)
        line = self._process.stdout.readline()
        if not line:
            raise WorkerDied(f"{self.engine} ended with status {self._process.wait()}")
        told: dict[str, Any] = json.loads(line)
        return told


@contextmanager
def worker(engine: str, cores: Sequence[int], columns: str = "sent") -> Iterator[Worker]:
    started = Worker(engine, cores, columns)
    try:
        started.greet()
        yield started
    finally:
        started.close()


@contextmanager
def workers(
    engines: Sequence[str], cores: Sequence[int], columns: str = "sent"
) -> Iterator[tuple[list[Worker], dict[str, str]]]:
    """Those that can run here, and why the others cannot."""
    with ExitStack() as stack:
        # All begin at once; it is only the work that goes one by one.
        started = [Worker(engine, cores, columns) for engine in engines]
        for each in started:
            stack.callback(each.close)
        running, missing = [], {}
        for each in started:
            try:
                each.greet()
                running.append(each)
            except Missing as error:
                missing[each.engine] = str(error)
        yield running, missing


@contextmanager
def work_folder() -> Iterator[Path]:
    """On the project's own disk: what is measured is a sync to it."""
    WORK.mkdir(exist_ok=True)
    folder = Path(tempfile.mkdtemp(dir=WORK))
    try:
        yield folder
    finally:
        shutil.rmtree(folder)
