"""One engine in a process of its own, driven over a pipe: a JSON object in, one out.

So imports, arenas and thread pools of one engine are never another's. Pinned before anything
is imported that counts cores.
"""

import argparse
import contextlib
import json
import os
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

# Every library's own way to be told how many threads it may have.
THREADS = ("OMP_NUM_THREADS", "POLARS_MAX_THREADS", "RAYON_NUM_THREADS", "OPENBLAS_NUM_THREADS")


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="bench.worker")
    parser.add_argument("engine")
    parser.add_argument("--cores", type=int, nargs="+", required=True)
    parser.add_argument("--columns", choices=("sent", "dataset"), default="sent")
    options = parser.parse_args(arguments)
    os.sched_setaffinity(0, options.cores)
    os.environ.update(dict.fromkeys(THREADS, str(len(options.cores))))
    # What a library prints must not end up among the answers.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)

    def tell(answer: Mapping[str, Any]) -> None:
        answers.write(json.dumps(answer) + "\n")
        answers.flush()

    _serve(options.engine, options.columns, len(options.cores), tell)
    return 0


def _serve(name: str, columns: str, cores: int, tell: Any) -> None:
    from bench.columns import peer_fields  # noqa: PLC0415 (after the threads are told)
    from bench.engine import Missing  # noqa: PLC0415
    from bench.engines import engine  # noqa: PLC0415

    try:
        made = engine(name, peer_fields(columns), cores)
    except Missing as error:
        tell({"missing": str(error)})
        return
    tell({"ready": name})
    worker = _Worker(made)
    for line in sys.stdin:
        command = json.loads(line)
        tell(getattr(worker, command.pop("do"))(**command))


class _Worker:
    """The commands; each returns what is told."""

    def __init__(self, engine: Any) -> None:
        self._engine = engine

    def prepare(self, groups: list[list[list[Any]]], folder: str) -> dict[str, Any]:
        from bench.bodies import Body  # noqa: PLC0415
        from bench.engine import Peer  # noqa: PLC0415

        made = [[Body(Path(path), records) for path, records in group] for group in groups]
        if isinstance(self._engine, Peer):
            self._engine.prepare_groups(made, Path(folder))
        else:
            # Raytrail makes groups of its own.
            self._engine.prepare([body for group in made for body in group], Path(folder))
        return self.memory()

    def run(self) -> dict[str, Any]:
        rchar, cpu, started = _read_bytes(), time.process_time(), time.perf_counter()
        stages = self._engine.run()
        return {
            "seconds": time.perf_counter() - started,
            "cpu_seconds": time.process_time() - cpu,
            "read_bytes": _read_bytes() - rchar,
            "stages": dict(stages),
        }

    def answer(self) -> dict[str, Any]:
        return asdict(self._engine.answer())

    def memory(self) -> dict[str, Any]:
        """Now and at most since `forget`."""
        told = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
        sizes = {line.partition(":")[0]: line.split()[1] for line in told if line.endswith("kB")}
        return {
            "rss": int(sizes["VmRSS"]) * 1024,
            "peak": int(sizes["VmHWM"]) * 1024,
            "descriptors": len(list(Path("/proc/self/fd").iterdir())),
        }

    def forget(self) -> dict[str, Any]:
        """Let the peak begin anew, where that is allowed."""
        with contextlib.suppress(OSError):
            Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
        return self.memory()


def _read_bytes() -> int:
    told = Path("/proc/self/io").read_text(encoding="ascii")
    return int(told.split("rchar:")[1].split()[0])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
