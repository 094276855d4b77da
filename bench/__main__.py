"""`python -m bench WHAT`: measure, show, keep. Exit 1 when answers differ or a gated goal is missed."""

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from bench.bodies import HERE
from bench.machine import ONE_CORE, machine, sees_others, spinner
from bench.measure.awkward import awkward
from bench.measure.history import history
from bench.measure.importing import importing
from bench.measure.ingest import ingest
from bench.measure.memory import memory
from bench.measure.receiver import receiver
from bench.measure.sizing import sizing
from bench.measure.sustained import sustained
from bench.measure.threads import threads
from bench.measure.traffic import traffic
from bench.options import Options, Run
from bench.rounds import WrongAnswer
from bench.tables import Findings, Goal, goals_table, show

Measurement = Callable[[Run], Findings]

MEASUREMENTS: dict[str, Measurement] = {
    "awkward": awkward,
    "ingest": ingest,
    "traffic": traffic,
    "threads": threads,
    "receiver": receiver,
    "memory": memory,
    "sustained": sustained,
    "history": history,
    "importing": importing,
}
# Not among `all`: it says what a machine needs, and sets no goal.
BESIDE: dict[str, Measurement] = {"sizing": sizing}
# Seconds, not minutes: whether all of it still runs, not how fast.
SMOKE = Options(
    rounds=1,
    small_batches=20,
    minutes=0.05,
    sizes={200: 2},
    records=200,
    batches_a_round=2,
    large_records=500,
    largest_records=500,
    mixes=("shared addresses, nanoseconds",),
    requests=10,
    days=3,
    rows_a_day=24_000,
    question_rounds=1,
    import_records=1_000,
)
SMOKED = ("awkward", "ingest", "traffic", "receiver", "sustained", "history", "importing", "sizing")
RESULTS = HERE / "results"
# How far below a goal a gated run may be: caches, neighbours, the hour.
TOLERANCE = 0.1


def main(arguments: Sequence[str]) -> int:
    options = _options(arguments)
    chosen = {"all": tuple(MEASUREMENTS), "smoke": SMOKED}.get(options.what, (options.what,))
    # A table on a pipe must not be cut to what a terminal might have been.
    console = Console(width=None if sys.stdout.isatty() else 160)
    here = machine()
    print(f"{here.processor}, {here.cores} cores, Python {here.python}, commit {here.commit}")
    if not sees_others():
        print(ONE_CORE)
    found: dict[str, Findings] = {}
    with spinner() if options.what != "smoke" else nullcontext() as spin:
        run = Run(_how_much(options), spin, _say)
        for name in chosen:
            try:
                found[name] = (MEASUREMENTS | BESIDE)[name](run)
            except WrongAnswer as error:
                print(error, file=sys.stderr)
                return 1
            for table in found[name].tables:
                show(table, markdown=options.markdown, console=console)
        # Unknown (null) where nobody could see it.
        disturbed = spin.is_disturbed if spin and sees_others() else None
    goals = [goal for each in found.values() for goal in each.goals]
    if options.what != "smoke" and goals:
        show(goals_table(goals), markdown=options.markdown, console=console)
        if disturbed:
            print("DISTURBED: measure again when nobody else uses the machine")
        if not sees_others():
            print(ONE_CORE)
        _keep(options.what, found, goals, here.as_dict() | {"disturbed": disturbed})
    missed = [goal for goal in goals if goal.is_met(TOLERANCE) is False]
    return 1 if options.gate and missed else 0


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("what", choices=[*MEASUREMENTS, *BESIDE, "all", "smoke"])
    parser.add_argument("--rounds", type=int, default=Options().rounds)
    parser.add_argument("--batches", type=int, default=Options().small_batches)
    parser.add_argument("--minutes", type=float, default=Options().minutes)
    parser.add_argument("--days", type=int, default=Options().days)
    parser.add_argument("--rows-a-day", type=int, default=Options().rows_a_day)
    parser.add_argument(
        "--records", type=int, default=Options().import_records, help="of `importing`"
    )
    parser.add_argument("--columns", choices=("sent", "dataset"), default=Options().columns)
    parser.add_argument("--markdown", action="store_true", help="tables as Markdown")
    parser.add_argument("--gate", action="store_true", help="exit 1 when a goal is missed by 10 %%")
    return parser.parse_args(arguments)


def _how_much(options: argparse.Namespace) -> Options:
    if options.what == "smoke":
        return SMOKE
    return Options(
        rounds=options.rounds,
        small_batches=options.batches,
        minutes=options.minutes,
        days=options.days,
        rows_a_day=options.rows_a_day,
        import_records=options.records,
        columns=options.columns,
    )


def _keep(
    what: str, found: dict[str, Findings], goals: Sequence[Goal], facts: dict[str, object]
) -> Path:
    RESULTS.mkdir(exist_ok=True)
    now = datetime.now(UTC)
    target = RESULTS / f"{now:%Y-%m-%dT%H%M%S}-{facts['commit']}-{what}.json"
    content = {
        "at": now.isoformat(),
        **facts,
        "goals": [
            {"name": each.name, "set": each.limit, "measured": each.measured} for each in goals
        ],
        "facts": {name: each.facts for name, each in found.items()},
    }
    target.write_text(json.dumps(content, indent=1), encoding="utf-8")
    return target


def _say(text: str) -> None:
    print(f"... {text}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
