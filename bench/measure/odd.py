"""Batches in which one line of a hundred is odd, against the same batches without them."""

from bench.bodies import bodies
from bench.engines import OURS
from bench.options import Run
from bench.pool import workers
from bench.rounds import WrongAnswer, interleaved_over
from bench.tables import Findings, Goal, Table, thousands
from bench.traffic import Traffic

ODD_SHARE = 0.01
SLOWDOWN_MAX = 1.1


def odd(run: Run) -> Findings:
    records, count = run.options.records, run.options.batches_a_round
    run.say(f"odd: {count} x {records:,} records, clean and with 1 % odd lines")
    kinds = {
        "clean": bodies(Traffic(), records, count),
        "odd": bodies(Traffic(odd_share=ODD_SHARE), records, count),
    }
    with workers(OURS, run.one_core) as (ready, missing):
        tasks = [(f"{w.engine} {kind}", w, sent) for w in ready for kind, sent in kinds.items()]
        found = interleaved_over(tasks, run.options.rounds, run.spinner, alike=False)
    names = [each.engine for each in ready]
    for kind in kinds:
        answers = {found[f"{name} {kind}"].samples[0].answer for name in names}
        if len({(each.rows, each.response_bytes, each.users) for each in answers}) != 1:
            raise WrongAnswer(f"the decoders disagree on the {kind} batches: {answers}")
    slower = {
        name: found[f"{name} odd"].judged_seconds / found[f"{name} clean"].judged_seconds
        for name in names
    }
    rows = [
        (
            name,
            thousands(found[f"{name} clean"].records_a_second),
            thousands(found[f"{name} odd"].records_a_second),
            f"{slower[name]:.2f}x",
            f"{found[f'{name} odd'].samples[0].answer.rows:,}",
        )
        for name in names
    ]
    columns = ("engine", "clean, krec/s", "odd, krec/s", "time", "rows of odd")
    notes = [f"{name}: skipped, {why}" for name, why in missing.items()]
    goals = [
        Goal(
            f"{name}, 1 % odd lines",
            SLOWDOWN_MAX,
            slower.get(name),
            at_most=True,
            why=missing.get(name, ""),
        )
        for name in OURS
    ]
    table = Table("One odd line in a hundred, one core", columns, rows, notes)
    return Findings([table], goals, {name: each.as_dict() for name, each in found.items()})
