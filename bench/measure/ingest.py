"""From gz bodies to durable, sorted Parquet on one core: we and our peers, and the floor.

Raytrail's loader puts waiting batches together, so each peer runs twice: a body at a time, and
given the same groups. The better of the two is what Raytrail is judged by.
"""

from collections.abc import Iterator, Mapping, Sequence

from bench.bodies import alone, bodies
from bench.engines import CHDB, FLOOR, OURS, PEERS, PLAIN
from bench.groups import together
from bench.machine import ONE_CORE, sees_others
from bench.measure.versus import against, best, grouped, peer_tasks, ratio
from bench.mixes import USUAL
from bench.options import Run
from bench.pool import Worker, workers
from bench.rounds import Task, Timing, interleaved_over
from bench.tables import Findings, Goal, Table, milliseconds, thousands
from bench.traffic import Traffic

NATIVE, PYTHON = OURS
# Native against chDB, by records a batch.
ALONE_GOALS = {1_000: 3.0}
GOALS = {1_000: 1.8, 10_000: 2.0, 100_000: 1.8}
FLOOR_SHARE_MIN = 0.75
PLAIN_MIN = 1.0
ODD_SHARE = 0.01
ODD_SLOWDOWN_MAX = 1.1
# Ten times slower than the rest: past this many records a batch they would take all the minutes.
SLOW = {PYTHON, PLAIN}
SLOW_RECORDS_MAX = 10_000


def ingest(run: Run) -> Findings:
    tables, goals, facts = [], [], {}
    with workers((*OURS, *PEERS, FLOOR), run.one_core, run.options.columns) as (ready, missing):
        for records, count in run.options.sizes.items():
            run.say(f"ingest: {count} x {records:,} records, one core")
            wanted = [each for each in ready if _is_wanted(each.engine, records, run)]
            tasks = list(_tasks(wanted, records, count))
            timings = interleaved_over(tasks, run.options.rounds, run.spinner)
            tables += _tables(records, timings, missing)
            goals += _goals(records, timings, missing)
            goals += _odd_goals(timings, missing) if records == run.options.records else []
            facts[f"{records}"] = {name: each.as_dict() for name, each in timings.items()}
    return Findings(tables, goals, facts)


def odd(engine: str) -> str:
    """The name of its row over batches in which one line of a hundred is odd."""
    return f"{engine}, 1 % odd lines"


def _is_wanted(engine: str, records: int, run: Run) -> bool:
    if engine == FLOOR:
        return records == run.options.records
    return records <= SLOW_RECORDS_MAX or engine not in SLOW


def _tasks(ready: Sequence[Worker], records: int, count: int) -> Iterator[Task]:
    sent = bodies(USUAL, records, count)
    groups = together(sent)
    spoiled = bodies(Traffic(odd_share=ODD_SHARE), records, count)
    for each in ready:
        if each.engine in PEERS:
            yield from peer_tasks(each, sent, groups)
            continue
        yield Task(each.engine, each, alone(sent))
        if each.engine in OURS:
            yield Task(odd(each.engine), each, alone(spoiled), traffic="odd")


def _tables(records: int, timings: Mapping[str, Timing], missing: Mapping[str, str]) -> list[Table]:
    peer = best(timings, CHDB)
    rows = [
        (
            name,
            thousands(each.records_a_second),
            milliseconds(each.seconds / each.records * records),
            milliseconds(each.best_seconds / each.records * records),
            milliseconds(each.cpu_seconds / each.records * records),
            ratio(each, peer),
            f"{each.parquet_bytes_a_record:.1f}",
            # Unknown fields, mistyped values and bad lines; see docs/performance.md.
            "all" if name.startswith(OURS) else "no",
        )
        for name, each in timings.items()
        if name != FLOOR
    ]
    columns = ("engine", "krec/s", "ms a batch", "least", "CPU", "to chdb", "B/record", "keeps all")
    notes = ["to chdb: to the better of its two rows"] if grouped(CHDB) in timings else []
    notes += [f"{name}: skipped, {why}" for name, why in missing.items()]
    if records > SLOW_RECORDS_MAX:
        notes.append(f"{', '.join(sorted(SLOW))}: left out, too slow for a batch of this size")
    notes += disturbance(timings)
    found = [Table(f"Ingest, {records:,} records a batch, one core", columns, rows, notes)]
    if FLOOR in timings:
        found.append(_floor_table(timings[FLOOR], timings))
    return found


def _floor_table(floor: Timing, timings: Mapping[str, Timing]) -> Table:
    stages = floor.stages()
    rows = [(name, f"{microseconds:.2f}") for name, microseconds in stages.items()]
    rows.append(("floor", f"{sum(stages.values()):.2f}"))
    rows += [(name, f"{_microseconds(timings[name]):.2f}") for name in OURS if name in timings]
    return Table("The floor, one core, CPU", ("part", "us a record"), rows)


def _goals(records: int, timings: Mapping[str, Timing], missing: Mapping[str, str]) -> list[Goal]:
    why = missing.get(NATIVE) or missing.get(CHDB, "")
    goals = []
    if records in ALONE_GOALS:
        measured = against(timings, NATIVE, timings.get(CHDB))
        name = f"native to chdb a body at a time, {records:,}"
        goals.append(Goal(name, ALONE_GOALS[records], measured, why=why))
    if records in GOALS:
        measured = against(timings, NATIVE, best(timings, CHDB))
        name = f"native to the better chdb, {records:,}"
        goals.append(Goal(name, GOALS[records], measured, why=why))
    if FLOOR in timings:
        floor = sum(timings[FLOOR].stages().values())
        native = timings.get(NATIVE)
        share = floor / _microseconds(native) if native else None
        goals.append(Goal("native, share of the floor", FLOOR_SHARE_MIN, share, why=why))
        faster = against(timings, PYTHON, best(timings, PLAIN))
        goals.append(Goal("python to orjson + from_pylist", PLAIN_MIN, faster))
    return goals


def _odd_goals(timings: Mapping[str, Timing], missing: Mapping[str, str]) -> list[Goal]:
    slower = {
        name: timings[odd(name)].judged_seconds / timings[name].judged_seconds
        for name in OURS
        if name in timings
    }
    return [
        Goal(
            odd(name),
            ODD_SLOWDOWN_MAX,
            slower.get(name),
            at_most=True,
            why=missing.get(name, ""),
        )
        for name in OURS
    ]


def _microseconds(timing: Timing) -> float:
    return timing.judged_seconds / timing.records * 1e6


def disturbance(timings: Mapping[str, Timing]) -> list[str]:
    if any(each.is_disturbed for each in timings.values()):
        return ["DISTURBED: somebody else used the machine; rates and ratios are by CPU seconds"]
    return [] if sees_others() else [ONE_CORE]
