"""One engine with a store of many days, in a process of its own, asked over a pipe.

Each engine keeps what it would keep between two questions: a connection, its caches.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Protocol

from bench.questions import Found, Question
from bench.worker import THREADS

RAYTRAIL, DUCKDB, MERGED, PARTS = "raytrail", "duckdb", "mergetree", "mergetree parts"
ENGINES = (RAYTRAIL, DUCKDB, MERGED, PARTS)


class Asked(Protocol):
    def make(self, source: Sequence[Path]) -> None:
        """Take over the rows of these files, where they are not one's own."""

    def bytes(self) -> int:
        """What the rows take on disk."""

    def files(self) -> int:
        """In how many files, or parts, the rows are."""

    def ask(self, question: Question) -> Found:
        """The answer to one question, all rows of it."""


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="bench.asking")
    parser.add_argument("engine", choices=ENGINES)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--cores", type=int, nargs="+", required=True)
    options = parser.parse_args(arguments)
    os.sched_setaffinity(0, options.cores)
    os.environ.update(dict.fromkeys(THREADS, str(len(options.cores))))
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    engine = _engine(options.engine, options.folder, len(options.cores))
    for line in sys.stdin:
        answers.write(json.dumps(_do(engine, json.loads(line))) + "\n")
        answers.flush()
    return 0


def _engine(name: str, folder: Path, cores: int) -> Asked:
    if name in {RAYTRAIL, DUCKDB}:
        from bench.engines.trails import Trails  # noqa: PLC0415 (after the threads are told)

        return Trails(folder, cores, is_narrow=name == RAYTRAIL)
    from bench.engines.mergetree import MergeTree  # noqa: PLC0415

    return MergeTree(folder, cores, is_merged=name == MERGED)


def _do(engine: Asked, command: dict[str, Any]) -> dict[str, Any]:
    if "make" in command:
        engine.make([Path(path) for path in command["make"]])
        return {"bytes": engine.bytes(), "files": engine.files()}
    question = Question.of(command["ask"])
    cpu, started = time.process_time(), time.perf_counter()
    found = engine.ask(question)
    return {
        "seconds": time.perf_counter() - started,
        "cpu_seconds": time.process_time() - cpu,
        "found": asdict(found),
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
