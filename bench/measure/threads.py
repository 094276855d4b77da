"""Two cores against one, each engine against itself. Wall time only: CPU time cannot tell."""

from contextlib import ExitStack

from bench.bodies import alone, bodies
from bench.engines import CHDB, DUCKDB, OURS
from bench.options import Run
from bench.pool import workers
from bench.rounds import Task, interleaved_over
from bench.tables import Findings, Goal, Table, thousands
from bench.traffic import Traffic

GAIN_MIN = 1.7
ENGINES = (*OURS, CHDB, DUCKDB)


def threads(run: Run) -> Findings:
    records, count = run.options.records, run.options.batches_a_round
    run.say(f"threads: {count} x {records:,} records, one core and two")
    if len(run.two_cores) < 2:  # noqa: PLR2004 (two is the measurement's name)
        return Findings(goals=[Goal("two cores to one", GAIN_MIN, None, why="one core here")])
    sent = bodies(Traffic(), records, count)
    with ExitStack() as stack:
        pools = {
            count: stack.enter_context(workers(ENGINES, pinned, run.options.columns))
            for count, pinned in ((1, run.one_core), (2, run.two_cores))
        }
        ready = [each.engine for each in pools[1][0]]
        tasks = [
            Task(f"{each.engine} {count}", each, alone(sent))
            for count, (pool, _) in pools.items()
            for each in pool
        ]
        found = interleaved_over(tasks, run.options.rounds, run.spinner)
    rates = {name: each.records / each.seconds for name, each in found.items()}
    gains = {name: rates[f"{name} 2"] / rates[f"{name} 1"] for name in ready}
    rows = [
        (name, thousands(rates[f"{name} 1"]), thousands(rates[f"{name} 2"]), f"{gains[name]:.2f}x")
        for name in ready
    ]
    notes = ["DISTURBED"] if any(each.is_disturbed for each in found.values()) else []
    table = Table("Two cores", ("engine", "one, krec/s", "two, krec/s", "gain"), rows, notes)
    native = OURS[0]
    goal = Goal(
        "native, two cores to one", GAIN_MIN, gains.get(native), why=pools[1][1].get(native, "")
    )
    return Findings([table], [goal], {name: each.as_dict() for name, each in found.items()})
