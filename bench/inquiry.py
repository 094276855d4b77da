"""The driver's end of `bench.asking`: engines that are asked in turn, and their times."""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from bench.bodies import HERE
from bench.pool import WorkerDied
from bench.questions import Question
from bench.rounds import WrongAnswer


@dataclass(frozen=True, slots=True)
class Made:
    """What an engine's rows take on disk, and in how many files they are."""

    bytes: int
    files: int


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds of one question, by engine."""

    seconds: Mapping[str, float]

    def ratio(self, ours: str, theirs: str) -> float:
        return self.seconds[ours] / self.seconds[theirs]


class Asking:
    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def make(self, source: Sequence[Path]) -> Made:
        return Made(**self._tell({"make": [str(path) for path in source]}))

    def ask(self, question: Question) -> dict[str, Any]:
        return self._tell({"ask": question.facts()})

    def _tell(self, command: dict[str, Any]) -> dict[str, Any]:
        assert self._process.stdin is not None  # noqa: S101 (it was started with pipes)
        assert self._process.stdout is not None  # noqa: S101 (same)
        self._process.stdin.write(json.dumps(command) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise WorkerDied(f"an engine ended with status {self._process.wait()}")
        told: dict[str, Any] = json.loads(line)
        return told


@contextmanager
def asking(engine: str, folder: Path, cores: Sequence[int]) -> Iterator[Asking]:
    pinned = [str(core) for core in cores]
    command = [sys.executable, "-m", "bench.asking", engine, str(folder), "--cores", *pinned]
    with subprocess.Popen(
        command, cwd=HERE.parent, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield Asking(process)
        assert process.stdin is not None  # noqa: S101 (it was started with a pipe)
        process.stdin.close()


def ask_all(
    engines: Sequence[tuple[str, Asking]], asked: Sequence[Question], rounds: int
) -> dict[str, Times]:
    """Every engine in every round; the first is dropped, and all must find the same."""
    found: dict[str, dict[str, list[float]]] = {
        each.name: {name: [] for name, _ in engines} for each in asked
    }
    for number in range(rounds + 1):
        for question in asked:
            told = {name: engine.ask(question) for name, engine in engines}
            answers = {str(each["found"]) for each in told.values()}
            if len(answers) > 1:
                raise WrongAnswer(f"{question.name}: {answers}")
            if number:
                for name, each in told.items():
                    found[question.name][name].append(each["seconds"])
    return {
        name: Times({engine: median(times) for engine, times in each.items()})
        for name, each in found.items()
    }
