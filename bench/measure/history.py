"""A store of many days: what a question takes, what the rows take, what merging them takes."""

import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq

from bench import adapter
from bench.asking import MERGED, PARTS, RAYTRAIL
from bench.history import History, build
from bench.inquiry import Asking, Times, ask_all, asking
from bench.measure.merging import Merging, merging
from bench.options import Run
from bench.pool import work_folder
from bench.questions import Question, questions
from bench.rounds import WrongAnswer
from bench.tables import Findings, Goal, Table, milliseconds

# At most so many times what MergeTree takes.
GOALS = {
    "trail, heavy, all days": 0.35,
    "trail, median, all days": 0.5,
    "trail, rare, all days": 0.2,
    "trail, absent, all days": 0.1,
    "trail, heavy, one day": 0.3,
    "trail, median, one day": 0.25,
    "Ray ID, all days": 0.3,
    "Ray ID, one day": 0.3,
}
# The same while nothing is merged, and MergeTree has as many parts.
PARTS_GOALS = {
    "trail, median, all days": 0.5,
    "Ray ID, all days": 0.25,
    "trail, heavy, all days": 1.0,
}
SIZE_MAX = 0.95
WAITING_MAX = 3.0
LONGER_MAX = 1.2
_COLUMNS = ("question", "raytrail, ms", "MergeTree, ms", "ratio")
# The days of the smaller store, by which a tenth of the rows is seen to take as long.
TENTH = 10


def history(run: Run) -> Findings:
    made = History(run.options.days, run.options.rows_a_day)
    run.say(f"history: {made.rows:,} rows over {made.days} days")
    with work_folder() as folder, ExitStack() as stack:
        store, peer = folder / "store", folder / "peer"
        build(made, store)
        ray_id = _some_ray_id(store)
        asked = questions(made, ray_id)
        parts = _parts(run, store, peer, [each for each in asked if each.name in PARTS_GOALS])
        merged = merging(run, made, store)
        ours = stack.enter_context(asking(RAYTRAIL, store, run.two_cores))
        theirs = stack.enter_context(asking(MERGED, peer, run.two_cores))
        run.say("history: the same rows into MergeTree")
        live = _live(store)
        sizes = {RAYTRAIL: ours.make(live).bytes, MERGED: theirs.make(live).bytes}
        found = ask_all([(RAYTRAIL, ours), (MERGED, theirs)], asked, run.options.question_rounds)
        tenth = _tenth(run, made, folder / "tenth", ours, ray_id)
    return _findings(made, _Measured(found, parts, sizes, merged, tenth))


def _parts(run: Run, store: Path, folder: Path, asked: Sequence[Question]) -> "_Parts":
    """Before anything is merged, here and in MergeTree."""
    live = _live(store)
    run.say(f"history: the same {len(live):,} parts into MergeTree")
    with (
        asking(RAYTRAIL, store, run.two_cores) as ours,
        asking(PARTS, folder, run.two_cores) as theirs,
    ):
        made = theirs.make(live)
        if made.files != len(live):
            raise WrongAnswer(f"MergeTree made {made.files:,} parts of {len(live):,}")
        found = ask_all([(RAYTRAIL, ours), (PARTS, theirs)], asked, run.options.question_rounds)
    shutil.rmtree(folder)
    return _Parts(len(live), found)


def _live(store: Path) -> list[Path]:
    with adapter.open_later(store, 1) as opened:
        return adapter.parts(opened)


def _tenth(run: Run, made: History, folder: Path, ours: Asking, ray_id: str) -> float:
    """How much longer a question about one day takes in this store than in a tenth of it."""
    small = History(max(made.days // TENTH, 1), made.rows_a_day)
    run.say(f"history: {small.rows:,} rows to compare with")
    build(small, folder)
    with adapter.open_later(folder, 40) as store:
        for _ in adapter.compact(store):
            pass
    [day] = [each for each in questions(small, ray_id) if each.name == "trail, heavy, one day"]
    with asking(RAYTRAIL, folder, run.two_cores) as other:
        found = ask_all([("large", ours), ("small", other)], [day], run.options.question_rounds)
    seconds = found[day.name].seconds
    return seconds["large"] / seconds["small"]


def _some_ray_id(store: Path) -> str:
    paths = _live(store)
    path = paths[len(paths) // 2]
    table = pq.read_table(path, columns=["RayID"], partitioning=None)
    return str(table["RayID"][table.num_rows // 2].as_py())


@dataclass(frozen=True, slots=True)
class _Parts:
    """Of a store of `count` parts, and of a MergeTree of as many."""

    count: int
    found: Mapping[str, Times]

    def table(self) -> Table:
        rows = [_row(name, each, PARTS) for name, each in self.found.items()]
        return Table(f"The same rows in {self.count:,} unmerged parts", _COLUMNS, rows)


@dataclass(frozen=True, slots=True)
class _Measured:
    found: Mapping[str, Times]
    parts: _Parts
    sizes: Mapping[str, int]
    merged: Merging
    tenth: float

    @property
    def size(self) -> float:
        return self.sizes[RAYTRAIL] / self.sizes[MERGED]

    def goals(self) -> Iterator[Goal]:
        for name, each in self.found.items():
            yield Goal(name, GOALS[name], each.ratio(RAYTRAIL, MERGED), at_most=True)
        yield Goal("bytes a row, to MergeTree", SIZE_MAX, self.size, at_most=True)
        for name, limit in PARTS_GOALS.items():
            ratio = self.parts.found[name].ratio(RAYTRAIL, PARTS)
            yield Goal(f"{name}, {self.parts.count:,} parts each", limit, ratio, at_most=True)
        for name, each in self.parts.found.items():
            ratio = each.seconds[RAYTRAIL] / self.found[name].seconds[RAYTRAIL]
            yield Goal(f"{name}, before merging", WAITING_MAX, ratio, at_most=True)
        yield Goal("one day of ten times the store", LONGER_MAX, self.tenth, at_most=True)
        yield from self.merged.goals()


def _row(name: str, times: Times, peer: str) -> tuple[str, ...]:
    shown = (milliseconds(times.seconds[each]) for each in (RAYTRAIL, peer))
    return name, *shown, f"{times.ratio(RAYTRAIL, peer):.2f}x"


def _findings(made: History, measured: _Measured) -> Findings:
    rows = [_row(name, each, MERGED) for name, each in measured.found.items()]
    sizes = [f"{measured.sizes[name] / made.rows:.1f}" for name in (RAYTRAIL, MERGED)]
    title = f"{made.rows:,} rows over {made.days} days, two cores, warm"
    rows.append(("bytes a row", sizes[0], sizes[1], f"{measured.size:.2f}x"))
    facts = {
        "seconds": {name: dict(each.seconds) for name, each in measured.found.items()},
        "parts": {name: dict(each.seconds) for name, each in measured.parts.found.items()},
        "bytes": dict(measured.sizes),
        "merging": measured.merged.facts(),
    }
    tables = [Table(title, _COLUMNS, rows), measured.parts.table(), measured.merged.table()]
    return Findings(tables, list(measured.goals()), facts)
