"""The same work over other kinds of traffic: whether we are fast only where rows are easily guessed."""

from bench.bodies import alone, bodies
from bench.engines import CHDB, OURS
from bench.groups import together
from bench.measure.ingest import disturbance
from bench.measure.versus import against, best, peer_tasks
from bench.mixes import MIXES, OFFICES
from bench.options import Run
from bench.pool import Worker, workers
from bench.rounds import Task, Timing, interleaved_over
from bench.tables import Findings, Goal, Table, thousands
from bench.traffic import Traffic

NATIVE = OURS[0]
# Native against the better chDB over `OFFICES`, whatever the size of a batch.
OFFICES_MIN = 1.5


def traffic(run: Run) -> Findings:
    rows, goals, notes, facts = [], [], [], {}
    with workers((NATIVE, CHDB), run.one_core, run.options.columns) as (ready, missing):
        why = missing.get(NATIVE) or missing.get(CHDB, "")
        for name in run.options.mixes:
            kind = MIXES[name]
            for records, count in _sizes(run, kind).items():
                run.say(f"traffic: {name}, {count} x {records:,} records, one core")
                tasks = _tasks(ready, kind, records, count)
                timings = interleaved_over(tasks, run.options.rounds, run.spinner)
                measured = against(timings, NATIVE, best(timings, CHDB))
                rows.append(_row(name, records, timings, measured))
                notes += disturbance(timings)
                facts[f"{name}, {records}"] = {key: each.as_dict() for key, each in timings.items()}
                if kind is OFFICES:
                    goal = f"native to the better chdb, {name}, {records:,}"
                    goals.append(Goal(goal, OFFICES_MIN, measured, why=why))
    columns = ("traffic", "records a batch", "native, krec/s", "chdb, krec/s", "ratio")
    notes = [*(f"{name}: skipped, {why}" for name, why in missing.items()), *dict.fromkeys(notes)]
    return Findings([Table("Other traffic, one core", columns, rows, notes)], goals, facts)


def _sizes(run: Run, kind: Traffic) -> dict[int, int]:
    """Every size where there is a goal for each; else the usual one."""
    return (
        run.options.sizes if kind is OFFICES else {run.options.records: run.options.batches_a_round}
    )


def _tasks(ready: list[Worker], kind: Traffic, records: int, count: int) -> list[Task]:
    sent = bodies(kind, records, count)
    groups = together(sent)
    tasks: list[Task] = []
    for each in ready:
        if each.engine == CHDB:
            tasks += peer_tasks(each, sent, groups)
        else:
            tasks.append(Task(each.engine, each, alone(sent)))
    return tasks


def _row(
    name: str, records: int, timings: dict[str, Timing], measured: float | None
) -> tuple[str, ...]:
    rates = (
        None if each is None else each.records_a_second
        for each in (timings.get(NATIVE), best(timings, CHDB))
    )
    shown = ("-" if rate is None else thousands(rate) for rate in rates)
    return name, f"{records:,}", *shown, "-" if measured is None else f"{measured:.2f}x"
