"""A store of many days: what a question takes, what the rows take, what merging them takes."""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import pyarrow.parquet as pq

from bench import adapter
from bench.bodies import HERE
from bench.history import History, build
from bench.measure.merging import Merging, merging
from bench.options import Run
from bench.pool import WorkerDied, work_folder
from bench.questions import Question, questions
from bench.rounds import WrongAnswer
from bench.tables import Findings, Goal, Table, milliseconds

# At most so many times what MergeTree takes.
GOALS = {
    "trail, heavy, all days": 0.8,
    "trail, median, all days": 1.1,
    "trail, rare, all days": 1.0,
    "trail, absent, all days": 1.0,
    "trail, heavy, one day": 0.8,
    "trail, median, one day": 0.8,
    "Ray ID, all days": 0.4,
    "Ray ID, one day": 0.3,
}
SIZE_MAX = 0.95
WAITING_MAX = 3.0
LONGER_MAX = 1.2
# A question takes milliseconds: so many rounds cost nothing, and tell a median from a mishap.
ROUNDS = 15
# The days of the smaller store, by which a tenth of the rows is seen to take as long.
TENTH = 10


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds of one question, by engine."""

    seconds: Mapping[str, float]

    @property
    def ratio(self) -> float:
        return self.seconds["raytrail"] / self.seconds["mergetree"]


def history(run: Run) -> Findings:
    made = History(run.options.days, run.options.rows_a_day)
    run.say(f"history: {made.rows:,} rows over {made.days} days")
    with work_folder() as folder, ExitStack() as stack:
        store, peer = folder / "store", folder / "peer"
        build(made, store)
        before = stack.enter_context(_asking("raytrail", store, run.two_cores))
        ray_id = _some_ray_id(store)
        asked = questions(made, ray_id)
        waiting = _ask_all([("parts", before)], asked[:2], ROUNDS)
        merged = merging(run, made, store)
        ours = stack.enter_context(_asking("raytrail", store, run.two_cores))
        theirs = stack.enter_context(_asking("mergetree", peer, run.two_cores))
        run.say("history: the same rows into MergeTree")
        with adapter.open_later(store, 1) as opened:
            live = adapter.parts(opened)
        sizes = {"raytrail": ours.make(live), "mergetree": theirs.make(live)}
        found = _ask_all([("raytrail", ours), ("mergetree", theirs)], asked, ROUNDS)
        tenth = _tenth(run, made, folder / "tenth", ours, ray_id)
    return _findings(made, _Measured(found, waiting, sizes, merged, tenth))


def _tenth(run: Run, made: History, folder: Path, ours: "Asking", ray_id: str) -> float:
    """How much longer a question about one day takes in this store than in a tenth of it."""
    small = History(max(made.days // TENTH, 1), made.rows_a_day)
    run.say(f"history: {small.rows:,} rows to compare with")
    build(small, folder)
    with adapter.open_later(folder, 40) as store:
        for _ in adapter.compact(store):
            pass
    [day] = [each for each in questions(small, ray_id) if each.name == "trail, heavy, one day"]
    with _asking("raytrail", folder, run.two_cores) as other:
        found = _ask_all([("large", ours), ("small", other)], [day], ROUNDS)
    seconds = found[day.name].seconds
    return seconds["large"] / seconds["small"]


class Asking:
    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def make(self, source: Sequence[Path]) -> int:
        """What the rows take on disk there."""
        told: int = self._tell({"make": [str(path) for path in source]})["bytes"]
        return told

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
def _asking(engine: str, folder: Path, cores: Sequence[int]) -> Iterator[Asking]:
    pinned = [str(core) for core in cores]
    command = [sys.executable, "-m", "bench.asking", engine, str(folder), "--cores", *pinned]
    with subprocess.Popen(
        command, cwd=HERE.parent, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield Asking(process)
        assert process.stdin is not None  # noqa: S101 (it was started with a pipe)
        process.stdin.close()


def _ask_all(
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


def _some_ray_id(store: Path) -> str:
    with adapter.open_later(store, 1) as opened:
        paths = adapter.parts(opened)
    path = paths[len(paths) // 2]
    table = pq.read_table(path, columns=["RayID"], partitioning=None)
    return str(table["RayID"][table.num_rows // 2].as_py())


@dataclass(frozen=True, slots=True)
class _Measured:
    found: Mapping[str, Times]
    waiting: Mapping[str, Times]
    sizes: Mapping[str, int]
    merged: Merging
    tenth: float

    @property
    def size(self) -> float:
        return self.sizes["raytrail"] / self.sizes["mergetree"]

    def goals(self) -> Iterator[Goal]:
        for name, each in self.found.items():
            yield Goal(name, GOALS[name], each.ratio, at_most=True)
        yield Goal("bytes a row, to MergeTree", SIZE_MAX, self.size, at_most=True)
        for name, each in self.waiting.items():
            ratio = each.seconds["parts"] / self.found[name].seconds["raytrail"]
            yield Goal(f"{name}, before merging", WAITING_MAX, ratio, at_most=True)
        yield Goal("one day of ten times the store", LONGER_MAX, self.tenth, at_most=True)
        yield from self.merged.goals()


def _findings(made: History, measured: _Measured) -> Findings:
    rows = [
        (
            name,
            milliseconds(each.seconds["raytrail"]),
            milliseconds(each.seconds["mergetree"]),
            f"{each.ratio:.2f}x",
        )
        for name, each in measured.found.items()
    ]
    sizes = [f"{measured.sizes[name] / made.rows:.1f}" for name in ("raytrail", "mergetree")]
    title = f"{made.rows:,} rows over {made.days} days, two cores, warm"
    columns = ("question", "raytrail, ms", "MergeTree, ms", "ratio")
    rows.append(("bytes a row", sizes[0], sizes[1], f"{measured.size:.2f}x"))
    facts = {
        "seconds": {name: dict(each.seconds) for name, each in measured.found.items()},
        "bytes": dict(measured.sizes),
        "merging": measured.merged.facts(),
    }
    tables = [Table(title, columns, rows), measured.merged.table()]
    return Findings(tables, list(measured.goals()), facts)
